import { DEFAULT_KEYS, type Licence, type TenantKey } from "./keys";
import { defaultReadOptions, type ReadOptions } from "./reading/options";

/** How the simulated tenant behaves. All of it may be changed while it runs: `tenant.options.dateSkewMs = 600_000`. */
export interface TenantOptions extends ReadOptions {
  /** The API keys it knows. @default an Advanced and a Standard key with every permission, see keys.ts */
  keys: readonly TenantKey[];
  /** Licences of the tenant; a key may override them. @default ["pro-endpoint"] */
  licences: readonly Licence[];
  /** Alerts that may be inserted per window. @default 600 */
  quotaAlerts: number;
  /** Length of the window, seconds. @default 60 */
  quotaSeconds: number;
  /** `fixed` windows start at multiples of their length. @default "sliding" */
  window: "sliding" | "fixed";
  /** Status of an insert over the quota; the real service answers 500. @default 500 */
  overflowStatus: 500 | 429;
  /** Calls in any rolling second, all routes together. `Infinity` switches it off. @default 10 */
  requestsPerSecond: number;
  /** `Retry-After` of both limits; the real service sends none. @default undefined */
  retryAfter: string | undefined;
  /** Nonces must be 64 characters of `[A-Za-z0-9]`; otherwise any text will do. @default true */
  strictNonce: boolean;
  /** Refuse a nonce and timestamp seen before. @default false */
  rejectReplays: boolean;
  /** How far a signature's timestamp may be from the tenant's clock, milliseconds. @default 300_000 */
  clockWindowMs: number;
  /** Added to the tenant's clock for the `Date` header and the signature check, milliseconds. @default 0 */
  dateSkewMs: number;
  /** Fields the insert call does not know: refuse, or take and note it in the record's `warnings`. @default "reject" */
  onUnknownKeys: "reject" | "log";
  /** A bad alert refuses its whole update, or is dropped while the answer says `true`. @default "reject-all" */
  partialFailure: "reject-all" | "drop-bad";
  /** `{"reply": true}` or the bare `true` of the newer specification. @default "wrapped" */
  successBody: "wrapped" | "bare";
  /** An alert of a known name, vendor and product updates the stored one. @default true */
  merge: boolean;
  /** Status of unknown paths and wrong methods. @default 500 */
  unknownPathStatus: 500 | 404;
  /** Names of routes that are answered as unknown paths. @default [] */
  disabledRoutes: readonly string[];
  /** `decisions` records neither headers nor bodies: for runs with very many requests. @default "all" */
  record: "all" | "decisions";
  /** The tenant's clock, epoch milliseconds; it must never go back. @default the monotonic clock of the process */
  now: () => number;
}

/** The strict tenant. */
export function defaultOptions(): TenantOptions {
  return {
    ...defaultReadOptions(),
    keys: DEFAULT_KEYS,
    licences: ["pro-endpoint"],
    quotaAlerts: 600,
    quotaSeconds: 60,
    window: "sliding",
    overflowStatus: 500,
    requestsPerSecond: 10,
    retryAfter: undefined,
    strictNonce: true,
    rejectReplays: false,
    clockWindowMs: 300_000,
    dateSkewMs: 0,
    onUnknownKeys: "reject",
    partialFailure: "reject-all",
    successBody: "wrapped",
    merge: true,
    unknownPathStatus: 500,
    disabledRoutes: [],
    record: "all",
    now: () => performance.timeOrigin + performance.now(),
  };
}
