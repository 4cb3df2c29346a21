import { goes, stays, type EventRow } from "./event-cases";

/** The record itself, boot and files. */
export const FILE_ROWS: readonly EventRow[] = [
  goes("_id", "id", "moved", "AAABn/GUhYkh4YQXAFflOg==", { process: { entity_id: "AAABn/GUhYkh4YQXAFflOg==" } }),
  goes("uuid", "uuid", "moved", "7b0d7e1e-5f0c-4a57-9a3b-0c1f1a2b3c4d", {
    process: { entity_id: "7b0d7e1e-5f0c-4a57-9a3b-0c1f1a2b3c4d" },
  }),
  stays("action_boot_time", "action.boot_time", "date", 1_700_000_000_123, {}, "2023-11-14T22:13:20.123Z"),
  goes(
    "action_file_access_time",
    "action.file.access_time",
    "date",
    1_700_000_000_123,
    { file: { accessed: "2023-11-14T22:13:20.123Z" } },
    "2023-11-14T22:13:20.123Z",
  ),
  goes("action_file_attributes", "action.file.attributes", "moved", 128, { file: { attributes: ["128"] } }),
  goes(
    "action_file_create_time",
    "action.file.create_time",
    "date",
    1_700_000_000_123,
    { file: { created: "2023-11-14T22:13:20.123Z" } },
    "2023-11-14T22:13:20.123Z",
  ),
  stays("action_file_device_type", "action.file.device_type", "moved", 0),
  goes("action_file_group", "action.file.group", "moved", "20", { file: { gid: "20" } }),
  goes("action_file_group_name", "action.file.group_name", "moved", "staff", { file: { group: "staff" } }),
  stays("action_file_is_anonymous", "action.file.is_anonymous", "boolean", "TRUE", {}, true),
  stays("action_file_last_writer_actor", "action.file.last_writer_actor", "moved", "Ad0VSxDPWvgAAAvcAAAAAA=="),
  goes("action_file_md5", "action.file.md5", "moved", "11110000111100001111000011110000", {
    file: { hash: { md5: "11110000111100001111000011110000" } },
    related: { hash: ["11110000111100001111000011110000"] },
  }),
  goes(
    "action_file_mod_time",
    "action.file.mod_time",
    "date",
    1_700_000_000_123,
    { file: { mtime: "2023-11-14T22:13:20.123Z" } },
    "2023-11-14T22:13:20.123Z",
  ),
  goes("action_file_mode", "action.file.mode", "moved", "0644", { file: { mode: "0644" } }),
  goes("action_file_name", "action.file.name", "moved", ["notes.txt", "notes.bak"], {
    file: { name: ["notes.txt", "notes.bak"] },
  }),
  stays("action_file_operation_flags", "action.file.operation_flags", "moved", 16),
  stays("action_file_owner", "action.file.owner", "moved", "501"),
  goes("action_file_owner_name", "action.file.owner_name", "moved", "root", { file: { owner: "root" } }),
  goes("action_file_path", "action.file.path", "moved", ["/home/a/notes.txt", "/home/a/notes.bak"], {
    file: { path: ["/home/a/notes.txt", "/home/a/notes.bak"] },
  }),
  goes("action_file_pe_info", "action.file.pe_info", "moved", "Text editor", {
    file: { pe: { description: "Text editor" } },
  }),
  stays("action_file_prev_type", "action.file.prev_type", "moved", 18),
  stays("action_file_previous_file_name", "action.file.previous_file_name", "moved", "draft.tmp"),
  stays("action_file_previous_file_path", "action.file.previous_file_path", "moved", "/tmp/draft.tmp"),
  goes("action_file_sha256", "action.file.sha256", "moved", "1".repeat(64), {
    file: { hash: { sha256: "1".repeat(64) } },
    related: { hash: ["1".repeat(64)] },
  }),
  goes(
    "action_file_signature_is_embedded",
    "action.file.signature_is_embedded",
    "boolean",
    "False",
    { file: { code_signature: { exists: false } } },
    false,
  ),
  stays("action_file_signature_product", "action.file.signature_product", "moved", "Notes"),
  stays("action_file_signature_status", "action.file.signature_status", "moved", 1),
  stays("action_file_signature_vendor", "action.file.signature_vendor", "moved", "Notes Ltd"),
  goes("action_file_size", "action.file.size", "integer", "0x1000", { file: { size: 4096 } }, 4096),
  goes("action_file_type", "action.file.type", "moved", 0, { file: { type: 0 } }),
];
