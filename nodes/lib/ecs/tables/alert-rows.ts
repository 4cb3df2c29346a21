import { asItIs, mitreEntries } from "../converters";
import { add, copy, derived, field, GOES, move, moveIfMissing, stay, STAYS, type Row } from "../row";
import {
  alertSeverity,
  biocReason,
  list,
  lowerCase,
  mitreFramework,
  mitreIds,
  mitreNames,
  text,
  textAsList,
} from "../transforms";
import { VENDOR_NAMESPACE } from "./constants";

// What both versions of the alert stream have in common. `prefix` is where the fields of an event lie: `events.` or nothing.

/** Name, description, severity and action. */
export const DESCRIPTION_ROWS: readonly Row[] = [
  field("name", asItIs, STAYS, move("message")),
  field("description", asItIs, STAYS, move("event.reason", text)),
  field(
    "description",
    asItIs,
    STAYS,
    copy(`${VENDOR_NAMESPACE}.bioc_description`, list),
    move("event.reason", biocReason),
  ),
  field("severity", asItIs, GOES, copy("event.severity", alertSeverity)),
  field("action", asItIs, STAYS, move("event.action")),
];

export const HOST_NAME_ROWS = (hostNameGoes: boolean): readonly Row[] => [
  field("agent_device_domain", asItIs, STAYS, move("host.domain")),
  field("agent_fqdn", asItIs, STAYS, move("host.hostname")),
  field("host_name", asItIs, hostNameGoes, moveIfMissing("host.hostname")),
  derived("host.hostname", copy("host.name", lowerCase)),
  field("agent_os_type", asItIs, STAYS, move("host.os.name")),
  field("agent_os_sub_type", asItIs, STAYS, move("host.os.version")),
  field("endpoint_id", asItIs, STAYS, move("host.id")),
  field("host_ip", asItIs, STAYS, move("host.ip")),
];

/** Fields of the alert that have no rule in either version. */
export const OTHER_ALERT_ROWS: readonly Row[] = stay(
  "",
  ...["alert_id", "action_pretty", "category", "source", "mac_address", "agent_version", "bioc_category_enum_key"],
  ...["matching_status", "matching_service_rule_id", "attempt_counter", "is_whitelisted", "starred"],
  ...["deduplicate_tokens", "original_tags", "alert_type", "resolution_status", "resolution_comment", "dynamic_fields"],
  ...["is_pcap", "dss_*", "malicious_urls", "project", "identity_type", "identity_sub_type", "operation_name"],
  ...["referenced_resource", "resource_type", "resource_sub_type", "user_agent", "cluster_name", "image_name"],
  ...["image_id", "container_name", "namespace"],
);

/** MITRE ATT&CK, of the fields with its techniques and its tactics. */
export const threatRows = (techniques: string, tactics: string, isDuplicate: boolean): readonly Row[] => {
  const entries = (source: string, target: string): Row =>
    field(source, mitreEntries, isDuplicate, copy(`${target}.id`, mitreIds), copy(`${target}.name`, mitreNames));
  return [
    entries(techniques, "threat.technique"),
    entries(tactics, "threat.tactic"),
    derived("threat.technique", copy("threat.framework", mitreFramework)),
    derived("threat.tactic", copy("threat.framework", mitreFramework)),
  ];
};

