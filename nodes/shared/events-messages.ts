import { kindOf, type EventKind } from "../lib/gcs/event-kind";
import type { BadLine, EventBatch, LineError, ObjectName, ObjectReport, RawEvent } from "../lib/gcs/reader-api";

/** `msg.object`: where in the bucket a message comes from. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  /** Lines of the first and the last event, or of the bad line, from 1; of a report: 1 and the number of lines. */
  readonly line: number;
  readonly lastLine: number;
}

/** A message of the first output. */
export type EventMessage = {
  readonly _msgid: string;
  readonly payload: RawEvent | readonly RawEvent[];
  readonly object: ObjectPlace;
  readonly kind: EventKind;
  /** The line as it was, or the lines, when the node is set to add them. */
  readonly raw?: string | readonly string[];
};

/** A message of the second output. */
export type ReportMessage = { readonly payload: ObjectReport; readonly object: ObjectPlace };

/** A message of the third output. */
export type BadLineMessage = { readonly payload: string; readonly error: LineError; readonly object: ObjectPlace };

/** @param isArray whether the payload is an array also when there is one event */
export function eventMessage(
  { line, lastLine, events, raw }: EventBatch,
  { name, generation }: ObjectName,
  { bucket, isArray, id }: { bucket: string; isArray: boolean; id: string },
): EventMessage {
  const message = {
    _msgid: id,
    payload: isArray ? events : (events[0] ?? {}),
    object: { bucket, name, generation, line, lastLine },
    kind: kindOf(events),
  };
  return raw === undefined ? message : { ...message, raw: isArray ? raw : (raw[0] ?? "") };
}

export function badLineMessage({ line, text, error }: BadLine, object: ObjectName, bucket: string): BadLineMessage {
  const { name, generation } = object;
  return { payload: text, error, object: { bucket, name, generation, line, lastLine: line } };
}

export function reportMessage(payload: ObjectReport, object: ObjectName, bucket: string): ReportMessage {
  const { name, generation } = object;
  const { lines } = payload;
  return { payload, object: { bucket, name, generation, line: Math.min(1, lines), lastLine: lines } };
}
