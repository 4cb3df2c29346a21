/** Time as an argument, so that tests own it. */
export interface Clock {
  /** Wall clock, epoch milliseconds. */
  now(): number;
  /** Monotonic clock, milliseconds from an arbitrary start: for durations, never set back. */
  monotonicMs(): number;
  /** Resolves after at least `ms` milliseconds, or at once when `signal` aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay `setTimeout` takes (2^31 - 1 ms); longer ones fire at once. Source: Node.js timers documentation. */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      // A timer may fire a fraction of a millisecond early; quotas count on "at least".
      const timer = setTimeout(finish, Math.min(Math.ceil(ms) + 1, MAX_TIMER_MS));
      signal?.addEventListener("abort", finish, { once: true });
    }),
};
