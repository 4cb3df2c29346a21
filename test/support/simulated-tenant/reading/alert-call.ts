import { ALERTS_VIEW } from "../keys";
import type { TenantState } from "../state";
import { SEVERITIES, type WorldAlert } from "../world/records";
import { integersField, textsField, timeField, type FilterField } from "./filters";
import type { SortRules } from "./query";
import type { ReadCall } from "./read-route";

/** What `total_count` says from the ceiling on. Source: Cortex XDR REST API, "Get Alerts". */
const TOTAL_AT_CEILING = 9_999;

/** Filters of every call that lists alerts. @param severities those that the call knows */
export function alertFilters(severities: readonly string[]): Readonly<Record<string, FilterField<WorldAlert>>> {
  return {
    alert_id_list: integersField((alert) => alert.id),
    alert_source: textsField((alert) => [alert.source]),
    severity: textsField((alert) => [alert.severity], severities),
    creation_time: timeField((alert) => alert.detectionMs),
    server_creation_time: timeField((alert) => alert.insertMs),
  };
}

/** Severities that v1 and `get_alerts` filter on. */
export const V1_SEVERITIES = SEVERITIES.filter((severity) => severity !== "informational");

const SORT: SortRules<WorldAlert> = {
  fields: {
    creation_time: (alert) => alert.detectionMs,
    severity: (alert) => SEVERITIES.indexOf(alert.severity),
  },
  usual: { field: "creation_time", keyword: "desc" },
  ascending: "asc",
  descending: "desc",
  required: ["keyword"],
};

/** What the three calls have in common. */
export const ALERT_CALL = {
  licences: ["prevent", "pro-endpoint", "pro-gb"],
  permission: ALERTS_VIEW,
  list: "alerts",
  sort: SORT,
  rows: (state: TenantState) => state.world.alerts.values(),
  total: (matches, { options }) => (matches >= options.alertTotalCeiling ? TOTAL_AT_CEILING : matches),
} satisfies Partial<ReadCall<WorldAlert>>;
