import { resolve } from "node:path";
import { RelayCounters } from "./counters.mjs";
import { requireLib, startNodeRed } from "./node-red-host.mjs";
import { relayFlow } from "./relay-flow.mjs";
import { VariableError } from "./variables.mjs";

const EDITOR_ROOT = "/editor/";
const EDITOR_USER = "admin";

/** Property of the tenant node -> the variable it comes from. */
const VARIABLE_OF = { host: "FQDN", keyId: "API_KEY_ID", key: "API_KEY" };

/** The relay with a real tenant. @param {import("./variables.mjs").Relay} settings */
export async function startRelay(settings) {
  const baseUrl = checkTenant(settings);
  // The flow names the key and Node-RED looks it up: a blank or carriage return of an environment file is no part of it there, either.
  if (settings.psk !== "") process.env.PSK = settings.psk;
  // Libraries below Node-RED read this one too, and would print requests.
  delete process.env.DEBUG;
  const { isAuthorized } = requireLib("pan-os/psk");
  const { psk, hasEditor, isVerbose, port: wanted } = settings;
  const userDir = resolve(settings.userDir);
  const counters = new RelayCounters();
  counters.watchCalls();
  const { port, stop } = await startNodeRed({
    userDir,
    flow: relayFlow(settings),
    counters,
    isAuthorized: (header) => psk === "" || isAuthorized(header, psk),
    host: undefined,
    ports: [wanted],
    editor: hasEditor ? { root: EDITOR_ROOT, auth: editorLogin((password) => isAuthorized(password, psk)) } : undefined,
    logLevel: isVerbose ? "debug" : "info",
  }).catch((error) => {
    throw asVariableError(error, { wanted, userDir });
  });
  process.stdout.write(`
PAN-OS to Cortex XDR relay, listening on port ${port}
  tenant     ${baseUrl}
  POST /in   takes alerts in; ${psk === "" ? "PSK is not set: everybody who reaches the port may post" : "the Authorization header must be PSK"}
  GET /stats numbers
  GET /dump  the payload format for the firewall's HTTP server profile
  times      without a zone are read as ${settings.timezone} (OFFSET)
  quota      ${settings.quotaAlerts} alerts in ${settings.quotaSeconds} s, ${settings.updateSize} an update; up to ${settings.maxQueued} wait on disk
  data       ${userDir}
  editor     ${hasEditor ? `${EDITOR_ROOT} (to look at; log in as "${EDITOR_USER}" with PSK as the password)` : `off (EDITOR=1 and PSK show the flow at ${EDITOR_ROOT})`}

`);
  return {
    async stop() {
      process.stdout.write("Stopping: what waits stays on disk.\n");
      await stop();
    },
  };
}

/** Lets the tenant node's own checks speak, before anything starts. */
function checkTenant({ fqdn, quotaAlerts, quotaSeconds }) {
  const { parseTenant } = requireLib("tenant/tenant-options");
  const { API_KEY_ID: keyId, API_KEY: key } = process.env;
  const { problem, connection } = parseTenant({ host: fqdn, keyId, key, quotaAlerts, quotaSeconds });
  if (problem === undefined) return connection.baseUrl;
  const variable = VARIABLE_OF[problem.field];
  throw new VariableError(variable === undefined ? problem.message : `${variable}: ${problem.message}`);
}

/** What the system refuses because of a variable. */
function asVariableError(error, { wanted, userDir }) {
  if (error.syscall === "listen") return new VariableError(`PORT ${wanted} cannot be used (${error.code}).`);
  if (error.path?.startsWith(userDir)) {
    return new VariableError(`USER_DIR ${userDir} cannot be written (${error.code}): it must belong to this user.`);
  }
  return error;
}

/** To look only: whoever knows the firewalls' key must not be able to run code here. */
function editorLogin(isPassword) {
  const user = (name) => Promise.resolve(name === EDITOR_USER ? { username: EDITOR_USER, permissions: "read" } : null);
  return {
    type: "credentials",
    users: user,
    authenticate: (name, password) => (isPassword(password) ? user(name) : Promise.resolve(null)),
  };
}
