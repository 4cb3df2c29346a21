/** What was spent when, on the tenant's clock: the base of both limits. */
export class Spending {
  readonly #entries: { readonly atMs: number; readonly amount: number }[] = [];

  /** Times must not go back. */
  add(atMs: number, amount = 1): void {
    this.#entries.push({ atMs, amount });
  }

  /**
   * Sum of all that was spent later than `afterMs`. With `afterMs = now - window` an amount stops counting exactly one
   * window after it was spent. Walks back from the end, so it costs what the window holds.
   */
  sumAfter(afterMs: number): number {
    let sum = 0;
    for (let index = this.#entries.length - 1; index >= 0; index -= 1) {
      const entry = this.#entries[index];
      if (entry === undefined || entry.atMs <= afterMs) break;
      sum += entry.amount;
    }
    return sum;
  }

  /** Sum of all that was spent at `fromMs` or later: for fixed windows. */
  sumFrom(fromMs: number): number {
    let sum = 0;
    for (let index = this.#entries.length - 1; index >= 0; index -= 1) {
      const entry = this.#entries[index];
      if (entry === undefined || entry.atMs < fromMs) break;
      sum += entry.amount;
    }
    return sum;
  }
}

/** The most of `timesMs` that lie in any one window `[t, t + windowMs)`. Two pointers over the sorted times. */
export function maxInAnyWindow(timesMs: readonly number[], windowMs: number): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  let most = 0;
  let start = 0;
  sorted.forEach((time, end) => {
    while ((sorted[start] ?? time) <= time - windowMs) start += 1;
    most = Math.max(most, end - start + 1);
  });
  return most;
}
