import { ALERT_CALL, alertFilters, V1_SEVERITIES } from "../reading/alert-call";
import { viewOfGetAlerts } from "../reading/alert-views";
import { readRoute } from "../reading/read-route";
import type { TenantState } from "../state";
import type { WorldAlert } from "../world/records";

/** `POST v1/alerts/get_alerts`: alerts that no exclusion covers, with nested events. */
export const getAlerts = readRoute<WorldAlert>({
  ...ALERT_CALL,
  name: "get_alerts",
  path: "v1/alerts/get_alerts",
  filters: alertFilters(V1_SEVERITIES),
  rows: notExcluded,
  view: viewOfGetAlerts,
});

function* notExcluded({ world }: TenantState): Iterable<WorldAlert> {
  for (const alert of world.alerts.values()) if (!alert.isExcluded) yield alert;
}
