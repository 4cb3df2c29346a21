import { ANNEX_MARKER } from "./annex";
import { skipBlanks } from "./json";
import type { DecodedRecord, PanosFields } from "./record";

/**
 * Keys of the relay template in their order. Source: xdrgateway by xhoms, payload layout, read 2026-11.
 */
const KEYS = [
  "src",
  "sport",
  "dst",
  "dport",
  "time_generated",
  "rule",
  "serial",
  "sender_sw_version",
  "subtype",
  "threat_name",
  "severity",
  "action",
].map((key) => `"${key}"`);

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Reads a body of exactly the relay template whose JSON is valid, has nothing to repair and nothing escaped. It sees what the general way would
 * see, in a tenth of the time: most of that goes into making an object key by key.
 *
 * @returns undefined for everything else, which then takes the general way
 */
export function decodeSeedTemplate(text: string): DecodedRecord | undefined {
  const values: string[] = [];
  let at = 1;
  for (const key of KEYS) {
    at = skipBlanks(text, at);
    if (!text.startsWith(key, at)) return undefined;
    at = skipBlanks(text, at + key.length);
    if (text.charCodeAt(at) !== 58) return undefined;
    at = skipBlanks(text, at + 1);
    const isQuoted = text.charCodeAt(at) === QUOTE;
    const end = isQuoted ? endOfString(text, at + 1) : endOfInteger(text, at);
    if (end < 0) return undefined;
    values.push(isQuoted ? text.slice(at + 1, end) : text.slice(at, end));
    at = skipBlanks(text, isQuoted ? end + 1 : end);
    if (text.charCodeAt(at) !== (values.length < KEYS.length ? 44 : 125)) return undefined;
    at += 1;
  }
  at = skipBlanks(text, at);
  if (!text.startsWith(ANNEX_MARKER, at)) return undefined;
  const fields = fieldsOf(values, text.slice(at + ANNEX_MARKER.length).trim());
  return { format: "json-annex", fields, repairs: [], warnings: [] };
}

/** Offset of the closing quote; -1 when there is none, or something to decode before it. */
function endOfString(text: string, start: number): number {
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    // NaN, the code behind the end, fails the comparison, too.
    if (code === BACKSLASH || !(code >= 32)) return -1;
  }
}

/** Offset behind an integer that is the same as text and as a number; -1 when it is none. */
function endOfInteger(text: string, start: number): number {
  let at = start;
  for (; at < start + 16; at += 1) {
    const code = text.charCodeAt(at);
    if (!(code >= 48 && code <= 57)) break;
  }
  const hasLeadingZero = text.charCodeAt(start) === 48 && at > start + 1;
  return at === start || at === start + 16 || hasLeadingZero ? -1 : at;
}

/** Written as one literal without a prototype, which the engine makes in one step. */
function fieldsOf(values: readonly string[], misc: string): PanosFields {
  return {
    __proto__: null,
    src: values[0] ?? "",
    sport: values[1] ?? "",
    dst: values[2] ?? "",
    dport: values[3] ?? "",
    time_generated: values[4] ?? "",
    rule: values[5] ?? "",
    serial: values[6] ?? "",
    sender_sw_version: values[7] ?? "",
    subtype: values[8] ?? "",
    threat_name: values[9] ?? "",
    severity: values[10] ?? "",
    action: values[11] ?? "",
    misc,
  } as unknown as PanosFields;
}
