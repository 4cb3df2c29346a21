import { INCIDENTS_VIEW } from "../keys";
import {
  containsField,
  equalField,
  isText,
  NotTaken,
  textsField,
  timeField,
  type FilterField,
} from "../reading/filters";
import { viewOfIncident } from "../reading/incident-view";
import type { Query } from "../reading/query";
import { readRoute } from "../reading/read-route";
import type { TenantState } from "../state";
import { STATUSES, type WorldIncident } from "../world/records";

/** `incident_id` is listed too, but without an operator: nothing can be asked of it. */
const FILTERS: Readonly<Record<string, FilterField<WorldIncident>>> = {
  modification_time: timeField((incident) => incident.modificationMs),
  creation_time: timeField((incident) => incident.creationMs),
  incident_id_list: textsField((incident) => [incident.id]),
  description: {
    ...textsField<WorldIncident>((incident) => [descriptionOf(incident)]),
    ...containsField<WorldIncident>(descriptionOf),
  },
  alert_sources: textsField((incident) => incident.sources),
  status: equalField<WorldIncident, string>((incident) => incident.status, parseStatus),
  starred: equalField((incident) => incident.starred, parseFlag),
};

/** `POST v1/incidents/get_incidents`. Without `sort` the newest come first, which no source tells. */
export const getIncidents = readRoute<WorldIncident>({
  name: "get_incidents",
  path: "v1/incidents/get_incidents",
  licences: ["prevent", "pro-endpoint", "pro-gb"],
  permission: INCIDENTS_VIEW,
  list: "incidents",
  filters: FILTERS,
  sort: {
    fields: {
      creation_time: (incident) => incident.creationMs,
      modification_time: (incident) => incident.modificationMs,
      incident_id: (incident) => Number(incident.id),
    },
    usual: { field: "creation_time", keyword: "desc" },
    ascending: "asc",
    descending: "desc",
    required: ["field", "keyword"],
  },
  rows: ({ world }) => world.incidents.values(),
  view: viewOfIncident,
  total: (matches, { options }) => Math.min(matches, options.incidentTotalCeiling),
  extra: (matches, { options }) => ({
    restricted_incident_ids: matches
      .map((incident) => incident.id)
      .filter((id) => options.restrictedIncidentIds.includes(id)),
  }),
  isBlind,
});

/** What live tenants do with `alert_sources`, against their documentation. */
function isBlind({ filters }: Query<WorldIncident>, { options }: TenantState): boolean {
  const sources = filters.find(({ field }) => field === "alert_sources");
  if (sources === undefined || !options.alertSourcesQuirk) return false;
  if (filters.length > 1) throw new NotTaken("alert_sources beside another filter");
  return Array.isArray(sources.value) && sources.value.length > 1;
}

function descriptionOf({ manualDescription, description }: WorldIncident): string {
  return manualDescription ?? description;
}

function parseStatus(value: unknown): string {
  const status = isText(value) ? value.toLowerCase() : "";
  if (!STATUSES.some((known) => known === status)) throw new NotTaken("the value must be one status");
  return status;
}

function parseFlag(value: unknown): boolean {
  if (typeof value !== "boolean") throw new NotTaken("the value must be true or false");
  return value;
}
