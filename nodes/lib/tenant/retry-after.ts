/** Longest wait that another side may ask of us, milliseconds. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Milliseconds of a `Retry-After` header, in seconds or as an HTTP date; at most one hour, undefined when unusable. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (text === "") return undefined;
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(Math.ceil(ms), 0), MAX_RETRY_AFTER_MS);
}
