import type { Clock } from "../clock";

/**
 * Keeps the calls to one service back while a `Retry-After` runs, whichever call was answered with it: the limits that the
 * header speaks of belong to the account, and what others send meanwhile makes them last longer.
 * Source: RFC 9110, section 10.2.3.
 */
export class Hold {
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #untilMs = -Infinity;
  /** The wait that all share, so that they go on in the order in which they came. */
  #waiting: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is left of it, milliseconds. */
  get leftMs(): number {
    return this.#closing.signal.aborted ? 0 : Math.max(0, this.#untilMs - this.#clock.monotonicMs());
  }

  /** Holds for `ms` from now. It never ends a longer hold early. */
  extend(ms: number): void {
    this.#untilMs = Math.max(this.#untilMs, this.#clock.monotonicMs() + ms);
  }

  /** Resolves when nothing is held back any more, or after {@link close}. Never rejects. */
  async over(): Promise<void> {
    if (this.#waiting === undefined && this.leftMs === 0) return;
    await (this.#waiting ??= this.#wait());
  }

  /** Ends the wait; what waited is the caller's to abort. */
  close(): void {
    this.#closing.abort();
  }

  async #wait(): Promise<void> {
    // A longer hold may have begun meanwhile.
    while (this.leftMs > 0) await this.#clock.sleep(this.leftMs, this.#closing.signal);
    this.#waiting = undefined;
  }
}
