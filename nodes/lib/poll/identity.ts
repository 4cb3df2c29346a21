import { createHash } from "node:crypto";
import type { XdrRecord } from "./poller-api";
import type { ResourceShape } from "./resources";
import { isObject } from "./page";

/** Characters of a digest that are kept: 96 bits, far beyond any chance of two alike. */
const DIGEST_CHARACTERS = 16;

/**
 * What names a record: its id, or a digest of all of it when it has none, so that an odd record is neither lost nor sent
 * again and again.
 */
export function idOf(row: unknown, { id }: ResourceShape): string {
  if (isObject(row)) {
    for (const field of id) {
      const value = row[field];
      if (typeof value === "string" && value !== "") return value;
      if (typeof value === "number") return String(value);
    }
  }
  return `#${digest(row)}`;
}

/**
 * What differs between two states of one record, as short text; undefined where only a comparison of the whole record can
 * tell (alerts: their full sync does that, and no other run looks for changes).
 *
 * Incidents: the time of modification. What has none, and endpoints: everything but what drifts by itself.
 */
export function versionOf(record: XdrRecord, { clock, rows, drifting }: ResourceShape): string | undefined {
  if (rows === "alerts") return undefined;
  const modified = clock === undefined ? undefined : record[clock.field];
  if (typeof modified === "number") return String(modified);
  return digest(drifting === undefined ? record : { ...record, [drifting]: undefined });
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, DIGEST_CHARACTERS);
}
