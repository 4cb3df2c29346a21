// The environment variables of the relay: same names, meaning and defaults as of the relay that this one replaces.
// An empty variable counts as not set (container files often list them all).

/** Something the user has to put right; the message says what. */
export class VariableError extends Error {}

const REQUIRED = ["API_KEY", "API_KEY_ID", "FQDN"];

/** Whole numbers: default, smallest, largest. Zones reach from -12 to +14 hours. */
const NUMBERS = {
  PORT: [8080, 0, 65_535],
  OFFSET: [0, -12, 14],
  QUOTA_SIZE: [600, 1, 1_000_000],
  QUOTA_SECONDS: [60, 1, 86_400],
  UPDATE_SIZE: [60, 1, 60],
  BUFFER_SIZE: [6000, 1, 10_000_000],
  T1: [2, 0, 3600],
};

/** `EDITOR` is also the name of a user's text editor: only these values mean ours. */
const YES = /^(?:1|true|yes|on)$/i;

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ port: number | undefined, relay: Relay | undefined }} without `relay` it is the demo
 * @throws {VariableError} naming the variable
 *
 * @typedef {object} Relay
 * @property {string} fqdn
 * @property {string} psk empty = no check
 * @property {boolean} isVerbose
 * @property {boolean} hasEditor
 * @property {number} port
 * @property {string} timezone `+HH:00`
 * @property {number} quotaAlerts
 * @property {number} quotaSeconds
 * @property {number} updateSize
 * @property {number} maxQueued
 * @property {number} lingerMs
 * @property {string} userDir
 */
export function readVariables(env) {
  const missing = REQUIRED.filter((name) => text(env, name) === "");
  const isDemo = missing.length === REQUIRED.length;
  if (!isDemo && missing.length > 0) {
    const verb = missing.length === 1 ? "is" : "are";
    const set = REQUIRED.filter((name) => !missing.includes(name)).join(" and ");
    throw new VariableError(
      `${missing.join(" and ")} ${verb} missing: the relay needs ${REQUIRED.join(", ")}, and only ${set} is set.`,
    );
  }
  if (isDemo) return { port: text(env, "PORT") === "" ? undefined : number(env, "PORT"), relay: undefined };

  const offset = number(env, "OFFSET");
  const psk = text(env, "PSK");
  const hasEditor = YES.test(text(env, "EDITOR"));
  if (hasEditor && psk === "") {
    throw new VariableError(
      "EDITOR needs PSK, which is its password: without one, everybody who reaches the port could look in.",
    );
  }
  const relay = {
    fqdn: text(env, "FQDN"),
    psk,
    isVerbose: env.DEBUG !== undefined,
    hasEditor,
    port: number(env, "PORT"),
    timezone: `${offset < 0 ? "-" : "+"}${String(Math.abs(offset)).padStart(2, "0")}:00`,
    quotaAlerts: number(env, "QUOTA_SIZE"),
    quotaSeconds: number(env, "QUOTA_SECONDS"),
    updateSize: number(env, "UPDATE_SIZE"),
    maxQueued: number(env, "BUFFER_SIZE"),
    lingerMs: number(env, "T1") * 1000,
    userDir: text(env, "USER_DIR") || ".relay",
  };
  return { port: relay.port, relay };
}

function text(env, name) {
  return (env[name] ?? "").trim();
}

function number(env, name) {
  const [fallback, min, max] = NUMBERS[name];
  const given = text(env, name);
  if (given === "") return fallback;
  const value = Number(given);
  if (/^[+-]?\d+$/.test(given) && value >= min && value <= max) return value;
  throw new VariableError(`${name} must be a whole number from ${min} to ${max}, not "${given.slice(0, 40)}".`);
}
