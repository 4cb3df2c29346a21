import { XdrError } from "../errors";

/** Wait between two attempts while the key is refused, milliseconds: somebody has to change something first. */
export const LOCKED_OUT_WAIT_MS = 60_000;

/**
 * What the courier does after a failed update.
 * - `retry`: the same alerts again after a backoff, for ever.
 * - `locked-out`: 401, 402, 403: keep everything, retry slowly.
 * - `split`: the tenant refuses this very update; `doubtful` when it might also be an outage.
 *
 * `counted`: whether the tenant may have counted the alerts against the quota; `unfinished`: it may do so yet, because it
 * was we who gave up.
 */
export interface Verdict {
  readonly action: "retry" | "locked-out" | "split" | "split-doubtful";
  readonly counted: boolean;
  readonly unfinished: boolean;
}

const LOCKED_OUT = new Set([
  "XDR_UNAUTHORIZED",
  "XDR_CLOCK_SKEW",
  "XDR_LICENCE_MISSING",
  "XDR_FORBIDDEN",
  // The tenant node cannot call at all before it is put right.
  "XDR_HOST_INVALID",
  "XDR_CONFIG_INVALID",
  "XDR_CREDENTIALS_MISSING",
]);

/** Source of the statuses: Cortex XDR REST API, "Get Started with Cortex XDR APIs", error responses; see README "Limits". */
export function verdictOf(error: XdrError): Verdict {
  // A lost answer may hide an accepted update, and a rate refusal says that the tenant's count differs from ours.
  const counted = error.outcome === "unknown" || error.code === "XDR_RATE_LIMITED";
  const unfinished = counted && (error.code === "XDR_TIMEOUT" || error.code === "XDR_CANCELLED");
  const facts = { counted, unfinished };
  if (LOCKED_OUT.has(error.code)) return { action: "locked-out", ...facts };
  if (error.code === "XDR_REJECTED") return { action: "split", ...facts };
  // 500 is the API's catch-all: outage or business error. 502, 503 and 504 speak of the way, not of the update.
  if (error.code === "XDR_SERVER_ERROR" && error.status === 500) return { action: "split-doubtful", ...facts };
  return { action: "retry", ...facts };
}

/** What an update failed with. */
export function asXdrError(error: unknown): XdrError {
  if (error instanceof XdrError) return error;
  // A fault of ours: what became of the request is not known, and the alerts stay.
  const reason = error instanceof Error ? error.message : "unknown reason";
  return new XdrError("XDR_CONNECTION_LOST", `The update failed: ${reason}.`, { outcome: "unknown" });
}
