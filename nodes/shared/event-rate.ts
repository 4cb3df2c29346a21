/** Span over which a rate is measured, milliseconds. */
const SPAN_MS = 5000;

interface Sample {
  readonly atMs: number;
  readonly events: number;
}

/** Events a second over the last few seconds. */
export class EventRate {
  readonly #samples: Sample[] = [];

  /** @param events that left since the start */
  note(events: number, nowMs: number): void {
    this.#samples.push({ atMs: nowMs, events });
    // The one before the span stays: the rate is measured from there.
    while ((this.#samples[1]?.atMs ?? Infinity) <= nowMs - SPAN_MS) this.#samples.shift();
  }

  get perSecond(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return ((last.events - first.events) * 1000) / (last.atMs - first.atMs);
  }
}
