import { XdrError } from "../errors";
import type { PlainObject } from "./object-record";

/** What the admin has to tick. */
export const SKIP_BODY_PARSING =
  'The http in node has parsed the body and damaged it: tick "skip body parsing" there, or set Content-Type text/plain on the firewall.';

/** Longest text rebuilt of a parsed form, characters: the form parser of Node-RED reads at most 5 MB. */
const MAX_REBUILT = 5_000_000;

/** Deepest nesting put together again: the form parser itself goes no deeper than 32. */
const MAX_DEPTH = 40;

/** How a line of a log stream begins. No key of a template does. */
const LOG_LINE = /^(?:<\d{1,3}>|(?:CEF|LEEF):\d|\d{0,3},\d{4}\/\d\d\/\d\d )/;

/**
 * Rebuilds the text that Node-RED's form parser took apart: it cuts a body at `&` and `=` and decodes `+` and `%xx`. Joining keys and values brings
 * back all but the decoded characters, which is enough to find the values again.
 *
 * @returns undefined when the object does not look like a body taken apart
 */
export function rebuildFormBody(object: PlainObject): string | XdrError | undefined {
  const keys = Object.keys(object);
  const hasJson = keys.some((key) => key.includes('"') || key.includes("{") || key.startsWith("PANXDR/"));
  if (!hasJson && !LOG_LINE.test(keys[0] ?? "")) return undefined;
  const parts: string[] = [];
  let size = 0;
  for (const key of keys) {
    for (const part of partsOf(key, object[key])) {
      size += part.length + 1;
      if (size > MAX_REBUILT) return new XdrError("PANOS_BODY_PARSED", SKIP_BODY_PARSING);
      parts.push(part);
    }
  }
  return parts.join("&");
}

/** `key=value` again; a list is a key that stood there more than once, nesting comes from brackets in the text (`?a[b][c]=1`). */
function partsOf(key: string, value: unknown, depth = 0): string[] {
  if (typeof value === "string") return [value === "" ? key : `${key}=${value}`];
  if (typeof value !== "object" || value === null) return [key];
  if (depth >= MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.slice(0, 1000).flatMap((item: unknown) => partsOf(key, item, depth + 1));
  const inner = value as PlainObject;
  return Object.keys(inner).flatMap((name) => partsOf(`${key}[${name}]`, inner[name], depth + 1));
}
