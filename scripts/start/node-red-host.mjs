// A Node-RED of our own (documented as "Embedding into an existing app"): one process, so that a signal reaches it, and a
// gate can stand before it.
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createGate } from "./gate.mjs";

/** The package's folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const START_LIMIT_MS = 60_000;
const OPEN_REQUESTS_LIMIT_MS = 3_000;

/**
 * Writes the flow into the user directory, starts it and listens when it runs.
 * @param {object} options
 * @param {string} options.userDir
 * @param {{ flows: object[], credentials: object }} options.flow
 * @param {import("./counters.mjs").RelayCounters} options.counters
 * @param {(authorization: string | undefined) => boolean} options.isAuthorized
 * @param {string | undefined} options.host undefined = all interfaces
 * @param {readonly number[]} options.ports the first free one is taken
 * @param {{ root: string, auth?: object } | undefined} options.editor
 * @param {"error" | "info" | "debug"} options.logLevel
 * @returns {Promise<{ port: number, stop: () => Promise<void> }>}
 */
export async function startNodeRed({ userDir, flow, counters, isAuthorized, host, ports, editor, logLevel }) {
  const credentialSecret = prepare(userDir, flow);
  const { RED, express } = loadNodeRed();
  const app = express();
  app.disable("x-powered-by");
  const gate = createGate({ isAuthorized, counters, editorRoot: editor?.root }, app);
  const server = createServer(gate.handle);
  const settings = {
    userDir,
    flowFile: "flows.json",
    credentialSecret,
    httpAdminRoot: editor === undefined ? false : editor.root,
    httpNodeRoot: "/",
    disableEditor: editor === undefined,
    ...(editor?.auth && { adminAuth: editor.auth }),
    uiPort: ports[0],
    functionGlobalContext: { relay: counters },
    functionExternalModules: false,
    externalModules: { autoInstall: false, palette: { allowInstall: false, allowUpload: false } },
    editorTheme: { tours: false },
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: logLevel, metrics: false, audit: false } },
  };
  RED.init(server, settings);
  if (editor !== undefined) app.use(editor.root, RED.httpAdmin);
  app.use("/", RED.httpNode);
  const running = flowsRun(RED);
  await RED.start();
  await running;
  const port = await listen(server, ports, host);

  const stop = async () => {
    server.close();
    await gate.close(OPEN_REQUESTS_LIMIT_MS);
    server.closeIdleConnections();
    await RED.stop();
    server.closeAllConnections();
  };
  return { port, stop };
}

/** A built module of the nodes' library. @param {string} path below nodes/lib, without ending */
export function requireLib(path) {
  return createRequire(import.meta.url)(join(ROOT, "dist", "nodes", "lib", `${path}.js`));
}

/** Node-RED is beside us in development, and of the image's own in a container (found from there, or by NODE_PATH). */
function loadNodeRed() {
  const requireHere = createRequire(import.meta.url);
  const entry = requireHere.resolve("node-red", { paths: [ROOT, process.cwd()] });
  return { RED: requireHere(entry), express: createRequire(entry)("express") };
}

function prepare(userDir, { flows, credentials }) {
  mkdirSync(userDir, { recursive: true, mode: 0o700 });
  linkPackage(userDir);
  const credentialSecret = credentialSecretOf(userDir);
  replaceFile(join(userDir, "flows.json"), flows);
  replaceFile(join(userDir, "flows_cred.json"), seal(credentials, credentialSecret));
  return credentialSecret;
}

function linkPackage(userDir) {
  const { name } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const link = join(userDir, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  // An older one may point to where the package was then.
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) rmSync(link, { recursive: true });
  symlinkSync(ROOT, link, "junction");
}

function replaceFile(path, content) {
  writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 4)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function credentialSecretOf(userDir) {
  const path = join(userDir, ".credential-secret");
  try {
    writeFileSync(path, randomBytes(32).toString("hex"), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  return readFileSync(path, "utf8");
}

/** As Node-RED itself stores credentials. Source: `@node-red/runtime`, lib/nodes/credentials.js, version 4.1. */
function seal(credentials, secret) {
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-ctr", createHash("sha256").update(secret).digest(), iv);
  const sealed = cipher.update(JSON.stringify(credentials), "utf8", "base64") + cipher.final("base64");
  return { $: iv.toString("hex") + sealed };
}

/** Resolves when the flow has started; a node type that is missing would otherwise be waited for silently. */
function flowsRun(RED) {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error("Node-RED did not start the flow in time.")), START_LIMIT_MS);
    RED.events.once("flows:started", () => {
      clearTimeout(timer);
      done();
    });
    RED.events.on("runtime-event", ({ id, payload }) => {
      if (id !== "runtime-state" || payload?.error !== "missing-types") return;
      clearTimeout(timer);
      fail(new Error(`Node-RED does not know these nodes: ${[payload.types ?? []].flat().join(", ")}`));
    });
  });
}

async function listen(server, ports, host) {
  for (const [index, port] of ports.entries()) {
    server.listen(port, host);
    try {
      await once(server, "listening");
      return server.address().port;
    } catch (error) {
      if (error.code !== "EADDRINUSE" || index === ports.length - 1) throw error;
    }
  }
  throw new Error("no port to listen on");
}
