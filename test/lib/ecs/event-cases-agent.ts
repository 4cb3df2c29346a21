import { goes, stays, type EventRow } from "./event-cases";

/** Agent, event, host and the process that acted. */
export const AGENT_ROWS: readonly EventRow[] = [
  stays("address_mapping", "address_mapping", "moved", "192.0.2.1=198.51.100.1"),
  goes("agent_content_version", "agent.content_version", "moved", "2370-39889", { agent: { version: ["2370-39889"] } }),
  stays("agent_hostname", "agent.hostname", "moved", "DC01", { related: { hosts: ["DC01"] } }),
  goes("agent_id", "agent.id", "moved", "AGENT_ID_3", { agent: { id: "AGENT_ID_3" } }),
  stays("agent_interface_map", "agent.interface_map", "interfaces", "eth0-192.0.2.7", {}, [{ ipv4: ["192.0.2.7"] }]),
  stays(
    "agent_ip_addresses",
    "agent.ip_addresses",
    "wrapped addresses",
    "203.0.113.1",
    { related: { ip: ["203.0.113.1"] } },
    ["203.0.113.1"],
  ),
  stays(
    "agent_ip_addresses_v6",
    "agent.ip_addresses_v6",
    "wrapped addresses",
    "2001:DB8::3",
    { related: { ip: ["2001:DB8::3"] } },
    ["2001:DB8::3"],
  ),
  stays("agent_os_sub_type", "agent.os_sub_type", "moved", "Windows 11"),
  stays("agent_os_type", "agent.os_type", "moved", 1),
  goes("agent_version", "agent.version", "moved", "9.1.0.20483", { agent: { version: ["9.1.0.20483"] } }),
  goes("event_id", "event_id", "moved", "AAABn/GVov8h4YQXAFfptA==", { event: { id: "AAABn/GVov8h4YQXAFfptA==" } }),
  stays("event_rpc_func_opnum", "event_rpc_func_opnum", "moved", 5),
  stays("event_rpc_interface_uuid", "event_rpc_interface_uuid", "moved", "{00000136-0000-0000-C000-000000000046}"),
  goes("event_sub_type", "event_sub_type", "text", "File Create New", { event: { action: "file-create-new" } }),
  goes(
    "event_timestamp",
    "event_timestamp",
    "event time",
    1_700_000_000_123,
    { "@timestamp": "2023-11-14T22:13:20.123Z" },
    "2023-11-14T22:13:20.123Z",
  ),
  stays("event_type", "event_type", "moved", 3),
  stays("event_version", "event_version", "moved", 29),
  goes("host_metadata_domain", "host_metadata.domain", "moved", "East.Example", {
    host: { domain: "East.Example" },
    related: { hosts: ["East.Example"] },
  }),
  goes("host_metadata_hostname", "host_metadata.hostname", "moved", "DC02", {
    host: { hostname: "dc02" },
    related: { hosts: ["DC02"] },
  }),
  stays("host_metadata_interface_map", "host_metadata.interface_map", "interfaces", "eth1-2001:DB8::7", {}, [
    { ipv6: ["2001:DB8::7"] },
  ]),
  goes("os_actor_local_ip", "os_actor.local_ip", "address", "192.0.2.7", {
    source: { ip: ["192.0.2.7"] },
    related: { ip: ["192.0.2.7"] },
  }),
  goes("os_actor_local_port", "os_actor.local_port", "integer", "51000", { source: { port: [51_000] } }, 51_000),
  goes("os_actor_primary_user_sid", "os_actor.primary_user_sid", "moved", "S-1-5-18", {
    user: { id: ["S-1-5-18"] },
    related: { user: ["S-1-5-18"] },
  }),
  goes("os_actor_primary_username", "os_actor.primary_username", "moved", "NT AUTHORITY\\SYSTEM", {
    user: { name: ["NT AUTHORITY\\SYSTEM"] },
    related: { user: ["NT AUTHORITY\\SYSTEM"] },
  }),
  stays("os_actor_process_command_line", "os_actor.process_command_line", "moved", "services"),
  goes("os_actor_process_image_md5", "os_actor.process_image_md5", "moved", "55550000555500005555000055550000", {
    process: { hash: { md5: ["55550000555500005555000055550000"] } },
    related: { hash: ["55550000555500005555000055550000"] },
  }),
  stays("os_actor_process_image_name", "os_actor.process_image_name", "moved", "services.exe"),
  stays("os_actor_process_image_path", "os_actor.process_image_path", "moved", "C:\\Windows\\System32\\services.exe"),
  goes("os_actor_process_image_sha256", "os_actor.process_image_sha256", "moved", "5".repeat(64), {
    process: { hash: { sha256: ["5".repeat(64)] } },
    related: { hash: ["5".repeat(64)] },
  }),
  stays("os_actor_process_instance_id", "os_actor.process_instance_id", "moved", "Ad0VSwQnFAMAAAL8AAAAAA=="),
  stays("os_actor_process_logon_id", "os_actor.process_logon_id", "moved", "1003"),
  stays("os_actor_process_os_pid", "os_actor.process_os_pid", "moved", 764),
  stays("os_actor_process_signature_status", "os_actor.process_signature_status", "moved", 4),
  goes("os_actor_remote_ip", "os_actor.remote_ip", "address", "198.51.100.7", {
    destination: { ip: ["198.51.100.7"] },
    related: { ip: ["198.51.100.7"] },
  }),
  stays("os_actor_thread_thread_id", "os_actor.thread_thread_id", "moved", 3480),
];
