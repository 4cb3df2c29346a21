import { alertV1 } from "./alert-least";
import type { RowCase } from "./row-cases";

/** Times, addresses, processes, files, the registry and what hashes they give: fields of the event, in v1. */
export const EVENT_CASES: readonly RowCase[] = [
  {
    what: "the time of the event is that of the document",
    record: alertV1({}, { event_timestamp: 1_700_000_000_000 }),
    document: { "@timestamp": "2023-11-14T22:13:20.000Z" },
  },
  {
    what: "the time of the event may be digits as text",
    record: alertV1({}, { event_timestamp: "1700000060500" }),
    document: { "@timestamp": "2023-11-14T22:14:20.500Z" },
  },
  {
    what: "the time of the host's start is converted in place",
    record: alertV1({}, { agent_host_boot_time: 1_699_990_000_000 }),
    document: { panw_cortex: { xdr: { events: { agent_host_boot_time: "2023-11-14T19:26:40.000Z" } } } },
  },
  {
    what: "the name asked of the DNS moves",
    record: alertV1({}, { dns_query_name: "Beacon.Example" }),
    document: { dns: { question: { name: "Beacon.Example" } } },
  },
  {
    what: "the remote address and port are the destination",
    record: alertV1({}, { action_remote_ip: "203.0.113.9", action_remote_port: 443 }),
    document: { destination: { ip: "203.0.113.9", port: 443 } },
  },
  {
    what: "the local address and port are the source",
    record: alertV1({}, { action_local_ip: "192.0.2.15", action_local_port: 50_123 }),
    document: { source: { ip: "192.0.2.15", port: 50_123 } },
  },
  {
    what: "addresses of version 6 keep their spelling",
    record: alertV1({}, { action_remote_ip: "2001:DB8:0:0::1", action_local_ip: "FE80::0:15" }),
    document: { destination: { ip: "2001:DB8:0:0::1" }, source: { ip: "FE80::0:15" } },
  },
  {
    what: "ports may be digits as text, also hexadecimal ones",
    record: alertV1({}, { action_remote_port: "443", action_local_port: "0x1F90" }),
    document: { destination: { port: 443 }, source: { port: 8080 } },
  },
  { what: "the port 0 is a port", record: alertV1({}, { action_local_port: 0 }), document: { source: { port: 0 } } },
  {
    what: "a remote address that is none goes in silence",
    record: alertV1({}, { action_remote_ip: "host.example", action_remote_port: 443 }),
    document: { destination: { port: 443 } },
  },
  {
    what: "the fields for addresses of version 6 have no rule",
    record: alertV1({}, { action_remote_ip_v6: "2001:db8::9", action_local_ip_v6: "bad" }),
    document: { panw_cortex: { xdr: { events: { action_remote_ip_v6: "2001:db8::9", action_local_ip_v6: "bad" } } } },
  },
  {
    what: "the country goes, the external name stays",
    record: alertV1({}, { action_country: "DE", action_external_hostname: "cdn.example" }),
    document: { panw_cortex: { xdr: { events: { action_external_hostname: "cdn.example" } } } },
  },
  {
    what: "the process that was acted on is the process",
    record: alertV1(
      {},
      {
        action_process_image_sha256: "sha256-of-action",
        action_process_image_command_line: "cmd.exe /c whoami",
        action_process_image_name: "cmd.exe",
        action_process_signature_vendor: "Microsoft Corporation",
        action_process_signature_status: "SIGNATURE_SIGNED",
        action_process_instance_id: "AdoAction==",
        action_process_causality_id: "AdoCause==",
      },
    ),
    document: {
      process: {
        hash: { sha256: "sha256-of-action" },
        command_line: "cmd.exe /c whoami",
        name: "cmd.exe",
        code_signature: { subject_name: "Microsoft Corporation", status: "SIGNATURE_SIGNED" },
        entity_id: "AdoAction==",
      },
      related: { hash: ["sha256-of-action"] },
      panw_cortex: { xdr: { events: { action_process_causality_id: "AdoCause==" } } },
    },
  },
  {
    what: "the process that acted is the process where none was acted on",
    record: alertV1(
      {},
      {
        actor_process_os_pid: 6432,
        actor_process_instance_id: "AdoActor==",
        actor_process_image_path: "C:\\Windows\\System32\\wscript.exe",
        actor_process_command_line: "wscript.exe a.js",
        actor_process_image_name: "wscript.exe",
        actor_process_signature_vendor: "Microsoft Windows",
        actor_process_signature_status: "SIGNATURE_SIGNED",
        actor_process_image_sha256: "sha256-of-actor",
        actor_process_image_md5: "md5-of-actor",
        actor_thread_thread_id: 1500,
        actor_process_causality_id: "AdoCause==",
        actor_causality_id: "AdoCause2==",
      },
    ),
    document: {
      process: {
        pid: 6432,
        entity_id: "AdoActor==",
        executable: "C:\\Windows\\System32\\wscript.exe",
        command_line: "wscript.exe a.js",
        name: "wscript.exe",
        code_signature: { subject_name: "Microsoft Windows" },
        hash: { sha256: "sha256-of-actor", md5: "md5-of-actor" },
        thread: { id: 1500 },
      },
      related: { hash: ["md5-of-actor", "sha256-of-actor"] },
      panw_cortex: {
        xdr: {
          events: {
            actor_process_signature_status: "SIGNATURE_SIGNED",
            actor_process_causality_id: "AdoCause==",
            actor_causality_id: "AdoCause2==",
          },
        },
      },
    },
  },
  {
    what: "the process that acted stays in the vendor's fields where one was acted on",
    record: alertV1(
      {},
      {
        ...{ action_process_instance_id: "AdoAction==", actor_process_instance_id: "AdoActor==" },
        ...{ action_process_image_command_line: "cmd.exe /c", actor_process_command_line: "wscript.exe a.js" },
        ...{ action_process_image_name: "cmd.exe", actor_process_image_name: "wscript.exe" },
        ...{ action_process_signature_vendor: "Microsoft", actor_process_signature_vendor: "Adobe" },
        ...{ action_process_image_sha256: "sha256-of-action", actor_process_image_sha256: "sha256-of-actor" },
        ...{ actor_process_os_pid: "6432", actor_process_image_path: "C:\\w.exe", actor_thread_thread_id: "7" },
      },
    ),
    document: {
      process: {
        entity_id: "AdoAction==",
        command_line: "cmd.exe /c",
        name: "cmd.exe",
        code_signature: { subject_name: "Microsoft" },
        hash: { sha256: "sha256-of-action" },
        pid: "6432",
        executable: "C:\\w.exe",
        thread: { id: "7" },
      },
      related: { hash: ["sha256-of-action"] },
      panw_cortex: {
        xdr: {
          events: {
            actor_process_instance_id: "AdoActor==",
            actor_process_command_line: "wscript.exe a.js",
            actor_process_image_name: "wscript.exe",
            actor_process_signature_vendor: "Adobe",
            actor_process_image_sha256: "sha256-of-actor",
          },
        },
      },
    },
  },
  {
    what: "the process that caused it is the parent",
    record: alertV1(
      {},
      {
        causality_actor_process_image_name: "explorer.exe",
        causality_actor_process_image_path: "C:\\Windows\\explorer.exe",
        causality_actor_process_image_md5: "md5-of-parent",
        causality_actor_process_image_sha256: "sha256-of-parent",
        causality_actor_causality_id: "AdoParent==",
        causality_actor_process_signature_vendor: "Microsoft Windows",
        causality_actor_process_signature_status: "SIGNATURE_UNSIGNED",
        causality_actor_process_command_line: "explorer.exe /factory",
        causality_actor_process_execution_time: 1_699_999_000_000,
      },
    ),
    document: {
      process: {
        parent: {
          name: "explorer.exe",
          executable: "C:\\Windows\\explorer.exe",
          hash: { md5: "md5-of-parent", sha256: "sha256-of-parent" },
          entity_id: "AdoParent==",
          code_signature: { subject_name: "Microsoft Windows", status: "SIGNATURE_UNSIGNED" },
          command_line: "explorer.exe /factory",
          uptime: 1_699_999_000_000,
        },
      },
      related: { hash: ["md5-of-parent", "sha256-of-parent"] },
    },
  },
  {
    what: "what the operating system started it with stays",
    record: alertV1({}, { os_actor_process_image_name: "services.exe", os_actor_process_os_pid: 4 }),
    document: {
      panw_cortex: { xdr: { events: { os_actor_process_image_name: "services.exe", os_actor_process_os_pid: 4 } } },
    },
  },
  {
    what: "the file that was acted on is the file",
    record: alertV1(
      {},
      {
        ...{ action_file_path: "C:\\Temp\\a.docm", action_file_name: "a.docm", action_file_md5: "md5-of-file" },
        ...{ action_file_sha256: "sha256-of-file", action_file_macro_sha256: "sha256-of-macro" },
      },
    ),
    document: {
      file: { path: "C:\\Temp\\a.docm", name: "a.docm", hash: { md5: "md5-of-file", sha256: "sha256-of-file" } },
      related: { hash: ["sha256-of-file", "md5-of-file"] },
      panw_cortex: { xdr: { events: { action_file_macro_sha256: "sha256-of-macro" } } },
    },
  },
  {
    what: "the key that was acted on is the registry's",
    record: alertV1(
      {},
      {
        action_registry_key_name: "Run",
        action_registry_value_name: "Updater",
        action_registry_full_key: "HKEY_LOCAL_MACHINE\\Software\\Run",
        action_registry_data: "C:\\Temp\\a.exe",
      },
    ),
    document: {
      registry: {
        key: "Run",
        value: "Updater",
        path: "HKEY_LOCAL_MACHINE\\Software\\Run",
        data: { strings: ["C:\\Temp\\a.exe"] },
      },
    },
  },
  {
    what: "an array of data of the registry stays one",
    record: alertV1({}, { action_registry_data: ["one", "two", "one"] }),
    document: { registry: { data: { strings: ["one", "two", "one"] } } },
  },
  {
    what: "data of the registry that are no text move as they are",
    record: alertV1({}, { action_registry_data: 1 }),
    document: { registry: { data: { strings: 1 } } },
  },
  {
    what: "all hashes are gathered in their order",
    record: alertV1(
      {},
      {
        ...{ action_file_md5: "md5-of-file", action_file_sha256: "sha256-of-file" },
        ...{ action_process_image_sha256: "sha256-of-action", actor_process_image_md5: "md5-of-actor" },
        ...{ causality_actor_process_image_sha256: "sha256-of-parent" },
        ...{ causality_actor_process_image_md5: "md5-of-parent" },
      },
    ),
    document: {
      file: { hash: { md5: "md5-of-file", sha256: "sha256-of-file" } },
      process: {
        hash: { sha256: "sha256-of-action", md5: "md5-of-actor" },
        parent: { hash: { sha256: "sha256-of-parent", md5: "md5-of-parent" } },
      },
      related: {
        hash: [
          ...["md5-of-parent", "sha256-of-parent", "md5-of-actor", "sha256-of-action"],
          ...["sha256-of-file", "md5-of-file"],
        ],
      },
    },
  },
  {
    what: "the same hash is gathered once",
    record: alertV1(
      {},
      {
        ...{ action_file_sha256: "sha256-of-all", action_file_md5: "md5-of-file" },
        ...{ action_process_image_sha256: "sha256-of-all", causality_actor_process_image_sha256: "sha256-of-all" },
      },
    ),
    document: {
      file: { hash: { sha256: "sha256-of-all", md5: "md5-of-file" } },
      process: { hash: { sha256: "sha256-of-all" }, parent: { hash: { sha256: "sha256-of-all" } } },
      related: { hash: ["sha256-of-all", "md5-of-file"] },
    },
  },
];
