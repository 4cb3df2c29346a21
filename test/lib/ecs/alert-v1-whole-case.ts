import { viewV1 } from "../../support/simulated-tenant/reading/alert-views";
import { alertOf } from "../../support/simulated-tenant/world/drafts";
import type { RowCase } from "./row-cases";

const EVENT = {
  ...{ agent_install_type: "STANDARD", agent_host_boot_time: 1_699_990_000_000, event_sub_type: 1 },
  ...{ module_id: "Behavioral Threat Protection", association_strength: 50, dst_association_strength: 0 },
  ...{ story_id: "NDk4MjM0", event_id: "AAABi8/l0AA=", event_type: "Process Execution" },
  ...{ event_timestamp: 1_699_999_999_100, user_name: "CORP\\lee" },
  actor_process_instance_id: "AdoX3CYaDHQAABckAAAAAA==",
  actor_process_image_path: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
  actor_process_image_name: "powershell.exe",
  actor_process_command_line: "powershell.exe -enc dwBoAG8AYQBtAGkA",
  ...{ actor_process_signature_status: "SIGNATURE_SIGNED", actor_process_signature_vendor: "Microsoft Corporation" },
  actor_process_image_sha256: "9785001b0dcf755eddb8af294a373c0b87b2498660f724e76c4d53f9c217c7a3",
  actor_process_image_md5: "2e5a8590cf6848968fc23de3fa1e25f1",
  ...{ actor_process_causality_id: "AdoX3CX/8sMAABLkAAAAAA==", actor_process_os_pid: 5924 },
  ...{ actor_causality_id: "AdoX3CX/8sMAABLkAAAAAA==", actor_thread_thread_id: 4040 },
  causality_actor_process_image_path: "C:\\Windows\\explorer.exe",
  causality_actor_process_image_name: "explorer.exe",
  causality_actor_process_command_line: "C:\\Windows\\Explorer.EXE",
  causality_actor_process_signature_status: "SIGNATURE_SIGNED",
  causality_actor_process_signature_vendor: "Microsoft Windows",
  causality_actor_process_image_sha256: "0b2d2d1f7a6d5f3fb8d2a3f0a8e63b7d1d1c7a6f4e5b3c2d1a0f9e8d7c6b5a49",
  causality_actor_process_execution_time: 1_699_990_500_000,
  causality_actor_causality_id: "AdoX3CX/8sMAABLkAAAAAA==",
  ...{ action_local_port: null, action_remote_port: 0, action_country: "UNKNOWN", action_registry_data: "" },
  action_process_image_name: "whoami.exe",
  action_process_image_sha256: "1d5491e3c468ee4b4ef6edff4bbc7d06ee83180f6f0b1576763ea2efe049493a",
  action_process_image_command_line: '"C:\\Windows\\system32\\whoami.exe"',
  ...{ action_process_signature_status: "SIGNATURE_SIGNED", action_process_signature_vendor: "Microsoft Corporation" },
  os_actor_process_image_name: "powershell.exe",
  ...{ os_actor_process_os_pid: 5924, fw_is_phishing: "N/A", dst_action_country: "-" },
};

const VIEW = viewV1(
  alertOf(
    {
      ...{ externalId: "800800", name: "PowerShell with an encoded command", severity: "high", source: "XDR BIOC" },
      ...{ category: "Execution", description: "powershell.exe ran an encoded command", hostName: "PC-LEE" },
      ...{ endpointId: "0f3e5c7a9b1d2f4e6a8c0b2d4f6e8a0c", hostIps: ["192.0.2.15"] },
      ...{ detectionMs: 1_700_000_000_000, insertMs: 1_700_000_060_500, events: [EVENT] },
      fields: {
        ...{ agent_version: "8.4.0.51", agent_device_domain: "corp.example", agent_fqdn: "PC-LEE.corp.example" },
        ...{ agent_os_sub_type: "10.0.22631", mac: "00:50:56:ab:cd:ef", agent_data_collection_status: true },
        ...{ end_match_attempt_ts: 1_700_000_120_250, matching_status: "MATCHED", filter_rule_id: null },
        ...{ matching_service_rule_id: "84", bioc_category_enum_key: "EXECUTION" },
        bioc_indicator: [{ pretty_name: "Process", data_type: null, render_type: "entity" }],
        mitre_technique_id_and_name: ["T1059.001 - Command and Scripting Interpreter: PowerShell"],
        mitre_tactic_id_and_name: ["TA0002 - Execution"],
      },
    },
    1042,
    1_700_000_060_500,
  ),
);

