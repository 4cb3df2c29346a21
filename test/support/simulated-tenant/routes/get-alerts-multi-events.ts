import { ALERT_CALL, alertFilters, V1_SEVERITIES } from "../reading/alert-call";
import { viewV1 } from "../reading/alert-views";
import { textsField } from "../reading/filters";
import { readRoute } from "../reading/read-route";
import type { WorldAlert } from "../world/records";

/** `POST v1/alerts/get_alerts_multi_events`: alerts with nested events. */
export const getAlertsMultiEvents = readRoute<WorldAlert>({
  ...ALERT_CALL,
  name: "get_alerts_multi_events",
  path: "v1/alerts/get_alerts_multi_events",
  filters: { ...alertFilters(V1_SEVERITIES), external_id_list: textsField((alert) => [alert.externalId]) },
  view: viewV1,
});
