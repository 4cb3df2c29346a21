import { alertV2 } from "./alert-least";
import type { RowCase } from "./row-cases";

/** Times, addresses, processes, files, the registry and what hashes they give: fields of the events, in v2. */
export const EVENT_CASES: readonly RowCase[] = [
  {
    what: "the time of the first event is that of the document",
    record: alertV2({ event_timestamp: [1_700_000_000_000, 1_700_000_060_500] }),
    document: { "@timestamp": "2023-11-14T22:13:20.000Z" },
  },
  {
    what: "the time of the first event may be digits as text",
    record: alertV2({ event_timestamp: ["1700000060500"] }),
    document: { "@timestamp": "2023-11-14T22:14:20.500Z" },
  },
  {
    what: "the first time that is no null counts",
    record: alertV2({ event_timestamp: [null, 1_700_000_120_250] }),
    document: { "@timestamp": "2023-11-14T22:15:20.250Z" },
  },
  {
    what: "a single time of an event is ignored",
    record: alertV2({ event_timestamp: 1_700_000_000_000 }),
    document: {},
  },
  {
    what: "of the times of the host's start the first one stays, converted",
    record: alertV2({ agent_host_boot_time: [1_699_990_000_000, 1_700_000_000_000] }),
    document: { panw_cortex: { xdr: { agent_host_boot_time: "2023-11-14T19:26:40.000Z" } } },
  },
  {
    what: "of the times only the first one matters",
    record: alertV2({ event_timestamp: [1_700_000_000_000, "bad"], agent_host_boot_time: [1_699_990_000_000, "bad"] }),
    document: {
      "@timestamp": "2023-11-14T22:13:20.000Z",
      panw_cortex: { xdr: { agent_host_boot_time: "2023-11-14T19:26:40.000Z" } },
    },
  },
  {
    what: "a single time of the host's start is not converted",
    record: alertV2({ agent_host_boot_time: 1_699_990_000_000 }),
    document: { panw_cortex: { xdr: { agent_host_boot_time: 1_699_990_000_000 } } },
  },
  {
    what: "ids and types of the events stay",
    record: alertV2({
      event_id: ["AAAB", "AAAC"],
      event_type: ["Network Event", "Network Event"],
      event_sub_type: [4],
    }),
    document: {
      panw_cortex: {
        xdr: { event_id: ["AAAB", "AAAC"], event_type: ["Network Event", "Network Event"], event_sub_type: [4] },
      },
    },
  },
  {
    what: "the names asked of the DNS move",
    record: alertV2({ dns_query_name: ["Beacon.Example", "Beacon.Example"] }),
    document: { dns: { question: { name: ["Beacon.Example", "Beacon.Example"] } } },
  },
  {
    what: "remote addresses are the destinations, each once",
    record: alertV2({ action_remote_ip: ["203.0.113.9", "203.0.113.8", "203.0.113.9"] }),
    document: { destination: { ip: ["203.0.113.9", "203.0.113.8"] } },
  },
  {
    what: "local addresses are the sources, each once",
    record: alertV2({ action_local_ip: ["192.0.2.15", "192.0.2.15", "192.0.2.16"] }),
    document: { source: { ip: ["192.0.2.15", "192.0.2.16"] } },
  },
  {
    what: "addresses of version 6 follow those of version 4, and stay",
    record: alertV2({
      action_remote_ip_v6: ["2001:DB8::9", "203.0.113.9"],
      action_remote_ip: ["203.0.113.9"],
      action_local_ip_v6: ["2001:db8::15"],
      action_local_ip: ["192.0.2.15"],
    }),
    document: {
      destination: { ip: ["203.0.113.9", "2001:DB8::9"] },
      source: { ip: ["192.0.2.15", "2001:db8::15"] },
      panw_cortex: {
        xdr: { action_remote_ip_v6: ["2001:DB8::9", "203.0.113.9"], action_local_ip_v6: ["2001:db8::15"] },
      },
    },
  },
  {
    what: "addresses of version 6 alone are destinations and sources",
    record: alertV2({ action_remote_ip_v6: ["2001:db8::9"], action_local_ip_v6: ["2001:db8::15"] }),
    document: {
      destination: { ip: ["2001:db8::9"] },
      source: { ip: ["2001:db8::15"] },
      panw_cortex: { xdr: { action_remote_ip_v6: ["2001:db8::9"], action_local_ip_v6: ["2001:db8::15"] } },
    },
  },
  {
    what: "a single remote or local address gives nothing",
    record: alertV2({ action_remote_ip: "203.0.113.9", action_local_ip: "192.0.2.15" }),
    document: {},
  },
  {
    what: "remote ports are those of the destination, with their repeats",
    record: alertV2({ action_remote_port: [443, "+8443", 443] }),
    document: { destination: { port: [443, 8443, 443] } },
  },
  {
    what: "local ports are those of the source, with their repeats",
    record: alertV2({ action_local_port: [50_123, 0, 50_123] }),
    document: { source: { port: [50_123, 0, 50_123] } },
  },
  {
    what: "a single port is copied as an array",
    record: alertV2({ action_remote_port: 443, action_local_port: "50123" }),
    document: { destination: { port: [443] }, source: { port: [50_123] } },
  },
  {
    what: "countries and external names stay",
    record: alertV2({ action_country: ["DE", "FR"], action_external_hostname: ["cdn.example"] }),
    document: { panw_cortex: { xdr: { action_country: ["DE", "FR"], action_external_hostname: ["cdn.example"] } } },
  },
  {
    what: "the processes that were acted on are the process",
    record: alertV2({
      action_process_image_sha256: ["sha256-of-action", "sha256-of-second"],
      action_process_image_command_line: ["cmd.exe /c whoami"],
      action_process_image_name: ["cmd.exe", "cmd.exe"],
      action_process_signature_vendor: ["Microsoft Corporation"],
      action_process_signature_status: ["SIGNATURE_SIGNED"],
      action_process_instance_id: ["AdoAction=="],
      action_process_causality_id: ["AdoCause=="],
    }),
    document: {
      process: {
        hash: { sha256: ["sha256-of-action", "sha256-of-second"] },
        command_line: ["cmd.exe /c whoami"],
        name: ["cmd.exe", "cmd.exe"],
        code_signature: { subject_name: ["Microsoft Corporation"], status: ["SIGNATURE_SIGNED"] },
        entity_id: ["AdoAction=="],
      },
      related: { hash: ["sha256-of-action", "sha256-of-second"] },
      panw_cortex: { xdr: { action_process_causality_id: ["AdoCause=="] } },
    },
  },
  {
    what: "the processes that acted are the process where none was acted on",
    record: alertV2({
      actor_process_os_pid: [6432, 6433],
      actor_process_instance_id: ["AdoActor=="],
      actor_process_image_path: ["C:\\Windows\\System32\\wscript.exe"],
      actor_process_command_line: ["wscript.exe a.js"],
      actor_process_image_name: ["wscript.exe"],
      actor_process_signature_vendor: ["Microsoft Windows"],
      actor_process_signature_status: ["SIGNATURE_SIGNED"],
      actor_process_image_sha256: ["sha256-of-actor"],
      actor_process_image_md5: ["md5-of-actor"],
      actor_thread_thread_id: [1500],
      actor_process_causality_id: ["AdoCause=="],
      actor_causality_id: ["AdoCause2=="],
    }),
    document: {
      process: {
        pid: [6432, 6433],
        entity_id: ["AdoActor=="],
        executable: ["C:\\Windows\\System32\\wscript.exe"],
        command_line: ["wscript.exe a.js"],
        name: ["wscript.exe"],
        code_signature: { subject_name: ["Microsoft Windows"] },
        hash: { sha256: ["sha256-of-actor"], md5: ["md5-of-actor"] },
        thread: { id: [1500] },
      },
      related: { hash: ["md5-of-actor", "sha256-of-actor"] },
      panw_cortex: {
        xdr: {
          actor_process_signature_status: ["SIGNATURE_SIGNED"],
          actor_process_causality_id: ["AdoCause=="],
          actor_causality_id: ["AdoCause2=="],
        },
      },
    },
  },
  {
    what: "the processes that acted stay in the vendor's fields where one was acted on",
    record: alertV2({
      ...{ action_process_instance_id: ["AdoAction=="], actor_process_instance_id: ["AdoActor=="] },
      ...{ action_process_image_command_line: ["cmd.exe /c"], actor_process_command_line: ["wscript.exe a.js"] },
      ...{ action_process_image_name: ["cmd.exe"], actor_process_image_name: ["wscript.exe"] },
      ...{ action_process_signature_vendor: ["Microsoft"], actor_process_signature_vendor: ["Adobe"] },
      ...{ action_process_image_sha256: ["sha256-of-action"], actor_process_image_sha256: ["sha256-of-actor"] },
      ...{ actor_process_os_pid: ["6432"], actor_process_image_path: ["C:\\w.exe"] },
    }),
    document: {
      process: {
        entity_id: ["AdoAction=="],
        command_line: ["cmd.exe /c"],
        name: ["cmd.exe"],
        code_signature: { subject_name: ["Microsoft"] },
        hash: { sha256: ["sha256-of-action"] },
        pid: ["6432"],
        executable: ["C:\\w.exe"],
      },
      related: { hash: ["sha256-of-action"] },
      panw_cortex: {
        xdr: {
          actor_process_instance_id: ["AdoActor=="],
          actor_process_command_line: ["wscript.exe a.js"],
          actor_process_image_name: ["wscript.exe"],
          actor_process_signature_vendor: ["Adobe"],
          actor_process_image_sha256: ["sha256-of-actor"],
        },
      },
    },
  },
  {
    what: "the processes that caused it are the parent",
    record: alertV2({
      causality_actor_process_image_name: ["explorer.exe"],
      causality_actor_process_image_path: ["C:\\Windows\\explorer.exe"],
      causality_actor_process_image_md5: ["md5-of-parent"],
      causality_actor_process_image_sha256: ["sha256-of-parent"],
      causality_actor_causality_id: ["AdoParent=="],
      causality_actor_process_signature_vendor: ["Microsoft Windows"],
      causality_actor_process_signature_status: ["SIGNATURE_UNSIGNED"],
      causality_actor_process_command_line: ["explorer.exe /factory"],
      causality_actor_process_execution_time: [1_699_999_000_000, 1_699_999_000_001],
    }),
    document: {
      process: {
        parent: {
          name: ["explorer.exe"],
          executable: ["C:\\Windows\\explorer.exe"],
          hash: { md5: ["md5-of-parent"], sha256: ["sha256-of-parent"] },
          entity_id: ["AdoParent=="],
          code_signature: { subject_name: ["Microsoft Windows"], status: ["SIGNATURE_UNSIGNED"] },
          command_line: ["explorer.exe /factory"],
          uptime: [1_699_999_000_000, 1_699_999_000_001],
        },
      },
      related: { hash: ["md5-of-parent", "sha256-of-parent"] },
    },
  },
  {
    what: "the files that were acted on are the file",
    record: alertV2({
      ...{ action_file_path: ["C:\\Temp\\a.docm"], action_file_name: ["a.docm"], action_file_md5: ["md5-of-file"] },
      ...{ action_file_sha256: ["sha256-of-file"], action_file_macro_sha256: ["sha256-of-macro"] },
    }),
    document: {
      file: {
        path: ["C:\\Temp\\a.docm"],
        name: ["a.docm"],
        hash: { md5: ["md5-of-file"], sha256: ["sha256-of-file"] },
      },
      related: { hash: ["sha256-of-file", "md5-of-file"] },
      panw_cortex: { xdr: { action_file_macro_sha256: ["sha256-of-macro"] } },
    },
  },
  {
    what: "the keys that were acted on are the registry's",
    record: alertV2({
      action_registry_key_name: ["Run"],
      action_registry_value_name: ["Updater"],
      action_registry_full_key: ["HKEY_LOCAL_MACHINE\\Software\\Run"],
      action_registry_data: ["C:\\Temp\\a.exe", "C:\\Temp\\b.exe"],
    }),
    document: {
      registry: {
        key: ["Run"],
        value: ["Updater"],
        path: ["HKEY_LOCAL_MACHINE\\Software\\Run"],
        data: { strings: ["C:\\Temp\\a.exe", "C:\\Temp\\b.exe"] },
      },
    },
  },
  {
    what: "a text of data of the registry becomes a list of one",
    record: alertV2({ action_registry_data: "C:\\Temp\\a.exe" }),
    document: { registry: { data: { strings: ["C:\\Temp\\a.exe"] } } },
  },
  {
    what: "all hashes are gathered in their order, each once",
    record: alertV2({
      ...{ action_file_md5: ["md5-of-file", "md5-of-all"], action_file_sha256: ["sha256-of-file", "sha256-of-action"] },
      ...{ action_process_image_sha256: ["sha256-of-action", "sha256-of-action"] },
      actor_process_image_md5: ["md5-of-all", "md5-of-actor"],
      causality_actor_process_image_sha256: ["sha256-of-parent"],
      causality_actor_process_image_md5: ["md5-of-parent", "md5-of-all"],
    }),
    document: {
      file: { hash: { md5: ["md5-of-file", "md5-of-all"], sha256: ["sha256-of-file", "sha256-of-action"] } },
      process: {
        hash: { sha256: ["sha256-of-action", "sha256-of-action"], md5: ["md5-of-all", "md5-of-actor"] },
        parent: { hash: { sha256: ["sha256-of-parent"], md5: ["md5-of-parent", "md5-of-all"] } },
      },
      related: {
        hash: [
          ...["md5-of-parent", "md5-of-all", "sha256-of-parent", "md5-of-actor", "sha256-of-action"],
          ...["sha256-of-file", "md5-of-file"],
        ],
      },
    },
  },
  {
    what: "single values of processes, files and the registry move, too",
    record: alertV2({
      action_process_image_name: "cmd.exe",
      actor_process_os_pid: 6432,
      action_file_md5: "md5-of-file",
    }),
    document: {
      process: { name: "cmd.exe", pid: 6432 },
      file: { hash: { md5: "md5-of-file" } },
      related: { hash: ["md5-of-file"] },
    },
  },
];
