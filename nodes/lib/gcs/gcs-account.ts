import { systemClock, type Clock } from "../clock";
import { Hold } from "../http/hold";
import { chooseProxy, type Environment, type Proxy } from "../http/proxy-choice";
import type { GcsConnection } from "./account-options";
import type { Machine } from "./default-credentials";
import type { GcsClient } from "./gcs-api";
import { createGcsClient } from "./gcs-client";
import { createTokenSource, type TokenSource } from "./token-source";

/** What one reader needs of its client. */
export interface ClientNeeds {
  /** Longest silence of the service, milliseconds. */
  readonly timeoutMs: number;
  /** Objects read at once. */
  readonly maxObjects: number;
}

/** One account: its readers share tokens and what a `Retry-After` holds back, and each has connections of its own. */
export interface GcsAccount {
  /** A client for one reader, which closes it. After {@link GcsAccount.close} all its calls end with `XDR_CANCELLED`. */
  client(needs: ClientNeeds): GcsClient;
  /** Gets a token, or has one already; does nothing where none is needed. @throws XdrError those of `TokenSource.token` */
  authenticate(signal: AbortSignal): Promise<void>;
  /** The account's e-mail address, as far as known. */
  readonly clientEmail: string | undefined;
  /** Closes all clients; calls and bodies under way break. */
  close(): Promise<void>;
}

export interface AccountSurroundings {
  readonly machine: Machine;
  /** @default the machine's */
  readonly clock?: Clock | undefined;
  /** One request for a token, milliseconds. @default 30000 */
  readonly tokenTimeoutMs?: number | undefined;
  /** See `TokenSurroundings`. */
  readonly onClockCorrected?: ((skewMs: number) => void) | undefined;
}

/** One request for a token, milliseconds. */
const TOKEN_TIMEOUT_MS = 30_000;
/** Connections beside those that objects are read over: for a listing, and for one that is still closing. */
const SPARE_CONNECTIONS = 2;

/** @throws XdrError `XDR_CONFIG_INVALID` when the proxy is no URL */
export function createGcsAccount(connection: GcsConnection, surroundings: AccountSurroundings): GcsAccount {
  return new Account(connection, surroundings, surroundings.machine.env);
}

class Account implements GcsAccount {
  readonly #connection: GcsConnection;
  readonly #clock: Clock;
  readonly #hold: Hold;
  readonly #tokens: TokenSource;
  readonly #proxy: Proxy | undefined;
  readonly #clients = new Set<GcsClient>();
  #isClosed = false;

  constructor(connection: GcsConnection, surroundings: AccountSurroundings, env: Environment) {
    this.#connection = connection;
    this.#clock = surroundings.clock ?? systemClock;
    this.#hold = new Hold(this.#clock);
    this.#proxy = chooseProxy(connection.baseUrl, connection.proxy, env);
    this.#tokens = createTokenSource(connection.authentication, {
      proxy: connection.proxy,
      tls: connection.tls,
      env,
      clock: this.#clock,
      hold: this.#hold,
      timeoutMs: surroundings.tokenTimeoutMs ?? TOKEN_TIMEOUT_MS,
      machine: surroundings.machine,
      onClockCorrected: surroundings.onClockCorrected,
    });
  }

  get clientEmail(): string | undefined {
    return this.#tokens.clientEmail;
  }

  client({ timeoutMs, maxObjects }: ClientNeeds): GcsClient {
    const client: GcsClient = createGcsClient(this.#connection, {
      tokens: this.#tokens,
      hold: this.#hold,
      proxy: this.#proxy,
      clock: this.#clock,
      timeoutMs,
      connections: maxObjects + SPARE_CONNECTIONS,
      onClose: () => this.#clients.delete(client),
    });
    if (this.#isClosed) void client.close();
    else this.#clients.add(client);
    return client;
  }

  async authenticate(signal: AbortSignal): Promise<void> {
    await this.#tokens.token(signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tokens.close();
    await Promise.all([...this.#clients].map((client) => client.close()));
    this.#hold.close();
  }
}
