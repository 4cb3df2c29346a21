import { XdrError } from "../errors";
import {
  batchTooLarge,
  decodeAll,
  emptyBody,
  MAX_BATCH_RECORDS,
  single,
  type Decoded,
  type DecodedBody,
} from "./batch";
import { decodeCef } from "./cef";
import { decodeCsv, splitCsvRecords } from "./csv";
import { beginsRecord } from "./csv-cells";
import { anchoredRecord, decodeJsonBody, unknownFormat } from "./json-body";
import { decodeLeef } from "./leef";
import { decodeLines, LINES_MAGIC } from "./lines";
import { rebuildFormBody, SKIP_BODY_PARSING } from "./mangled-body";
import { isPlainObject, recordOfObject, type PlainObject } from "./object-record";
import { decodeSeedTemplate } from "./seed-template";
import { stripSyslogHeader } from "./syslog";
import { textOfBody } from "./text";

/** Fewest known keys that make a text without any other mark a broken JSON object. */
const MIN_ANCHORED_KEYS = 3;

/**
 * The decoding ladder: from what arrived to records of text fields, whatever the format. Never throws; what cannot be read is an XdrError
 * in the place of the record, or of the whole body.
 *
 * @param input `msg.payload`: text, bytes, an object, or an array of these
 */
export function decodeBody(input: unknown, { maxBytes }: { readonly maxBytes: number }): DecodedBody | XdrError {
  if (typeof input === "string" || input instanceof Uint8Array) return decodeBytes(input, maxBytes);
  if (Array.isArray(input)) return decodeArray(input, maxBytes);
  if (isPlainObject(input)) return decodeObject(input, maxBytes);
  if (input === undefined || input === null) return emptyBody();
  return new XdrError(
    "PANOS_FORMAT_UNKNOWN",
    `msg.payload is a ${typeof input}: expected text, a Buffer, an object or an array.`,
  );
}

function decodeBytes(body: string | Uint8Array, maxBytes: number): DecodedBody | XdrError {
  const decoded = textOfBody(body, maxBytes);
  if (decoded instanceof XdrError) return decoded;
  return annotated(decodeText(decoded.text), [], decoded.warnings);
}

/** Reads a body that is text. */
function decodeText(body: string): DecodedBody | XdrError {
  const text = trimBody(body);
  if (text === "") return emptyBody();
  const seed = text.startsWith("{") ? decodeSeedTemplate(text) : undefined;
  if (seed !== undefined) return single(seed);
  if (isMarked(text)) return decodeMarked(text);
  const { body: headless, zone } = stripSyslogHeader(text);
  if (isMarked(headless)) return withZone(decodeMarked(headless), zone);
  const isExtended = headless.startsWith("CEF:") || headless.startsWith("LEEF:");
  const lines = isExtended ? splitExtended(text) : splitCsvRecords(text);
  if (lines.length > 1) {
    const batch = decodeAll(lines, decodeLogLine);
    if (batch instanceof XdrError || batch.records.some((record) => !(record instanceof XdrError))) return batch;
  }
  const record = decodeLogLine(text);
  return record instanceof XdrError ? decodeUnmarked(text) : single(record);
}

function isMarked(text: string): boolean {
  return text.startsWith("{") || text.startsWith("[") || text.startsWith(LINES_MAGIC);
}

function decodeMarked(text: string): DecodedBody | XdrError {
  return text.startsWith(LINES_MAGIC) ? single(decodeLines(text)) : decodeJsonBody(text);
}

/** One line of a log stream, with or without a syslog header. */
function decodeLogLine(line: string): Decoded {
  const { body, zone } = stripSyslogHeader(line);
  const record = decodeCef(body) ?? decodeLeef(body) ?? decodeCsv(body);
  return record === undefined ? unknownFormat(line) : recordWithZone(record, zone);
}

