import { columnsOf, isHeadOnly, NO_VARIABLE } from "./columns";
import { beginsRecord, cellText, isBreak, scanBraced, scanCell, type CsvCell } from "./csv-cells";
import { setField, versionOfConfig } from "./field-rules";
import { newFields, type DecodedRecord, type PanosFields } from "./record";
import { blanksEnd, findBody, firstLine, isCsvAt, octetFrame, stripSyslogHeader } from "./syslog";

/** More columns than any release writes; what lies behind them is not read. */
const MAX_COLUMNS = 400;
/** Index of the config version (column 6) and of the type (column 4). */
const CONFIG_VERSION_INDEX = 5;
const TYPE_INDEX = 3;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/**
 * Reads one record of the default CSV format by position from the left, whatever the number of columns, with or without a syslog header.
 * Doubled quotes, `{...}` lists with bare commas (TRAFFIC link_switches) and a last value that was cut inside its quotes are understood.
 * `sender_sw_version` comes from the config version, whose high byte is the major and whose low byte the minor release.
 *
 * Source: PAN-OS Administrator's Guide, "Syslog Field Descriptions".
 *
 * @returns undefined when the text is no CSV log record
 */
export function decodeCsv(text: string): DecodedRecord | undefined {
  const { body, zone } = stripSyslogHeader(text);
  const start = blanksEnd(body, 0);
  if (!isCsvAt(body, start)) return undefined;
  const row = readRow(body, start);
  const type = row.cells[TYPE_INDEX] ?? "";
  if (!/^[A-Za-z]/.test(type)) return undefined;
  const record: DecodedRecord = {
    format: "csv",
    fields: fieldsOf(row.cells, type),
    repairs: row.repairs,
    warnings: row.warnings,
  };
  return zone === undefined ? record : { ...record, headerZone: zone };
}

/**
 * Cuts a body into its log records: octet-counted frames, else lines. A line break inside a CSV record's quotes stays inside; a record whose last
 * quote never closes ends where the next record begins. Each piece keeps its own syslog header, without the octet count.
 *
 * Source: RFC 6587 "Transmission of Syslog Messages over TCP", section 3.4.
 */
export function splitCsvRecords(text: string): string[] {
  const records: string[] = [];
  let mayBeFramed = true;
  for (let at = blanksEnd(text, 0); at < text.length;) {
    const frame: ReturnType<typeof octetFrame> = mayBeFramed ? octetFrame(text, at) : undefined;
    // After one wrong count no later one can be trusted.
    mayBeFramed &&= frame !== "broken";
    const [start, end] = frame === undefined || frame === "broken" ? [at, recordEnd(text, at)] : frame;
    const record = withoutTail(text.slice(start, end));
    if (record !== "") records.push(record);
    at = blanksEnd(text, Math.max(end, at + 1));
  }
  return records;
}

interface Row {
  readonly cells: string[];
  readonly repairs: string[];
  readonly warnings: string[];
}

function readRow(text: string, start: number): Row {
  const cells: string[] = [];
  const repairs = new Set<string>();
  const warnings: string[] = [];
  let mayBrace = true;
  for (let at = start; cells.length < MAX_COLUMNS; at += 1) {
    const canBrace: boolean = mayBrace && text[at] === "{" && cells[TYPE_INDEX] === "TRAFFIC";
    const braced: CsvCell | undefined = canBrace ? scanBraced(text, at) : undefined;
    // One brace that never closes is enough to know: none of the later ones does either.
    mayBrace = mayBrace && (!canBrace || braced !== undefined);
    const cell = braced ?? scanCell(text, at);
    cells.push(cellText(text, at, cell));
    if (cell.hasStrayQuote) repairs.add("A quote inside a quoted value was not doubled: it was kept as text.");
    if (cell.isUnclosed) repairs.add("The last value's closing quote is missing: the record was cut.");
    at = cell.end;
    if (text[at] === ",") continue;
    if (blanksEnd(text, at) < text.length) warnings.push("There is more text below the record: it was ignored.");
    break;
  }
  return { cells, repairs: [...repairs], warnings };
}

function fieldsOf(cells: readonly string[], type: string): PanosFields {
  const fields = newFields();
  const columns = columnsOf(type);
  columns.forEach((name, index) => {
    if (name !== NO_VARIABLE) setField(fields, name, cells[index]);
  });
  if (isHeadOnly(type))
    setField(
      fields,
      "high_res_timestamp",
      cells.slice(columns.length).findLast((cell) => ISO_TIME.test(cell)),
    );
  setField(fields, "sender_sw_version", versionOfConfig(cells[CONFIG_VERSION_INDEX]));
  return fields;
}

/** End of the record at `start` that no octet count frames. */
function recordEnd(text: string, start: number): number {
  const line = firstLine(text, start);
  const body = findBody(line);
  if (body === undefined) return lineEnd(text, start);
  if (isCsvAt(line, body.start)) return csvEnd(text, start + body.start);
  const isBlock = body.start > 0 && "{[P".includes(line.charAt(body.start));
  return isBlock ? blockEnd(text, start) : lineEnd(text, start);
}

function csvEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const cell = scanCell(text, at);
    at = cell.end;
    if (cell.cutAt !== undefined || text[at] !== ",") return at;
  }
  return text.length;
}

/** JSON or line format behind a syslog header spans lines: up to the next line that has a header. */
function blockEnd(text: string, start: number): number {
  for (let at = lineEnd(text, start); at < text.length; at = lineEnd(text, at + 1)) {
    if (/^(?:\d{1,7} )?<\d{1,3}>/.test(text.slice(at + 1, at + 16)) || beginsRecord(text, at + 1)) return at;
  }
  return text.length;
}

function lineEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isBreak(text.charCodeAt(at))) at += 1;
  return at;
}

function withoutTail(record: string): string {
  let end = record.length;
  while (end > 0 && " \t\r\n\0".includes(record.charAt(end - 1))) end -= 1;
  return record.slice(0, end);
}
