import type { Clock } from "../clock";

/** The courier's waits, and what ends them. */
export class Pacer {
  /** Send what waits without lingering; the courier clears it when nothing is left. */
  isFlushing = false;
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  #nudges = 0;
  #nudge = new AbortController();

  constructor(clock: Clock, stopping: AbortSignal) {
    this.#clock = clock;
    this.#stopping = stopping;
  }

  /** Counts {@link wake} calls, so that one between a look at the queue and the pause after it is not missed. */
  get nudges(): number {
    return this.#nudges;
  }

  /** New alerts are there. */
  wake(): void {
    this.#nudges += 1;
    this.#nudge.abort();
  }

  /** Ends every wait but the quota's. */
  flush(): void {
    this.isFlushing = true;
    this.wake();
  }

  /** Waits until there was a {@link wake} or a stop since `nudges` was read, and at most `ms`. */
  async pause(nudges: number, ms?: number): Promise<void> {
    if (this.#nudges !== nudges || this.#stopping.aborted) return;
    this.#nudge = new AbortController();
    if (ms !== undefined) await this.#clock.sleep(ms, this.#nudge.signal);
    else await aborted(this.#nudge.signal);
  }

  /** Waits `ms`; new alerts do not cut it short, only {@link flush} and a stop do. */
  async backOff(ms: number): Promise<void> {
    const until = this.#clock.monotonicMs() + ms;
    for (let left = ms; left > 0 && !this.isFlushing && !this.#stopping.aborted;) {
      await this.pause(this.#nudges, left);
      left = until - this.#clock.monotonicMs();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
