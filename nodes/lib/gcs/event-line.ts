import { isRecord } from "../json";
import { SHOWN_CHARACTERS, type RawLine } from "./line-reader";
import type { LineError, RawEvent } from "./reader-api";

/** What a line is. `text`: the line as it was; of a bad one its first 1,000 characters. */
export type EventLine =
  | { readonly kind: "event"; readonly event: RawEvent; readonly text: string }
  | { readonly kind: "bad"; readonly error: LineError; readonly text: string }
  | { readonly kind: "blank" };

const BLANK = { kind: "blank" } as const;
/** Where V8 says that JSON goes wrong, when it says so. The rest of its message quotes the line. */
const JSON_POSITION = / at position (\d{1,9})(?: \(line 1 column \d{1,9}\))?$/;
const OPENING_BRACE = 0x7b;

/**
 * Reads a line as an event: any JSON object, its keys as they are, `__proto__` and `constructor` too. Bytes that are no UTF-8
 * are replaced by U+FFFD. A line of nothing but white space is blank.
 *
 * @param isCut the object breaks off behind this line: no wonder when it is no JSON
 */
export function parseEventLine(line: RawLine, isCut = false): EventLine {
  const { bytes, start, end } = line;
  // Told apart before JSON throws: an object of nothing but blanks has millions of them.
  if (start === end || (bytes[start] !== OPENING_BRACE && isBlank(line))) return BLANK;
  if (line.isTooLong) return bad(line, "GCS_LINE_TOO_LONG", 'The line is longer than "maxLineBytes" allows.');
  const text = bytes.toString("utf8", start, end);
  try {
    const value: unknown = JSON.parse(text);
    // The first byte tells an object from an array sooner than any test of the value.
    if (bytes[start] === OPENING_BRACE || isRecord(value)) return { kind: "event", event: value as RawEvent, text };
    return isCut ? cut(line) : bad(line, "GCS_LINE_NOT_OBJECT", notObject(value));
  } catch (error) {
    return isCut ? cut(line) : bad(line, "GCS_LINE_NOT_JSON", notJson(error));
  }
}

/** JSON's white space. Source: RFC 8259, section 2. */
function isBlank({ bytes, start, end }: RawLine): boolean {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] !== 0x20 && bytes[at] !== 0x09 && bytes[at] !== 0x0d) return false;
  }
  return true;
}

function cut(line: RawLine): EventLine {
  return bad(line, "GCS_LINE_CUT", "The object breaks off in this line: what is missing could not be read.");
}

function bad(line: RawLine, code: LineError["code"], message: string): EventLine {
  return { kind: "bad", error: { code, message }, text: firstCharacters(line) };
}

function notJson(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  if (message.startsWith("Unexpected end")) return "The line is no JSON: it ends before its JSON is complete.";
  const position = JSON_POSITION.exec(message)?.[1];
  return position === undefined
    ? "The line is no JSON."
    : `The line is no JSON from character ${Number(position) + 1} on.`;
}

function notObject(value: unknown): string {
  const what = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  return `The line is ${what}: each line has to be one JSON object.`;
}

/** The first 1,000 code points; a character at the end of what is decoded may be half, but is never among them. */
function firstCharacters({ bytes, start, end }: RawLine): string {
  const text = bytes.toString("utf8", start, Math.min(end, start + SHOWN_CHARACTERS * 4));
  if (text.length <= SHOWN_CHARACTERS) return text;
  let at = 0;
  for (let count = 0; count < SHOWN_CHARACTERS && at < text.length; count += 1) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, at);
}