/** A whole alert as the tenant answers it, with the one event of its document. */
export const WHOLE_CASE: RowCase = {
  what: "a whole alert of the tenant",
  record: { ...VIEW, events: (VIEW["events"] as readonly unknown[])[0] },
  document: {
    "@timestamp": "2023-11-14T22:13:19.100Z",
    ecs: { version: "8.11.0" },
    message: "PowerShell with an encoded command",
    event: {
      ...{ kind: "alert", category: ["malware"], type: ["info"], id: "800800", severity: 4, action: "DETECTED" },
      ...{ created: "2023-11-14T22:13:20.000Z", reason: "powershell.exe ran an encoded command" },
    },
    host: {
      ...{ id: "0f3e5c7a9b1d2f4e6a8c0b2d4f6e8a0c", domain: "corp.example", ip: ["192.0.2.15"] },
      ...{ hostname: "PC-LEE.corp.example", name: "pc-lee.corp.example", mac: ["00-50-56-AB-CD-EF"] },
      os: { name: "Windows", version: "10.0.22631" },
    },
    threat: {
      framework: "MITRE ATT&CK",
      technique: { id: ["T1059.001"], name: ["Command and Scripting Interpreter: PowerShell"] },
      tactic: { id: ["TA0002"], name: ["Execution"] },
    },
    destination: { port: 0 },
    process: {
      name: "whoami.exe",
      command_line: '"C:\\Windows\\system32\\whoami.exe"',
      code_signature: { status: "SIGNATURE_SIGNED", subject_name: "Microsoft Corporation" },
      ...{ pid: 5924, entity_id: "AdoX3CYaDHQAABckAAAAAA==", thread: { id: 4040 } },
      executable: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
      hash: {
        sha256: "1d5491e3c468ee4b4ef6edff4bbc7d06ee83180f6f0b1576763ea2efe049493a",
        md5: "2e5a8590cf6848968fc23de3fa1e25f1",
      },
      parent: {
        executable: "C:\\Windows\\explorer.exe",
        name: "explorer.exe",
        command_line: "C:\\Windows\\Explorer.EXE",
        code_signature: { status: "SIGNATURE_SIGNED", subject_name: "Microsoft Windows" },
        hash: { sha256: "0b2d2d1f7a6d5f3fb8d2a3f0a8e63b7d1d1c7a6f4e5b3c2d1a0f9e8d7c6b5a49" },
        uptime: 1_699_990_500_000,
        entity_id: "AdoX3CX/8sMAABLkAAAAAA==",
      },
    },
    user: { domain: "CORP", name: "lee" },
    related: {
      user: ["lee"],
      hash: [
        "0b2d2d1f7a6d5f3fb8d2a3f0a8e63b7d1d1c7a6f4e5b3c2d1a0f9e8d7c6b5a49",
        "2e5a8590cf6848968fc23de3fa1e25f1",
        "1d5491e3c468ee4b4ef6edff4bbc7d06ee83180f6f0b1576763ea2efe049493a",
      ],
    },
    panw_cortex: {
      xdr: {
        ...{ alert_id: "1042", category: "Execution", source: "XDR BIOC", action_pretty: "Detected" },
        ...{ local_insert_ts: "2023-11-14T22:14:20.500Z", end_match_attempt_ts: "2023-11-14T22:15:20.250Z" },
        ...{ is_whitelisted: false, starred: false, attempt_counter: 1, agent_version: "8.4.0.51" },
        ...{ agent_data_collection_status: true, matching_status: "MATCHED", matching_service_rule_id: "84" },
        ...{ bioc_category_enum_key: "EXECUTION", contains_featured_host: "NO", contains_featured_user: "NO" },
        contains_featured_ip: "NO",
        events: {
          ...{ agent_install_type: "STANDARD", agent_host_boot_time: "2023-11-14T19:26:40.000Z", event_sub_type: 1 },
          ...{ module_id: "Behavioral Threat Protection", association_strength: 50, dst_association_strength: 0 },
          ...{ story_id: "NDk4MjM0", event_id: "AAABi8/l0AA=", event_type: "Process Execution" },
          // The process that was acted on came first.
          actor_process_image_name: "powershell.exe",
          actor_process_command_line: "powershell.exe -enc dwBoAG8AYQBtAGkA",
          actor_process_signature_vendor: "Microsoft Corporation",
          actor_process_image_sha256: "9785001b0dcf755eddb8af294a373c0b87b2498660f724e76c4d53f9c217c7a3",
          actor_process_signature_status: "SIGNATURE_SIGNED",
          actor_process_causality_id: "AdoX3CX/8sMAABLkAAAAAA==",
          actor_causality_id: "AdoX3CX/8sMAABLkAAAAAA==",
          ...{ os_actor_process_image_name: "powershell.exe", os_actor_process_os_pid: 5924 },
          ...{ fw_is_phishing: "N/A", dst_action_country: "-" },
        },
      },
    },
  },
};
