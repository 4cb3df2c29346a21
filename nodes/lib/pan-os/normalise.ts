import type { DecodedRecord, PanosFields } from "./record";
import { parseAddress } from "./address";
import { HALVES, KNOWN_VARIABLES, OUTSIDE_VARIABLES } from "./variables";

const DOLLAR = 36;
const QUOTE = 34;

/** What cleaning a record's values found. */
export interface Normalised {
  readonly fields: PanosFields;
  /** Names of the variables that the firewall left as they stand in the template. */
  readonly literals: readonly string[];
}

/**
 * Cleans the values of a record in place: blanks, NUL and one pair of quotes around them go, doubled quotes become single ones,
 * empty and unreplaced values disappear, so do addresses that only say that there is no NAT. Warnings go to the record.
 */
export function normalise({ fields, warnings }: DecodedRecord): Normalised {
  const literals: string[] = [];
  const halvable: string[] = [];
  for (const name in fields) {
    const raw = fields[name] ?? "";
    const value = cleanText(raw);
    if (HALVES.has(name)) halvable.push(name);
    if (value === "") drop(fields, name);
    else if (value.charCodeAt(0) === DOLLAR && isLiteral(name, value)) {
      literals.push(name);
      drop(fields, name);
    } else if (value !== raw) fields[name] = value;
  }
  if (literals.length > 0)
    warnings.push(
      `The firewall did not replace ${literals
        .map((name) => `$${name}`)
        .join(", ")
        .slice(0, 300)}.`,
    );
  dropHalfExpanded(halvable, fields, warnings);
  dropNoNat(fields);
  readUsers(fields);
  return { fields, literals };
}

/** A value without blanks, NUL and one pair of quotes around it. */
export function cleanText(raw: string): string {
  let value = raw.includes("\0") ? raw.replaceAll("\0", "") : raw;
  if (!isClean(value)) value = value.trim();
  if (value.length < 2 || value.charCodeAt(0) !== QUOTE) return value === '"' ? "" : value;
  if (value.charCodeAt(value.length - 1) !== QUOTE) return value;
  return value.slice(1, -1).replaceAll('""', '"').trim();
}

function isClean(value: string): boolean {
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(value.length - 1);
  return first > 32 && first < 127 && last > 32 && last < 127;
}

/** `$name` as in the template. Text from outside may begin with a dollar, so there it must be the name of a variable. */
function isLiteral(name: string, value: string): boolean {
  if (value.length > 60 || !/^\$[A-Za-z_][\w-]*$/.test(value)) return false;
  const isOutside = OUTSIDE_VARIABLES.has(name) || name.endsWith("user");
  return !isOutside || KNOWN_VARIABLES.has(value.slice(1));
}

/**
 * Drops what an old firewall made of a newer variable: it knows `$rule`, not `$rule_uuid`, and writes the rule's name and then
 * `_uuid`. Inferred from public rows of a 10.1 firewall with `_reportid` in place of `$cloud_reportid`.
 */
function dropHalfExpanded(names: readonly string[], fields: PanosFields, warnings: string[]): void {
  for (const name of names) {
    const halves = HALVES.get(name);
    const value = fields[name];
    if (halves === undefined || value === undefined) continue;
    const isHalf = halves.some(
      ({ prefix, suffix }) => value.endsWith(suffix) && isExpansion(value, prefix, suffix, fields),
    );
    if (!isHalf) continue;
    drop(fields, name);
    warnings.push(`The firewall does not know $${name}: its value was dropped.`);
  }
}

function isExpansion(value: string, prefix: string, suffix: string, fields: PanosFields): boolean {
  const head = value.slice(0, value.length - suffix.length);
  if (head === (fields[prefix] ?? "")) return true;
  if (prefix === "rule" || fields[prefix] !== undefined) return prefix === "rule";
  return (prefix === "src" || prefix === "dst") && parseAddress(head) !== undefined;
}

function dropNoNat(fields: PanosFields): void {
  for (const [address, port] of NAT_PAIRS) {
    const value = fields[address];
    if (value === "0.0.0.0" || value === "::") drop(fields, address);
    if (fields[port] === "0") drop(fields, port);
  }
}

function drop(fields: PanosFields, name: string): void {
  Reflect.deleteProperty(fields, name);
}

const NAT_PAIRS = [
  ["natsrc", "natsport"],
  ["natdst", "natdport"],
] as const;

const USERS = ["srcuser", "dstuser"] as const;
/** What a firewall writes into the user field when it is told to use X-Forwarded-For. Source: PAN-OS, flag 0x00080000. */
const FORWARDED_FOR = "x-fwd-for:";

function readUsers(fields: PanosFields): void {
  for (const name of USERS) {
    const user = fields[name];
    if (user === undefined) continue;
    if (user.slice(0, FORWARDED_FOR.length).toLowerCase() === FORWARDED_FOR) {
      drop(fields, name);
      const address = parseAddress(user.slice(FORWARDED_FOR.length).trim());
      if (address !== undefined) fields["xff_ip"] ??= address.text;
    } else if (user.includes("\\\\")) {
      fields[name] = user.replaceAll("\\\\", "\\");
    }
  }
}