function withZone(body: DecodedBody | XdrError, zone: string | undefined): DecodedBody | XdrError {
  if (body instanceof XdrError) return body;
  return { ...body, records: body.records.map((record) => recordWithZone(record, zone)) };
}

function recordWithZone(record: Decoded, zone: string | undefined): Decoded {
  if (record instanceof XdrError || zone === undefined || record.headerZone !== undefined) return record;
  return { ...record, headerZone: zone };
}

/** Lines of CEF or LEEF; a line that begins no record continues the one above. */
function splitExtended(text: string): string[] {
  const records: string[][] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const last = records.at(-1);
    const isStart = line.includes("CEF:") || line.includes("LEEF:") || beginsRecord(line, 0);
    if (last === undefined || isStart) records.push([line]);
    else last.push(line);
  }
  return records.map((lines) => lines.join("\n")).filter((record) => record.trim() !== "");
}

/** Text that begins with none of the marks: perhaps JSON below a comment. */
function decodeUnmarked(text: string): DecodedBody | XdrError {
  const brace = text.indexOf("{");
  if (brace < 0) return unknownFormat(text);
  const strict = decodeJsonBody(text.slice(brace));
  if (!(strict instanceof XdrError) && isCommentOnly(text.slice(0, brace))) {
    return annotated(strict, ["There is text before the JSON: it was skipped."], []);
  }
  const record = anchoredRecord(text, "json");
  if (record instanceof XdrError || Object.keys(record.fields).length < MIN_ANCHORED_KEYS) return unknownFormat(text);
  return single(record);
}

function isCommentOnly(text: string): boolean {
  return text.split(/[\r\n]+/).every((line) => /^[ \t]*(?:\/\/|#|\/\*|\*|$)/.test(line));
}

function decodeObject(object: PlainObject, maxBytes: number): DecodedBody | XdrError {
  const rebuilt = rebuildFormBody(object);
  if (rebuilt instanceof XdrError) return rebuilt;
  if (rebuilt === undefined) {
    const record = recordOfObject(object, "object");
    if (record instanceof XdrError) return record;
    return annotated(single(record), [], hasRoundedNumber(object) ? [SKIP_BODY_PARSING] : []);
  }
  const body = decodeBytes(rebuilt, maxBytes);
  if (body instanceof XdrError) {
    return body.code === "PANOS_TOO_LARGE" ? body : new XdrError("PANOS_BODY_PARSED", SKIP_BODY_PARSING);
  }
  return annotated(body, ["The body was put together again from a parsed form."], [SKIP_BODY_PARSING]);
}

function hasRoundedNumber(object: PlainObject): boolean {
  return Object.values(object).some((value) => typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER);
}

/** An array's elements, each of which may be of any form. */
function decodeArray(items: readonly unknown[], maxBytes: number): DecodedBody | XdrError {
  if (items.length === 0) return emptyBody();
  const records: Decoded[] = [];
  const sources: unknown[] = [];
  for (const item of items) {
    const body = Array.isArray(item) ? unknownFormat("an array inside an array") : decodeBody(item, { maxBytes });
    if (body instanceof XdrError) records.push(body);
    else records.push(...body.records);
    while (sources.length < records.length) sources.push(item);
    if (records.length > MAX_BATCH_RECORDS) return batchTooLarge();
  }
  return { records, isBatch: true, sources };
}

function annotated(
  body: DecodedBody | XdrError,
  repairs: readonly string[],
  warnings: readonly string[],
): DecodedBody | XdrError {
  if (body instanceof XdrError || (repairs.length === 0 && warnings.length === 0)) return body;
  for (const record of body.records) {
    if (record instanceof XdrError) continue;
    record.repairs.push(...repairs);
    record.warnings.push(...warnings);
  }
  return body;
}

function trimBody(text: string): string {
  let trimmed = text.trim();
  while (trimmed.endsWith("\0")) trimmed = trimmed.slice(0, -1).trimEnd();
  return trimmed;
}
