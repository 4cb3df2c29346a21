import type { PanosFields } from "./record";

/** Severity words by PAN-OS's own number. Source: PAN-OS Administrator's Guide, "Custom Log/Event Format", number-of-severity. */
const SEVERITIES = ["informational", "low", "medium", "high", "critical"] as const;

/** Subtypes whose `misc` is a file's name; for all others it is a URL or a domain first. Source: "Threat Log Fields", URL/Filename. */
const FILE_SUBTYPES: ReadonlySet<string> = new Set(
  "file data dlp dlp-non-file virus ml-virus wildfire wildfire-virus".split(" "),
);

/** Sets a field that is not set yet; an absent or empty text leaves it absent. */
export function setField(fields: PanosFields, name: string, text: string | undefined): void {
  if (text !== undefined && text !== "" && !(name in fields)) fields[name] = text;
}

/** Word for PAN-OS's severity number, 1 (informational) to 5 (critical); anything else is returned as it is. */
export function severityWord(text: string): string {
  return /^[1-5]$/.test(text) ? (SEVERITIES[Number(text) - 1] ?? text) : text;
}

/** `2816` -> `11.0`: high byte major, low byte minor release; a text that is a release already is returned as it is. */
export function versionOfConfig(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d{3,5}$/.test(text)) return text?.includes(".") === true ? text : undefined;
  const version = Number(text);
  return version < 0x0100 || version > 0xffff ? undefined : `${version >> 8}.${version & 0xff}`;
}

/** The one of URL and file name that PAN-OS writes into `misc` for this subtype, or the other when that is empty. */
export function miscOf(
  subtype: string | undefined,
  url: string | undefined,
  file: string | undefined,
): string | undefined {
  const isFile = FILE_SUBTYPES.has((subtype ?? "").toLowerCase());
  const [first, second] = isFile ? [file, url] : [url, file];
  return first === undefined || first === "" ? second : first;
}

/** `client to server` -> `client-to-server`, as the firewall writes it. */
export function directionWord(text: string): string {
  return text.trim().split(/\s+/).join("-");
}

/** True for `Name(1234)`, the form of `threatid`. */
export function isThreatId(text: string): boolean {
  return /\(\d{1,12}\)$/.test(text.slice(-16).trimEnd());
}

/** True for a threat name that is only a number: the service repeats the id there when it has no name. */
export function isBareNumber(text: string): boolean {
  return /^\d{1,12}$/.test(text.trim());
}

/** True for the log types of the threat family. */
export function isThreatType(type: string | undefined): boolean {
  return /^(?:threat|url|wildfire|data)$/i.test(type ?? "");
}
