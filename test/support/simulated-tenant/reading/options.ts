import type { Call } from "../call";
import type { ReadBackDelay } from "../world/inserted-alerts";

/** How the calls behave that read. All of it may be changed while the tenant runs. */
export interface ReadOptions {
  /** Matches from which on `total_count` of alerts says 9,999; `Infinity` switches it off. @default 10_000 */
  alertTotalCeiling: number;
  /** Most that `total_count` of incidents says. @default 10_000 */
  incidentTotalCeiling: number;
  /** What `total_count` says instead, given the number of matches: a lie, null, nothing. @default undefined */
  totalCount: ((matches: number, route: string) => unknown) | undefined;
  /** Largest `search_to`; beyond it the tenant answers 500. @default 10_000 */
  maxOffset: number;
  /** More than 100 rows at once: give the first 100, or refuse. @default "cap" */
  oversizedPage: "cap" | "refuse";
  /** Order of rows whose sort key is equal: always by id, or another one for every request. @default "stable" */
  ties: "stable" | "shuffled";
  /** The order asked for; always the call's default one; or none at all, another one for every request. @default "asked" */
  sorting: "asked" | "default" | "none";
  /** `ignored`: always the first 100 rows. @default "asked" */
  paging: "asked" | "ignored";
  /** `any` takes `ASC` for `asc` and the other way round. @default "strict" */
  sortKeywordCase: "strict" | "any";
  /** Every row has keys that are documented nowhere. @default false */
  extraKeys: boolean;
  /** Changes a row on its way out, or replaces it by anything. @default undefined */
  decorate: ((row: Record<string, unknown>, route: string) => unknown) | undefined;
  /** Seed of all that is shuffled. @default 1 */
  seed: number;
  /** Live tenants: several `alert_sources` find no incident, one of them beside another filter is a 500. @default true */
  alertSourcesQuirk: boolean;
  /** Incidents that the keys may not see in full. @default [] */
  restrictedIncidentIds: readonly string[];
  /** Calls of `get_incident_extra_data` in any rolling minute. @default 10 */
  extraDataPerMinute: number;
  /** Status of an incident id that does not exist; 404 is documented, 500 was seen. @default 500 */
  unknownIncidentStatus: 404 | 500;
  /** Users of the tenant: whom an incident can be assigned to. @default ["analyst@example.com"] */
  users: readonly string[];
  /** How long after its insertion an alert can be read back, milliseconds. @default 0 */
  readBackDelayMs: ReadBackDelay;
  /** Called before each decision, after what the world had scheduled: to change the world between two pages. */
  beforeRequest: ((call: Call, nowMs: number) => void) | undefined;
}

/** The strict tenant, without adversity. */
export function defaultReadOptions(): ReadOptions {
  return {
    alertTotalCeiling: 10_000,
    incidentTotalCeiling: 10_000,
    totalCount: undefined,
    maxOffset: 10_000,
    oversizedPage: "cap",
    ties: "stable",
    sorting: "asked",
    paging: "asked",
    sortKeywordCase: "strict",
    extraKeys: false,
    decorate: undefined,
    seed: 1,
    alertSourcesQuirk: true,
    restrictedIncidentIds: [],
    extraDataPerMinute: 10,
    unknownIncidentStatus: 500,
    users: ["analyst@example.com"],
    readBackDelayMs: 0,
    beforeRequest: undefined,
  };
}
