import { createHash } from "node:crypto";
import { cutCodePoints, wellFormed } from "./plain-text";
import type { PanosFields } from "./record";
import { parseThreat } from "./threat";

/** Longest name, code points. No limit is documented; names in use stay far below. */
const MAX_NAME = 256;

/**
 * The name of an alert: the threat's name without its id, else one made of the log's subtype. Never a URL or a time, because
 * XDR merges alerts of one name.
 *
 * @returns undefined when the record has nothing to call it by
 */
export function alertName(fields: PanosFields): string | undefined {
  const name = parseThreat(fields["threat_name"]).name ?? parseThreat(fields["threatid"]).name ?? nameOfSubtype(fields);
  return name === undefined ? undefined : oneLine(name);
}

function nameOfSubtype(fields: PanosFields): string | undefined {
  // Config and GlobalProtect logs write 0 where they have no subtype.
  const subtype = fields["subtype"] === "0" ? undefined : fields["subtype"];
  const { category, filetype } = fields;
  if (subtype === "url" && category !== undefined) return `URL Filtering: ${category}`;
  if (subtype === "wildfire" && category !== undefined)
    return filetype === undefined ? `WildFire ${category}` : `WildFire ${category}: ${filetype}`;
  if (fields["type"]?.toUpperCase() === "CORRELATION")
    return `Correlation: ${fields["object_name"] ?? fields["object"] ?? "unnamed"}`;
  if (fields["type"]?.toUpperCase() === "DECRYPTION") return `Decryption error: ${fields["err_index"] ?? "unnamed"}`;
  const word = subtype ?? fields["thr_category"];
  return word === undefined ? undefined : `PAN-OS ${word}`;
}

/** A short tag of both addresses, the same for the same pair in either direction. */
export function endpointsTag(local: string, remote: string): string {
  return createHash("sha256").update([local, remote].sort().join("|")).digest("hex").slice(0, 8);
}

function oneLine(name: string): string {
  return cutCodePoints(wellFormed(name.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").trim()), MAX_NAME);
}
