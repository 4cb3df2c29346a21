import type { ErrorCode, XdrError } from "../errors";

/** First longest wait after a fault that passes by itself, milliseconds; it doubles with each failure in a row. */
const BASE_MS = 1000;
/** The longest it becomes. Source: Cloud Storage documentation, "Retry strategy": exponential backoff up to 64 s. */
const MAX_BACKOFF_MS = 64_000;

/** Waits for what somebody has to put right, milliseconds, and the share by which they are made longer or shorter. */
const CREDENTIALS = { delayMs: 60_000, jitter: 0.25 };
/** Source: Cloud Storage documentation, "Consistency": changed rights take minutes to be known everywhere. */
const RIGHTS = { delayMs: 300_000, jitter: 0.1 };

const SLOW: ReadonlyMap<ErrorCode, typeof RIGHTS> = new Map([
  ["GCS_KEY_REJECTED", CREDENTIALS],
  ["XDR_CLOCK_SKEW", CREDENTIALS],
  ["GCS_UNAUTHORIZED", CREDENTIALS],
  ["GCS_CREDENTIALS_MISSING", CREDENTIALS],
  ["GCS_LIST_FORBIDDEN", RIGHTS],
  ["GCS_READ_FORBIDDEN", RIGHTS],
  ["GCS_BUCKET_NOT_FOUND", RIGHTS],
]);

/**
 * Wait after the `failures`-th failure in a row, milliseconds: anything from nothing to 1 s, 2 s, 4 s ... 64 s for what passes
 * by itself, so that readers that failed together do not return together; 60 s ± 25 % where the key, the token or the clock
 * is at fault; 300 s ± 10 % where rights or the bucket are missing. Never less than the service asked for.
 *
 * @param failures at least 1
 * @param random a number in [0, 1)
 */
export function gcsRetryDelayMs(failures: number, random: number, error: XdrError): number {
  const slow = SLOW.get(error.code);
  const delayMs =
    slow === undefined
      ? random * Math.min(MAX_BACKOFF_MS, BASE_MS * 2 ** Math.min(failures - 1, 16))
      : slow.delayMs * (1 - slow.jitter + 2 * slow.jitter * random);
  return Math.max(delayMs, error.retryAfterMs ?? 0);
}
