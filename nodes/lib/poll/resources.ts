import type { PollResource } from "./poll-limits";
import type { PollOptions } from "./poll-options";
import type { XdrRecord } from "./poller-api";

/** Rows of one page, the most that the API gives. Source: Cortex XDR REST API, `search_to`. */
export const PAGE_SIZE = 100;

/**
 * From this many matches on, the tenant's `total_count` says no more.
 * Source: Cortex XDR REST API, "Get Alerts": 9,999 stands for 10,000 or more.
 */
export const ROW_CEILING = 9_999;

/** Largest `search_to`: rows further back can not be asked for. Source: Cortex XDR REST API, limits. */
export const MAX_SEARCH_TO = 10_000;

/** A field to filter on, and the record's field that has the value: the API names them differently. */
export interface TimeField {
  readonly filter: string;
  /** Epoch milliseconds in a record. */
  readonly field: string;
}

/** How one kind of records is asked for and read. */
export interface ResourceShape {
  /** Below `/public_api/`. */
  readonly path: string;
  /** Where the rows stand in `reply`. */
  readonly rows: string;
  readonly id: readonly string[];
  /** Filter that asks for records by id. */
  readonly idFilter: { readonly field: string; readonly isNumber: boolean };
  /**
   * When the tenant stored or changed the record: the clock of cursor and windows. Endpoints have none: what changes there
   * leaves no trace in a time that could be asked for.
   */
  readonly clock: TimeField | undefined;
  /** What the rows are sorted by, ascending: a field that can be filtered on too, so that paging can go on from a value. */
  readonly order: TimeField & { readonly keyword: "asc" | "ASC" };
  /** A field that moves by itself: alone, it is no change. */
  readonly drifting: string | undefined;
  readonly status: string | undefined;
  readonly severity: string | undefined;
  /** Fields with the sources, as text or list. */
  readonly sources: string | undefined;
}

const ALERTS: Omit<ResourceShape, "path" | "status"> = {
  rows: "alerts",
  id: ["alert_id", "external_id"],
  idFilter: { field: "alert_id_list", isNumber: true },
  clock: { filter: "server_creation_time", field: "local_insert_ts" },
  // The API sorts alerts by severity and by the time of detection, and by nothing else.
  order: { filter: "creation_time", field: "detection_timestamp", keyword: "asc" },
  drifting: undefined,
  severity: "severity",
  sources: "source",
};

const MODIFICATION: TimeField = { filter: "modification_time", field: "modification_time" };

const SHAPES = {
  "alerts-v1": { ...ALERTS, path: "v1/alerts/get_alerts_multi_events", status: undefined },
  "alerts-v2": { ...ALERTS, path: "v2/alerts/get_alerts_multi_events", status: "resolution_status" },
  incidents: {
    path: "v1/incidents/get_incidents",
    rows: "incidents",
    id: ["incident_id"],
    idFilter: { field: "incident_id_list", isNumber: false },
    clock: MODIFICATION,
    order: { ...MODIFICATION, keyword: "asc" },
    drifting: "creation_time",
    status: "status",
    severity: "severity",
    sources: "incident_sources",
  },
  endpoints: {
    path: "v1/endpoints/get_endpoint",
    rows: "endpoints",
    id: ["endpoint_id", "agent_id"],
    idFilter: { field: "endpoint_id_list", isNumber: false },
    clock: undefined,
    // Documented as case-sensitive for this call only.
    order: { filter: "first_seen", field: "first_seen", keyword: "ASC" },
    drifting: "last_seen",
    status: "endpoint_status",
    severity: undefined,
    sources: undefined,
  },
} satisfies Record<string, ResourceShape>;

export function shapeOf({ resource, apiVersion }: Pick<PollOptions, "resource" | "apiVersion">): ResourceShape {
  return resource === "alerts" ? SHAPES[`alerts-${apiVersion}`] : SHAPES[resource];
}

/** Whether a change of a known record is looked for in every run; alerts have no time of change to ask for. */
export function findsChangesAlways(resource: PollResource): boolean {
  return resource !== "alerts";
}

/** The record's value of a time, epoch milliseconds; undefined when it has none. */
export function timeIn(record: XdrRecord, { field }: TimeField): number | undefined {
  const value = record[field];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
