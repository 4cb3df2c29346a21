import type { XdrError } from "../errors";

/** Longest wait after a failed run, milliseconds; a `Retry-After` may ask for more. */
export const MAX_RETRY_MS = 60_000;
/** Share by which a wait is made longer or shorter. */
const JITTER = 0.25;
/** A `Retry-After` of less is no wait at all: the usual one has to do. */
const MIN_RETRY_AFTER_MS = 1000;

/**
 * Wait after the `failures`-th failed run in a row, milliseconds: interval, twice, four times the interval ... 60 s, each
 * ± 25 %; exactly as long as the tenant asks when it does.
 * @param random a number in [0, 1)
 */
export function retryDelayMs(intervalMs: number, failures: number, random: number, error: XdrError): number {
  if ((error.retryAfterMs ?? 0) >= MIN_RETRY_AFTER_MS) return error.retryAfterMs ?? 0;
  const plain = Math.min(MAX_RETRY_MS, intervalMs * 2 ** Math.min(failures - 1, 30));
  return Math.min(MAX_RETRY_MS, plain * (1 - JITTER + 2 * JITTER * random));
}
