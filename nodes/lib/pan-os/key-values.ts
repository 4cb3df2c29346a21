/** No product has a longer key. */
const MAX_KEY_CHARS = 64;

/** How a format writes its pairs. */
export interface PairSyntax {
  /** True for the character that may stand before a key. */
  readonly isSeparator: (char: string) => boolean;
  /** True for a character of a key. */
  readonly isKeyChar: (code: number) => boolean;
  /** The key as the tables know it (LEEF does not distinguish case). */
  readonly normalise: (key: string) => string;
  /** True for a key that the format knows. */
  readonly isKnown: (key: string) => boolean;
  /** True for a key whose value comes from outside the firewall and may itself look like pairs. */
  readonly isFreeText: (key: string) => boolean;
}

/** Pairs of a text: normalised key -> raw value; of two values of a key the first. */
export interface Pairs {
  readonly values: ReadonlyMap<string, string>;
  /** Known keys that occur more than once. */
  readonly repeated: readonly string[];
}

/** How a quote around a value is written: some templates escape it. */
type Quote = '"' | '\\"';

/** Where the keys of a text are; numbers only, because a hostile text has very many. */
interface KeyPlaces {
  /** Index of each key's first character. */
  readonly starts: readonly number[];
  /** Index of each key's `=`. */
  readonly equals: readonly number[];
  /**
   * Position, in these lists, of the last key behind a quote and a separator, -1 without one. By the way the quote is written, for a search for
   * a kind that does not come any more would go to the end of the text, once for each key.
   */
  readonly lastBehind: Readonly<Record<Quote, number>>;
}

/**
 * Splits `key=value` pairs whose values are not delimited: a value ends where a separator, a plausible key and `=` follow. A free text ends only
 * before a known key that has not occurred yet, and a quoted value only behind its quote: so that a URL does not end at its own parameters. Linear time.
 */
export function splitPairs(text: string, syntax: PairSyntax): Pairs {
  const places = findKeys(text, syntax);
  const { starts, equals, lastBehind } = places;
  const values = new Map<string, string>();
  const repeated = new Set<string>();
  const nameOf = (index: number): string => syntax.normalise(text.slice(starts[index], equals[index]));
  const isNewKey = (index: number): boolean => {
    const name = nameOf(index);
    return syntax.isKnown(name) && !values.has(name);
  };
  for (let index = 0; index < starts.length;) {
    const name = nameOf(index);
    const isFirst = !values.has(name);
    const valueStart = (equals[index] ?? 0) + 1;
    if (isFirst) values.set(name, "");
    else if (syntax.isKnown(name)) repeated.add(name);
    const endsAt = syntax.isFreeText(name) ? isNewKey : always;
    const opening = isFirst ? openingQuote(text, valueStart) : undefined;
    const endsBehindQuote = (next: number): boolean =>
      isBehind(text, opening, valueStart, starts[next] ?? 0) && endsAt(next);
    const mayClose = opening !== undefined && index < lastBehind[opening];
    const closing = mayClose ? nextKey(places, index, endsBehindQuote) : undefined;
    const next = closing ?? nextKey(places, index, endsAt) ?? starts.length;
    if (isFirst) values.set(name, text.slice(valueStart, Math.max(valueStart, (starts[next] ?? text.length + 1) - 1)));
    index = next;
  }
  return { values, repeated: [...repeated] };
}

const always = (): boolean => true;

function openingQuote(text: string, at: number): Quote | undefined {
  if (text[at] === '"') return '"';
  return text.startsWith('\\"', at) ? '\\"' : undefined;
}

/** The closing quote before the separator in front of a key at `start`. */
function quoteBefore(text: string, start: number): Quote | undefined {
  if (text[start - 2] !== '"') return undefined;
  return text[start - 3] === "\\" ? '\\"' : '"';
}

/** True when the key at `start` stands behind the value's closing quote: written like the opening one, and not that very one. */
function isBehind(text: string, opening: Quote | undefined, valueStart: number, start: number): boolean {
  return opening !== undefined && quoteBefore(text, start) === opening && start - 2 >= valueStart + opening.length;
}

function nextKey({ starts }: KeyPlaces, index: number, accepts: (index: number) => boolean): number | undefined {
  for (let next = index + 1; next < starts.length; next += 1) {
    if (accepts(next)) return next;
  }
  return undefined;
}

/** Every place where a separator (or the start), a key and `=` stand. */
function findKeys(text: string, { isSeparator, isKeyChar }: PairSyntax): KeyPlaces {
  const starts: number[] = [];
  const equals: number[] = [];
  const lastBehind: Record<Quote, number> = { '"': -1, '\\"': -1 };
  for (let at = text.indexOf("="); at >= 0; at = text.indexOf("=", at + 1)) {
    let start = at;
    while (start > 0 && isKeyChar(text.charCodeAt(start - 1))) start -= 1;
    if (start === at || at - start > MAX_KEY_CHARS || !/[A-Za-z]/.test(text.charAt(start))) continue;
    if (start > 0 && !isSeparator(text.charAt(start - 1))) continue;
    const quote = quoteBefore(text, start);
    if (quote !== undefined) lastBehind[quote] = starts.length;
    starts.push(start);
    equals.push(at);
  }
  return { starts, equals, lastBehind };
}

/** Text with `\` taken from before each character of `escapable`; `\n` and `\r` become line breaks when `breaks` says so. */
export function unescapeValue(text: string, escapable: string, breaks = false): string {
  if (!text.includes("\\")) return text;
  let value = "";
  let from = 0;
  for (let at = text.indexOf("\\"); at >= 0 && at + 1 < text.length; at = text.indexOf("\\", at + 1)) {
    const next = text.charAt(at + 1);
    const isBreakEscape = breaks && (next === "n" || next === "r");
    if (!isBreakEscape && !escapable.includes(next)) continue;
    value += text.slice(from, at) + (isBreakEscape ? (next === "n" ? "\n" : "\r") : next);
    from = at + 2;
    at += 1;
  }
  return value + text.slice(from);
}

/** Splits a header at unescaped `|`: its first `count` fields and where the rest begins; undefined when there are fewer. */
export function splitHeader(
  text: string,
  start: number,
  count: number,
): { fields: string[]; rest: number } | undefined {
  const fields: string[] = [];
  let from = start;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === "\\") at += 1;
    else if (char === "|") {
      fields.push(unescapeValue(text.slice(from, at), "\\|"));
      from = at + 1;
      if (fields.length === count) return { fields, rest: from };
    }
  }
  return undefined;
}
