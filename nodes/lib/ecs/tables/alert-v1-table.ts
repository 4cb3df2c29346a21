import { asItIs, onlyText, toEpochDate, toInteger, toIp } from "../converters";
import { add, copy, copyIfMissing, derived, field, goOnceThere, GOES, move, stay, STAYS, type Row } from "../row";
import type { Table } from "../table";
import { address, macList, macNotation, userDomain, userMail, userName } from "../transforms";
import {
  DESCRIPTION_ROWS,
  firewallRows,
  GATHER_ROWS,
  HOST_NAME_ROWS,
  OTHER_ALERT_ROWS,
  otherEventRows,
  processRows,
  threatRows,
} from "./alert-rows";
import { alertConstants, VENDOR_NAMESPACE } from "./constants";

const ROWS: readonly Row[] = [
  // Times.
  field("detection_timestamp", toEpochDate, GOES, copy("event.created")),
  field("local_insert_ts", toEpochDate, STAYS),
  field("end_match_attempt_ts", toEpochDate, STAYS),
  field("events.event_timestamp", toEpochDate, GOES, copy("@timestamp")),
  field("events.agent_host_boot_time", toEpochDate, STAYS),
  // The alert.
  field("external_id", asItIs, STAYS, move("event.id")),
  ...DESCRIPTION_ROWS,
  field("bioc_indicator", asItIs, GOES),
  ...HOST_NAME_ROWS(GOES),
  field("mac_addresses", asItIs, STAYS, move("host.mac")),
  field("mac", asItIs, STAYS, copyIfMissing("host.mac", macList), goOnceThere("host.mac")),
  derived("host.mac", copy("host.mac", macNotation)),
  ...OTHER_ALERT_ROWS,
  ...stay("", "last_modified_ts", "agent_ip_addresses_v6", "agent_data_collection_status", "agent_is_vdi"),
  ...stay("", "filter_rule_id", "case_id"),
  // Threats, addresses and ports.
  ...threatRows("mitre_technique_id_and_name", "mitre_tactic_id_and_name", GOES),
  field("events.action_remote_ip", asItIs, GOES, copy("destination.ip", address)),
  field("events.action_remote_port", toInteger, GOES, copy("destination.port")),
  field("events.action_local_ip", toIp, GOES, copy("source.ip")),
  field("events.action_local_port", toInteger, GOES, copy("source.port")),
  field("events.action_country", asItIs, GOES),
  ...stay("events.", "action_remote_ip_v6", "action_local_ip_v6"),
  // Processes, files and the registry.
  ...processRows("events."),
  // The user, the firewall and mails.
  field(
    "events.user_name",
    onlyText,
    GOES,
    copy("user.domain", userDomain),
    copy("user.name", userName),
    copy("user.email", userMail),
    copy("user.id", userMail),
  ),
  ...firewallRows("events."),
  field("events.fw_email_subject", asItIs, STAYS, copy("email.subject")),
  field("events.fw_email_sender", asItIs, STAYS, add("email.from.address")),
  field("events.fw_email_recipient", asItIs, STAYS, add("email.to.address")),
  ...stay("events.", "cloud_provider", "container_id"),
  ...otherEventRows("events."),
  ...GATHER_ROWS,
];

/** Alerts of `v1/alerts/get_alerts_multi_events`, each with one event as the object `events`: the older alert mapping. */
export const ALERT_V1_TABLE: Table = {
  namespace: VENDOR_NAMESPACE,
  constants: alertConstants,
  vendorFields: "all",
  emptiesGo: "before",
  onFault: "stop",
  faultsMark: true,
  duplicatesAlwaysGo: true,
  idFields: ["alert_id", "events.event_id", "events.event_timestamp", "events.event_type"],
  requiredFields: [],
  rows: ROWS,
};
