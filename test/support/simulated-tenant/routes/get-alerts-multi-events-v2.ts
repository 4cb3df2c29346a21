import { ALERT_CALL, alertFilters } from "../reading/alert-call";
import { viewV2 } from "../reading/alert-views";
import { readRoute } from "../reading/read-route";
import { SEVERITIES, type WorldAlert } from "../world/records";

/** `POST v2/alerts/get_alerts_multi_events`: alerts on one level. Sort and paging are not documented, but used. */
export const getAlertsMultiEventsV2 = readRoute<WorldAlert>({
  ...ALERT_CALL,
  name: "get_alerts_multi_events_v2",
  path: "v2/alerts/get_alerts_multi_events",
  filters: alertFilters(SEVERITIES),
  view: viewV2,
});
