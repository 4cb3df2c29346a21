import { integerIn, pick, type Random } from "../virtual-random";
import { hex, newImage, remoteAddress, type Host } from "./event-hosts";

/** What an event is made of. */
export interface EventFacts {
  readonly random: Random;
  readonly host: Host;
  readonly timeMs: number;
}

/** One kind of events of the agent: the number, its sub types, and the fields of its own. */
export interface EventKind {
  readonly type: number;
  readonly subTypes: readonly number[];
  readonly fields: (facts: EventFacts, eventId: string) => Record<string, unknown>;
}

const LONG_TEXT = "Invented component of an invented product, for tests only";

function processFields({ random, host, timeMs }: EventFacts, eventId: string): Record<string, unknown> {
  const image = host.program(random);
  return {
    event_rpc_interface_uuid: `{${hex(random, 8)}-0000-0000-C000-000000000046}`,
    event_rpc_func_opnum: integerIn(random, 0, 9),
    action_process_os_pid: integerIn(random, 400, 30_000),
    action_process_user_sid: "S-1-5-18",
    action_process_username: host.user,
    action_process_instance_id: host.instanceId(random),
    action_process_image_path: image.path,
    action_process_image_name: image.name,
    action_process_image_extension: "exe",
    action_process_image_command_line: `"${image.path}" --service=${hex(random, 16)} --quiet`,
    action_process_signature_status: 1,
    action_process_signature_product: "Example Ltd",
    action_process_signature_vendor: "Example Ltd",
    action_process_signature_is_embedded: true,
    action_process_image_md5: image.md5,
    action_process_image_sha256: image.sha256,
    action_process_integrity_level: pick(random, [8192, 12288, 16384]),
    action_process_pe_load_info: { image_base: "140700000000000", image_size: "9000960", entry_point_rva: 3_600_000 },
    action_process_peb: String(integerIn(random, 1e9, 9e11)),
    action_process_peb32: "0",
    action_process_token: JSON.stringify({ user_id: "S-1-5-18", auth_id: 999, type: 1, session_id: 0 }),
    action_process_privileges: 61_000_000_000 + integerIn(random, 0, 999),
    action_process_fds: "{}",
    action_process_termination_date: timeMs + integerIn(random, 1, 20_000),
    action_process_termination_code: 0,
    uuid: eventId,
  };
}

function networkFields({ random, host, timeMs }: EventFacts): Record<string, unknown> {
  return {
    action_socket_type: 1,
    action_remote_ip: remoteAddress(random),
    action_remote_port: pick(random, [53, 80, 443, 8443]),
    action_local_ip: host.address,
    action_local_port: integerIn(random, 49_152, 65_535),
    action_network_connection_id: host.instanceId(random),
    action_network_is_server: false,
    action_network_creation_time: timeMs - integerIn(random, 0, 300_000),
    action_total_upload: integerIn(random, 0, 1e6),
    action_total_download: integerIn(random, 0, 1e7),
    action_network_stats_is_last: random() < 0.5,
    action_network_protocol: pick(random, [6, 17]),
  };
}

function fileFields({ random, host, timeMs }: EventFacts): Record<string, unknown> {
  const name = `${hex(random, 10)}.tmp`;
  const image = newImage(random, "C:\\ProgramData\\Example\\Queue\\incoming", name);
  return {
    action_file_path: image.path,
    action_file_name: name,
    action_file_previous_file_path: `${image.path}.part`,
    action_file_previous_file_name: `${name}.part`,
    action_file_md5: image.md5,
    action_file_sha256: image.sha256,
    action_file_device_type: 0,
    action_file_size: integerIn(random, 0, 5e6),
    action_file_create_time: timeMs - 400,
    action_file_mod_time: timeMs,
    action_file_access_time: timeMs,
    action_file_attributes: 128,
    action_file_type: integerIn(random, 0, 30),
    action_file_prev_type: 18,
    action_file_last_writer_actor: host.instanceId(random),
  };
}

function registryFields({ random }: EventFacts): Record<string, unknown> {
  return {
    action_registry_key_name: `HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\Example\\${hex(random, 8)}`,
    action_registry_return_val: 0,
    action_registry_data: `${integerIn(random, 1e9, 9e9)};${LONG_TEXT}`,
    action_registry_value_name: pick(random, ["LastRun", "State", "Größe"]),
    action_registry_value_type: pick(random, [1, 3, 4]),
  };
}

function moduleFields({ random }: EventFacts): Record<string, unknown> {
  const image = newImage(random, "C:\\Windows\\System32", pick(random, ["exlib.dll", "exnet.dll", "exui.dll"]));
  const info = { company: "Example Ltd", description: LONG_TEXT, product_name: "Example®", file_version: "10.0.1.2" };
  return {
    action_module_path: image.path,
    action_module_base_address: String(140_720_000_000_000 + integerIn(random, 0, 9e7) * 4096),
    action_module_image_size: integerIn(random, 10, 900) * 4096,
    action_module_signature_status: 1,
    action_module_signature_product: "Example Ltd",
    action_module_signature_vendor: "Example Ltd",
    action_module_signature_is_embedded: true,
    action_module_md5: image.md5,
    action_module_sha256: image.sha256,
    action_module_file_info: JSON.stringify(info),
    action_module_system_properties: 115_715,
    action_module_code_integrity: 4_294_901_760,
    action_module_boot_code_integrity: 4_294_901_760,
  };
}

// The numbers are those of the rows of the forwarding; the fields those of the vendor's page "Endpoints (Event Forwarding)
// included/excluded fields by event type".
const PROCESS: EventKind = { type: 1, subTypes: [1, 2], fields: processFields };
const NETWORK: EventKind = { type: 2, subTypes: [1, 2, 3, 4, 6, 11], fields: networkFields };
const FILE: EventKind = { type: 3, subTypes: [1, 3, 5, 6], fields: fileFields };
const REGISTRY: EventKind = { type: 4, subTypes: [1, 4, 6], fields: registryFields };
const MODULE: EventKind = { type: 6, subTypes: [1], fields: moduleFields };

/** As often as they occur. */
export const KINDS: readonly EventKind[] = [PROCESS, NETWORK, NETWORK, NETWORK, FILE, FILE, REGISTRY, REGISTRY, MODULE];
