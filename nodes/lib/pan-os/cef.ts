import {
  CLOUD_KEYS,
  CUSTOM_LABELS,
  FIREWALL_CUSTOM_KEYS,
  FIREWALL_KEYS,
  isCefKey,
  isFreeTextKey,
  isNamePart,
} from "./cef-keys";
import {
  directionWord,
  isBareNumber,
  isThreatId,
  isThreatType,
  miscOf,
  setField,
  severityWord,
  versionOfConfig,
} from "./field-rules";
import { splitHeader, splitPairs, unescapeValue, type PairSyntax } from "./key-values";
import { newFields, type DecodedRecord, type PanosFields } from "./record";
import { blanksEnd, stripSyslogHeader } from "./syslog";

const CEF_SYNTAX: PairSyntax = {
  isSeparator: (char) => char === " " || char === "\t" || char === "\n" || char === "\r",
  isKeyChar: isNamePart,
  normalise: (key) => key,
  isKnown: isCefKey,
  isFreeText: isFreeTextKey,
};

/** Keys in which a backslash before `n` or `r` belongs to a path or a user (`corp\nina`), not to a line break. */
const BACKSLASH_KEYS = /^(?:request|filePath|[sd]user0?|PanOS(?:Users|SourceUser|DestinationUser|URL|FileName))$/;

/** `Mar 01 2021 20:48:21`, with or without a fraction: a time of CEF without a zone. */
const ZONELESS_TIME = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{4}) (\d\d:\d\d:\d\d(?:\.\d{1,9})?)$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Reads one CEF record, with or without a syslog header: the firewall's (product `PAN-OS`) as format `cef`, the cloud service's (product `LF`) as
 * `strata-cef`, both under PAN-OS variable names. Values may hold blanks and bare `=`; the firewall's header severity is PAN-OS's 1 to 5.
 *
 * Source: ArcSight "Common Event Format" guide, "Definitions of Prefix Fields" and "Extension Dictionary"; PAN-OS "CEF Configuration
 * Guide", threat formats; Strata Logging Service, "Threat CEF Fields".
 *
 * @returns undefined when the text is no CEF record of this vendor
 */
export function decodeCef(text: string): DecodedRecord | undefined {
  const { body, zone } = stripSyslogHeader(text);
  const start = blanksEnd(body, 0);
  if (!/^CEF:\d/.test(body.slice(start, start + 5))) return undefined;
  const header = splitHeader(body, start + 4, 7);
  const [, vendor = "", product = ""] = header?.fields ?? [];
  if (header === undefined || !/palo ?alto|pan-os/i.test(vendor + product)) return undefined;
  const pairs = splitPairs(body.slice(header.rest).trimEnd(), CEF_SYNTAX);
  const values = new Map<string, string>();
  for (const [key, raw] of pairs.values)
    values.set(key, unescapeValue(raw.trimEnd(), "\\=|", !BACKSLASH_KEYS.test(key)));
  const isCloud = product.trim() === "LF";
  const record: DecodedRecord = {
    format: isCloud ? "strata-cef" : "cef",
    fields: isCloud ? cloudFields(header.fields, values) : firewallFields(header.fields, values),
    repairs: [],
    warnings: pairs.repeated.slice(0, 20).map((key) => `The key "${key}" occurs twice: the first value was kept.`),
  };
  return zone === undefined ? record : { ...record, headerZone: zone };
}

/** Header of the guide's templates: version, product version, threatid or subtype, type, number-of-severity. */
function firewallFields(header: readonly string[], values: ReadonlyMap<string, string>): PanosFields {
  const fields = newFields();
  const [, , , version, event = "", type, severity = ""] = header;
  // The header stands before everything that comes from outside; a severity behind a URL or file name may be part of it.
  if (!standsBeforeFreeText(values, "PanOSSeverity") && /^\s*[1-5]\s*$/.test(severity))
    setField(fields, "severity", severityWord(severity.trim()));
  for (const [key, name] of FIREWALL_KEYS) setField(fields, name, values.get(key));
  setCustomFields(fields, values, FIREWALL_CUSTOM_KEYS);
  setField(fields, "sender_sw_version", version);
  setField(fields, "type", type);
  setField(fields, "number-of-severity", severity);
  setField(fields, "severity", severityWord(severity.trim()));
  const category = values.get("cat");
  if (!isThreatType(type)) {
    setField(fields, "subtype", event);
    return fields;
  }
  // URL and WildFire templates swap the two: the one that ends in `(id)` is the threat.
  const isSwapped = !isThreatId(event) && category !== undefined && isThreatId(category);
  setField(fields, "threatid", isSwapped ? category : event);
  setField(fields, "subtype", isSwapped ? event : category);
  setField(fields, "subject", values.get("msg"));
  return fields;
}