/** Processes, files and the registry: what acted on comes first, then the actor, then what caused it. */
export const processRows = (prefix: string): readonly Row[] => {
  const moved = (name: string, target: string): Row => field(`${prefix}${name}`, asItIs, STAYS, move(target));
  const movedIfMissing = (name: string, target: string): Row =>
    field(`${prefix}${name}`, asItIs, STAYS, moveIfMissing(target));
  return [
    moved("dns_query_name", "dns.question.name"),
    moved("action_process_image_sha256", "process.hash.sha256"),
    moved("action_process_image_command_line", "process.command_line"),
    moved("action_process_image_name", "process.name"),
    moved("action_process_signature_vendor", "process.code_signature.subject_name"),
    moved("action_process_signature_status", "process.code_signature.status"),
    moved("action_process_instance_id", "process.entity_id"),
    moved("action_file_path", "file.path"),
    moved("action_file_name", "file.name"),
    moved("action_file_md5", "file.hash.md5"),
    moved("action_file_sha256", "file.hash.sha256"),
    moved("action_registry_key_name", "registry.key"),
    moved("action_registry_value_name", "registry.value"),
    moved("action_registry_full_key", "registry.path"),
    field(`${prefix}action_registry_data`, asItIs, STAYS, move("registry.data.strings", textAsList)),
    moved("actor_process_os_pid", "process.pid"),
    movedIfMissing("actor_process_instance_id", "process.entity_id"),
    moved("actor_process_image_path", "process.executable"),
    movedIfMissing("actor_process_command_line", "process.command_line"),
    movedIfMissing("actor_process_image_name", "process.name"),
    movedIfMissing("actor_process_signature_vendor", "process.code_signature.subject_name"),
    movedIfMissing("actor_process_image_sha256", "process.hash.sha256"),
    moved("actor_process_image_md5", "process.hash.md5"),
    moved("actor_thread_thread_id", "process.thread.id"),
    moved("causality_actor_process_image_name", "process.parent.name"),
    moved("causality_actor_process_image_path", "process.parent.executable"),
    moved("causality_actor_process_image_md5", "process.parent.hash.md5"),
    moved("causality_actor_process_image_sha256", "process.parent.hash.sha256"),
    moved("causality_actor_causality_id", "process.parent.entity_id"),
    moved("causality_actor_process_signature_vendor", "process.parent.code_signature.subject_name"),
    moved("causality_actor_process_signature_status", "process.parent.code_signature.status"),
    moved("causality_actor_process_command_line", "process.parent.command_line"),
    // The reference moves this moment into a field that ECS means for a duration; so do we, to give the same documents.
    moved("causality_actor_process_execution_time", "process.parent.uptime"),
  ];
};

/** The firewall's rule, interfaces and serial number. */
export const firewallRows = (prefix: string): readonly Row[] => [
  field(`${prefix}fw_rule`, asItIs, STAYS, move("rule.name")),
  field(`${prefix}fw_rule_id`, asItIs, STAYS, move("rule.id")),
  field(`${prefix}fw_interface_from`, asItIs, STAYS, move("observer.ingress.interface.name")),
  field(`${prefix}fw_interface_to`, asItIs, STAYS, move("observer.egress.interface.name")),
  field(`${prefix}fw_serial_number`, asItIs, STAYS, move("observer.serial_number")),
];

/** Fields of an event that have no rule in either version. */
export const otherEventRows = (prefix: string): readonly Row[] =>
  stay(
    prefix,
    ...["event_id", "event_type", "event_sub_type", "module_id", "story_id", "association_strength"],
    ...["dst_association_strength", "agent_install_type", "action_external_hostname", "action_process_causality_id"],
    ...["action_file_macro_sha256", "actor_process_signature_status", "actor_process_causality_id"],
    ...["actor_causality_id", "os_actor_*", "fw_app_id", "fw_app_category", "fw_app_subcategory", "fw_app_technology"],
    ...["fw_device_name", "fw_url_domain", "fw_vsys", "fw_xff", "fw_misc", "fw_is_phishing", "dst_agent_id"],
    ...["dst_action_country", "dst_action_external_hostname", "dst_action_external_port"],
    ...["dst_causality_actor_process_execution_time", "contains_featured_host", "contains_featured_user"],
    ...["contains_featured_ip"],
  );

/** What several fields have in common, gathered in this order. */
export const GATHER_ROWS: readonly Row[] = [
  derived("process.parent.hash.md5", add("related.hash")),
  derived("process.parent.hash.sha256", add("related.hash")),
  derived("process.hash.md5", add("related.hash")),
  derived("process.hash.sha256", add("related.hash")),
  derived("file.hash.sha256", add("related.hash")),
  derived("file.hash.md5", add("related.hash")),
  derived("user.name", add("related.user")),
  field("tags", asItIs, GOES, add("tags")),
];
