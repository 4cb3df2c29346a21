import { goes, stays, type EventRow } from "./event-cases";

/** Registry, remote addresses, remote processes and users. */
export const REGISTRY_ROWS: readonly EventRow[] = [
  goes("action_registry_data", "action.registry.data", "moved", "134309381100643554", {
    registry: { data: { bytes: "134309381100643554" } },
  }),
  goes("action_registry_file_path", "action.registry.file_path", "moved", "C:\\Windows\\System32\\config\\SYSTEM", {
    registry: { path: "C:\\Windows\\System32\\config\\SYSTEM" },
  }),
  goes("action_registry_key_name", "action.registry.key_name", "moved", "HKEY_LOCAL_MACHINE\\SYSTEM\\Example", {
    registry: { key: "HKEY_LOCAL_MACHINE\\SYSTEM\\Example" },
  }),
  stays("action_registry_old_key_name", "action.registry.old_key_name", "moved", "HKEY_LOCAL_MACHINE\\SYSTEM\\Old"),
  stays("action_registry_return_val", "action.registry.return_val", "moved", 0),
  goes("action_registry_value_name", "action.registry.value_name", "moved", "LastGood", {
    registry: { value: "LastGood" },
  }),
  stays("action_registry_value_type", "action.registry.value_type", "moved", 1),
  goes("action_remote_ip", "action.remote_ip", "each address", ["198.51.100.1", "2001:DB8::2"], {
    destination: { ip: ["198.51.100.1", "2001:DB8::2"] },
    related: { ip: ["198.51.100.1", "2001:DB8::2"] },
  }),
  goes(
    "action_remote_port",
    "action.remote_port",
    "each integer",
    ["53343", "0x50"],
    { destination: { port: [53_343, 80] } },
    [53_343, 80],
  ),
  stays("action_remote_process_image_command_line", "action.remote_process.image_command_line", "moved", "far --slow"),
  goes(
    "action_remote_process_image_md5",
    "action.remote_process.image_md5",
    "moved",
    "44440000444400004444000044440000",
    {
      process: { hash: { md5: ["44440000444400004444000044440000"] } },
      related: { hash: ["44440000444400004444000044440000"] },
    },
  ),
  stays("action_remote_process_image_name", "action.remote_process.image_name", "moved", "far.exe"),
  stays("action_remote_process_image_path", "action.remote_process.image_path", "moved", "C:\\tools\\far.exe"),
  goes("action_remote_process_image_sha256", "action.remote_process.image_sha256", "moved", "4".repeat(64), {
    process: { hash: { sha256: ["4".repeat(64)] } },
    related: { hash: ["4".repeat(64)] },
  }),
  stays("action_remote_process_instance_id", "action.remote_process.instance_id", "moved", "Ad0YPPBTVdYAAASYAAAAAA=="),
  stays("action_remote_process_integrity_level", "action.remote_process.integrity_level", "moved", 8192),
  goes(
    "action_remote_process_os_pid",
    "action.remote_process.os_pid",
    "integer",
    "+764",
    { process: { entry_leader: { pid: 764 } } },
    764,
  ),
  stays(
    "action_remote_process_signature_is_embedded",
    "action.remote_process.signature_is_embedded",
    "boolean",
    "TRUE",
    {},
    true,
  ),
  stays("action_remote_process_signature_product", "action.remote_process.signature_product", "moved", "Far"),
  stays("action_remote_process_signature_status", "action.remote_process.signature_status", "moved", 3),
  stays("action_remote_process_signature_vendor", "action.remote_process.signature_vendor", "moved", "Far Ltd"),
  stays("action_remote_process_thread_id", "action.remote_process.thread_id", "moved", 6948),
  stays(
    "action_remote_process_thread_start_address",
    "action.remote_process.thread_start_address",
    "moved",
    "140720088400000",
  ),
  goes("action_remote_process_user_sid", "action.remote_process.user_sid", "moved", "S-1-5-21-2", {
    process: { entry_leader: { user: { id: "S-1-5-21-2" } } },
    related: { user: ["S-1-5-21-2"] },
  }),
  goes("action_remote_process_username", "action.remote_process.username", "moved", "EAST\\bob", {
    process: { entry_leader: { user: { name: "EAST\\bob" } } },
    related: { user: ["EAST\\bob"] },
  }),
  stays("action_socket_type", "action.socket_type", "moved", 2),
  stays("action_total_download", "action.total_download", "integer", "48", {}, 48),
  stays("action_total_upload", "action.total_upload", "integer", "0x30", {}, 48),
  stays("action_user_is_local_session", "action.user_is_local_session", "boolean", "false", {}, false),
  stays("action_user_session_id", "action.user_session_id", "moved", 4),
  stays("action_user_status", "action.user_status", "moved", "active"),
  goes("action_user_status_sid", "action.user_status_sid", "moved", "S-1-5-21-3", {
    user: { id: ["S-1-5-21-3"] },
    related: { user: ["S-1-5-21-3"] },
  }),
  goes("action_username", "action.username", "moved", "EAST\\cleo", {
    user: { name: ["EAST\\cleo"] },
    related: { user: ["EAST\\cleo"] },
  }),
];
