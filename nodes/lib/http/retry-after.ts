/** Longest wait that another side may ask of us, milliseconds. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** From this measured difference on another clock is read by its own time instead of ours, milliseconds. */
const NOTABLE_SKEW_MS = 2_000;

/**
 * Milliseconds of a `Retry-After` header, in seconds or as an HTTP date; at most one hour, undefined when unusable.
 * @param nowMs the time on the clock of the side that sent it
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (text === "") return undefined;
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(Math.ceil(ms), 0), MAX_RETRY_AFTER_MS);
}

/** What an answer says of the sender's clock, and what we know. */
export interface SenderTime {
  /** `Date` header of the same answer. */
  readonly date: string | undefined;
  /** Our clock. */
  readonly nowMs: number;
  /** The sender's clock minus ours, milliseconds, as far as measured. */
  readonly skewMs: number | undefined;
}

/**
 * The sender's clock, to subtract from a date that it sent. The answer's own `Date` tells best: cut to whole seconds, it is
 * never ahead, so that a wait counted from it is never too short and at most a second too long.
 */
export function senderNowMs({ date, nowMs, skewMs = 0 }: SenderTime): number {
  const dateMs = Date.parse(date ?? "");
  if (!Number.isNaN(dateMs)) return dateMs;
  return nowMs + (Math.abs(skewMs) > NOTABLE_SKEW_MS ? skewMs : 0);
}
