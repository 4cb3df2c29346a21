// What the dialog and the runtime have to agree on. Without imports: the dialog's bundle takes it in.

export const POLL_RESOURCES = ["alerts", "incidents", "endpoints"] as const;
export type PollResource = (typeof POLL_RESOURCES)[number];

/** Longest `intervalSeconds`: a day. */
export const MAX_INTERVAL_SECONDS = 86_400;
/** Longest `lookbackHours`: ten years. */
export const MAX_LOOKBACK_HOURS = 87_600;
/** Longest `overlapSeconds`: a week. */
export const MAX_OVERLAP_SECONDS = 604_800;
/** Longest `fullSyncDays`. */
export const MAX_FULL_SYNC_DAYS = 365;
/** Most entries of a filter. */
export const MAX_LIST_ENTRIES = 1000;

export type FilterName = "severities" | "statuses" | "sources" | "tags";

/** The filters for which records of this kind have no field; none for what is not known here, such as a variable. */
export function absentFilters(resource: string, apiVersion: string): readonly FilterName[] {
  if (resource === "endpoints") return ["severities", "sources"];
  return resource === "alerts" && apiVersion === "v1" ? ["statuses", "tags"] : [];
}
