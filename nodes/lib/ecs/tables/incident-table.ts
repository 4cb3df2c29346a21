import { asItIs, onlyTexts, toEpochDate } from "../converters";
import { add, copy, field, GOES, move, stay, STAYS, type Row } from "../row";
import type { Table } from "../table";
import { hostNames, incidentSeverity, text, userNames } from "../transforms";
import { threatRows } from "./alert-rows";
import { alertConstants, VENDOR_NAMESPACE } from "./constants";

const ROWS: readonly Row[] = [
  field("incident_id", asItIs, STAYS, move("event.id")),
  field("creation_time", toEpochDate, STAYS, copy("event.created")),
  field("modification_time", toEpochDate, STAYS, copy("@timestamp")),
  field("resolved_timestamp", toEpochDate, STAYS),
  field("severity", asItIs, GOES, copy("event.severity", incidentSeverity)),
  field("description", asItIs, STAYS, move("event.reason", text)),
  field("hosts", onlyTexts, STAYS, copy("related.hosts", hostNames)),
  field("users", onlyTexts, STAYS, copy("related.user", userNames)),
  ...threatRows("mitre_techniques_ids_and_names", "mitre_tactics_ids_and_names", STAYS),
  field("tags", asItIs, GOES, add("tags")),
  ...stay(
    "",
    ...[
      "detection_time",
      "original_tags",
      "incident_name",
      "status",
      "assigned_user_mail",
      "assigned_user_pretty_name",
    ],
    ...["alert_count", "low_severity_alert_count", "med_severity_alert_count", "high_severity_alert_count"],
    ...["critical_severity_alert_count", "user_count", "host_count", "notes", "resolve_comment", "manual_severity"],
    ...["manual_description", "manual_score", "rule_based_score", "predicted_score", "aggregated_score", "xdr_url"],
    ...["starred", "incident_sources", "wildfire_hits", "alerts_grouping_status", "alert_categories"],
  ),
];

/** Incidents of `v1/incidents/get_incidents`; each change of an incident is a document of its own. */
export const INCIDENT_TABLE: Table = {
  namespace: VENDOR_NAMESPACE,
  constants: alertConstants,
  vendorFields: "all",
  emptiesGo: "after",
  onFault: "stop",
  faultsMark: true,
  duplicatesAlwaysGo: false,
  idFields: ["creation_time", "incident_id", "modification_time"],
  requiredFields: ["creation_time"],
  rows: ROWS,
};
