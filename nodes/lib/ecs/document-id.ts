import { createHash, type Hash } from "node:crypto";
import { pathOf, read } from "./document";

const NULL_BYTE = Buffer.from([0]);
const [MIN_INT, MAX_INT] = [-(2 ** 31), 2 ** 31 - 1];
/** Above it a number is no 64-bit integer any more. */
const MAX_LONG = 2 ** 63;

/**
 * The id of a document: SHA-1 over the values of some fields of the record, as base64, the fingerprint processor of
 * Elasticsearch. Each single value follows a zero byte: text as UTF-8, integers little endian in 4 or 8 bytes, other numbers
 * as 8 bytes of IEEE 754, true as 1, false as 2. Lists give their elements, objects their members by name.
 * @returns undefined when none of the fields is there
 */
export function documentId(record: unknown, fields: readonly string[]): string | undefined {
  const hash = createHash("sha1");
  let hasValue = false;
  for (const field of fields) {
    const value = read(record, pathOf(field));
    if (value === undefined || value === null) continue;
    hasValue = true;
    addValue(hash, value);
  }
  return hasValue ? hash.digest("base64") : undefined;
}

function addValue(hash: Hash, value: unknown): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) {
    for (const element of value as unknown[]) addValue(hash, element);
  } else if (typeof value === "object") {
    for (const [name, member] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
      addValue(hash, name);
      addValue(hash, member);
    }
  } else {
    hash.update(NULL_BYTE).update(bytesOf(value as string | number | boolean));
  }
}

function bytesOf(value: string | number | boolean): Buffer {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  if (typeof value === "boolean") return Buffer.from([value ? 1 : 2]);
  const isInt = Number.isInteger(value) && value >= MIN_INT && value <= MAX_INT;
  const bytes = Buffer.alloc(isInt ? 4 : 8);
  if (isInt) bytes.writeInt32LE(value);
  else if (Number.isInteger(value) && Math.abs(value) < MAX_LONG) bytes.writeBigInt64LE(BigInt(value));
  else bytes.writeDoubleLE(value);
  return bytes;
}
