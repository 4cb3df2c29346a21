import { XdrError } from "../errors";
import { splitAnnex } from "./annex";
import { readAnchored } from "./anchored";
import { batchTooLarge, decodeAll, MAX_BATCH_RECORDS, single, type Decoded, type DecodedBody } from "./batch";
import { parseJsonExact, readJsonAt, skipBlanks } from "./json";
import { isPlainObject, recordOfObject } from "./object-record";
import type { DecodedRecord, PanosFormat } from "./record";
import { isStrataRecord } from "./strata";
import { shown } from "../shown";

const REPAIRED = "The body is no valid JSON: its values were found by their keys. Put quotes around every variable.";

/**
 * Reads a body of the JSON family: an object with or without annex, an array of objects, or objects one after the other.
 * Strict first; what is no JSON is read by its keys.
 */
export function decodeJsonBody(text: string): DecodedBody | XdrError {
  const split = splitAnnex(text);
  if (split !== undefined) {
    const head = parseJsonExact(split.head);
    // A marker inside a JSON text that is whole is part of a URL.
    const whole = head === undefined ? parseJsonExact(text) : undefined;
    if (whole === undefined) {
      const record = recordOfText(split.head, "json-annex", head);
      return record instanceof XdrError ? record : single(withAnnex(record, split.annex));
    }
  }
  const whole = parseJsonExact(text);
  if (whole === undefined) return decodeBroken(text);
  if (Array.isArray(whole.value)) return decodeAll(whole.value, recordOfItem);
  const record = recordOfText(text, "json", whole);
  return record instanceof XdrError ? record : single(record);
}

/** `misc` comes from the annex alone, and nothing else does. */
function withAnnex(record: DecodedRecord, annex: string): DecodedRecord {
  record.fields["misc"] = annex;
  return record;
}

function recordOfText(text: string, format: PanosFormat, json: ReturnType<typeof parseJsonExact>): Decoded {
  if (json === undefined) return anchoredRecord(text, format);
  const record = isPlainObject(json.value) ? recordOfObject(json.value, format) : unknownFormat(text);
  if (!(record instanceof XdrError)) warnOfDuplicates(record, json.duplicates);
  return record;
}

function recordOfItem(item: unknown): Decoded {
  if (isPlainObject(item)) return recordOfObject(item, "json");
  return typeof item === "string" && item.includes("{") ? recordOfPiece(item) : unknownFormat(JSON.stringify(item));
}

/** Reads text that is no valid JSON by its keys. */
export function anchoredRecord(text: string, format: PanosFormat): Decoded {
  const { fields, duplicates } = readAnchored(text);
  if (Object.keys(fields).length === 0) return unknownFormat(text);
  const record: DecodedRecord = { format, fields, repairs: [REPAIRED], warnings: [] };
  warnOfDuplicates(record, duplicates);
  return record;
}

/** The error for a body in no known format. */
export function unknownFormat(text: string): XdrError {
  return new XdrError("PANOS_FORMAT_UNKNOWN", `The body is in no known format: ${shown(text)}`);
}

function warnOfDuplicates(record: DecodedRecord, duplicates: readonly string[]): void {
  for (const key of duplicates) {
    record.warnings.push(
      `The key ${shown(key, 40)} occurs twice: the first value was kept. A URL may have been crafted to do so.`,
    );
  }
}

/** Several objects one after the other; else one broken object. */
function decodeBroken(text: string): DecodedBody | XdrError {
  const pieces = piecesOf(text);
  if (pieces.length > MAX_BATCH_RECORDS) return batchTooLarge();
  if (pieces.length > 1) return decodeAll(pieces, recordOfPiece);
  const record = recordOfPiece(pieces[0] ?? text);
  if (record instanceof XdrError) return record;
  return { records: [record], isBatch: text.startsWith("[") };
}

function recordOfPiece(piece: string): Decoded {
  return recordOfText(piece, "json", parseJsonExact(piece));
}

/**
 * Cuts stacked objects apart: by reading them while they are strict JSON, and where one is broken, at the next object. Objects of a
 * template must stand on lines of their own: a URL can hold braces and quotes, but no line break, and must not be able to add a record.
 */
function piecesOf(text: string): string[] {
  const isArray = text.startsWith("[");
  const first = isArray ? undefined : readJsonAt(text, 0);
  const isLoose = isArray || (isPlainObject(first?.value) && isStrataRecord(first.value));
  const pieces: string[] = [];
  let position = isArray ? nextObject(text, 1, isLoose) : 0;
  while (position >= 0 && pieces.length <= MAX_BATCH_RECORDS) {
    let end = readJsonAt(text, position)?.end ?? -1;
    let next = end < 0 ? -1 : nextObject(text, end, isLoose);
    if (next < 0 && !isTail(text, end)) {
      const line = isLoose && end >= 0 ? followingLine(text, end) : -1;
      if (line >= 0) next = line;
      else [end, next] = brokenEnd(text, position, isLoose);
    }
    pieces.push(text.slice(position, end));
    position = next;
  }
  return pieces;
}

/** Offset of the object that follows at `start`, -1 when something else does. */
function nextObject(text: string, start: number, isLoose: boolean): number {
  if (!isLoose) {
    const line = followingLine(text, start);
    return line >= 0 && text.charAt(line) === "{" ? line : -1;
  }
  let at = skipBlanks(text, start);
  while (text.charAt(at) === ",") at = skipBlanks(text, at + 1);
  return text.charAt(at) === "{" ? at : -1;
}

/** True when nothing but the end of an array follows. */
function isTail(text: string, start: number): boolean {
  if (start < 0) return false;
  let at = skipBlanks(text, start);
  while (",]".includes(text.charAt(at)) && at < text.length) at = skipBlanks(text, at + 1);
  return at >= text.length;
}

/** Offset of what stands on the lines below `start`, -1 when something follows on the same line. */
function followingLine(text: string, start: number): number {
  const at = skipBlanks(text, start);
  return /[\r\n]/.test(text.slice(start, at)) ? at : -1;
}

/** A closing brace, or an object at the beginning of a line. */
const BOUNDARY = /\}|[\r\n]\{(?=[ \t]*")/g;

/**
 * Where a broken object ends and the next one begins: at a brace that an object follows, or with the text. Of the service's records, which have no
 * line break inside a value, a line that begins with an object is the next one, too: one that was cut must not swallow it.
 */
function brokenEnd(text: string, start: number, isLoose: boolean): [end: number, next: number] {
  BOUNDARY.lastIndex = start;
  for (let found = BOUNDARY.exec(text); found !== null; found = BOUNDARY.exec(text)) {
    const { index } = found;
    if (found[0] !== "}") {
      if (isLoose) return [index, index + 1];
      continue;
    }
    const next = nextObject(text, index + 1, isLoose);
    if (next > index + 1) return [index + 1, next];
  }
  return [text.length, -1];
}
