import { alertV2 } from "./alert-least";
import type { RowCase } from "./row-cases";

interface Kept {
  readonly field: string;
  readonly given: unknown;
  /** Where it is not what was given. */
  readonly kept?: unknown;
  readonly others: object;
}

const KEPT: readonly Kept[] = [
  {
    field: "detection_timestamp",
    given: 1_700_000_000_000,
    kept: "2023-11-14T22:13:20.000Z",
    others: { event: { created: "2023-11-14T22:13:20.000Z" } },
  },
  {
    field: "event_timestamp",
    given: [1_700_000_060_500, 1_700_000_120_250],
    others: { "@timestamp": "2023-11-14T22:14:20.500Z" },
  },
  { field: "event_timestamp", given: 1_700_000_060_500, others: {} },
  { field: "severity", given: "high", others: { event: { severity: 4 } } },
  { field: "severity", given: "critical", others: {} },
  {
    field: "action_remote_ip",
    given: ["203.0.113.9", "203.0.113.9"],
    others: { destination: { ip: ["203.0.113.9"] } },
  },
  { field: "action_remote_ip", given: "203.0.113.9", others: {} },
  { field: "action_remote_port", given: [443, 443], others: { destination: { port: [443, 443] } } },
  { field: "action_local_ip", given: ["192.0.2.15"], others: { source: { ip: ["192.0.2.15"] } } },
  { field: "action_local_port", given: [50_123], others: { source: { port: [50_123] } } },
  { field: "bioc_indicator", given: [{ pretty_name: "Process" }], others: {} },
  {
    field: "mitre_technique_id_and_name",
    given: ["T1046 - Network Service Discovery"],
    others: {
      threat: { framework: "MITRE ATT&CK", technique: { id: ["T1046"], name: ["Network Service Discovery"] } },
    },
  },
  {
    field: "mitre_tactic_id_and_name",
    given: ["TA0007 - Discovery"],
    others: { threat: { framework: "MITRE ATT&CK", tactic: { id: ["TA0007"], name: ["Discovery"] } } },
  },
  { field: "fw_email_subject", given: ["Your invoice"], others: { email: { subject: ["Your invoice"] } } },
  { field: "fw_email_sender", given: ["a@bad.example"], others: { email: { from: { address: ["a@bad.example"] } } } },
  { field: "fw_email_recipient", given: "lee@corp", others: { email: { to: { address: ["lee@corp"] } } } },
  { field: "external_id", given: "Ext-77", others: { event: { id: "Ext-77" } } },
  {
    field: "user_name",
    given: ["CORP\\Lee", "CORP\\Kim"],
    others: {
      user: { domain: "CORP", name: "Lee" },
      source: { user: { domain: "CORP", name: "Lee" } },
      related: { user: ["Lee"] },
    },
  },
  { field: "user_name", given: "CORP\\Lee", others: {} },
];

/** The fields of v2 that go because they stand elsewhere, where they are to be kept. */
export const DUPLICATE_CASES: readonly RowCase[] = [
  ...KEPT.map(({ field, given, kept = given, others }): RowCase => ({
    what: `${field} is kept when duplicates are: ${JSON.stringify(given)}`,
    record: alertV2({ [field]: given }),
    preserveDuplicates: true,
    document: {
      ...others,
      tags: ["preserve_duplicate_custom_fields"],
      panw_cortex: { xdr: { [field]: kept } },
    },
  })),
  {
    what: "tags are kept when duplicates are, and follow the tag that says so",
    record: alertV2({ tags: ["Seen", "preserve_duplicate_custom_fields"] }),
    preserveDuplicates: true,
    document: {
      tags: ["preserve_duplicate_custom_fields", "Seen"],
      panw_cortex: { xdr: { tags: ["Seen", "preserve_duplicate_custom_fields"] } },
    },
  },
  {
    what: "fields that move are no duplicates",
    record: alertV2({ name: "Port Scan", action: "DETECTED", host_name: "PC-Lee", host_ip: ["192.0.2.15"] }),
    preserveDuplicates: true,
    document: {
      message: "Port Scan",
      event: { action: "DETECTED" },
      host: { hostname: "PC-Lee", name: "pc-lee", ip: ["192.0.2.15"] },
      tags: ["preserve_duplicate_custom_fields"],
    },
  },
];
