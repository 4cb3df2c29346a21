import type { Redis } from "ioredis";
import { XdrError, systemCode } from "../errors";

/** Longest time to connect and to wait for one answer, milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * Connects to Redis. ioredis is loaded here and nowhere else, so that installations without Redis never load it.
 * The connection does not come back by itself: its owner opens another one, and knows that something happened between.
 *
 * @param url `redis://` or `rediss://` (TLS, certificate verified); may hold user and password
 * @throws XdrError `STORE_FAILED`, without the URL in it
 */
export async function connectRedis(url: string): Promise<Redis> {
  const { Redis } = await import("ioredis");
  let client: Redis;
  try {
    client = new Redis(url, {
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      // INFO may be forbidden; a server that still loads its data says so to the first command.
      enableReadyCheck: false,
      disableClientInfo: true,
      connectTimeout: TIMEOUT_MS,
      commandTimeout: TIMEOUT_MS,
    });
  } catch {
    throw new XdrError(
      "STORE_FAILED",
      "Redis could not be opened: its URL is not valid. Correct it in the tenant node.",
    );
  }
  let reported: unknown;
  // Stays for the life of the client: an "error" event without a listener would end Node-RED.
  client.on("error", (error: unknown) => {
    reported = error;
  });
  try {
    await ready(client);
    await client.ping();
    // A refused database number is only reported; going on would use database 0.
    if (reported !== undefined) throw new Error("Refused.");
    return client;
  } catch (error) {
    client.disconnect();
    throw redisError("open", reported ?? error);
  }
}

function ready(client: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once("ready", () => resolve());
    client.once("end", () => reject(new Error("Connection is closed.")));
  });
}

/**
 * What failed, in words of our own: ioredis' errors carry the command with its arguments, password and alerts included.
 */
export function redisError(what: "open" | "read" | "write" | "close", error: unknown): XdrError {
  if (error instanceof XdrError) return error;
  return new XdrError(
    "STORE_FAILED",
    `Redis could not be used (${what}): ${reasonOf(error)}; it is tried again by itself.`,
  );
}

/** The first word of an answer such as `WRONGPASS invalid username-password pair`. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "ReplyError") return undefined;
  return /^[A-Z]{2,30}\b/.exec(error.message)?.[0] ?? "ERR";
}

const REPLIES: Readonly<Record<string, string>> = {
  WRONGPASS: "it refuses the user or the password (WRONGPASS). Correct the Redis URL in the tenant node",
  NOAUTH: "it wants a password (NOAUTH). Put user and password into the Redis URL in the tenant node",
  NOPERM: "its user lacks a permission (NOPERM). Allow it scripts and the keys cortex-xdr:* and b_cortex-xdr:*",
  OOM: "its memory is full (OOM). Raise maxmemory",
  MISCONF: "it cannot save to its disk (MISCONF). Check its disk",
  READONLY: "it is a read-only replica (READONLY). Name the primary in the Redis URL",
};

function reasonOf(error: unknown): string {
  const reply = replyCode(error);
  const message = error instanceof Error ? error.message : "";
  if (reply !== undefined) {
    // Redis before 6 has no word of its own for it.
    if (/invalid password/i.test(message)) return REPLIES["WRONGPASS"] ?? reply;
    if (/DB index/i.test(message)) return "it has no database of this number. Correct the Redis URL in the tenant node";
    return REPLIES[reply] ?? `it answered ${reply}`;
  }
  const code = systemCode(error);
  if (code !== undefined)
    return `the connection failed (${code}). Check the server and the Redis URL in the tenant node`;
  if (message === "Command timed out") return `no answer within ${TIMEOUT_MS / 1000} s`;
  return "the connection was lost";
}
