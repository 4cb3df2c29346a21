/** Kinds of records that have a mapping. */
export const ECS_KINDS = ["alert-v1", "alert-v2", "incident", "event"] as const;

export type EcsKind = (typeof ECS_KINDS)[number];

/** Data sets of Elastic's package `panw_cortex_xdr`; a data stream is named `logs-<data set>-<namespace>`. */
export const DATASETS: Readonly<Record<EcsKind, string>> = {
  "alert-v1": "panw_cortex_xdr.alerts",
  "alert-v2": "panw_cortex_xdr.alerts",
  incident: "panw_cortex_xdr.incidents",
  event: "panw_cortex_xdr.event",
};

const EVENT_MARKS = ["event_type", "event_sub_type", "event_timestamp", "event_id"];

/**
 * What a record is, by the fields that only its kind has: `alert_id`, with `events` in v1 alone; `incident_id`; and of what
 * is left the forwarded events, by what all of them have.
 * @returns undefined for a record of no kind that has a mapping
 */
export function kindOf(record: object): EcsKind | undefined {
  if (Object.hasOwn(record, "alert_id")) return Object.hasOwn(record, "events") ? "alert-v1" : "alert-v2";
  if (Object.hasOwn(record, "incident_id")) return "incident";
  return EVENT_MARKS.some((mark) => Object.hasOwn(record, mark)) ? "event" : undefined;
}
