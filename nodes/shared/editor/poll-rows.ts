import { absentFilters, type FilterName } from "../../lib/poll/poll-limits";

/** Properties of a poll node whose row is not for every kind of record. */
export type OptionalRow = "apiVersion" | "lookbackHours" | "overlapSeconds" | FilterName | "splitEvents" | "extraData";

export const OPTIONAL_ROWS: readonly OptionalRow[] = [
  "apiVersion",
  "lookbackHours",
  "overlapSeconds",
  "severities",
  "statuses",
  "sources",
  "tags",
  "splitEvents",
  "extraData",
];

/** What makes no sense for records of a kind: the runtime refuses such filters. For an environment variable, all of it may. */
export function absentRows(resource: string, apiVersion: string): readonly OptionalRow[] {
  return [...absentFilters(resource, apiVersion), ...absentSettings(resource, apiVersion)];
}

function absentSettings(resource: string, apiVersion: string): readonly OptionalRow[] {
  switch (resource) {
    case "alerts":
      return apiVersion === "v2" ? ["splitEvents", "extraData"] : ["extraData"];
    case "incidents":
      return ["apiVersion", "splitEvents"];
    case "endpoints":
      return ["apiVersion", "lookbackHours", "overlapSeconds", "splitEvents", "extraData"];
    default:
      return [];
  }
}

/** Values that tenants are known to use, to be offered. Source: Cortex XDR REST API 3.x, filters of the calls. */
export function knownValues(list: string, resource: string, apiVersion: string): readonly string[] {
  switch (list) {
    case "severities":
      return resource === "alerts" && apiVersion !== "v1" ? [...SEVERITIES, "informational"] : SEVERITIES;
    case "statuses":
      return resource === "endpoints" ? ENDPOINT_STATUSES : STATUSES;
    case "sources":
      return SOURCES;
    default:
      return [];
  }
}

const SEVERITIES = ["critical", "high", "medium", "low"];
const STATUSES = [
  "new",
  "under_investigation",
  "resolved_*",
  "resolved_true_positive",
  "resolved_false_positive",
  "resolved_known_issue",
  "resolved_duplicate",
  "resolved_security_testing",
  "resolved_other",
];
const ENDPOINT_STATUSES = ["connected", "disconnected", "lost", "uninstalled"];
const SOURCES = ["XDR Agent", "XDR BIOC", "XDR IOC", "XDR Analytics", "XDR Analytics BIOC", "PAN NGFW"];
