import { alertV1 } from "./alert-least";
import type { RowCase } from "./row-cases";

/** Fields of the alert itself, in v1. */
export const ALERT_CASES: readonly RowCase[] = [
  {
    what: "the time of detection becomes that of the event's creation",
    record: alertV1({ detection_timestamp: 1_700_000_000_000 }),
    document: { event: { created: "2023-11-14T22:13:20.000Z" } },
  },
  {
    what: "the time of detection may be digits as text",
    record: alertV1({ detection_timestamp: "1700000060500" }),
    document: { event: { created: "2023-11-14T22:14:20.500Z" } },
  },
  {
    what: "the times of insertion and of matching are converted in place",
    record: alertV1({ local_insert_ts: 1_700_000_060_500, end_match_attempt_ts: "1700000120250" }),
    document: {
      panw_cortex: {
        xdr: { local_insert_ts: "2023-11-14T22:14:20.500Z", end_match_attempt_ts: "2023-11-14T22:15:20.250Z" },
      },
    },
  },
  {
    what: "the time of the last change stays a number",
    record: alertV1({ last_modified_ts: 1_700_003_600_001 }),
    document: { panw_cortex: { xdr: { last_modified_ts: 1_700_003_600_001 } } },
  },
  {
    what: "external id, name and action move, and keep their letter case",
    record: alertV1({
      external_id: "Ext-77",
      name: "Suspicious Process",
      action: "DETECTED",
      action_pretty: "Detected",
    }),
    document: {
      message: "Suspicious Process",
      event: { id: "Ext-77", action: "DETECTED" },
      panw_cortex: { xdr: { action_pretty: "Detected" } },
    },
  },
  {
    what: "a description as text is the reason",
    record: alertV1({ description: "cmd.exe was started by winword.exe" }),
    document: { event: { reason: "cmd.exe was started by winword.exe" } },
  },
  {
    what: "a description as an array is the description of a BIOC",
    record: alertV1({ description: [{ pretty_name: "Process", data_type: null }, { pretty_name: "=" }] }),
    document: {
      event: { reason: "Bioc Event" },
      panw_cortex: { xdr: { bioc_description: [{ pretty_name: "Process" }, { pretty_name: "=" }] } },
    },
  },
  ...(
    [
      ["unknown", 0],
      ["informational", 1],
      ["low", 2],
      ["medium", 3],
      ["high", 4],
    ] as const
  ).map(([severity, number]) => ({
    what: `the severity ${severity} is ${number}`,
    record: alertV1({ severity }),
    document: { event: { severity: number } },
  })),
  { what: "the severity critical is not written", record: alertV1({ severity: "critical" }), document: {} },
  { what: "a severity in other letter case is not written", record: alertV1({ severity: "High" }), document: {} },
  { what: "a severity that is no text is not written", record: alertV1({ severity: 3 }), document: {} },
  { what: "a severity of another name is not written", record: alertV1({ severity: "SEV_030" }), document: {} },
  {
    what: "the fully qualified name is the first choice for the host's name",
    record: alertV1({ agent_fqdn: "PC-Lee.Corp.Example", host_name: "PC-Lee", agent_device_domain: "Corp.Example" }),
    document: { host: { hostname: "PC-Lee.Corp.Example", name: "pc-lee.corp.example", domain: "Corp.Example" } },
  },
  {
    what: "the plain name of the host is the second choice",
    record: alertV1({ host_name: "PC-Lee" }),
    document: { host: { hostname: "PC-Lee", name: "pc-lee" } },
  },
  {
    what: "an empty fully qualified name leaves the choice to the plain one",
    record: alertV1({ agent_fqdn: "", host_name: "PC-Lee" }),
    document: { host: { hostname: "PC-Lee", name: "pc-lee" } },
  },
  {
    what: "operating system and id of the host move",
    record: alertV1({ agent_os_type: "Windows", agent_os_sub_type: "11 [10.0]", endpoint_id: "0f3e" }),
    document: { host: { os: { name: "Windows", version: "11 [10.0]" }, id: "0f3e" } },
  },
  {
    what: "MAC addresses move, each with hyphens and in upper case",
    record: alertV1({ mac_addresses: ["12:34:56:ab:cd:ef", "1234.56ab.cdef", "00-50-56-ab-cd-ef"] }),
    document: { host: { mac: ["12-34-56-AB-CD-EF", "1234-56AB-CDEF", "00-50-56-AB-CD-EF"] } },
  },
  {
    what: "MAC addresses that move keep their repeats",
    record: alertV1({ mac_addresses: ["12:34:56:ab:cd:ef", "12:34:56:ab:cd:ef"] }),
    document: { host: { mac: ["12-34-56-AB-CD-EF", "12-34-56-AB-CD-EF"] } },
  },
  {
    what: "the text of MAC addresses is split at its commas",
    record: alertV1({ mac: "12:34:56:ab:cd:ef,1234.56ab.cdef" }),
    document: { host: { mac: ["12-34-56-AB-CD-EF", "1234-56AB-CDEF"] } },
  },
  {
    what: "the text of one MAC address is a list of one",
    record: alertV1({ mac: "12:34:56:ab:cd:ef", mac_addresses: [] }),
    document: { host: { mac: ["12-34-56-AB-CD-EF"] } },
  },
  {
    what: "the text of MAC addresses goes unused beside the list of them",
    record: alertV1({ mac: "12:34:56:ab:cd:ef", mac_addresses: ["aa:bb:cc:dd:ee:ff"] }),
    document: { host: { mac: ["AA-BB-CC-DD-EE-FF"] } },
  },
  {
    what: "the singular spelling of the MAC address has no rule",
    record: alertV1({ mac_address: ["12:34:56:ab:cd:ef"] }),
    document: { panw_cortex: { xdr: { mac_address: ["12:34:56:ab:cd:ef"] } } },
  },
  {
    what: "addresses of the host move as they are",
    record: alertV1({ host_ip: ["192.0.2.15", "no address"] }),
    document: { host: { ip: ["192.0.2.15", "no address"] } },
  },
  {
    what: "one address of the host stays one text",
    record: alertV1({ host_ip: "192.0.2.15" }),
    document: { host: { ip: "192.0.2.15" } },
  },
  {
    what: "the agent's addresses of version 6 are not touched",
    record: alertV1({ host_ip: ["192.0.2.15"], agent_ip_addresses_v6: ["2001:db8::15", "bad"] }),
    document: {
      host: { ip: ["192.0.2.15"] },
      panw_cortex: { xdr: { agent_ip_addresses_v6: ["2001:db8::15", "bad"] } },
    },
  },
  {
    what: "flags and numbers of the alert are kept as sent",
    record: alertV1({
      ...{ agent_data_collection_status: "TRUE", agent_is_vdi: "no", filter_rule_id: 0, case_id: "12", starred: false },
    }),
    document: {
      panw_cortex: {
        xdr: {
          ...{ agent_data_collection_status: "TRUE", agent_is_vdi: "no", filter_rule_id: 0, case_id: "12" },
          starred: false,
        },
      },
    },
  },
  {
    what: "the indicator of a BIOC goes",
    record: alertV1({ bioc_indicator: '[{"pretty_name":"Process"}]', bioc_category_enum_key: "EXECUTION" }),
    document: { panw_cortex: { xdr: { bioc_category_enum_key: "EXECUTION" } } },
  },
  {
    what: "techniques are taken apart",
    record: alertV1({ mitre_technique_id_and_name: ["T1059.001 - PowerShell", "T1027 - Obfuscated Files"] }),
    document: {
      threat: {
        framework: "MITRE ATT&CK",
        technique: { id: ["T1059.001", "T1027"], name: ["PowerShell", "Obfuscated Files"] },
      },
    },
  },
  {
    what: "tactics are taken apart",
    record: alertV1({ mitre_tactic_id_and_name: ["TA0002 - Execution"] }),
    document: { threat: { framework: "MITRE ATT&CK", tactic: { id: ["TA0002"], name: ["Execution"] } } },
  },
  {
    what: "techniques and tactics stand beside each other",
    record: alertV1({
      mitre_technique_id_and_name: ["T1003 - OS Credential Dumping"],
      mitre_tactic_id_and_name: ["TA0006 - Credential Access", "TA0002 - Execution"],
    }),
    document: {
      threat: {
        framework: "MITRE ATT&CK",
        technique: { id: ["T1003"], name: ["OS Credential Dumping"] },
        tactic: { id: ["TA0006", "TA0002"], name: ["Credential Access", "Execution"] },
      },
    },
  },
  {
    what: "ids and names of techniques and tactics are made unique independently",
    record: alertV1({
      mitre_technique_id_and_name: ["T1059 - Scripting", "T1064 - Scripting", "T1059 - Scripting"],
      mitre_tactic_id_and_name: ["TA0002 - Execution", "TA0002 - Run"],
    }),
    document: {
      threat: {
        framework: "MITRE ATT&CK",
        technique: { id: ["T1059", "T1064"], name: ["Scripting"] },
        tactic: { id: ["TA0002"], name: ["Execution", "Run"] },
      },
    },
  },
  {
    what: "a third part of a technique or tactic is ignored",
    record: alertV1({
      mitre_technique_id_and_name: ["T1059 - Command-Line - Shell"],
      mitre_tactic_id_and_name: ["TA0002 - Execution - Local"],
    }),
    document: {
      threat: {
        framework: "MITRE ATT&CK",
        technique: { id: ["T1059"], name: ["Command-Line"] },
        tactic: { id: ["TA0002"], name: ["Execution"] },
      },
    },
  },
  {
    what: "no entry at all leaves no threat",
    record: alertV1({ mitre_technique_id_and_name: [""], mitre_tactic_id_and_name: [] }),
    document: {},
  },
  {
    what: "tags move to the top, each once",
    record: alertV1({ tags: ["DOM:Security", "Seen", "DOM:Security"], original_tags: ["Seen"] }),
    document: { tags: ["DOM:Security", "Seen"], panw_cortex: { xdr: { original_tags: ["Seen"] } } },
  },
  {
    what: "fields that no table names stay",
    record: alertV1({ dss_department: ["Sales"], future_field: { deep: [{ x: 0 }] } }),
    document: { panw_cortex: { xdr: { dss_department: ["Sales"], future_field: { deep: [{ x: 0 }] } } } },
  },
  {
    what: "the removal list holds though duplicates are to be kept",
    record: alertV1(
      {
        ...{ host_name: "PC-Lee", detection_timestamp: 1_700_000_000_000, severity: "low", bioc_indicator: "x" },
        ...{ tags: ["Seen"], external_id: "77" },
        mitre_technique_id_and_name: ["T1003 - OS Credential Dumping"],
        mitre_tactic_id_and_name: ["TA0006 - Credential Access"],
      },
      {
        ...{ event_timestamp: 1_700_000_060_500, action_remote_ip: "203.0.113.9", action_remote_port: 443 },
        ...{ action_local_ip: "192.0.2.15", action_local_port: 50_123, action_country: "DE", user_name: "lee" },
      },
    ),
    preserveDuplicates: true,
    document: {
      "@timestamp": "2023-11-14T22:14:20.500Z",
      tags: ["preserve_duplicate_custom_fields", "Seen"],
      event: { created: "2023-11-14T22:13:20.000Z", severity: 2, id: "77" },
      host: { hostname: "PC-Lee", name: "pc-lee" },
      threat: {
        framework: "MITRE ATT&CK",
        technique: { id: ["T1003"], name: ["OS Credential Dumping"] },
        tactic: { id: ["TA0006"], name: ["Credential Access"] },
      },
      source: { ip: "192.0.2.15", port: 50_123 },
      destination: { ip: "203.0.113.9", port: 443 },
      user: { name: "lee" },
      related: { user: ["lee"] },
    },
  },
];
