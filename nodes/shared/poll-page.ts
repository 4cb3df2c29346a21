import type { Taken } from "../lib/poll/poller-api";

/** Which messages of one page the flow still has to give back. Holds nothing but their ids. */
export class PageInFlight {
  /** Item of each message that is out. */
  readonly #itemOf = new Map<string, number>();
  /** Messages that are out, of each item. */
  readonly #left: number[];
  readonly #finish: () => void;
  /** Resolves when all messages are back. */
  readonly finished: Promise<void>;

  /** @param idsByItem the message ids of each item */
  constructor(idsByItem: readonly (readonly string[])[]) {
    let finish = (): void => undefined;
    this.finished = new Promise((resolve) => (finish = resolve));
    this.#finish = finish;
    this.#left = idsByItem.map(({ length }) => length);
    for (const [item, ids] of idsByItem.entries()) {
      for (const id of ids) this.#itemOf.set(id, item);
    }
    if (this.waiting === 0) this.#finish();
  }

  /** Messages that are out. */
  get waiting(): number {
    return this.#itemOf.size;
  }

  /** The items whose messages are all back. */
  get taken(): Taken {
    if (this.waiting === 0) return "all";
    return new Set([...this.#left.keys()].filter((item) => this.#left[item] === 0));
  }

  /** Takes a message back. False when it is none of this page, or was back already. */
  acknowledge(id: string): boolean {
    const item = this.#itemOf.get(id);
    if (item === undefined) return false;
    this.#itemOf.delete(id);
    this.#left[item] = (this.#left[item] ?? 0) - 1;
    if (this.waiting === 0) this.#finish();
    return true;
  }
}
