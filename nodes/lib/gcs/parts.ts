import type { ObjectOptions } from "./object-reader";
import type { LineSpan } from "./progress";
import type { BadLine, EventBatch, RawEvent } from "./reader-api";

/** Lines that were taken before a restart, and are passed over. */
export interface PassedLines {
  readonly kind: "passed";
  readonly lines: LineSpan;
  /** Decompressed offset before the first of them. */
  readonly startByte: number;
}

/** Where lines end that can be written down as taken. */
interface Place {
  /** The last of these lines: of a batch, also that of the bad ones between it and the next event. */
  readonly endLine: number;
  /** Decompressed offset after that line. */
  readonly endByte: number;
}

/**
 * What the lines of an object become. After a batch or passed lines, everything up to there has left; after a bad line only
 * when no batch was begun before it (`isWhole`).
 */
export type Part = (EventBatch & Place) | (BadLine & Place & { readonly isWhole: boolean }) | PassedLines;

/** A batch of long lines is ended early: 500 lines of a megabyte would not fit into memory. Ours. */
const MAX_BATCH_CHARACTERS = 4_194_304;

/** Puts lines together to parts. */
export class PartBuilder {
  readonly #options: Pick<ObjectOptions, "batchSize" | "rawLines">;
  #parts: Part[] = [];
  #events: RawEvent[] = [];
  #raw: string[] = [];
  /** Of the batch that is begun. */
  #characters = 0;
  #firstLine = 0;
  #lastLine = 0;
  #endLine = 0;
  #endByte = 0;

  constructor(options: Pick<ObjectOptions, "batchSize" | "rawLines">) {
    this.#options = options;
  }

  event(line: number, endByte: number, event: RawEvent, raw: string): void {
    if (this.#events.length === 0) this.#firstLine = line;
    this.#events.push(event);
    if (this.#options.rawLines) this.#raw.push(raw);
    this.#lastLine = line;
    this.#endLine = line;
    this.#endByte = endByte;
    this.#characters += raw.length;
    if (this.#events.length >= this.#options.batchSize || this.#characters >= MAX_BATCH_CHARACTERS) this.flush();
  }

  bad(endByte: number, line: BadLine): void {
    // It leaves before the batch that was begun above it, and is taken with that.
    this.#endLine = line.line;
    this.#endByte = endByte;
    this.#parts.push({ ...line, endLine: line.line, endByte, isWhole: this.#events.length === 0 });
  }

  passed(lines: LineSpan, startByte: number): void {
    this.flush();
    this.#parts.push({ kind: "passed", lines, startByte });
  }

  /** Ends the batch that is begun. */
  flush(): void {
    if (this.#events.length === 0) return;
    this.#parts.push({
      kind: "events",
      line: this.#firstLine,
      lastLine: this.#lastLine,
      events: this.#events,
      raw: this.#options.rawLines ? this.#raw : undefined,
      endLine: this.#endLine,
      endByte: this.#endByte,
    });
    this.#events = [];
    this.#characters = 0;
    this.#raw = [];
  }

  /** The parts that are complete, in the order of their lines. */
  take(): Part[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}
