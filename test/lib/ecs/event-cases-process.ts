import { goes, stays, type EventRow } from "./event-cases";

/** Processes. */
export const PROCESS_ROWS: readonly EventRow[] = [
  stays("action_process_fds", "action.process.fds", "moved", "{}"),
  stays("action_process_image_command_line", "action.process.image_command_line", "moved", "tool --fast"),
  stays("action_process_image_extension", "action.process.image_extension", "moved", "exe"),
  goes("action_process_image_md5", "action.process.image_md5", "moved", "33330000333300003333000033330000", {
    process: { hash: { md5: ["33330000333300003333000033330000"] } },
    related: { hash: ["33330000333300003333000033330000"] },
  }),
  stays("action_process_image_name", "action.process.image_name", "moved", "tool.exe"),
  stays("action_process_image_path", "action.process.image_path", "moved", "C:\\tools\\tool.exe"),
  goes("action_process_image_sha256", "action.process.image_sha256", "moved", "3".repeat(64), {
    process: { hash: { sha256: ["3".repeat(64)] } },
    related: { hash: ["3".repeat(64)] },
  }),
  stays("action_process_in_txn", "action.process.in_txn", "boolean", "true", {}, true),
  stays(
    "action_process_instance_execution_time",
    "action.process.instance_execution_time",
    "date",
    1_700_000_000_123,
    {},
    "2023-11-14T22:13:20.123Z",
  ),
  stays("action_process_instance_id", "action.process.instance_id", "moved", "Ad0pq47euOwAABIgAAAAAA=="),
  stays("action_process_integrity_level", "action.process.integrity_level", "moved", 16_384),
  stays("action_process_last_writer_actor", "action.process.last_writer_actor", "moved", "Ad0TJBZC8EQAABXQAAAAAA=="),
  goes("action_process_os_pid", "action.process.os_pid", "integer", "4640", { process: { pid: 4640 } }, 4640),
  goes(
    "action_process_pe_load_info",
    "action.process.pe_load_info",
    "moved",
    { image_base: "140702893998080", entry_point_rva: 3_675_264 },
    { process: { pe: { description: { image_base: "140702893998080", entry_point_rva: 3_675_264 } } } },
  ),
  stays("action_process_peb", "action.process.peb", "moved", "101064839168"),
  stays("action_process_peb32", "action.process.peb32", "moved", "0"),
  stays("action_process_privileges", "action.process.privileges", "moved", 61_751_814_288),
  stays("action_process_scheduled_task_name", "action.process.scheduled_task_name", "moved", "nightly"),
  goes(
    "action_process_signature_is_embedded",
    "action.process.signature_is_embedded",
    "boolean",
    "False",
    { process: { code_signature: { exists: false } } },
    false,
  ),
  stays("action_process_signature_product", "action.process.signature_product", "moved", "Tool"),
  goes("action_process_signature_status", "action.process.signature_status", "moved", ["signed", "trusted"], {
    process: { code_signature: { status: ["signed", "trusted"] } },
  }),
  goes("action_process_signature_vendor", "action.process.signature_vendor", "moved", "Tool Ltd", {
    process: { code_signature: { subject_name: "Tool Ltd" } },
  }),
  goes(
    "action_process_termination_code",
    "action.process.termination_code",
    "integer",
    "-1",
    { process: { exit_code: -1 } },
    -1,
  ),
  goes(
    "action_process_termination_date",
    "action.process.termination_date",
    "date",
    1_700_000_000_123,
    { process: { end: "2023-11-14T22:13:20.123Z" } },
    "2023-11-14T22:13:20.123Z",
  ),
  stays("action_process_token", "action.process.token", "moved", '{"type":1}'),
  goes("action_process_user_sid", "action.process.user_sid", "moved", "S-1-5-21-1", {
    process: { entry_leader: { attested_user: { id: "S-1-5-21-1" } } },
    related: { user: ["S-1-5-21-1"] },
  }),
  goes("action_process_username", "action.process.username", "moved", "EAST\\ann", {
    process: { entry_leader: { attested_user: { name: "EAST\\ann" } } },
    related: { user: ["EAST\\ann"] },
  }),
];
