/** Fields of a record. */
type Fields = Readonly<Record<string, unknown>>;

/** What every document of an alert has, whatever the alert is. */
const CONSTANTS = {
  ecs: { version: "8.11.0" },
  event: { kind: "alert", category: ["malware"], type: ["info"] },
};

/** An alert of v1 with these fields beside its id, and an event with those beside its type. */
export function alertV1(fields: Fields, event: Fields = {}): Fields {
  return { alert_id: "4711", ...fields, events: { event_type: "Process Execution", ...event } };
}

/** An alert of v2 with these fields beside its id. */
export function alertV2(fields: Fields): Fields {
  return { alert_id: "4711", ...fields };
}

/** What the document of each {@link alertV1} has. */
export const BASE_V1 = {
  ...CONSTANTS,
  panw_cortex: { xdr: { alert_id: "4711", events: { event_type: "Process Execution" } } },
};

/** What the document of each {@link alertV2} has. */
export const BASE_V2 = { ...CONSTANTS, panw_cortex: { xdr: { alert_id: "4711" } } };
