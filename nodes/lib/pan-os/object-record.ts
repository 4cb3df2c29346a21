import { XdrError } from "../errors";
import { newFields, type DecodedRecord, type PanosFields, type PanosFormat } from "./record";
import { decodeStrata, isStrataRecord } from "./strata";
import { BACKSLASH_VARIABLES, variableOf } from "./variables";
import { withBackslashes } from "./unescape";

/** An object with a prototype of its own or none: what a JSON or query parser makes. */
export type PlainObject = Readonly<Record<string, unknown>>;

/** True for what a JSON or query parser makes of an object. */
export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/**
 * Reads one object as a record: the cloud service's by its CamelCase keys, else one whose keys are PAN-OS variables.
 *
 * @returns `PANOS_FORMAT_UNKNOWN` when no key is known
 */
export function recordOfObject(object: PlainObject, format: PanosFormat): DecodedRecord | XdrError {
  // The service's records may carry a key such as `host` that happens to be a variable's name.
  if (!hasUsualKey(object) && isStrataRecord(object)) return decodeStrata(object);
  if (hasVariable(object)) return { format, fields: fieldsOf(object), repairs: [], warnings: [] };
  return new XdrError(
    "PANOS_FORMAT_UNKNOWN",
    "The object has none of the keys of a PAN-OS log: use the payload format of the documentation.",
  );
}

/** The keys that every template has: one of them decides at a glance. */
const USUAL_KEYS = ["src", "severity", "time_generated", "subtype"] as const;

function hasUsualKey(object: PlainObject): boolean {
  return USUAL_KEYS.some((key) => object[key] !== undefined && Object.hasOwn(object, key));
}

function hasVariable(object: PlainObject): boolean {
  return hasUsualKey(object) || Object.keys(object).some((key) => variableOf(key) !== undefined);
}

function fieldsOf(object: PlainObject): PanosFields {
  const fields = newFields();
  for (const key of Object.keys(object)) {
    const text = textOfValue(object[key]);
    if (text === undefined) continue;
    const name = variableOf(key) ?? key;
    if (name in fields) continue;
    // Escapes that the template never meant: see section "backslashes" of the tests.
    fields[name] = BACKSLASH_VARIABLES.has(name) ? withBackslashes(text) : text;
  }
  return fields;
}

/** Text of a scalar; of an array (a query's repeated key) the first one's. */
export function textOfValue(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  return Array.isArray(value) && typeof value[0] === "string" ? value[0] : undefined;
}
