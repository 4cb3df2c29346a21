// Fields that the published mapping names and has no rule for. Each version is written out: they differ in more than their place.

/** Fields of the alert that have no rule in either version. */
const OF_THE_ALERT: readonly string[] = [
  ...["alert_id", "action_pretty", "category", "source", "mac_address", "agent_version", "bioc_category_enum_key"],
  ...["matching_status", "matching_service_rule_id", "attempt_counter", "is_whitelisted", "starred"],
  ...["deduplicate_tokens", "original_tags", "alert_type", "resolution_status", "resolution_comment"],
  ...["dynamic_fields", "is_pcap", "dss_*", "malicious_urls", "project", "identity_type", "identity_sub_type"],
  ...["operation_name", "referenced_resource", "resource_type", "resource_sub_type", "user_agent", "cluster_name"],
  ...["image_name", "image_id", "container_name", "namespace"],
];

/** Fields of the event that have no rule in either version. */
const OF_THE_EVENT: readonly string[] = [
  ...["agent_install_type", "event_id", "event_type", "event_sub_type", "module_id", "story_id"],
  ...["association_strength", "dst_association_strength", "action_external_hostname", "action_process_causality_id"],
  ...["action_file_macro_sha256", "actor_process_signature_status", "actor_process_causality_id"],
  ...["actor_causality_id", "os_actor_*", "fw_app_id", "fw_app_category", "fw_app_subcategory", "fw_app_technology"],
  ...["fw_device_name", "fw_url_domain", "fw_vsys", "fw_xff", "fw_misc", "fw_is_phishing", "dst_agent_id"],
  ...["dst_action_country", "dst_action_external_hostname", "dst_action_external_port"],
  ...["dst_causality_actor_process_execution_time", "contains_featured_host", "contains_featured_user"],
  "contains_featured_ip",
];

export const STAYS_V1: readonly string[] = [
  ...OF_THE_ALERT,
  ...["last_modified_ts", "agent_ip_addresses_v6", "agent_data_collection_status", "agent_is_vdi", "filter_rule_id"],
  "case_id",
  ...OF_THE_EVENT.map((name) => `events.${name}`),
  ...["events.action_remote_ip_v6", "events.action_local_ip_v6", "events.cloud_provider", "events.container_id"],
];

export const STAYS_V2: readonly string[] = [...OF_THE_ALERT, ...OF_THE_EVENT, "mac", "action_country"];
