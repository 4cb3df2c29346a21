import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parsePanosOptions } from "../../../nodes/lib/pan-os/options";
import { parsePanos, type ParsedAlert, type ParseResult, type Reject } from "../../../nodes/lib/pan-os/parse";
import { xdrAlertSchema } from "../../../nodes/lib/tenant/alert-schema";

/** Arrival of every test body unless it says otherwise: two seconds after the usual log. */
export const ARRIVAL_MS = Date.UTC(2025, 2, 4, 10, 22, 42);

/** Values of the usual log, invented. */
export const USUAL = {
  src: "10.20.30.40",
  sport: 51544 as unknown,
  dst: "203.0.113.80",
  dport: 80 as unknown,
  time_generated: "2025/03/04 10:22:40",
  rule: "Users-to-Internet",
  serial: "019901000123",
  sender_sw_version: "10.0.8",
  subtype: "spyware",
  threat_name: "Sample C2 Beacon(86999)",
  severity: "critical",
  action: "reset-both",
};

export const MARKER = "---annex---";

/** The relay template's body as the firewall sends it. `misc` is pasted raw. */
export function seedBody(changes: object = {}, misc = '"c2.example.net/gate.php?id=7"'): string {
  return `${JSON.stringify({ ...USUAL, ...changes }, null, 2)}\n${MARKER}\n${misc}\n`;
}

/** A flat JSON body of the usual values and `changes`; undefined takes a key out. */
export const jsonBody = (changes: object = {}): string => JSON.stringify({ ...USUAL, ...changes });

export function parse(input: unknown, config: object = {}, arrivalMs = ARRIVAL_MS): ParseResult {
  return parsePanos(input, parsePanosOptions(config), arrivalMs);
}

/** The only alert of `input`; it must be one that the tenant takes. */
export function alertOf(input: unknown, config: object = {}, arrivalMs = ARRIVAL_MS): ParsedAlert {
  const { alerts, rejects } = parse(input, config, arrivalMs);
  assert.deepEqual(rejects, []);
  assert.equal(alerts.length, 1);
  xdrAlertSchema.parse(alerts[0]!.alert);
  return alerts[0]!;
}

/** The only reject of `input`. */
export function rejectOf(input: unknown, config: object = {}): Reject {
  const { alerts, rejects } = parse(input, config);
  assert.deepEqual(alerts, []);
  assert.equal(rejects.length, 1);
  return rejects[0]!;
}

/** The alert of the usual JSON body with `changes`. */
export const alertWith = (changes: object, config: object = {}, arrivalMs = ARRIVAL_MS): ParsedAlert =>
  alertOf(jsonBody(changes), config, arrivalMs);

export const fixture = (name: string): string =>
  readFileSync(join(__dirname, "../../fixtures/pan-os", name), "utf8").trimEnd();

/** Code points of a text. */
export const pointsOf = (text: string | undefined): string[] => Array.from(text ?? "");
