import type { TenantState } from "../state";
import type { WorldIncident } from "../world/records";

/** One incident as both calls give it. */
export function viewOfIncident(incident: WorldIncident, { options }: TenantState): Record<string, unknown> {
  const { alertCounts: counts, hosts, users } = incident;
  const isRestricted = options.restrictedIncidentIds.includes(incident.id);
  return {
    incident_id: incident.id,
    incident_name: null,
    creation_time: incident.creationMs,
    modification_time: incident.modificationMs,
    detection_time: null,
    status: incident.status,
    severity: incident.severity,
    description: incident.manualDescription ?? incident.description,
    assigned_user_mail: incident.assigneeMail,
    assigned_user_pretty_name: incident.assigneeName,
    alert_count: Object.values(counts).reduce((sum, count) => sum + count, 0),
    low_severity_alert_count: counts.low ?? 0,
    med_severity_alert_count: counts.medium ?? 0,
    high_severity_alert_count: counts.high ?? 0,
    critical_severity_alert_count: counts.critical ?? 0,
    user_count: users.length,
    host_count: hosts?.length ?? 0,
    notes: incident.notes,
    resolve_comment: incident.resolveComment,
    resolved_timestamp: incident.resolvedMs,
    manual_severity: incident.manualSeverity,
    manual_description: incident.manualDescription,
    xdr_url: `https://tenant.example/incident-view?caseId=${incident.id}`,
    starred: incident.starred,
    starred_manually: false,
    hosts: isRestricted ? null : hosts,
    users: isRestricted ? null : users,
    incident_sources: incident.sources,
    rule_based_score: null,
    predicted_score: null,
    aggregated_score: null,
    manual_score: null,
    wildfire_hits: 0,
    alerts_grouping_status: "Enabled",
    mitre_tactics_ids_and_names: null,
    mitre_techniques_ids_and_names: null,
    alert_categories: null,
    tags: incident.tags,
    original_tags: incident.tags,
    ...incident.fields,
  };
}
