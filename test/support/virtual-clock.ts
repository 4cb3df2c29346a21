import type { Clock } from "../../nodes/lib/clock";

interface Sleeper {
  readonly wakesAtMs: number;
  readonly wake: () => void;
}

/** A clock that only moves when it is told to. It never goes back. */
export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  readonly #sleepers = new Set<Sleeper>();

  /** @param startMs epoch milliseconds */
  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { wakesAtMs: this.#nowMs + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** How many sleep, and when the first one wakes; undefined when none sleeps. */
  get sleepers(): { readonly count: number; readonly nextAtMs: number | undefined } {
    const times = [...this.#sleepers].map(({ wakesAtMs }) => wakesAtMs);
    return { count: times.length, nextAtMs: times.length === 0 ? undefined : Math.min(...times) };
  }

  /** Lets time pass; whoever sleeps no longer than that wakes, the first one first. What they do then is not waited for. */
  advance(ms: number): void {
    this.advanceTo(this.#nowMs + ms);
  }

  /** The same, to a time; does nothing when it is past already. */
  advanceTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
    const due = [...this.#sleepers].filter(({ wakesAtMs }) => wakesAtMs <= this.#nowMs);
    for (const { wake } of due.sort((one, other) => one.wakesAtMs - other.wakesAtMs)) wake();
  }

  /**
   * Lets time pass from one waking to the next until `atMs`.
   * @param settle resolves when all that woke has come to rest: only the caller knows what that is
   */
  async runUntil(atMs: number, settle: () => Promise<void>): Promise<void> {
    await settle();
    while (this.#nowMs < atMs) {
      this.advanceTo(Math.min(atMs, this.sleepers.nextAtMs ?? atMs));
      await settle();
    }
  }
}
