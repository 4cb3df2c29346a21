// npm start. Without variables: the demo, with a simulated tenant. With API_KEY, API_KEY_ID and FQDN: the relay.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./start/node-red-host.mjs";
import { readVariables, VariableError } from "./start/variables.mjs";

/** How long open requests and a request to the tenant may take at the end, before the process ends anyway. */
const STOP_LIMIT_MS = 25_000;
const SAME_SIGNAL_MS = 1_000;
const PARENT_WATCH_MS = 250;

try {
  if (!existsSync(join(ROOT, "dist", "nodes", "cortex-xdr-insert.js"))) {
    throw new VariableError("The nodes are not built yet: run `npm run build` first, or `npm start`, which does it.");
  }
  const variables = readVariables(process.env);
  const isDemo = variables.relay === undefined;
  if (isDemo && !existsSync(join(ROOT, "test", "support", "simulated-tenant"))) {
    throw new VariableError(
      "Set API_KEY, API_KEY_ID and FQDN: the demo needs the simulated tenant of a source checkout.",
    );
  }
  // Only the demo needs packages for development.
  const running = isDemo
    ? await (await import("./start/demo.mjs")).startDemo(variables)
    : await (await import("./start/relay.mjs")).startRelay(variables.relay);
  stopOnSignal(running.stop);
} catch (error) {
  process.stderr.write(`${error instanceof VariableError ? error.message : (error.stack ?? error)}\n`);
  process.exit(1);
}

/** The first signal stops in order, a later one at once. */
function stopOnSignal(stop) {
  let stoppingSinceMs;
  const onSignal = () => {
    if (stoppingSinceMs !== undefined) {
      // npm passes on a Ctrl-C that the terminal has already sent to everybody: that is still the first one.
      if (performance.now() - stoppingSinceMs > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppingSinceMs = performance.now();
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    stop().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`${error.stack ?? error}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal);
  // npm passes a SIGTERM on to its shell, and some shells end without passing it on: follow them.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      onSignal();
    }, PARENT_WATCH_MS);
    watch.unref();
  }
}
