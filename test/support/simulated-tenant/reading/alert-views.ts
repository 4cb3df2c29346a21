import type { Status, WorldAlert } from "../world/records";
import { ALERT_KEYS, EVENT_KEYS, nulls, V2_KEYS } from "./alert-keys";

/** v2's spelling of a status; the numbers beyond the first are ours, as no source lists them. */
const V2_STATUSES: Readonly<Record<Status, string>> = {
  new: "STATUS_010_NEW",
  under_investigation: "STATUS_020_UNDER_INVESTIGATION",
  resolved_known_issue: "STATUS_040_RESOLVED_KNOWN_ISSUE",
  resolved_duplicate: "STATUS_050_RESOLVED_DUPLICATE",
  resolved_false_positive: "STATUS_060_RESOLVED_FALSE_POSITIVE",
  resolved_other: "STATUS_070_RESOLVED_OTHER",
  resolved_true_positive: "STATUS_090_RESOLVED_TRUE_POSITIVE",
  resolved_security_testing: "STATUS_100_RESOLVED_SECURITY_TESTING",
  resolved_auto: "STATUS_110_RESOLVED_AUTO",
  resolved_threat_handled: "STATUS_120_RESOLVED_THREAT_HANDLED",
};

const NO_ALERT = nulls(ALERT_KEYS);
const NO_EVENT = nulls(EVENT_KEYS);

/** What all calls say of an alert. */
function common(alert: WorldAlert): Record<string, unknown> {
  return {
    ...NO_ALERT,
    external_id: alert.externalId,
    alert_id: String(alert.id),
    severity: alert.severity,
    name: alert.name,
    category: alert.category,
    description: alert.description,
    source: alert.source,
    action: "DETECTED",
    action_pretty: "Detected",
    detection_timestamp: alert.detectionMs,
    local_insert_ts: alert.insertMs,
    is_whitelisted: alert.isExcluded,
    starred: false,
    attempt_counter: 1,
    host_name: alert.hostName,
    endpoint_id: alert.endpointId,
    agent_os_type: alert.endpointId === null ? "NO_HOST" : "Windows",
    host_ip: alert.hostIps,
    mac_address: [],
    mitre_technique_id_and_name: [""],
    mitre_tactic_id_and_name: [""],
  };
}

function withEvents(alert: WorldAlert, featured: unknown): Record<string, unknown> {
  return {
    ...common(alert),
    contains_featured_host: featured,
    contains_featured_user: featured,
    contains_featured_ip: featured,
    events: alert.events.map((event) => ({ ...NO_EVENT, ...event })),
    ...alert.fields,
  };
}

/** `get_alerts`: nested events, flags as booleans. */
export function viewOfGetAlerts(alert: WorldAlert): Record<string, unknown> {
  return withEvents(alert, false);
}

/** `v1/alerts/get_alerts_multi_events`: nested events, flags as words. */
export function viewV1(alert: WorldAlert): Record<string, unknown> {
  return { malicious_urls: null, ...withEvents(alert, "NO") };
}

/** `v2/alerts/get_alerts_multi_events`: one level, a list for each field of the events, null where no event has it. */
export function viewV2(alert: WorldAlert): Record<string, unknown> {
  // One by one: spreading some hundred keys costs fifty times as much.
  const row = common(alert);
  for (const key of V2_KEYS) row[key] = null;
  for (const key of EVENT_KEYS) row[key] = null;
  for (const key of new Set(alert.events.flatMap((event) => Object.keys(event)))) {
    const values = alert.events.map((event) => event[key] ?? null);
    row[key] = values.every((value) => value === null) ? null : values;
  }
  return Object.assign(row, {
    agent_is_vdi: false,
    contains_featured_host: ["NO"],
    contains_featured_user: ["NO"],
    contains_featured_ip: ["NO"],
    alert_type: "Unclassified",
    case_id: alert.incidentId === null ? null : Number(alert.incidentId),
    resolution_status: V2_STATUSES[alert.status],
    tags: alert.tags,
    original_tags: alert.tags,
    is_pcap: false,
    last_modified_ts: alert.modifiedMs,
    ...alert.fields,
  });
}

/** Inside `get_incident_extra_data`: one level, the first event, lists as text. */
export function viewInIncident(alert: WorldAlert): Record<string, unknown> {
  const row = common(alert);
  // This call has the flag under another name.
  delete row["contains_featured_ip"];
  for (const key of EVENT_KEYS) row[key] = null;
  return Object.assign(row, alert.events[0], {
    contains_featured_host: "No",
    contains_featured_user: "No",
    contains_featured_ip_address: "No",
    host_ip: alert.hostIps.length === 0 ? null : alert.hostIps.join(","),
    case_id: alert.incidentId === null ? null : Number(alert.incidentId),
    events_length: alert.events.length,
    ...alert.fields,
  });
}
