/** First wait after a failure, milliseconds; each further one doubles it: one refused update must not idle the quota. */
const BASE_MS = 50;
/** Longest wait between two attempts, milliseconds. A `Retry-After` may ask for more. */
export const MAX_BACKOFF_MS = 60_000;
/** Share by which a wait is made longer or shorter, so that relays that failed together do not return together. */
const JITTER = 0.25;

/**
 * Wait before attempt `failures + 1`, milliseconds: 50 ms, 100 ms, 200 ms, ... 60 s, each ± 25 %, and never less than the other
 * side asked for.
 *
 * @param failures failures in a row so far, at least 1
 * @param random a number in [0, 1)
 */
export function backoffMs(failures: number, random: number, retryAfterMs = 0): number {
  const plain = Math.min(MAX_BACKOFF_MS, BASE_MS * 2 ** Math.min(failures - 1, 16));
  const jittered = Math.min(MAX_BACKOFF_MS, plain * (1 - JITTER + 2 * JITTER * random));
  return Math.max(jittered, retryAfterMs);
}
