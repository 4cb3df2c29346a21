import { firstLine, findBody, isCsvAt } from "./syslog";

const QUOTE = 34;
const COMMA = 44;

/** After a line inside quotes that looks like the next record, the closing quote must come within this many characters. */
const MAX_QUOTED_AFTER_RECORD = 4_096;

/** Length of the shortest beginning of a record: `,2025/03/04 10:22:41,`. */
const MIN_RECORD_CHARS = 21;

/** One cell of a row. */
export interface CsvCell {
  /** Index of the comma or line break behind the cell, or the text's length. */
  readonly end: number;
  readonly form: "plain" | "quoted" | "braced";
  /** A quote inside the quoted cell was not doubled. */
  readonly hasStrayQuote: boolean;
  /** The text ends inside the quotes. */
  readonly isUnclosed: boolean;
  /** Line break inside an unclosed cell after which another record begins. */
  readonly cutAt?: number;
}

/**
 * Finds the end of the cell that begins at `start`: a quote opens only there, a quote inside is doubled, and closes only before a comma, a line break
 * or the end. Linear in the cell's length.
 */
export function scanCell(text: string, start: number): CsvCell {
  return text.charCodeAt(start) === QUOTE ? scanQuoted(text, start) : plain(plainEnd(text, start));
}

/** The cell `{...}` that begins at `start`, with bare commas inside; undefined when its brace does not close before a comma or the end. */
export function scanBraced(text: string, start: number): CsvCell | undefined {
  for (let at = start + 1; at < text.length && !isBreak(text.charCodeAt(at)); at += 1) {
    if (text[at] !== "}" || !isEnd(text, at + 1)) continue;
    return { ...plain(at + 1), form: "braced" };
  }
  return undefined;
}

/** Text of a cell: quotes taken off, doubled ones halved. */
export function cellText(text: string, start: number, cell: CsvCell): string {
  if (cell.form !== "quoted") return text.slice(start, cell.end);
  return text.slice(start + 1, cell.isUnclosed ? cell.end : cell.end - 1).replaceAll('""', '"');
}

/** True for a line feed or carriage return. */
export function isBreak(code: number): boolean {
  return code === 10 || code === 13;
}

function plain(end: number): CsvCell {
  return { end, form: "plain", hasStrayQuote: false, isUnclosed: false };
}

function plainEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) !== COMMA && !isBreak(text.charCodeAt(at))) at += 1;
  return at;
}

function isEnd(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === COMMA || isBreak(text.charCodeAt(at));
}

function scanQuoted(text: string, start: number): CsvCell {
  let hasStrayQuote = false;
  let cutAt: number | undefined;
  let at = start + 1;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      if (text.charCodeAt(at + 1) === QUOTE) at += 1;
      else if (isEnd(text, at + 1)) return { end: at + 1, form: "quoted", hasStrayQuote, isUnclosed: false };
      else if (cutAt !== undefined) break;
      else hasStrayQuote = true;
    } else if (isBreak(code) && cutAt === undefined && beginsRecord(text, at + 1)) cutAt = at;
    if (cutAt !== undefined && at - cutAt > MAX_QUOTED_AFTER_RECORD) break;
  }
  const unclosed = { form: "quoted", hasStrayQuote, isUnclosed: true } as const;
  return cutAt === undefined ? { ...unclosed, end: text.length } : { ...unclosed, end: cutAt, cutAt };
}

/** True when the line at `start` is a CSV record, with or without a syslog header. */
export function beginsRecord(text: string, start: number): boolean {
  const line = firstLine(text, start);
  if (line.length < MIN_RECORD_CHARS) return false;
  const body = findBody(line);
  return body !== undefined && isCsvAt(line, body.start);
}
