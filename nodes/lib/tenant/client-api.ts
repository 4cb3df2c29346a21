import type { XdrAlert } from "./alert-schema";

/** What the other parts need of the tenant's API. `client.ts` implements it over HTTP. */
export interface TenantClient {
  /**
   * One `insert_parsed_alerts` call, one attempt (no retry inside). Resolves when the tenant accepted all alerts.
   * @throws XdrError whose `status`, `retryAfterMs` and `outcome` tell the courier what to do.
   */
  insertAlerts(alerts: readonly XdrAlert[], signal?: AbortSignal): Promise<void>;
  /**
   * Any other call below `/public_api/`, e.g. `{ path: "v1/healthcheck", method: "GET" }`. The answer is parsed JSON.
   * @throws XdrError
   */
  call(request: TenantRequest): Promise<unknown>;
  /**
   * The same, with the body beside what was parsed from it: to keep an answer, nothing is cheaper than the bytes of the wire.
   * @throws XdrError
   */
  callRaw(request: TenantRequest): Promise<RawAnswer>;
  /** The tenant's clock minus ours, milliseconds, from the last `Date` header; undefined before the first answer. */
  readonly clockSkewMs: number | undefined;
  /**
   * For how long a `Retry-After` of any answer holds all calls back, milliseconds. Calls wait for it by themselves; whoever
   * has to claim something first (a share of a quota) waits before that.
   */
  readonly heldMs: number;
  /** Closes all sockets; calls under way end with `XDR_CANCELLED`. */
  close(): Promise<void>;
}

/** An answer, parsed and as it came. */
export interface RawAnswer {
  readonly value: unknown;
  /** The body: gzip as the tenant sent it, or UTF-8 text. */
  readonly body: Buffer;
  readonly encoding: "gzip" | "identity";
}

export interface TenantRequest {
  /** Below `/public_api/`, without a leading slash. */
  readonly path: string;
  /** @default "POST" */
  readonly method?: "GET" | "POST";
  /** JSON body. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}
