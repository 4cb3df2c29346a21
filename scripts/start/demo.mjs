import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tsImport } from "tsx/esm/api";
import { RelayCounters } from "./counters.mjs";
import { startNodeRed } from "./node-red-host.mjs";
import { relayFlow } from "./relay-flow.mjs";

const HOST = "127.0.0.1";
const FIRST_PORT = 1880;
const PORTS_TRIED = 100;

/**
 * The whole relay against a simulated tenant, with one alert sent through it.
 *
 * The user directory is a temporary folder: a backlog or an edited flow of an earlier run would make the next one show
 * something else, and two demos can run side by side.
 * @param {{ port: number | undefined }} variables
 */
export async function startDemo({ port: wanted = FIRST_PORT }) {
  const tenant = await startTenant();
  const userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-demo-"));
  const cleanUp = async () => {
    await tenant.stop();
    rmSync(userDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    return await run(tenant, { userDir, wanted, cleanUp });
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function run(tenant, { userDir, wanted, cleanUp }) {
  say("Cortex XDR relay, demo: a real Node-RED, a simulated tenant, made-up keys. Starting ...");
  const { port, stop } = await startNodeRed({
    userDir,
    flow: relayFlow(demoSettings(tenant.url)),
    counters: watching(new RelayCounters()),
    isAuthorized: () => true,
    host: HOST,
    ports: Array.from({ length: PORTS_TRIED }, (_, index) => wanted + index).filter((candidate) => candidate < 65_536),
    editor: { root: "/" },
    // Node-RED warns of settings that are meant to be so.
    logLevel: "error",
  });
  if (port !== wanted) say(`\nPort ${wanted} is taken: using ${port}.`);
  const url = `http://${HOST}:${port}`;
  const body = samplePayload();
  say(`\nPosted to ${url}/in, as curl does it:\n${body}`);
  const answer = await fetch(`${url}/in`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body,
  });
  say(`\nAnswer: ${answer.status} ${answer.ok ? "(the alert was on disk by then)" : await answer.text()}`);
  if (!answer.ok) throw new Error("The relay did not take the sample alert in.");
  await tenant.until(() => tenant.alerts.length > 0);
  say(`\nThe tenant received:\n${JSON.stringify(tenant.alerts[0].alert, null, 2)}`);
  say(`
Editor:     ${url}/
Try again:  curl -i ${url}/in -d '${body}'
Numbers:    curl ${url}/stats
Stop:       Ctrl-C`);
  void tellAlerts(tenant);
  return {
    async stop() {
      say("\nStopping.");
      await stop();
      await cleanUp();
    },
  };
}

/** In this process, so that nothing can be left behind. */
async function startTenant() {
  const folder = "../../test/support/simulated-tenant";
  const { SimulatedTenant } = await tsImport(`${folder}/tenant.ts`, import.meta.url);
  const { ADVANCED_KEY } = await tsImport(`${folder}/keys.ts`, import.meta.url);
  const key = { ...ADVANCED_KEY, secret: randomBytes(48).toString("base64url") };
  Object.assign(process.env, { API_KEY_ID: key.id, API_KEY: key.secret });
  return SimulatedTenant.start({ keys: [key], record: "decisions", stateRoute: true });
}

function demoSettings(tenantUrl) {
  return {
    fqdn: tenantUrl,
    psk: "",
    timezone: "+00:00",
    quotaAlerts: 600,
    quotaSeconds: 60,
    updateSize: 60,
    maxQueued: 6000,
    lingerMs: 250,
  };
}

function watching(counters) {
  counters.watchCalls();
  return counters;
}

/** A threat log as the template gives it, on one line; the mark has nothing around it. */
function samplePayload() {
  const log = {
    src: "10.20.30.40",
    sport: 51544,
    dst: "203.0.113.80",
    dport: 80,
    time_generated: new Date().toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " "),
    rule: "Users-to-Internet",
    serial: "019901000123",
    sender_sw_version: "10.0.8",
    subtype: "spyware",
    threat_name: "Sample C2 Beacon(86999)",
    severity: "critical",
    action: "reset-both",
  };
  return `${JSON.stringify(log)}---annex---"c2.example.net/gate.php?id=7"`;
}

/** One line for each further alert. */
async function tellAlerts(tenant) {
  let told = 1;
  for (;;) {
    await tenant.until(() => tenant.alerts.length > told, 2 ** 31 - 1);
    for (; told < tenant.alerts.length; told += 1) {
      const { alert } = tenant.alerts[told];
      say(`The tenant received "${alert.alert_name}" (${alert.severity}, ${alert.action_status})`);
    }
  }
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
