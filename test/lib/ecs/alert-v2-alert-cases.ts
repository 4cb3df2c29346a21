import { alertV2 } from "./alert-least";
import type { RowCase } from "./row-cases";

/** Fields of the alert itself, in v2. */
export const ALERT_CASES: readonly RowCase[] = [
  {
    what: "the time of detection becomes that of the event's creation",
    record: alertV2({ detection_timestamp: 1_700_000_000_000 }),
    document: { event: { created: "2023-11-14T22:13:20.000Z" } },
  },
  {
    what: "the time of detection may be digits as text",
    record: alertV2({ detection_timestamp: "1700000060500" }),
    document: { event: { created: "2023-11-14T22:14:20.500Z" } },
  },
  {
    what: "the times of insertion, of matching and of the last change are converted in place",
    record: alertV2({
      local_insert_ts: 1_700_000_060_500,
      end_match_attempt_ts: "1700000120250",
      last_modified_ts: 1_700_003_600_001,
    }),
    document: {
      panw_cortex: {
        xdr: {
          local_insert_ts: "2023-11-14T22:14:20.500Z",
          end_match_attempt_ts: "2023-11-14T22:15:20.250Z",
          last_modified_ts: "2023-11-14T23:13:20.001Z",
        },
      },
    },
  },
  {
    what: "the external id is copied, and its source goes",
    record: alertV2({ external_id: "Ext-77" }),
    document: { event: { id: "Ext-77" } },
  },
  {
    what: "name and action move, and keep their letter case",
    record: alertV2({ name: "Port Scan", action: "DETECTED", action_pretty: "Detected" }),
    document: {
      message: "Port Scan",
      event: { action: "DETECTED" },
      panw_cortex: { xdr: { action_pretty: "Detected" } },
    },
  },
  {
    what: "a description as text is the reason",
    record: alertV2({ description: "Many ports of one host were tried" }),
    document: { event: { reason: "Many ports of one host were tried" } },
  },
  {
    what: "a description as an array is the description of a BIOC",
    record: alertV2({ description: [{ pretty_name: "Process", data_type: null }, { pretty_name: "=" }] }),
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
    record: alertV2({ severity }),
    document: { event: { severity: number } },
  })),
  { what: "the severity critical is not written", record: alertV2({ severity: "critical" }), document: {} },
  { what: "a severity in other letter case is not written", record: alertV2({ severity: "MEDIUM" }), document: {} },
  { what: "a severity of another name is not written", record: alertV2({ severity: "SEV_030" }), document: {} },
  {
    what: "the fully qualified name is the first choice for the host's name; the plain one stays then",
    record: alertV2({ agent_fqdn: "PC-Lee.Corp.Example", host_name: "PC-Lee", agent_device_domain: "Corp.Example" }),
    document: {
      host: { hostname: "PC-Lee.Corp.Example", name: "pc-lee.corp.example", domain: "Corp.Example" },
      panw_cortex: { xdr: { host_name: "PC-Lee" } },
    },
  },
  {
    what: "the plain name of the host is the second choice",
    record: alertV2({ host_name: "PC-Lee" }),
    document: { host: { hostname: "PC-Lee", name: "pc-lee" } },
  },
  {
    what: "operating system and id of the host move",
    record: alertV2({ agent_os_type: "Windows", agent_os_sub_type: "11 [10.0]", endpoint_id: "0f3e" }),
    document: { host: { os: { name: "Windows", version: "11 [10.0]" }, id: "0f3e" } },
  },
  {
    what: "MAC addresses are added, each with hyphens and in upper case, and stay",
    record: alertV2({ mac_addresses: ["12:34:56:ab:cd:ef", "1234.56ab.cdef", "12:34:56:ab:cd:ef"] }),
    document: {
      host: { mac: ["12-34-56-AB-CD-EF", "1234-56AB-CDEF"] },
      panw_cortex: { xdr: { mac_addresses: ["12:34:56:ab:cd:ef", "1234.56ab.cdef", "12:34:56:ab:cd:ef"] } },
    },
  },
  {
    what: "repeats of MAC addresses are told before the notation is changed",
    record: alertV2({ mac_addresses: ["aa:bb:cc:dd:ee:ff", "AA-BB-CC-DD-EE-FF"] }),
    document: {
      host: { mac: ["AA-BB-CC-DD-EE-FF", "AA-BB-CC-DD-EE-FF"] },
      panw_cortex: { xdr: { mac_addresses: ["aa:bb:cc:dd:ee:ff", "AA-BB-CC-DD-EE-FF"] } },
    },
  },
  {
    what: "a single MAC address is added to a list",
    record: alertV2({ mac_addresses: "12:34:56:ab:cd:ef" }),
    document: {
      host: { mac: ["12-34-56-AB-CD-EF"] },
      panw_cortex: { xdr: { mac_addresses: "12:34:56:ab:cd:ef" } },
    },
  },
  {
    what: "the other spellings of MAC addresses have no rule",
    record: alertV2({ mac: "12:34:56:ab:cd:ef", mac_address: ["aa:bb:cc:dd:ee:ff"] }),
    document: { panw_cortex: { xdr: { mac: "12:34:56:ab:cd:ef", mac_address: ["aa:bb:cc:dd:ee:ff"] } } },
  },
  {
    what: "addresses of the host move as they are",
    record: alertV2({ host_ip: ["192.0.2.15", "no address"] }),
    document: { host: { ip: ["192.0.2.15", "no address"] } },
  },
  {
    what: "one address of the host stays one text",
    record: alertV2({ host_ip: "192.0.2.15" }),
    document: { host: { ip: "192.0.2.15" } },
  },
  {
    what: "the agent's addresses of version 6 follow those of the host, each once, and stay",
    record: alertV2({
      host_ip: ["192.0.2.15", "2001:db8::15"],
      agent_ip_addresses_v6: ["FE80::1", "2001:db8::15", "FE80::1"],
    }),
    document: {
      host: { ip: ["192.0.2.15", "2001:db8::15", "FE80::1"] },
      panw_cortex: { xdr: { agent_ip_addresses_v6: ["FE80::1", "2001:db8::15", "FE80::1"] } },
    },
  },
  {
    what: "the agent's addresses of version 6 make a list of the one address of the host",
    record: alertV2({ host_ip: "192.0.2.15", agent_ip_addresses_v6: ["2001:db8::15"] }),
    document: {
      host: { ip: ["192.0.2.15", "2001:db8::15"] },
      panw_cortex: { xdr: { agent_ip_addresses_v6: ["2001:db8::15"] } },
    },
  },
  {
    what: "the agent's address of version 6 alone is the host's",
    record: alertV2({ agent_ip_addresses_v6: ["2001:db8::15"] }),
    document: { host: { ip: ["2001:db8::15"] }, panw_cortex: { xdr: { agent_ip_addresses_v6: ["2001:db8::15"] } } },
  },
  {
    what: "flags, rule id and case are converted in place",
    record: alertV2({
      ...{ agent_data_collection_status: "TRUE", agent_is_vdi: "false", filter_rule_id: 0, case_id: "12" },
      starred: "no",
    }),
    document: {
      panw_cortex: {
        xdr: {
          ...{ agent_data_collection_status: true, agent_is_vdi: false, filter_rule_id: "0", case_id: 12 },
          starred: "no",
        },
      },
    },
  },
  {
    what: "several rule ids become texts, each on its own",
    record: alertV2({ filter_rule_id: [0, "84", 7] }),
    document: { panw_cortex: { xdr: { filter_rule_id: ["0", "84", "7"] } } },
  },
  {
    what: "flags, rule id and case that need no conversion stay",
    record: alertV2({
      ...{ agent_data_collection_status: false, agent_is_vdi: true, filter_rule_id: "84", case_id: 0 },
    }),
    document: {
      panw_cortex: {
        xdr: { agent_data_collection_status: false, agent_is_vdi: true, filter_rule_id: "84", case_id: 0 },
      },
    },
  },
  {
    what: "the indicator of a BIOC goes",
    record: alertV2({ bioc_indicator: [{ pretty_name: "Process" }], bioc_category_enum_key: "EXECUTION" }),
    document: { panw_cortex: { xdr: { bioc_category_enum_key: "EXECUTION" } } },
  },
  {
    what: "techniques are taken apart",
    record: alertV2({ mitre_technique_id_and_name: ["T1046 - Network Service Discovery", "T1018 - Remote Systems"] }),
    document: {
      threat: {
        framework: "MITRE ATT&CK",
        technique: { id: ["T1046", "T1018"], name: ["Network Service Discovery", "Remote Systems"] },
      },
    },
  },
  {
    what: "tactics are taken apart",
    record: alertV2({ mitre_tactic_id_and_name: ["TA0007 - Discovery"] }),
    document: { threat: { framework: "MITRE ATT&CK", tactic: { id: ["TA0007"], name: ["Discovery"] } } },
  },
  {
    what: "ids and names of techniques and tactics are made unique independently",
    record: alertV2({
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
    record: alertV2({
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
    what: "tags move to the top, each once",
    record: alertV2({ tags: ["DOM:Security", "Seen", "DOM:Security"], original_tags: ["Seen"] }),
    document: { tags: ["DOM:Security", "Seen"], panw_cortex: { xdr: { original_tags: ["Seen"] } } },
  },
  {
    what: "fields that no table names stay",
    record: alertV2({ dss_department: ["Sales"], alert_type: "Unclassified", future_field: { deep: [{ x: 0 }] } }),
    document: {
      panw_cortex: {
        xdr: { dss_department: ["Sales"], alert_type: "Unclassified", future_field: { deep: [{ x: 0 }] } },
      },
    },
  },
];
