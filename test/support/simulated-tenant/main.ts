// A simulated tenant as a process of its own: `tsx test/support/simulated-tenant/main.ts --port 8443 --quota 600`.
// Prints one line of JSON (url and the fake keys) when it listens; GET /__tenant/state tells what it received.
import { parseArgs } from "node:util";
import { ADVANCED_KEY, STANDARD_KEY } from "./keys";
import { SimulatedTenant } from "./tenant";

/** Each option's environment variable and default. */
const OPTIONS = {
  port: ["TENANT_PORT", "0"],
  quota: ["TENANT_QUOTA", "600"],
  seconds: ["TENANT_QUOTA_SECONDS", "60"],
  rate: ["TENANT_REQUESTS_PER_SECOND", "10"],
} as const;

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    quota: { type: "string" },
    seconds: { type: "string" },
    rate: { type: "string" },
  },
});

function numberOf(name: keyof typeof OPTIONS): number {
  const [variable, fallback] = OPTIONS[name];
  const text = values[name] ?? process.env[variable] ?? fallback;
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0)) throw new Error(`--${name} must be a number, not "${text}".`);
  return value;
}

async function main(): Promise<void> {
  const tenant = await SimulatedTenant.start({
    port: numberOf("port"),
    quotaAlerts: numberOf("quota"),
    quotaSeconds: numberOf("seconds"),
    requestsPerSecond: numberOf("rate"),
    record: "decisions",
    stateRoute: true,
  });
  const [advanced, standard] = [ADVANCED_KEY, STANDARD_KEY].map(({ id, secret }) => ({ keyId: id, key: secret }));
  process.stdout.write(`${JSON.stringify({ url: tenant.url, ...advanced, keyType: "advanced", standard })}\n`);
  const stop = (): void => void tenant.stop();
  process.once("SIGINT", stop).once("SIGTERM", stop);
}

void main();
