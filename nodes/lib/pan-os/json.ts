/** Deepest nesting read. Log records are flat or nearly so; deeper text is somebody trying the stack. */
const MAX_DEPTH = 16;
/** Most duplicate keys reported. */
const MAX_DUPLICATES = 20;

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Raised inside this file only, and made once: a stack trace for each bad body would be the slowest part of reading it. */
const NOT_JSON = new Error("not JSON");

/** A value read from the middle of a text. */
export interface JsonValueAt {
  readonly value: unknown;
  /** Offset of the first character after the value. */
  readonly end: number;
  /** Keys that occurred twice in one object: the first value was kept. */
  readonly duplicates: string[];
}

/**
 * Reads one strict JSON text (RFC 8259), keeping what `JSON.parse` loses: the first of two equal keys wins, because
 * a later one may have been injected through a URL, and a number that JavaScript would write differently (64-bit ids,
 * `1e3`, `-0`) stays the text it was. Objects have no prototype, so no key is special.
 *
 * Linear in the length of `text`; nesting beyond 64 levels counts as no JSON.
 *
 * @returns undefined when `text` is not exactly one JSON value.
 */
export function parseJsonExact(text: string): { value: unknown; duplicates: string[] } | undefined {
  const found = readJsonAt(text, 0);
  if (found === undefined || skipBlanks(text, found.end) !== text.length) return undefined;
  return found;
}

/** Like {@link parseJsonExact} for the value that begins at `start` (blanks before it are skipped), whatever follows it. */
export function readJsonAt(text: string, start: number): JsonValueAt | undefined {
  const reader = new JsonReader(text, start);
  try {
    const value = reader.readValue(0);
    return { value, end: reader.position, duplicates: reader.duplicates };
  } catch (error) {
    if (error === NOT_JSON) return undefined;
    throw error;
  }
}

/** Offset of the first character at or after `position` that is no JSON white space. */
export function skipBlanks(text: string, position: number): number {
  let at = position;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break;
  }
  return at;
}

class JsonReader {
  position: number;
  readonly duplicates: string[] = [];
  readonly #text: string;

  constructor(text: string, start: number) {
    this.#text = text;
    this.position = start;
  }

  readValue(depth: number): unknown {
    this.position = skipBlanks(this.#text, this.position);
    const code = this.#text.charCodeAt(this.position);
    if (code === QUOTE) return this.#readString();
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.#readNumber();
    if (depth >= MAX_DEPTH) throw NOT_JSON;
    if (code === OPEN_BRACE) return this.#readObject(depth);
    if (code === OPEN_BRACKET) return this.#readArray(depth);
    if (this.#take("true")) return true;
    if (this.#take("false")) return false;
    if (this.#take("null")) return null;
    throw NOT_JSON;
  }

  #readObject(depth: number): Record<string, unknown> {
    const object = Object.create(null) as Record<string, unknown>;
    this.position += 1;
    if (this.#next() === CLOSE_BRACE) return this.#close(object);
    for (;;) {
      if (this.#next() !== QUOTE) throw NOT_JSON;
      const key = this.#readString();
      if (this.#next() !== COLON) throw NOT_JSON;
      this.position += 1;
      const value = this.readValue(depth + 1);
      if (!(key in object)) object[key] = value;
      else if (this.duplicates.length < MAX_DUPLICATES) this.duplicates.push(key);
      const after = this.#next();
      if (after === CLOSE_BRACE) return this.#close(object);
      if (after !== COMMA) throw NOT_JSON;
      this.position += 1;
    }
  }

  #readArray(depth: number): unknown[] {
    const array: unknown[] = [];
    this.position += 1;
    if (this.#next() === CLOSE_BRACKET) return this.#close(array);
    for (;;) {
      array.push(this.readValue(depth + 1));
      const after = this.#next();
      if (after === CLOSE_BRACKET) return this.#close(array);
      if (after !== COMMA) throw NOT_JSON;
      this.position += 1;
    }
  }

  #readString(): string {
    const text = this.#text;
    const start = this.position + 1;
    let at = start;
    for (; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      // The end of the text gives NaN, which is no code at all: `>= 32` is false then, too.
      if (code === BACKSLASH) return this.#readEscapedString(start, at);
      if (!(code >= 32)) throw NOT_JSON;
    }
    this.position = at + 1;
    return text.slice(start, at);
  }

  #readEscapedString(start: number, firstBackslash: number): string {
    const text = this.#text;
    let value = text.slice(start, firstBackslash);
    let plainFrom = firstBackslash;
    for (let at = firstBackslash; ; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.position = at + 1;
        return value + text.slice(plainFrom, at);
      }
      if (!(code >= 32)) throw NOT_JSON;
      if (code !== BACKSLASH) continue;
      value += text.slice(plainFrom, at);
      at += 1;
      const letter = text.charAt(at);
      if (letter === "u") {
        value += String.fromCharCode(hexValue(text, at + 1));
        at += 4;
      } else {
        const plain = SHORT_ESCAPES[letter];
        if (plain === undefined) throw NOT_JSON;
        value += plain;
      }
      plainFrom = at + 1;
    }
  }

  #readNumber(): number | string {
    const text = this.#text;
    const start = this.position;
    if (text.charCodeAt(this.position) === MINUS) this.position += 1;
    const leadingZero = text.charCodeAt(this.position) === ZERO;
    const digits = this.#skipDigits();
    if (digits === 0 || (leadingZero && digits > 1)) throw NOT_JSON;
    if (text.charCodeAt(this.position) === DOT) {
      this.position += 1;
      if (this.#skipDigits() === 0) throw NOT_JSON;
    }
    if (text.charAt(this.position) === "e" || text.charAt(this.position) === "E") {
      this.position += 1;
      const sign = text.charAt(this.position);
      if (sign === "+" || sign === "-") this.position += 1;
      if (this.#skipDigits() === 0) throw NOT_JSON;
    }
    const source = text.slice(start, this.position);
    const value = Number(source);
    return String(value) === source ? value : source;
  }

  #skipDigits(): number {
    const start = this.position;
    for (;;) {
      const code = this.#text.charCodeAt(this.position);
      if (!(code >= ZERO && code <= NINE)) return this.position - start;
      this.position += 1;
    }
  }

  #next(): number {
    this.position = skipBlanks(this.#text, this.position);
    return this.#text.charCodeAt(this.position);
  }

  #close<T>(value: T): T {
    this.position += 1;
    return value;
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.position)) return false;
    this.position += word.length;
    return true;
  }
}

function hexValue(text: string, start: number): number {
  let value = 0;
  for (let at = start; at < start + 4; at += 1) {
    const digit = "0123456789abcdef".indexOf(text.charAt(at).toLowerCase());
    if (text.charAt(at) === "" || digit < 0) throw NOT_JSON;
    value = value * 16 + digit;
  }
  return value;
}
