import type { RawEvent } from "./reader-api";

/**
 * What a row is: telemetry of an endpoint, or a log of another product that is forwarded into the same bucket. Only the
 * latter name their vendor. `mixed` for several rows that are not alike.
 */
export type EventKind = "endpoint" | "log" | "mixed";

/** A hint from the rows themselves; nothing is checked. */
export function kindOf(events: readonly RawEvent[]): EventKind {
  let kind: EventKind | undefined;
  for (const event of events) {
    const own = event["_vendor"] === undefined ? "endpoint" : "log";
    if (kind !== undefined && kind !== own) return "mixed";
    kind = own;
  }
  return kind ?? "endpoint";
}
