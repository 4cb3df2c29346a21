import type { Clock } from "../clock";
import type { XdrError } from "../errors";
import type { Store } from "../store/store";
import type { EventsOptions } from "./events-options";
import type { GcsClient } from "./gcs-api";

/** Names one version of one object. */
export interface ObjectName {
  readonly name: string;
  /** Decimal digits, see `ObjectVersion`. */
  readonly generation: string;
}

/** Any JSON object as the bucket had it. */
export type RawEvent = Readonly<Record<string, unknown>>;

/** Events of one object that leave in one message. */
export interface EventBatch {
  readonly kind: "events";
  /** Lines of the first and the last of them, from 1, blank ones counted. */
  readonly line: number;
  readonly lastLine: number;
  /** Never empty; one, unless `batchSize` is larger. */
  readonly events: readonly RawEvent[];
  /** The lines as they were, when `rawLines` asks for them. */
  readonly raw?: readonly string[] | undefined;
}

/** A line that is no event. */
export interface BadLine {
  readonly kind: "bad";
  readonly line: number;
  /** Its first 1,000 characters. */
  readonly text: string;
  readonly error: LineError;
}

export interface LineError {
  readonly code:
    "GCS_LINE_NOT_JSON" | "GCS_LINE_NOT_OBJECT" | "GCS_LINE_TOO_LONG" | "GCS_LINE_TOO_DEEP" | "GCS_LINE_CUT";
  readonly message: string;
}

/** What leaves at once, in the order of the lines. */
export interface Block {
  readonly object: ObjectName;
  readonly parts: readonly (EventBatch | BadLine)[];
}

/** What became of one version of one object: `msg.payload` of the second output. */
export interface ObjectReport {
  /** Lines read, blank ones counted. */
  readonly lines: number;
  /** Lines that left as events. */
  readonly events: number;
  /** Lines that left as bad. */
  readonly bad: number;
  /** Bytes read, decompressed. */
  readonly bytes: number;
  /** Stored bytes. */
  readonly storedBytes: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** What the status shows. */
export interface ReaderState {
  /** Whether a listing was completed since the start. */
  readonly hasListed: boolean;
  /** Objects known and not being read; a lower bound while more were listed than are kept in mind. */
  readonly waitingObjects: number;
  /** Objects being read. */
  readonly openObjects: number;
  /** Events that left since the start. */
  readonly events: number;
  /** Why listing, writing or a read does not go on, and when it is tried again. */
  readonly trouble: { readonly error: XdrError; readonly nextAtMs: number } | undefined;
}

/** What a reader is given. None of the callbacks may throw. */
export interface ReaderPorts {
  readonly options: EventsOptions;
  readonly client: GcsClient;
  /** The store as it is open now. @throws XdrError `STORE_*` */
  readonly openStore: () => Promise<Store>;
  readonly clock: Clock;
  readonly random: () => number;
  /**
   * Sends one block and resolves one turn of the event loop later, when the next nodes have had theirs; with false when the
   * node closed in between, so that nobody knows. In acknowledge mode `onTaken` is called for each part with events, by its
   * index in the block, when its message comes back; never before `send` has begun.
   */
  readonly send: (block: Block, onTaken: (part: number) => void, closing: AbortSignal) => Promise<boolean>;
  /** Sends a report; resolves as {@link ReaderPorts.send} does. */
  readonly report: (object: ObjectName, report: ObjectReport, closing: AbortSignal) => Promise<boolean>;
  readonly onState: (state: ReaderState) => void;
  /** A sentence for the log. */
  readonly onNotice: (sentence: string) => void;
}

/** A running reader of one bucket. */
export interface EventsReader {
  /** Starts, with a listing at once. */
  start(): void;
  /** Lists now, or right after the listing under way; resolves when that has ended. @throws XdrError why it did not go well */
  sync(): Promise<void>;
  /** Ends everything where it is, and resolves when what was taken is written down. Nothing is sent any more. */
  close(): Promise<void>;
}
