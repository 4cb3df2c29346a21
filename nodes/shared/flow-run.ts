import type { Node } from "node-red";
import type { FlowStart } from "./flow-start";
import { guard } from "./guard";

/** Something that runs while the flows do. It is closed once, and never started again. */
export interface Runnable {
  start(): void;
  /** Resolves when nothing of it goes on. */
  close(): Promise<void>;
}

/**
 * Runs something from the start of the flows to their stop, and a new one from the next start on. A deployment of other nodes
 * does not close this one, yet it takes those away behind its back: what it sent meanwhile would be dropped and count as taken.
 */
export class FlowRun<T extends Runnable> {
  readonly #make: () => T;
  readonly #forgetStops: () => void;
  #current: T;
  #forgetStart: () => void;
  /** The end of the one before. */
  #ended: Promise<void> = Promise.resolve();

  /** @param onEnd told when one has ended, before the next one starts */
  constructor(node: Pick<Node, "error">, flows: FlowStart, make: () => T, onEnd: () => void = () => undefined) {
    this.#make = make;
    this.#current = make();
    const start = guard(node, () => this.#current.start());
    this.#forgetStart = flows.whenStarted(start);
    this.#forgetStops = flows.whenStopping(
      guard(node, () => {
        const before = this.#current;
        this.#forgetStart();
        this.#ended = Promise.all([this.#ended, before.close().catch(() => undefined)]).then(guard(node, onEnd));
        this.#current = this.#make();
        this.#forgetStart = flows.whenStarted(() => void this.#ended.then(start));
      }),
    );
  }

  get current(): T {
    return this.#current;
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#forgetStart();
    this.#forgetStops();
    await Promise.all([this.#ended, this.#current.close().catch(() => undefined)]);
  }
}
