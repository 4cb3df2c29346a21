import { goes, stays, type EventRow } from "./event-cases";

/** Local addresses, modules and connections. */
export const MODULE_ROWS: readonly EventRow[] = [
  goes("action_local_ip", "action.local_ip", "each address", ["192.0.2.1", "2001:DB8::1"], {
    source: { ip: ["192.0.2.1", "2001:DB8::1"] },
    related: { ip: ["192.0.2.1", "2001:DB8::1"] },
  }),
  goes(
    "action_local_port",
    "action.local_port",
    "each integer",
    ["50712", "0x1BB"],
    { source: { port: [50_712, 443] } },
    [50_712, 443],
  ),
  stays("action_module_base_address", "action.module.base_address", "moved", "140720088481792"),
  stays("action_module_boot_code_integrity", "action.module.boot_code_integrity", "moved", 4_294_901_760),
  stays("action_module_code_integrity", "action.module.code_integrity", "moved", 4_294_901_761),
  stays("action_module_file_info", "action.module.file_info", "moved", '{"company":"Example"}'),
  stays("action_module_image_size", "action.module.image_size", "number", "155648.5", {}, 155648.5),
  stays("action_module_last_writer_actor", "action.module.last_writer_actor", "moved", "Ad0UcMlvubwAAB5IAAAAAA=="),
  stays("action_module_md5", "action.module.md5", "moved", "22220000222200002222000022220000", {
    related: { hash: ["22220000222200002222000022220000"] },
  }),
  stays("action_module_other_load_location", "action.module.other_load_location", "moved", "/opt/other.so"),
  stays("action_module_page_protection", "action.module.page_protection", "moved", 32),
  goes("action_module_path", "action.module.path", "moved", "/opt/lib/example.so", {
    package: { path: "/opt/lib/example.so" },
  }),
  stays("action_module_sha256", "action.module.sha256", "moved", "2".repeat(64), {
    related: { hash: ["2".repeat(64)] },
  }),
  stays("action_module_signature_is_embedded", "action.module.signature_is_embedded", "boolean", "true", {}, true),
  stays("action_module_signature_product", "action.module.signature_product", "moved", "Library"),
  stays("action_module_signature_status", "action.module.signature_status", "moved", 2),
  stays("action_module_signature_vendor", "action.module.signature_vendor", "moved", "Library Ltd"),
  stays("action_module_system_properties", "action.module.system_properties", "moved", 115_715),
  stays("action_network_connection_id", "action.network.connection_id", "moved", "Ad0pqnV7zT0AAAAAAAAFMg=="),
  stays("action_network_is_server", "action.network.is_server", "boolean", "False", {}, false),
  goes("action_network_protocol", "action.network.protocol", "text", "TCP", { network: { protocol: "tcp" } }),
  stays(
    "action_network_creation_time",
    "action.network.creation_time",
    "date",
    1_700_000_000_123,
    {},
    "2023-11-14T22:13:20.123Z",
  ),
  stays("action_network_stats_is_last", "action.network.stats_is_last", "boolean", "FALSE", {}, false),
  stays("action_powered_off", "action.powered_off", "moved", false),
];