/** True when `key` occurs before the first value that somebody outside may have written. */
function standsBeforeFreeText(values: ReadonlyMap<string, string>, key: string): boolean {
  for (const name of values.keys()) if (name === key || isFreeTextKey(name)) return name === key;
  return false;
}

/** Header of the service: version, `2.0`, type, subtype, a number on a scale of its own. */
function cloudFields(header: readonly string[], given: ReadonlyMap<string, string>): PanosFields {
  const fields = newFields();
  const [, , , , type, subtype] = header;
  const values = new Map([...given].filter(([, value]) => value !== "null"));
  for (const [key, name] of CLOUD_KEYS) setField(fields, name, values.get(key));
  setCustomFields(fields, values, new Map());
  setField(fields, "type", type);
  setField(fields, "subtype", subtype);
  setCloudThreat(fields, values);
  setField(fields, "misc", miscOf(subtype, values.get("request") ?? values.get("PanOSURL"), values.get("filePath")));
  setField(fields, "sender_sw_version", versionOfConfig(values.get("PanOSConfigVersion")));
  const users = values.get("PanOSUsers");
  // The service repeats the source address there when it knows no user.
  if (users !== fields["src"]) setField(fields, "srcuser", users);
  for (const name of ["time_generated", "receive_time", "high_res_timestamp"]) {
    const time = fields[name];
    if (time !== undefined) fields[name] = withZone(time, values.get("dtz"));
  }
  const { direction, serial } = fields;
  if (direction !== undefined) fields["direction"] = directionWord(direction);
  if (serial === "no-serial") delete fields["serial"];
  return fields;
}

function setCloudThreat(fields: PanosFields, values: ReadonlyMap<string, string>): void {
  const category = values.get("cat") ?? "";
  const name = values.get("PanOSThreatNameFirewall") ?? "";
  setField(fields, isThreatId(category) ? "threatid" : "thr_category", category);
  if (!isBareNumber(name)) setField(fields, "threat_name", name);
}

/** `cs1`, `c6a2`, ... by the meaning that their label names; by the template's order when there is no label. */
function setCustomFields(
  fields: PanosFields,
  values: ReadonlyMap<string, string>,
  unlabelled: ReadonlyMap<string, string>,
): void {
  for (const [key, value] of values) {
    if (!/^(?:c[sn]|c6a|flexString)\d$/.test(key)) continue;
    const label = values
      .get(`${key}Label`)
      ?.toLowerCase()
      .replace(/[^a-z0-9]/g, "");
    const name = label === undefined || label === "" ? unlabelled.get(key) : CUSTOM_LABELS.get(label);
    const isPlaceholder = (name === "src" || name === "dst") && fields[name] === "0.0.0.0" && value !== "";
    if (name !== undefined && isPlaceholder) fields[name] = value;
    if (name !== undefined) setField(fields, name, value);
  }
}

/** ISO text of a CEF time without a zone; the service's zone is UTC when `dtz` does not say otherwise. */
function withZone(time: string, dtz = "UTC"): string {
  const [, month = "", day = "", year = "", clock = ""] = ZONELESS_TIME.exec(time.trim()) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  const zone = /^(?:UTC|GMT|Z|)$/i.test(dtz.trim()) ? "Z" : dtz.trim();
  if (number === 0 || !/^(?:Z|[+-]\d\d:?\d\d)$/.test(zone)) return time;
  return `${year}-${String(number).padStart(2, "0")}-${day.padStart(2, "0")}T${clock}${zone}`;
}
