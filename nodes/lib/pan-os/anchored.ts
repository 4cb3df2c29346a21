import { newFields, type PanosFields } from "./record";
import { unescapedOrRaw } from "./unescape";
import { OUTSIDE_VARIABLES, variableOf } from "./variables";

/** Longest key looked at, characters: the longest variable has 29. */
const MAX_KEY_LENGTH = 40;

/** A known key in a broken JSON text, with the place of its value. */
interface Anchor {
  readonly name: string;
  /** Offset of the key's opening quote. */
  readonly start: number;
  /** Offset of the first character after the colon. */
  readonly valueStart: number;
}

/** What anchored reading found. */
export interface AnchoredFields {
  readonly fields: PanosFields;
  /** Keys that occurred more than once: the first was kept. */
  readonly duplicates: string[];
}

/**
 * Reads a flat JSON object that is no valid JSON: every known `"key":` is an anchor, and a value is the text up to the next
 * anchor. Works with unescaped quotes and backslashes, empty numbers, trailing commas, single quotes and comment lines.
 * One pass over the text: linear.
 */
export function readAnchored(text: string): AnchoredFields {
  const fields = newFields();
  const duplicates: string[] = [];
  const anchors = findAnchors(text);
  for (const [index, anchor] of anchors.entries()) {
    if (anchor.name in fields) {
      if (!duplicates.includes(anchor.name)) duplicates.push(anchor.name);
      continue;
    }
    const end = anchors[index + 1]?.start ?? text.length;
    fields[anchor.name] = cleanValue(text.slice(anchor.valueStart, end), anchor.name);
  }
  return { fields, duplicates };
}

function findAnchors(text: string): Anchor[] {
  const anchors: Anchor[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const quote = text.charAt(at);
    if (quote !== '"' && quote !== "'") continue;
    const anchor = anchorAt(text, at, quote);
    if (anchor === undefined) continue;
    anchors.push(anchor);
    at = anchor.valueStart - 1;
  }
  return anchors;
}

function anchorAt(text: string, start: number, quote: string): Anchor | undefined {
  if (!followsSeparator(text, start)) return undefined;
  const window = text.slice(start + 1, start + 2 + MAX_KEY_LENGTH);
  const length = window.indexOf(quote);
  if (length < 1) return undefined;
  const name = variableOf(window.slice(0, length));
  if (name === undefined) return undefined;
  const colon = skipFewBlanks(text, start + length + 2);
  return text.charAt(colon) === ":" ? { name, start, valueStart: colon + 1 } : undefined;
}

/** A key follows `{`, `,` or a line break (a comma may be missing, a comment may stand before it). */
function followsSeparator(text: string, start: number): boolean {
  for (let at = start - 1, steps = 0; steps < MAX_KEY_LENGTH; at -= 1, steps += 1) {
    const char = text.charAt(at);
    if (char === "" || char === "{" || char === "," || char === "\n" || char === "\r") return true;
    if (char !== " " && char !== "\t") return false;
  }
  return false;
}

function skipFewBlanks(text: string, start: number): number {
  let at = start;
  while (at < start + MAX_KEY_LENGTH && " \t\r\n".includes(text.charAt(at)) && at < text.length) at += 1;
  return at;
}

function cleanValue(raw: string, name: string): string {
  let value = withoutComments(raw).trim();
  if (value.endsWith("}")) value = value.slice(0, -1).trimEnd();
  while (value.endsWith(",")) value = value.slice(0, -1).trimEnd();
  const quote = value.charAt(0);
  if (quote !== '"' && quote !== "'") return bareValue(value);
  if (!OUTSIDE_VARIABLES.has(name)) {
    // Keys we do not know may follow; what the firewall's own configuration holds has no quotes inside.
    const close = closingQuote(value, quote);
    if (close > 0) return unescapedOrRaw(value.slice(1, close));
  }
  const isClosed = value.length > 1 && value.endsWith(quote);
  return unescapedOrRaw(value.slice(1, isClosed ? -1 : undefined));
}

/** Offset of the quote after which the value is over, 0 when there is none. */
function closingQuote(value: string, quote: string): number {
  for (let at = value.indexOf(quote, 1); at > 0; at = value.indexOf(quote, at + 1)) {
    const next = value.charAt(skipFewBlanks(value, at + 1));
    if (next === "," || next === "}" || next === "") return at;
  }
  return 0;
}

/** A number, literal or word without quotes ends at the first separator. */
function bareValue(value: string): string {
  const end = value.search(/[,}\r\n]/);
  return (end < 0 ? value : value.slice(0, end)).trim();
}

function withoutComments(raw: string): string {
  if (!raw.includes("//") && !raw.includes("#")) return raw;
  if (!raw.includes("\n") && !raw.includes("\r")) return raw;
  return raw
    .split(/\r\n|\n|\r/)
    .filter((line, index) => index === 0 || !/^[ \t]*(?:\/\/|#)/.test(line))
    .join("\n");
}
