import { Pool, ProxyAgent, type Dispatcher } from "undici";
import type { Proxy } from "./proxy-choice";

/** TLS towards the other side, as a core `tls-config` node fills it. */
export interface TlsOptions {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly passphrase?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface DispatcherOptions {
  /** Origin of the API. */
  readonly origin: string;
  readonly proxy: Proxy | undefined;
  readonly tls: TlsOptions | undefined;
  /** Longest wait for a connection, milliseconds. */
  readonly connectTimeoutMs: number;
  /** Longest wait for a proxy's answer to CONNECT, milliseconds. */
  readonly proxyTimeoutMs: number;
  /** @default 10 */
  readonly connections?: number;
}

/** Most connections to one tenant, unless told otherwise: as many as calls may start in one second. */
const MAX_CONNECTIONS = 10;

/** Where requests to one origin go: one pool of kept-alive connections, tunnelled when there is a proxy. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { origin, proxy, connectTimeoutMs: timeout, connections = MAX_CONNECTIONS } = options;
  const connect = { ...definedOnly(options.tls ?? {}), timeout };
  if (proxy === undefined) return new Pool(origin, { connections, connect });
  return new TunnelDispatcher({
    uri: proxy.origin,
    ...(proxy.authorization === undefined ? {} : { token: proxy.authorization }),
    requestTls: connect,
    proxyTls: { timeout },
    connections,
    clientFactory: (uri, pool) => new Pool(uri, { ...pool, headersTimeout: options.proxyTimeoutMs }),
  });
}

/**
 * A `ProxyAgent` whose `destroy` reaches every pool: its inner agent forgets a pool after a failed connection, while
 * other connections of that pool may still be opening.
 */
class TunnelDispatcher extends ProxyAgent {
  readonly #pools: Set<Pool>;

  constructor(options: Exclude<ConstructorParameters<typeof ProxyAgent>[0], string | URL>) {
    const pools = new Set<Pool>();
    const factory = (origin: string | URL, pool: object): Pool => {
      for (const known of pools) if (known.destroyed) pools.delete(known);
      const created = new Pool(origin, pool);
      pools.add(created);
      return created;
    };
    super({ ...options, factory });
    this.#pools = pools;
  }

  async end(): Promise<void> {
    await Promise.all([this.destroy(), ...[...this.#pools].map((pool) => pool.destroy())]);
  }
}

/** Closes every socket of a dispatcher at once. */
export async function endDispatcher(dispatcher: Dispatcher): Promise<void> {
  await (dispatcher instanceof TunnelDispatcher ? dispatcher.end() : dispatcher.destroy());
}

function definedOnly(tls: TlsOptions): Record<string, unknown> {
  const { ca, cert, key, passphrase, servername, rejectUnauthorized } = tls;
  const known = { ca, cert, key, passphrase, servername, rejectUnauthorized };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}
