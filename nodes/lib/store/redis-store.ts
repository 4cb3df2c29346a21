import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { LAYOUT, LAYOUT_KEY, checkLayout } from "./layout";
import { connectRedis, redisError, replyCode } from "./redis-connection";
import { ACQUIRE, GET, READ, RELEASE, RENEW, WRITE } from "./redis-scripts";
import type { OpenedStore, Store, StoreChange, StoreRange } from "./store";
import { systemClock } from "../clock";
import { XdrError } from "../errors";

/** How long a store stays with an owner that is heard no more, milliseconds. */
const LEASE_MS = 15_000;
/** Longest time that giving the lease back may hold up a close, milliseconds; the lease ends by itself. */
const RELEASE_MS = 1_000;

export interface RedisStoreOptions {
  /** Secret: may hold a password. */
  readonly url: string;
  /** Begins all keys of this store. */
  readonly prefix: string;
  /** Names the opener over its openings, and differs between all that may open the store: a random UUID of its own. */
  readonly instance: string;
  /** @default 15000 */
  readonly leaseMs?: number;
}

/**
 * Opens a store on Redis. Exactly one instance owns it at a time, by a lease that it renews; a second Node-RED with the
 * same flows is a warm standby: it gets `STORE_LOCKED` until the owner closes or its lease ends.
 *
 * Every read and write is fenced by the lease inside Redis, so an owner that was held up (suspended, cut off) while
 * another took over can neither see nor change anything.
 *
 * @throws XdrError `STORE_LOCKED`, `STORE_VERSION`, `STORE_FAILED`
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<OpenedStore> {
  const { url, prefix, instance, leaseMs = LEASE_MS } = options;
  const client = await connectRedis(url);
  const token = randomUUID();
  const keys = ["keys", "values", "owner", "hands"].map((name) => prefix + name);
  try {
    const epoch: unknown = await client.eval(ACQUIRE, keys.length, ...keys, instance, token, leaseMs);
    if (typeof epoch !== "string") throw locked();
    const store = new RedisStore(client, keys, `${instance}/${token}`, leaseMs);
    try {
      const found = await store.get(LAYOUT_KEY);
      checkLayout(found, "the keys of this tenant in Redis");
      if (found === undefined) await store.write([{ type: "put", key: LAYOUT_KEY, value: LAYOUT }]);
      return { store, epoch: Number(epoch), lost: store.lost, durabilityWarning: await durabilityWarning(client) };
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
    client.disconnect();
    throw redisError("open", error);
  }
}

/** {@link Store} on Redis. */
class RedisStore implements Store {
  /** Resolves when the lease or the connection is gone. */
  readonly lost: Promise<XdrError>;
  readonly #client: Redis;
  readonly #keys: readonly string[];
  readonly #owner: string;
  readonly #renewal: NodeJS.Timeout;
  #lose: (reason: XdrError) => void = () => undefined;

  constructor(client: Redis, keys: readonly string[], owner: string, leaseMs: number) {
    this.#client = client;
    this.#keys = keys;
    this.#owner = owner;
    this.lost = new Promise((resolve) => (this.#lose = resolve));
    client.once("end", () => this.#lose(redisError("read", undefined)));
    this.#renewal = setInterval(() => {
      this.#run("write", RENEW, leaseMs).catch((error: unknown) => this.#lose(redisError("write", error)));
    }, leaseMs / 3);
    this.#renewal.unref();
  }

  async get(key: string): Promise<string | undefined> {
    const value = await this.#run("read", GET, key);
    return typeof value === "string" ? value : undefined;
  }

  async read({ gte, gt, lt, limit = -1 }: StoreRange): Promise<[string, string][]> {
    const from = gt !== undefined ? `(${gt}` : gte !== undefined ? `[${gte}` : "-";
    const flat = (await this.#run("read", READ, from, `(${lt}`, limit)) as readonly string[];
    const rows: [string, string][] = [];
    for (let index = 0; index + 1 < flat.length; index += 2) rows.push([flat[index] ?? "", flat[index + 1] ?? ""]);
    return rows;
  }

  async write(changes: readonly StoreChange[]): Promise<void> {
    const triples = changes.flatMap((change) => [change.type, change.key, change.type === "put" ? change.value : ""]);
    await this.#run("write", WRITE, ...triples);
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    if (this.#client.status === "ready") {
      const waited = new AbortController();
      // Not given back in time: the lease ends by itself.
      const release = this.#run("close", RELEASE).catch(() => undefined);
      await Promise.race([release, systemClock.sleep(RELEASE_MS, waited.signal)]);
      waited.abort();
    }
    this.#client.disconnect();
  }

  async #run(what: "read" | "write" | "close", script: string, ...args: (string | number)[]): Promise<unknown> {
    try {
      return await this.#client.eval(script, this.#keys.length, ...this.#keys, this.#owner, ...args);
    } catch (error) {
      throw replyCode(error) === "NOTOWNER" ? locked() : redisError(what, error);
    }
  }
}

function locked(): XdrError {
  return new XdrError(
    "STORE_LOCKED",
    "Another Node-RED holds this tenant's state in Redis. This one stands by and takes over when that one stops.",
  );
}

/** Source: Redis documentation, "Redis persistence": with any other setting, up to a second or more of writes may go. */
async function durabilityWarning(client: Redis): Promise<string | undefined> {
  let settings: Map<string, string>;
  try {
    const flat = (await client.config("GET", "append*")) as string[];
    settings = new Map(
      flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : [])),
    );
  } catch (error) {
    // Many managed servers forbid CONFIG; a lost connection is another matter.
    if (replyCode(error) === undefined) throw error;
    return (
      "Whether Redis keeps acknowledged alerts through a power failure could not be checked (CONFIG GET is forbidden): " +
      'make sure that it runs with "appendonly yes" and "appendfsync always".'
    );
  }
  if (settings.get("appendonly") === "yes" && settings.get("appendfsync") === "always") return undefined;
  return (
    'Redis may lose acknowledged alerts in a power failure: set "appendonly yes" and "appendfsync always" in its ' +
    "configuration."
  );
}
