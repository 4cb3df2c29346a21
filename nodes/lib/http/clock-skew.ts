/** From this difference on a signature may be refused, and users are told. The window of a tenant is not documented; Google's is some minutes. */
export const CLOCK_SKEW_LIMIT_MS = 30_000;

/** A `Date` header has whole seconds: on average it is half a second behind. */
const DATE_HEADER_BIAS_MS = 500;

/** Answers that took longer say too little about when their `Date` was written. */
const MAX_ROUND_TRIP_MS = 20_000;

/**
 * The other side's clock minus ours, milliseconds, from the `Date` header of an answer; undefined when it cannot tell.
 * @param sentAtMs when the request left, by our clock
 * @param headAtMs when the head of the answer was here, by our clock
 */
export function measureClockSkew(date: string | undefined, sentAtMs: number, headAtMs: number): number | undefined {
  const dateMs = date === undefined ? NaN : Date.parse(date);
  const roundTripMs = headAtMs - sentAtMs;
  if (Number.isNaN(dateMs) || roundTripMs < 0 || roundTripMs > MAX_ROUND_TRIP_MS) return undefined;
  return Math.round(dateMs + DATE_HEADER_BIAS_MS - (sentAtMs + headAtMs) / 2);
}

/** "this machine's clock is 95 s ahead of the tenant's" */
export function describeClockSkew(skewMs: number, whose = "the tenant's"): string {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return `this machine's clock is ${seconds} s ${skewMs < 0 ? "ahead of" : "behind"} ${whose}`;
}
