import type { NodeStatus } from "node-red";
import type { EcsResult } from "../lib/ecs/map-records";
import { grouped, type TranslateStatus } from "./status-text";

/** Documents that have left since the node was deployed. */
export class EcsCounts {
  #sent = 0;
  #faulty = 0;

  note(results: readonly EcsResult[]): void {
    this.#sent += results.length;
    for (const { faults } of results) if (faults.length > 0) this.#faulty += 1;
  }

  /** Grey before the first document, then green; yellow once there was one whose record could not be mapped wholly. */
  status(translate: TranslateStatus): NodeStatus {
    const count = grouped(this.#sent);
    if (this.#faulty > 0) {
      return { fill: "yellow", shape: "dot", text: translate("faulty", { count, faulty: grouped(this.#faulty) }) };
    }
    const text = translate("sent", { count });
    return this.#sent === 0 ? { fill: "grey", shape: "ring", text } : { fill: "green", shape: "dot", text };
  }
}
