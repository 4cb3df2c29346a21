import type { Route } from "../call";
import { getAlerts } from "./get-alerts";
import { getAlertsMultiEvents } from "./get-alerts-multi-events";
import { getAlertsMultiEventsV2 } from "./get-alerts-multi-events-v2";
import { getEndpoint } from "./get-endpoint";
import { getEndpoints } from "./get-endpoints";
import { getIncidentExtraData } from "./get-incident-extra-data";
import { getIncidents } from "./get-incidents";
import { getTenantInfo } from "./get-tenant-info";
import { healthcheck } from "./healthcheck";
import { insertParsedAlerts } from "./insert-parsed-alerts";
import { updateIncident } from "./update-incident";

/** Every call the tenant serves. A new one is a file beside this and a line here. */
export const ROUTES: readonly Route[] = [
  insertParsedAlerts,
  healthcheck,
  getTenantInfo,
  getAlerts,
  getAlertsMultiEvents,
  getAlertsMultiEventsV2,
  getIncidents,
  getIncidentExtraData,
  updateIncident,
  getEndpoint,
  getEndpoints,
];

/** The route of a method and path (the query is ignored, one trailing slash too), undefined when there is none. */
export function findRoute(method: string, path: string, disabled: readonly string[]): Route | undefined {
  const [pathname = ""] = path.split("?", 1);
  const wanted = pathname.replace(/(?<=.)\/$/, "");
  return ROUTES.find(
    (route) => route.method === method && `/public_api/${route.path}` === wanted && !disabled.includes(route.name),
  );
}
