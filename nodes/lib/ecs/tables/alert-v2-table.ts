import {
  asItIs,
  firstAsDate,
  startingWithDate,
  toBoolean,
  toEpochDate,
  toInteger,
  toText,
  wholeInteger,
  wholeIp,
} from "../converters";
import { add, addEach, copy, derived, field, GOES, move, stay, STAYS, type Row } from "../row";
import type { Table } from "../table";
import { asList, firstDate, listOfMails, macNotation, ofFirst, text, userDomain, userName } from "../transforms";
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
  field("last_modified_ts", toEpochDate, STAYS),
  field("event_timestamp", startingWithDate, GOES, copy("@timestamp", firstDate)),
  field("agent_host_boot_time", firstAsDate, STAYS),
  // The alert.
  field("external_id", asItIs, GOES, copy("event.id")),
  ...DESCRIPTION_ROWS,
  field("bioc_indicator", asItIs, GOES),
  ...HOST_NAME_ROWS(STAYS),
  field("agent_ip_addresses_v6", wholeIp, STAYS, addEach("host.ip")),
  field("mac_addresses", asItIs, STAYS, add("host.mac")),
  derived("host.mac", copy("host.mac", macNotation)),
  field("agent_data_collection_status", toBoolean, STAYS),
  field("agent_is_vdi", toBoolean, STAYS),
  field("filter_rule_id", toText, STAYS),
  field("case_id", toInteger, STAYS),
  ...OTHER_ALERT_ROWS,
  ...stay("", "mac"),
  // Threats, addresses and ports.
  ...threatRows("mitre_technique_id_and_name", "mitre_tactic_id_and_name", GOES),
  field("action_remote_ip", wholeIp, GOES, addEach("destination.ip")),
  field("action_remote_ip_v6", wholeIp, STAYS, addEach("destination.ip")),
  field("action_remote_port", wholeInteger, GOES, copy("destination.port", asList)),
  field("action_local_ip", wholeIp, GOES, addEach("source.ip")),
  field("action_local_ip_v6", wholeIp, STAYS, addEach("source.ip")),
  field("action_local_port", wholeInteger, GOES, copy("source.port", asList)),
  ...stay("", "action_country"),
  // Processes, files and the registry.
  ...processRows(""),
  // The user, the firewall and mails.
  field(
    "user_name",
    asItIs,
    GOES,
    copy("user.domain", ofFirst(userDomain)),
    copy("user.name", ofFirst(userName)),
    copy("user.email", listOfMails),
    copy("user.id", listOfMails),
  ),
  derived("user", copy("source.user")),
  ...firewallRows(""),
  field("fw_email_subject", asItIs, GOES, copy("email.subject", text), addEach("email.subject")),
  field("fw_email_sender", asItIs, GOES, add("email.from.address")),
  field("fw_email_recipient", asItIs, GOES, add("email.to.address")),
  field("cloud_provider", asItIs, STAYS, move("cloud.provider")),
  field("container_id", asItIs, STAYS, move("container.id")),
  ...otherEventRows(""),
  ...GATHER_ROWS,
];

/** Alerts of `v2/alerts/get_alerts_multi_events`, the fields of their events as lists beside those of the alert. */
export const ALERT_V2_TABLE: Table = {
  namespace: VENDOR_NAMESPACE,
  constants: alertConstants,
  vendorFields: "all",
  emptiesGo: "before",
  onFault: "drop",
  // A field that was dropped is told of, and the document is an alert all the same.
  faultsMark: false,
  duplicatesAlwaysGo: false,
  idFields: ["alert_id", "event_id", "event_timestamp", "event_type"],
  requiredFields: [],
  rows: ROWS,
};
