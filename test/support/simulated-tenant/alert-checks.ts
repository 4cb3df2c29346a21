import { isIPv4, isIPv6 } from "node:net";
import { isObject } from "./call";

/** One entry of `err_extra`. */
export interface Problem {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

/** Most alerts in one update. Source: Cortex XDR REST API, "Insert Parsed Alerts". */
export const MAX_ALERTS = 60;

const SEVERITIES: readonly unknown[] = ["Informational", "Low", "Medium", "High", "Unknown"];
const ACTIONS: readonly unknown[] = ["Reported", "Blocked"];
const NAMES = ["product", "vendor", "alert_name"] as const;
const PORTS = ["local_port", "remote_port"] as const;
const SIDES = ["local_ip", "remote_ip"] as const;
const KNOWN = new Set<string>([
  ...NAMES,
  ...PORTS,
  ...SIDES,
  ...SIDES.map((side) => `${side}_v6`),
  "event_timestamp",
  "severity",
  "alert_description",
  "action_status",
]);

/** Keys the insert call does not document. */
export function unknownKeys(alert: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(alert).filter((key) => !KNOWN.has(key));
}

/** What is wrong with one alert of the insert call, undefined when nothing is. Unknown keys are not looked at. */
export function problemOf(alert: unknown): Problem | undefined {
  if (!isObject(alert)) return problem("object", [], "must be an object");
  for (const field of NAMES) {
    const value = alert[field];
    if (value === undefined) return problem("missing", [field], "is required");
    if (typeof value !== "string" || value === "") return problem("string", [field], "must be a string, not empty");
  }
  for (const field of PORTS) {
    if (alert[field] === undefined) return problem("missing", [field], "is required");
    if (!isPort(alert[field])) return problem("port", [field], "must be an integer from 0 to 65535");
  }
  return addressProblem(alert) ?? timestampProblem(alert["event_timestamp"]) ?? optionalProblem(alert);
}

function addressProblem(alert: Readonly<Record<string, unknown>>): Problem | undefined {
  for (const side of SIDES) {
    const [v4, v6] = [alert[side], alert[`${side}_v6`]];
    if ((v4 ?? "") === "" && (v6 ?? "") === "") return problem("missing", [side], `${side} or ${side}_v6 is required`);
    if (!isAddress(v4, isIPv4)) return problem("ipv4", [side], "must be an IPv4 address");
    if (!isAddress(v6, isPlainIPv6)) return problem("ipv6", [`${side}_v6`], "must be an IPv6 address");
  }
  return undefined;
}

function timestampProblem(value: unknown): Problem | undefined {
  const loc = ["event_timestamp"];
  if (value === undefined) return problem("missing", loc, "is required");
  if (typeof value !== "number" || !Number.isInteger(value)) return problem("int", loc, "must be an integer");
  return /^[0-9]{13}$/.test(String(value)) ? undefined : problem("int", loc, "must be epoch milliseconds, 13 digits");
}

function optionalProblem(alert: Readonly<Record<string, unknown>>): Problem | undefined {
  const { severity, action_status: action, alert_description: description } = alert;
  if (severity !== undefined && !SEVERITIES.includes(severity)) {
    return problem("enum", ["severity"], `must be one of ${SEVERITIES.join(", ")}`);
  }
  if (action !== undefined && !ACTIONS.includes(action)) {
    return problem("enum", ["action_status"], `must be one of ${ACTIONS.join(", ")}`);
  }
  if (description !== undefined && typeof description !== "string") {
    return problem("string", ["alert_description"], "must be a string");
  }
  return undefined;
}

/** Integers by the older documentation and all clients, text by the newer one. */
function isPort(value: unknown): boolean {
  if (typeof value === "string") return /^[0-9]{1,5}$/.test(value) && Number(value) <= 65_535;
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65_535;
}

/** Missing or empty is fine here: the other family was looked at before. */
function isAddress(value: unknown, isFamily: (text: string) => boolean): boolean {
  return value === undefined || value === "" || (typeof value === "string" && isFamily(value));
}

/** Without a zone: `fe80::1%eth0` means nothing outside its machine. */
function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes("%");
}

function problem(type: string, loc: readonly (string | number)[], msg: string): Problem {
  return { type, loc, msg };
}
