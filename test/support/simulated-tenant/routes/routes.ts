import type { Route } from "../call";
import { getTenantInfo } from "./get-tenant-info";
import { healthcheck } from "./healthcheck";
import { insertParsedAlerts } from "./insert-parsed-alerts";

/** Every call the tenant serves. A new one is a file beside this and a line here. */
export const ROUTES: readonly Route[] = [insertParsedAlerts, healthcheck, getTenantInfo];

/** The route of a method and path (the query is ignored, one trailing slash too), undefined when there is none. */
export function findRoute(method: string, path: string, disabled: readonly string[]): Route | undefined {
  const [pathname = ""] = path.split("?", 1);
  const wanted = pathname.replace(/(?<=.)\/$/, "");
  return ROUTES.find(
    (route) => route.method === method && `/public_api/${route.path}` === wanted && !disabled.includes(route.name),
  );
}
