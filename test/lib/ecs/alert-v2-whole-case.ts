import { viewV2 } from "../../support/simulated-tenant/reading/alert-views";
import { alertOf } from "../../support/simulated-tenant/world/drafts";
import type { RowCase } from "./row-cases";

const FIRST_EVENT = {
  ...{ agent_install_type: "STANDARD", agent_host_boot_time: 1_699_990_000_000, event_sub_type: 4 },
  ...{ association_strength: 20, story_id: "MjAwMDAwMDAwMQ==", event_id: "AAABi8/l0AA=", event_type: "Network Event" },
  ...{ event_timestamp: 1_699_999_999_100, user_name: "lee@corp.example", dns_query_name: null },
  ...{ action_local_ip: "192.0.2.15", action_local_port: 50_123, action_country: "FR" },
  ...{ action_remote_ip: "203.0.113.9", action_remote_port: 443, action_external_hostname: "c2.example" },
  ...{ actor_process_image_name: "curl", actor_process_image_path: "/usr/bin/curl", actor_process_os_pid: 812 },
  ...{ actor_process_command_line: "curl -s https://c2.example", actor_process_instance_id: "AdoX3CYaDHQAABck" },
  ...{ actor_process_signature_status: "SIGNATURE_UNAVAILABLE", actor_process_signature_vendor: null },
  actor_process_image_sha256: "5e8b1f0c2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4",
  ...{ causality_actor_process_image_name: "bash", causality_actor_process_image_path: "/usr/bin/bash" },
  causality_actor_process_execution_time: 1_699_990_500_000,
  ...{ fw_app_id: "ssl", fw_rule: "Outbound", fw_is_phishing: "N/A" },
};

const SECOND_EVENT = {
  ...{ event_id: "AAABi8/l0AE=", event_type: "Network Event", event_timestamp: 1_700_000_000_000, event_sub_type: 4 },
  ...{ action_local_ip: "192.0.2.15", action_local_port: 50_124, user_name: "kim@corp.example" },
  ...{ action_remote_ip: "203.0.113.9", action_remote_port: 443, action_country: "FR", fw_is_phishing: "N/A" },
  ...{ actor_process_image_name: "curl", actor_process_os_pid: 815, fw_rule: "Outbound" },
  actor_process_image_sha256: "5e8b1f0c2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4",
  causality_actor_process_execution_time: 1_699_990_500_000,
};

