/** Keys of one alert. Source: Cortex XDR REST API, "Get Alerts" and "Get Alerts Multi-Events". */
export const ALERT_KEYS: readonly string[] = [
  ...["external_id", "severity", "matching_status", "end_match_attempt_ts", "local_insert_ts", "bioc_indicator"],
  ...["matching_service_rule_id", "attempt_counter", "bioc_category_enum_key", "is_whitelisted", "starred"],
  ...["deduplicate_tokens", "filter_rule_id", "agent_version", "agent_device_domain", "agent_fqdn", "agent_os_type"],
  ...["agent_os_sub_type", "agent_data_collection_status", "mac", "agent_is_vdi", "contains_featured_host"],
  ...["contains_featured_user", "contains_featured_ip", "alert_id", "detection_timestamp", "name", "category"],
  ...["endpoint_id", "description", "host_name", "source", "action", "action_pretty", "variation_rule_id"],
  ...["mitre_technique_id_and_name", "mitre_tactic_id_and_name", "mac_address", "host_ip"],
];

const prefixed = (prefix: string, names: string): string[] => names.split(" ").map((name) => prefix + name);
const IMAGE = "image_path image_name command_line signature_status signature_vendor image_sha256 image_md5";

/** Keys of one event of an alert; v2 has them, as lists, at the alert itself. */
export const EVENT_KEYS: readonly string[] = [
  ...prefixed("", "agent_install_type agent_host_boot_time event_sub_type module_id association_strength"),
  ...prefixed("", "dst_association_strength story_id event_id event_type event_timestamp user_name dns_query_name"),
  ...prefixed("actor_process_", `instance_id ${IMAGE} causality_id os_pid`),
  ...prefixed("actor_", "causality_id thread_thread_id"),
  ...prefixed("causality_actor_process_", `${IMAGE} execution_time`),
  ...prefixed("", "causality_actor_causality_id"),
  ...prefixed("action_file_", "path name md5 sha256 macro_sha256"),
  ...prefixed("action_registry_", "data key_name value_name full_key"),
  ...prefixed("action_", "local_ip local_port remote_ip remote_port external_hostname country"),
  ...prefixed("action_process_", "instance_id causality_id image_name image_sha256 image_command_line"),
  ...prefixed("action_process_", "signature_status signature_vendor"),
  ...prefixed("os_actor_", "effective_username process_instance_id process_image_path process_image_name"),
  ...prefixed("os_actor_", "process_command_line process_signature_status process_signature_vendor"),
  ...prefixed("os_actor_", "process_image_sha256 process_causality_id causality_id process_os_pid thread_thread_id"),
  ...prefixed("fw_", "app_id interface_from interface_to rule rule_id device_name serial_number url_domain"),
  ...prefixed("fw_", "email_subject email_sender email_recipient app_subcategory app_category app_technology"),
  ...prefixed("fw_", "vsys xff misc is_phishing"),
  ...prefixed("dst_", "agent_id causality_actor_process_execution_time action_external_hostname action_country"),
  ...prefixed("dst_", "action_external_port"),
];

/** Keys that only v2 has. */
export const V2_KEYS: readonly string[] = [
  ...prefixed("", "alert_type case_id resolution_status resolution_comment tags original_tags is_pcap"),
  ...prefixed("", "last_modified_ts mac_addresses agent_ip_addresses_v6 action_local_ip_v6 action_remote_ip_v6"),
  ...prefixed("", "dynamic_fields cloud_provider project resource_type resource_sub_type referenced_resource"),
  ...prefixed("", "operation_name identity_type identity_sub_type user_agent cluster_name container_id image_name"),
];

/** An object with these keys, all null. */
export function nulls(keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, null]));
}
