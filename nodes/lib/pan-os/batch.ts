import { XdrError } from "../errors";
import type { DecodedRecord } from "./record";

/** Most records in one message. Source: Strata Logging Service, "Forward logs to an HTTPS server": 10,000 a request. */
export const MAX_BATCH_RECORDS = 10_000;

/** A record, or why one of a batch could not be read. */
export type Decoded = DecodedRecord | XdrError;

/** What a body held. */
export interface DecodedBody {
  readonly records: readonly Decoded[];
  /** True when the body was an array or several records: then arrays leave the node, too. */
  readonly isBatch: boolean;
  /** Of a batch, what each record was read from: text or object. */
  readonly sources?: readonly unknown[];
}

/** A body of one record. */
export function single(record: Decoded): DecodedBody {
  return { records: [record], isBatch: false };
}

/** `decode` for each of `items`, unless there are too many: that is told before any work is done. */
export function decodeAll<T>(items: readonly T[], decode: (item: T) => Decoded): DecodedBody | XdrError {
  if (items.length > MAX_BATCH_RECORDS) return batchTooLarge();
  return items.length === 0
    ? emptyBody()
    : { records: items.map((item) => decode(item)), isBatch: true, sources: items };
}

/** The error for a message of more than {@link MAX_BATCH_RECORDS}. */
export function batchTooLarge(): XdrError {
  return new XdrError("PANOS_BATCH_TOO_LARGE", `The message holds more than ${MAX_BATCH_RECORDS} records.`);
}

/** The error for a body with nothing in it. */
export function emptyBody(): XdrError {
  return new XdrError("PANOS_EMPTY", "The body is empty.");
}
