import type { ObjectVersion } from "./gcs-api";
import { compareNames } from "./name-order";
import type { OpenState } from "./object-state";
import type { ObjectName } from "./reader-api";

/** Most objects kept in memory. Ours: some MB; what is dropped is found again by the next listing. */
export const MAX_WAITING = 10_000;

/** An object that waits to be read. */
export interface WaitingObject {
  readonly version: ObjectVersion;
  /** Where it was left; undefined = it was not begun. */
  readonly state: OpenState | undefined;
}

interface Item {
  version: ObjectVersion;
  state: OpenState | undefined;
  /** Places in the two heaps. */
  readonly at: [front: number, back: number];
}

/**
 * Objects that were found and are not read yet, oldest first: by creation, then name in the order of a listing, then
 * generation. At most `limit` of them: of more, the latest are dropped. All operations cost O(log n).
 */
export class WaitingObjects {
  readonly #limit: number;
  readonly #items = new Map<string, Item>();
  /** The same items with the first, and with the last on top. */
  readonly #front = new Heap(0, inWorkOrder);
  readonly #back = new Heap(1, (a, b) => inWorkOrder(b, a));
  #dropped = 0;

  constructor(limit = MAX_WAITING) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#items.size;
  }

  /** Whether one more would make the latest drop out. */
  get isFull(): boolean {
    return this.size >= this.#limit;
  }

  /**
   * How often an object was dropped since {@link forgetDropped}. Above 0, more objects wait than are here: the next listing
   * brings them.
   */
  get dropped(): number {
    return this.#dropped;
  }

  /** When the first of them was created, epoch milliseconds on the service's clock; undefined when none waits. */
  get oldestCreatedMs(): number | undefined {
    return this.#front.top?.version.createdMs;
  }

  /** At the start of a listing, which finds again whatever was dropped before. */
  forgetDropped(): void {
    this.#dropped = 0;
  }

  has(object: ObjectName): boolean {
    return this.#items.has(keyOf(object));
  }

  /** An object that waits already stays where it is, with the state given last. */
  add(version: ObjectVersion, state: OpenState | undefined): void {
    const key = keyOf(version);
    const known = this.#items.get(key);
    if (known !== undefined) {
      known.state = state;
      return;
    }
    const item: Item = { version, state, at: [-1, -1] };
    this.#items.set(key, item);
    this.#front.push(item);
    this.#back.push(item);
    if (this.size <= this.#limit) return;
    this.#dropped += 1;
    if (this.#back.top !== undefined) this.remove(this.#back.top.version);
  }

  /** Takes out the first. */
  take(): WaitingObject | undefined {
    const first = this.#front.top;
    if (first === undefined) return undefined;
    this.remove(first.version);
    return { version: first.version, state: first.state };
  }

  /** @returns whether it was there */
  remove(object: ObjectName): boolean {
    const key = keyOf(object);
    const item = this.#items.get(key);
    if (item === undefined) return false;
    this.#items.delete(key);
    this.#front.remove(item);
    this.#back.remove(item);
    return true;
  }
}

/** Binary heap that knows the place of each item, so that any of them can be taken out. */
class Heap {
  readonly #items: Item[] = [];
  /** Which of an item's places is the one in this heap. */
  readonly #place: 0 | 1;
  readonly #compare: (a: Item, b: Item) => number;

  constructor(place: 0 | 1, compare: (a: Item, b: Item) => number) {
    this.#place = place;
    this.#compare = compare;
  }

  get top(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  remove(item: Item): void {
    const at = item.at[this.#place];
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    // The last one takes the place, and finds its own from there, up or down.
    this.#sink(last, at);
    this.#rise(last, last.at[this.#place]);
  }

  #rise(item: Item, from: number): void {
    let at = from;
    while (at > 0) {
      const above = this.#items[(at - 1) >>> 1];
      if (above === undefined || this.#compare(above, item) <= 0) break;
      at = this.#put(above, at, (at - 1) >>> 1);
    }
    this.#put(item, at, at);
  }

  #sink(item: Item, from: number): void {
    let at = from;
    for (;;) {
      const left = this.#items[2 * at + 1];
      const right = this.#items[2 * at + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && this.#compare(right, left) < 0;
      const below = isRight ? right : left;
      if (this.#compare(item, below) <= 0) break;
      at = this.#put(below, at, 2 * at + (isRight ? 2 : 1));
    }
    this.#put(item, at, at);
  }

  /** @returns `free`, the place that comes next */
  #put(item: Item, at: number, free: number): number {
    this.#items[at] = item;
    item.at[this.#place] = at;
    return free;
  }
}

function inWorkOrder({ version: a }: Item, { version: b }: Item): number {
  if (a.createdMs !== b.createdMs) return a.createdMs - b.createdMs;
  const names = compareNames(a.name, b.name);
  if (names !== 0) return names;
  // Digits without leading zeros: the longer one is the larger.
  if (a.generation.length !== b.generation.length) return a.generation.length - b.generation.length;
  return a.generation < b.generation ? -1 : a.generation > b.generation ? 1 : 0;
}

/** Generations are digits: the first blank ends them. */
function keyOf({ name, generation }: ObjectName): string {
  return `${generation} ${name}`;
}
