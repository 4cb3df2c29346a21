/** A header is looked for in this many characters of the first line: no header is longer, and the search stays linear. */
const MAX_HEADER_CHARS = 2_048;
/** A relay may put its own header before the firewall's: so many are taken off. */
const MAX_NESTED_HEADERS = 3;

/** `1,2025/03/04 10:22:41,`, with what a relay may have pushed between date and time (`1,2025/09/23 - - - 07:10:08,`). */
const CSV_HEAD = String.raw`(\d{0,3},\d{4}\/\d\d\/\d\d)((?: {1,4}-){0,6} {1,4})\d\d:\d\d:\d\d,`;
const AT_CSV = new RegExp(`^${CSV_HEAD}`);
const FIND_CSV = new RegExp(String.raw`(?<![\w=/&?.-])${CSV_HEAD}`);
const FIND_MARK = /(?<![\w=/&?.-])(?:CEF|LEEF):\d/;
const OCTET_COUNT = /^([1-9]\d{0,6}) (?=<\d{1,3}>)/;
const PRIORITY = /^<\d{1,3}> ?/;
const ISO_TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?`;
const IETF_START = new RegExp(String.raw`^\d{1,2} (?:-|${ISO_TIME}(Z|[+-]\d\d:\d\d)) `);
const ISO_START = new RegExp(String.raw`^${ISO_TIME}(?:Z|[+-]\d\d:?\d\d)? `);
const BSD_START =
  /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: [A-Z]{3,4}(?= ))?:? /;
const TAG = /^[^ ]{1,64}: /;

/** Where the body of a line begins. */
export interface BodyStart {
  /** Index of the body's first character. */
  readonly start: number;
  /** Offset of the IETF header: `+01:00` or `Z`. */
  readonly zone?: string;
  /** Text from, to (exclusive) that a relay pushed between a CSV record's date and its time. */
  readonly gap?: readonly [number, number];
}

/**
 * Takes a syslog header off: BSD or IETF form, with or without an octet count and a priority, one relay's header before another's, and headers that a
 * relay has mangled (the body is then found by `,YYYY/MM/DD hh:mm:ss,`, `CEF:` or `LEEF:`). Text without a header is returned as it is.
 *
 * Source: RFC 3164 "The BSD syslog Protocol", section 4.1; RFC 5424 "The Syslog Protocol", section 6; RFC 6587 "Transmission of
 * Syslog Messages over TCP", section 3.4.1.
 *
 * @returns the body, and the zone of an IETF header; a time stamp without the IETF version is a relay's own, so its zone is not passed on
 */
export function stripSyslogHeader(text: string): { body: string; zone?: string } {
  const lead = blanksEnd(text, 0);
  const found = findBody(firstLine(text, lead));
  if (found === undefined) return { body: text };
  const start = found.start + lead;
  if (found.start === 0 && found.gap === undefined) return { body: text };
  const [from, to] = found.gap ?? [0, 0];
  const body = to === 0 ? text.slice(start) : `${text.slice(start, from + lead)} ${text.slice(to + lead)}`;
  return found.zone === undefined ? { body } : { body, zone: found.zone };
}

/** The line that begins at `start`, cut where no header reaches: what {@link findBody} reads. */
export function firstLine(text: string, start: number): string {
  const limit = Math.min(text.length, start + MAX_HEADER_CHARS);
  for (let at = start; at < limit; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) return text.slice(start, at);
  }
  return text.slice(start, limit);
}

/** Where the body of one line (see {@link firstLine}) begins; undefined when it has neither a header nor a known beginning. */
export function findBody(line: string): BodyStart | undefined {
  let at = 0;
  let zone: string | undefined;
  for (let depth = 0; depth < MAX_NESTED_HEADERS && !isBodyAt(line, at); depth += 1) {
    const header = readHeader(line, at);
    if (header === undefined) break;
    zone = header.zone ?? zone;
    at = header.start;
  }
  const start = isBodyAt(line, at) ? at : locateBody(line, at);
  if (start === undefined) return at === 0 ? undefined : withZone({ start: at }, zone);
  const gap = csvGap(line, start);
  return withZone(gap === undefined ? { start } : { start, gap }, zone);
}

/** True when a CSV log record begins at `at`. Source: PAN-OS Administrator's Guide, "Syslog Field Descriptions". */
export function isCsvAt(line: string, at: number): boolean {
  return AT_CSV.test(line.slice(at, at + 64));
}

/**
 * The octet-counted frame that begins at `at`, as start and end of its message; undefined when there is none, `broken` when its count
 * fits neither bytes nor characters of the text.
 */
export function octetFrame(text: string, at: number): readonly [number, number] | "broken" | undefined {
  const digits = OCTET_COUNT.exec(text.slice(at, at + 16))?.[1];
  if (digits === undefined) return undefined;
  const start = at + digits.length + 1;
  const ends = [skipBytes(text, start, Number(digits)), Math.min(text.length, start + Number(digits))];
  const end = ends.find((candidate) => isFrameEnd(text, candidate));
  return end === undefined ? "broken" : [start, end];
}

function isFrameEnd(text: string, end: number): boolean {
  const next = blanksEnd(text, end);
  return next === text.length || OCTET_COUNT.test(text.slice(next, next + 16));
}

function skipBytes(text: string, start: number, count: number): number {
  let at = start;
  for (let left = count; left > 0 && at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // Each half of a surrogate pair stands for two of its four bytes.
    left -= code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3;
  }
  return at;
}

/** Index after blanks, line breaks, NULs and a byte order mark. */
export function blanksEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && " \t\r\n\0\ufeff".includes(text.charAt(at))) at += 1;
  return at;
}

function withZone(found: BodyStart, zone: string | undefined): BodyStart {
  return zone === undefined ? found : { ...found, zone };
}

function isBodyAt(line: string, at: number): boolean {
  const head = line.slice(at, at + 64);
  return /^(?:[{[]|PANXDR\/|(?:CEF|LEEF):\d)/.test(head) || AT_CSV.test(head);
}

function csvGap(line: string, start: number): readonly [number, number] | undefined {
  const [, date, between] = AT_CSV.exec(line.slice(start, start + 64)) ?? [];
  if (date === undefined || between === undefined || between === " ") return undefined;
  return [start + date.length, start + date.length + between.length];
}

/** The first body mark after `at`. JSON only counts behind a header: any text may hold a brace. */
function locateBody(line: string, at: number): number | undefined {
  const rest = line.slice(at);
  const brace = at === 0 ? -1 : rest.search(/(?<=[ :])\{/);
  const marks = [rest.search(FIND_CSV), rest.search(FIND_MARK), brace].filter((mark) => mark >= 0);
  return marks.length === 0 ? undefined : at + Math.min(...marks);
}

/** Reads one header at `at`; undefined when there is none. */
function readHeader(line: string, at: number): BodyStart | undefined {
  let next = at + matchLength(OCTET_COUNT, line, at);
  next += matchLength(PRIORITY, line, next);
  const ietf = IETF_START.exec(line.slice(next, next + 64));
  if (ietf !== null) {
    // HOSTNAME, APP-NAME, PROCID and MSGID, then STRUCTURED-DATA.
    const start = structuredDataEnd(line, skipTokens(line, next + ietf[0].length, 4));
    return withZone({ start }, ietf[1]);
  }
  const stamp = matchLength(BSD_START, line, next) + matchLength(ISO_START, line, next);
  if (stamp === 0) return next === at ? undefined : { start: next };
  next = skipTokens(line, next + stamp, 1);
  return { start: isBodyAt(line, next) ? next : next + matchLength(TAG, line, next) };
}

function matchLength(pattern: RegExp, line: string, at: number): number {
  return pattern.exec(line.slice(at, at + 96))?.[0].length ?? 0;
}

/** Skips words, but never the beginning of a body. */
function skipTokens(line: string, start: number, count: number): number {
  let at = start;
  for (let token = 0; token < count; token += 1) {
    while (line[at] === " ") at += 1;
    if (isBodyAt(line, at)) return at;
    const blank = line.indexOf(" ", at);
    if (blank < 0) return line.length;
    at = blank + 1;
  }
  return at;
}

/** Index after STRUCTURED-DATA (`-` or `[id name="value"]...`) and the blank and byte order mark behind it. */
function structuredDataEnd(line: string, start: number): number {
  let at = line.startsWith("- ", start) ? start + 1 : start;
  while (line[at] === "[") {
    const end = elementEnd(line, at);
    if (end === undefined) return start;
    at = end;
  }
  while (at > start && (line[at] === " " || line[at] === "\ufeff")) at += 1;
  return at;
}

/** Index after the SD-ELEMENT `[...]` at `start`; undefined when it does not close. */
function elementEnd(line: string, start: number): number | undefined {
  let isQuoted = false;
  for (let at = start + 1; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (isQuoted && char === "\\") at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === "]" && !isQuoted) return at + 1;
  }
  return undefined;
}
