import { json, refusal, withHeaders, type Answer } from "../answers";
import type { Route, RouteInput } from "../call";
import { INCIDENTS_VIEW } from "../keys";
import { viewInIncident } from "../reading/alert-views";
import { isInteger, NotTaken } from "../reading/filters";
import { assertOnly, incidentOf } from "../reading/incident-of";
import { viewOfIncident } from "../reading/incident-view";
import { decorated, taken } from "../reading/read-route";
import type { WorldAlert } from "../world/records";

const MINUTE_MS = 60_000;
/** Source: Cortex XDR REST API, "Get Extra Incident Data". */
const DEFAULT_ALERTS_LIMIT = 1000;

/** `POST v1/incidents/get_incident_extra_data`: one incident with its alerts and artifacts, ten times a minute. */
export const getIncidentExtraData: Route = {
  name: "get_incident_extra_data",
  method: "POST",
  path: "v1/incidents/get_incident_extra_data",
  licences: ["prevent", "pro-endpoint", "pro-gb"],
  permission: INCIDENTS_VIEW,
  handle: (input) => taken(() => answer(input)),
};

function answer(input: RouteInput): Answer {
  const { data, state, nowMs } = input;
  if (state.extraData.sumAfter(nowMs - MINUTE_MS) >= state.options.extraDataPerMinute) return overLimit(input);
  state.extraData.add(nowMs);
  assertOnly(data, ["incident_id", "alerts_limit"]);
  const { alerts_limit: limit = DEFAULT_ALERTS_LIMIT } = data;
  if (!isInteger(limit) || limit < 0) throw new NotTaken("alerts_limit must be an integer, 0 or more");
  const incident = incidentOf(input);
  if ("refused" in incident) return incident.refused;
  const alerts: WorldAlert[] = [];
  for (const alert of state.world.alerts.values()) {
    if (alert.incidentId === incident.id && alert.visibleAtMs <= nowMs) alerts.push(alert);
  }
  const reply = {
    incident: decorated(viewOfIncident(incident, state), "get_incident_extra_data", state),
    alerts: listOf(alerts.map(viewInIncident), limit),
    network_artifacts: listOf(networkArtifacts(alerts)),
    file_artifacts: listOf(fileArtifacts(alerts)),
  };
  return json(200, { reply }, `incident ${incident.id}`);
}

function overLimit({ state }: RouteInput): Answer {
  const { extraDataPerMinute, retryAfter } = state.options;
  const refused = refusal(429, "over the extra data a minute", {
    extra: `Rate limit exceeded: ${extraDataPerMinute} requests per minute`,
  });
  return retryAfter === undefined ? refused : withHeaders(refused, { "Retry-After": retryAfter });
}

function listOf(data: readonly unknown[], limit = Infinity): { total_count: number; data: readonly unknown[] } {
  return { total_count: data.length, data: data.slice(0, limit) };
}

/** Values that events of the alerts have in that field, each once, with the number of alerts that have it. */
function valuesOf(alerts: readonly WorldAlert[], field: string): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const { events } of alerts) {
    for (const value of new Set(events.map((event) => event[field] ?? null))) {
      if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return counts;
}

function networkArtifacts(alerts: readonly WorldAlert[]): readonly unknown[] {
  return [...valuesOf(alerts, "action_remote_ip")].map(([ip, count]) => ({
    type: "IP",
    alert_count: count,
    is_manual: false,
    network_domain: null,
    network_remote_ip: ip,
    network_remote_port: null,
    network_country: "UNKNOWN",
  }));
}

/** Two keys are misspelt in the documentation. */
function fileArtifacts(alerts: readonly WorldAlert[]): readonly unknown[] {
  return [...valuesOf(alerts, "action_file_sha256")].map(([digest, count]) => ({
    type: "HASH",
    alert_count: count,
    is_manual: false,
    is_malicous: false,
    is_process: false,
    file_name: null,
    File_sha256: digest,
    file_signature_status: "SIGNATURE_UNAVAILABLE",
    file_signature_vendor_name: null,
    file_wildfire_verdict: "UNKNOWN",
    low_confidence: false,
  }));
}
