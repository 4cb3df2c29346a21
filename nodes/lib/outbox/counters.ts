import { z } from "zod";

/**
 * What became of the alerts of one insert node. At every moment
 * `received = delivered + waiting + inFlight + dead + refused`.
 */
export interface Counters {
  /** Alerts handed to the node, since the store was made. */
  received: number;
  /** Alerts the tenant accepted. */
  delivered: number;
  /** Alerts on disk, or on their way there, that are not in a request now. */
  waiting: number;
  /** Alerts in the request that is under way. */
  inFlight: number;
  /** Alerts the tenant refused for good and that were not replayed. */
  dead: number;
  /** Alerts answered 400 or 503: they were never kept. */
  refused: number;
}

/** The part that is kept on disk; `received` and `waiting` follow from it and from the entries found. */
const keptSchema = z.object({
  delivered: z.int().min(0),
  dead: z.int().min(0),
  refused: z.int().min(0),
  /** Entries in the store when this was written, to notice those that damage took. */
  stored: z.int().min(0),
});
export type KeptCounters = z.infer<typeof keptSchema>;

/** Counters of one insert node: the live numbers, and how many of its alerts the store holds. */
export class OriginCounters {
  readonly live: Counters = { received: 0, delivered: 0, waiting: 0, inFlight: 0, dead: 0, refused: 0 };
  #stored = 0;

  /**
   * Takes over what was on disk: `kept` as written (else the live numbers stand), `found` entries still there. Returns how
   * many damage took.
   */
  restore(kept: KeptCounters | undefined, found: number): number {
    const { delivered, dead, refused, stored } = kept ?? { ...this.live, stored: found };
    Object.assign(this.live, { delivered, dead, refused, waiting: found, inFlight: 0 });
    this.live.received = delivered + dead + refused + found;
    this.#stored = found;
    return Math.max(0, stored - found);
  }

  /** Entries the store holds, once what is being written is there. */
  get stored(): number {
    return this.#stored;
  }

  /** The store was opened again and holds this many entries; the live numbers stand. */
  foundStored(found: number): void {
    this.#stored = found;
  }

  /** Entries the next write adds to (or, negative, takes from) the store. */
  addStored(change: number): void {
    this.#stored += change;
  }

  encode(): string {
    const { delivered, dead, refused } = this.live;
    return JSON.stringify({ delivered, dead, refused, stored: this.#stored } satisfies KeptCounters);
  }
}

/** Undefined when the value is missing or damaged. */
export function decodeCounters(value: string | undefined): KeptCounters | undefined {
  if (value === undefined) return undefined;
  try {
    const parsed = keptSchema.safeParse(JSON.parse(value));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
