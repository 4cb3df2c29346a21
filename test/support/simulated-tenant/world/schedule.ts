/** One thing to happen. */
interface Entry {
  readonly atMs: number;
  /** Entries of one moment run in the order in which they were added. */
  readonly order: number;
  readonly action: () => void;
}

/** Things to happen at a time, in the order of their times: a binary heap, as worlds schedule tens of thousands. */
export class Schedule {
  readonly #heap: Entry[] = [];
  #added = 0;
  #lastAtMs: number | undefined;

  get size(): number {
    return this.#heap.length;
  }

  /** When the next one is due; undefined when nothing is left. */
  get nextAtMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** The latest time for which anything was ever added. */
  get lastAtMs(): number | undefined {
    return this.#lastAtMs;
  }

  add(atMs: number, action: () => void): void {
    const heap = this.#heap;
    const entry = { atMs, order: this.#added, action };
    this.#added += 1;
    this.#lastAtMs = Math.max(this.#lastAtMs ?? atMs, atMs);
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  /** Takes the first one out when it is due at `nowMs`. */
  takeDue(nowMs: number): { readonly atMs: number; readonly action: () => void } | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first;
  }

  /** Puts an entry at the top and lets it down to its place. */
  #sink(entry: Entry): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const isRight = other !== undefined && isBefore(other, one);
      const child = isRight ? other : one;
      if (!isBefore(child, entry)) break;
      heap[index] = child;
      index = isRight ? left + 1 : left;
    }
    heap[index] = entry;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
