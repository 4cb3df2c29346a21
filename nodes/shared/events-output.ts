import { randomBytes } from "node:crypto";
import type { BadLine, Block, EventBatch, ObjectName, ObjectReport } from "../lib/gcs/reader-api";
import {
  badLineMessage,
  eventMessage,
  reportMessage,
  type BadLineMessage,
  type EventMessage,
  type ReportMessage,
} from "./events-messages";

export interface EventsOutputOptions {
  readonly bucket: string;
  readonly batchSize: number;
  readonly acknowledge: "emit" | "message";
  /** Sends one message on one output, from 0. */
  readonly send: (output: 0 | 1 | 2, message: EventMessage | ReportMessage | BadLineMessage) => void;
}

/** The outputs of an events node: sends, and finds what a message that comes back stands for. */
export class EventsOutput {
  readonly #options: EventsOutputOptions;
  /** What to do when a message comes back. */
  readonly #out = new Map<string, () => void>();
  readonly #idStart = randomBytes(4).toString("hex");
  #sent = 0;

  constructor(options: EventsOutputOptions) {
    this.#options = options;
  }

  /** Messages that the flow has to give back. */
  get unacknowledged(): number {
    return this.#out.size;
  }

  /** See `ReaderPorts.send`. */
  send(block: Block, onTaken: (part: number) => void, closing: AbortSignal): Promise<boolean> {
    if (closing.aborted) return Promise.resolve(false);
    const { bucket, batchSize, acknowledge, send } = this.#options;
    const isArray = batchSize > 1;
    for (const [index, part] of block.parts.entries()) {
      if (part.kind === "bad") {
        send(2, badLineMessage(part, block.object, bucket));
        continue;
      }
      const id = this.#nextId();
      if (acknowledge === "message") this.#out.set(id, () => onTaken(index));
      try {
        send(0, eventMessage(part, block.object, { bucket, isArray, id }));
      } catch {
        // Node-RED copies a message for each wire but the first, and ends a copy that nests too deep with an error. The
        // event would be sent again and again, and nothing behind it would ever leave.
        send(2, badLineMessage(tooDeep(part), block.object, bucket));
        this.acknowledge(id);
      }
    }
    return nextTurn(closing);
  }

  /** See `ReaderPorts.report`. */
  report(object: ObjectName, report: ObjectReport, closing: AbortSignal): Promise<boolean> {
    if (closing.aborted) return Promise.resolve(false);
    this.#options.send(1, reportMessage(report, object, this.#options.bucket));
    return nextTurn(closing);
  }

  /** What was sent so far is not waited for any more. */
  forget(): void {
    this.#out.clear();
  }

  /** A message came back; unknown ones are of no interest. */
  acknowledge(id: unknown): void {
    if (typeof id !== "string") return;
    const onTaken = this.#out.get(id);
    this.#out.delete(id);
    onTaken?.();
  }

  /** As long as Node-RED's own ids; those cost more than the rest of a message. */
  #nextId(): string {
    this.#sent = (this.#sent + 1) % 0x1_0000_0000;
    return this.#idStart + this.#sent.toString(16).padStart(8, "0");
  }
}

function tooDeep({ line }: EventBatch): BadLine {
  const message =
    "Node-RED could not copy the event for a second wire: it nests too deep. Wire output 1 to one node only.";
  return { kind: "bad", line, text: "", error: { code: "GCS_LINE_TOO_DEEP", message } };
}

/**
 * Node-RED queues messages for the next turn of the event loop and drops those still queued when nodes close. One turn later
 * the next nodes have had theirs, unless the close came in between: then nobody knows.
 */
function nextTurn(closing: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => setImmediate(() => resolve(!closing.aborted)));
}
