import type { Node } from "node-red";
import type { OutboxStats } from "../lib/outbox/outbox";
import { CauseReport } from "./cause-report";

/** Tells log and Catch of changes of the outbox's state, each once: a long outage must not flood them. */
export class OutboxReport {
  readonly #node: Node;
  readonly #cause: CauseReport;
  #lost = 0;

  constructor(node: Node) {
    this.#node = node;
    this.#cause = new CauseReport(node, "The outbox works again.");
  }

  update(stats: OutboxStats): void {
    this.#tellCause(stats);
    this.#tellLoss(stats);
  }

  #tellCause({ problem, trouble }: OutboxStats): void {
    // Opening and closing are no news.
    if (problem?.code === "OUTBOX_UNAVAILABLE") return;
    this.#cause.tell(
      problem ?? trouble?.error,
      problem === undefined && trouble?.action === "retry" ? "warn" : "error",
    );
  }

  #tellLoss({ lost, damage }: OutboxStats): void {
    if (lost === this.#lost) return;
    this.#lost = lost;
    const kept = damage?.keptAs === undefined ? "" : ` The damaged store was kept as ${damage.keptAs}.`;
    this.#node.error(
      `The store was damaged: ${lost} alerts that were answered 200 could not be read back.${kept} (STORE_DAMAGED)`,
      { error: { code: "STORE_DAMAGED" } },
    );
  }
}