/** A whole alert as the tenant answers it. */
export const WHOLE_CASE: RowCase = {
  what: "a whole alert of the tenant",
  record: viewV2(
    alertOf(
      {
        ...{ externalId: "900900", name: "Uncommon remote host", severity: "medium", source: "XDR Analytics" },
        ...{ category: "Command and Control", description: "curl spoke to a host that is rarely seen" },
        ...{ hostName: "web-1", endpointId: "1f2e3d4c5b6a79880f1e2d3c4b5a6978", hostIps: ["192.0.2.15"] },
        ...{ tags: ["DS:PANW/XDR Agent"], incidentId: "77", status: "under_investigation" },
        ...{ detectionMs: 1_700_000_000_000, insertMs: 1_700_000_060_500, modifiedMs: 1_700_003_600_001 },
        events: [FIRST_EVENT, SECOND_EVENT],
        fields: {
          ...{ agent_os_type: "Linux", agent_os_sub_type: "Ubuntu 22.04", agent_fqdn: "WEB-1.corp.example" },
          ...{ mac: "00:50:56:ab:cd:ef", mac_addresses: ["00:50:56:ab:cd:ef"], agent_version: "8.4.0.51" },
          ...{ agent_ip_addresses_v6: ["2001:db8::15"], agent_data_collection_status: "true", filter_rule_id: 0 },
          ...{ cloud_provider: "AWS", image_name: "web:1.4", bioc_indicator: null },
          mitre_technique_id_and_name: ["T1071 - Application Layer Protocol"],
          mitre_tactic_id_and_name: ["TA0011 - Command and Control"],
        },
      },
      1043,
      1_700_000_060_500,
    ),
  ),
  document: {
    "@timestamp": "2023-11-14T22:13:19.100Z",
    ecs: { version: "8.11.0" },
    message: "Uncommon remote host",
    tags: ["DS:PANW/XDR Agent"],
    event: {
      ...{ kind: "alert", category: ["malware"], type: ["info"], id: "900900", severity: 3, action: "DETECTED" },
      ...{ created: "2023-11-14T22:13:20.000Z", reason: "curl spoke to a host that is rarely seen" },
    },
    host: {
      ...{ id: "1f2e3d4c5b6a79880f1e2d3c4b5a6978", ip: ["192.0.2.15", "2001:db8::15"] },
      ...{ hostname: "WEB-1.corp.example", name: "web-1.corp.example", mac: ["00-50-56-AB-CD-EF"] },
      os: { name: "Linux", version: "Ubuntu 22.04" },
    },
    cloud: { provider: "AWS" },
    threat: {
      framework: "MITRE ATT&CK",
      technique: { id: ["T1071"], name: ["Application Layer Protocol"] },
      tactic: { id: ["TA0011"], name: ["Command and Control"] },
    },
    source: {
      ip: ["192.0.2.15"],
      port: [50_123, 50_124],
      user: {
        ...{ domain: "corp.example", name: "lee" },
        email: ["lee@corp.example", "kim@corp.example"],
        id: ["lee@corp.example", "kim@corp.example"],
      },
    },
    destination: { ip: ["203.0.113.9"], port: [443, 443] },
    process: {
      ...{ name: ["curl", "curl"], executable: ["/usr/bin/curl"], pid: [812, 815] },
      ...{ command_line: ["curl -s https://c2.example"], entity_id: ["AdoX3CYaDHQAABck"] },
      hash: {
        sha256: [
          "5e8b1f0c2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4",
          "5e8b1f0c2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4",
        ],
      },
      parent: {
        name: ["bash"],
        executable: ["/usr/bin/bash"],
        uptime: [1_699_990_500_000, 1_699_990_500_000],
      },
    },
    user: {
      ...{ domain: "corp.example", name: "lee" },
      email: ["lee@corp.example", "kim@corp.example"],
      id: ["lee@corp.example", "kim@corp.example"],
    },
    rule: { name: ["Outbound", "Outbound"] },
    related: {
      user: ["lee"],
      hash: ["5e8b1f0c2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4"],
    },
    panw_cortex: {
      xdr: {
        ...{ alert_id: "1043", category: "Command and Control", source: "XDR Analytics", action_pretty: "Detected" },
        ...{ local_insert_ts: "2023-11-14T22:14:20.500Z", last_modified_ts: "2023-11-14T23:13:20.001Z" },
        ...{ is_whitelisted: false, starred: false, attempt_counter: 1, agent_version: "8.4.0.51" },
        ...{ host_name: "web-1", mac: "00:50:56:ab:cd:ef", mac_addresses: ["00:50:56:ab:cd:ef"] },
        ...{ agent_ip_addresses_v6: ["2001:db8::15"], agent_data_collection_status: true, agent_is_vdi: false },
        ...{ filter_rule_id: "0", case_id: 77, alert_type: "Unclassified", is_pcap: false, image_name: "web:1.4" },
        ...{ resolution_status: "STATUS_020_UNDER_INVESTIGATION", original_tags: ["DS:PANW/XDR Agent"] },
        ...{ contains_featured_host: ["NO"], contains_featured_user: ["NO"], contains_featured_ip: ["NO"] },
        ...{ agent_install_type: ["STANDARD"], agent_host_boot_time: "2023-11-14T19:26:40.000Z" },
        ...{ event_sub_type: [4, 4], association_strength: [20], story_id: ["MjAwMDAwMDAwMQ=="] },
        ...{ event_id: ["AAABi8/l0AA=", "AAABi8/l0AE="], event_type: ["Network Event", "Network Event"] },
        ...{ action_country: ["FR", "FR"], action_external_hostname: ["c2.example"] },
        ...{ actor_process_signature_status: ["SIGNATURE_UNAVAILABLE"], fw_app_id: ["ssl"] },
        fw_is_phishing: ["N/A", "N/A"],
      },
    },
  },
};
