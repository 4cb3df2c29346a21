import { isNamePart } from "./cef-keys";
import { directionWord, isThreatType, setField, severityWord, versionOfConfig } from "./field-rules";
import { splitHeader, splitPairs, unescapeValue, type PairSyntax } from "./key-values";
import { LEEF_FREE_TEXT, LEEF_KEYS } from "./leef-keys";
import { newFields, type DecodedRecord, type PanosFields } from "./record";
import { blanksEnd, stripSyslogHeader } from "./syslog";

/** Delimiters to expect when the header declares none. Source: IBM QRadar "LEEF event components", LEEF 1.0: tab; PAN-OS templates: `|`. */
const USUAL_DELIMITERS = "\t|";

/**
 * Reads one LEEF record of version 1.0 or 2.0, with or without a syslog header, delimited by `|`, tab or what the header declares (`^`, `x7C`, `0x7C`).
 * Names are taken without regard to case and under the aliases of the known templates. A `|` in a URL does not end it.
 *
 * Source: IBM QRadar "Log Event Extended Format", LEEF event components; PAN-OS templates in the "IBM QRadar DSM Configuration Guide".
 *
 * @returns undefined when the text is no LEEF record of this vendor
 */
export function decodeLeef(text: string): DecodedRecord | undefined {
  const { body, zone } = stripSyslogHeader(text);
  const start = blanksEnd(body, 0);
  if (!/^LEEF:\d/.test(body.slice(start, start + 6))) return undefined;
  const header = splitHeader(body, start + 5, 5);
  if (header === undefined || !/palo ?alto|pan-os/i.test(header.fields.slice(1, 3).join(" "))) return undefined;
  const { delimiters, rest } = delimitersAt(body, header.rest);
  const pairs = splitPairs(body.slice(rest).trimEnd(), leefSyntax(delimiters));
  const values = new Map([...pairs.values].map(([key, raw]) => [key, unescapeValue(raw, '\\="|')]));
  const record: DecodedRecord = {
    format: "leef",
    fields: fieldsOf(header.fields, values),
    repairs: [],
    warnings: pairs.repeated.slice(0, 20).map((key) => `The key "${key}" occurs twice: the first value was kept.`),
  };
  return zone === undefined ? record : { ...record, headerZone: zone };
}

/** Reads LEEF 2.0's delimiter field at `start`, if there is one. */
function delimitersAt(body: string, start: number): { delimiters: string; rest: number } {
  const declared = /^(?:(?:0?[xX]([0-9A-Fa-f]{1,4}))|([^A-Za-z0-9=]))?\|/.exec(body.slice(start, start + 8));
  if (declared === null) return { delimiters: USUAL_DELIMITERS, rest: start };
  const [whole, hex, char] = declared;
  const delimiter = hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16));
  const rest = start + whole.length;
  return { delimiters: delimiter === undefined ? USUAL_DELIMITERS : knownOrUsual(body.slice(rest), delimiter), rest };
}

/** A template may declare one delimiter and use another. */
function knownOrUsual(attributes: string, delimiter: string): string {
  const { values } = splitPairs(attributes, leefSyntax(delimiter));
  return values.size > 1 ? delimiter : USUAL_DELIMITERS;
}

function leefSyntax(delimiters: string): PairSyntax {
  return {
    isSeparator: (char) => delimiters.includes(char),
    // Names such as `X-Forwarded-For`.
    isKeyChar: (code) => isNamePart(code) || code === 45,
    normalise: (key) => key.toLowerCase(),
    isKnown: (key) => LEEF_KEYS.has(key),
    isFreeText: (key) => LEEF_FREE_TEXT.has(key),
  };
}

function fieldsOf(header: readonly string[], values: ReadonlyMap<string, string>): PanosFields {
  const fields = newFields();
  const [, , product = "", version, event = ""] = header;
  const isCloud = product.trim() === "LF";
  // The service's header names the type; the firewall's the threat, and its own release.
  if (isCloud) setField(fields, "type", event);
  for (const [key, name] of LEEF_KEYS) if (name !== "") setField(fields, name, values.get(key));
  if (!isCloud) setField(fields, "sender_sw_version", version);
  if (!isCloud && isThreatType(fields["type"])) setField(fields, "threatid", event);
  setField(fields, "sender_sw_version", versionOfConfig(values.get("configversion")));
  setField(fields, "severity", severityWord((fields["number-of-severity"] ?? "").trim()));
  const { direction, serial } = fields;
  if (direction !== undefined) fields["direction"] = directionWord(direction);
  if (serial === "no-serial") delete fields["serial"];
  return fields;
}
