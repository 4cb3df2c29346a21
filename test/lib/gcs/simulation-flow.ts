import type { Block, ObjectName, ObjectReport } from "../../../nodes/lib/gcs/reader-api";
import { idOf } from "./tiny-bucket";

/** How surely something reached the next node: when the node closes in the same turn, nobody knows. */
export type Fate = "sure" | "unsure";

/** One line that reached the next node. */
export interface Delivery {
  readonly id: string;
  readonly kind: "event" | "bad";
  readonly line: number;
  /** Which process sent it. */
  readonly process: number;
  readonly fate: Fate;
  /** Its message came back while the node was open; while it was being closed, nobody knows whether that was in time. */
  acknowledged: Fate | undefined;
}

/** One report that reached the next node. */
export interface DeliveredReport {
  readonly id: string;
  readonly process: number;
  readonly fate: Fate;
  readonly report: ObjectReport;
}

/** What reached the next nodes, of all processes, in its order. */
export class Flow {
  readonly deliveries: Delivery[] = [];
  readonly reports: DeliveredReport[] = [];
  /** Lines of bad lines and events, by object, to look them up. */
  readonly #byObject = new Map<string, Delivery[]>();

  /** @param events line numbers of the events of a batch */
  take(
    object: ObjectName,
    process: number,
    fate: Fate,
    part: Block["parts"][number],
    events: readonly number[],
  ): Delivery[] {
    const id = idOf(object);
    const kind = part.kind === "events" ? "event" : "bad";
    const lines = part.kind === "events" ? events : [part.line];
    const taken = lines.map((line): Delivery => ({ id, kind, line, process, fate, acknowledged: undefined }));
    this.deliveries.push(...taken);
    const known = this.#byObject.get(id);
    if (known === undefined) this.#byObject.set(id, [...taken]);
    else known.push(...taken);
    return taken;
  }

  of(id: string): readonly Delivery[] {
    return this.#byObject.get(id) ?? [];
  }
}
