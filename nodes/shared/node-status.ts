import type { Node, NodeStatus } from "node-red";

/** Least time between two status updates, milliseconds: each one goes to every open editor. */
const MIN_INTERVAL_MS = 1000;

/** A status, or what makes it when it is shown: for nodes that count many messages a second. */
type Wanted = NodeStatus | (() => NodeStatus);

/** Shows a node's status at most once a second, always ending with the last one, and only when it changed. */
export class ThrottledStatus {
  readonly #node: Pick<Node, "status">;
  #timer: NodeJS.Timeout | undefined;
  #shown = "";
  #wanted: Wanted | undefined;
  #shownAt = -Infinity;

  constructor(node: Pick<Node, "status">) {
    this.#node = node;
  }

  /** Shows `status` now, or as soon as the second is over. */
  show(status: Wanted): void {
    this.#wanted = status;
    if (this.#timer !== undefined) return;
    const wait = this.#shownAt + MIN_INTERVAL_MS - performance.now();
    if (wait <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), wait);
  }

  /** Ends the timer; `clear` also takes the status off the node. */
  stop(clear: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wanted = undefined;
    if (clear) this.#node.status({});
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#wanted === undefined) return;
    const status = typeof this.#wanted === "function" ? this.#wanted() : this.#wanted;
    const key = JSON.stringify(status);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#shownAt = performance.now();
    this.#node.status(status);
  }
}
