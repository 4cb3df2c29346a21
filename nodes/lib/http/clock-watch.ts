import { CLOCK_SKEW_LIMIT_MS, describeClockSkew } from "./clock-skew";

/** Tells once when this machine's clock goes off, and once more each time it moves on by as much again. */
export class ClockWatch {
  #toldMs = 0;

  /** The warning to give for this measure of the tenant's clock minus ours, if any. */
  note(skewMs: number): string | undefined {
    if (Math.abs(skewMs) < CLOCK_SKEW_LIMIT_MS) {
      this.#toldMs = 0;
      return undefined;
    }
    if (this.#toldMs !== 0 && Math.abs(skewMs - this.#toldMs) < CLOCK_SKEW_LIMIT_MS) return undefined;
    this.#toldMs = skewMs;
    return `Set the clock: ${describeClockSkew(skewMs)}. Calls are signed with the tenant's time meanwhile.`;
  }
}
