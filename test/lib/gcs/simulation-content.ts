import { createHash } from "node:crypto";
import { gunzipSync, gzipSync, inflateRawSync, constants } from "node:zlib";
import { integerIn, type Random } from "../../support/virtual-random";

/** What stands in a line: text for an event is JSON of an object. */
export type Line =
  | { readonly kind: "event" | "not-json" | "not-object" | "too-long"; readonly text: string }
  | { readonly kind: "blank"; readonly text: string };

/** How an object is stored, and what is wrong with it. */
export type Shape = "plain" | "gzip" | "members" | "twice" | "nested" | "trailing" | "padded" | "cut" | "flipped";

/** What the bucket holds under one generation, and what a reader that makes no mistake gets out of it. */
export interface Content {
  readonly shape: Shape;
  readonly stored: Buffer;
  readonly md5: string;
  /** What the service serves when it decompresses by itself; undefined where it does not. */
  readonly transcoded: Buffer | undefined;
  /** Lines that a reader can get at completely, the last one although no newline follows when the object ends well. */
  readonly lines: readonly Line[];
  /** What comes after the last of them in a damaged object; undefined when nothing does. */
  readonly rest: string | undefined;
  /** Decompressed bytes that can be got at. */
  readonly plainBytes: number;
  /** Code of the report's error; undefined for a good object. */
  readonly error: string | undefined;
}

export interface ContentOptions {
  /** Names the version in each event. */
  readonly id: string;
  readonly lines: number;
  readonly shape: Shape;
  readonly maxLineBytes: number;
  /** 0 = any number. */
  readonly maxObjectBytes: number;
  /** Share of lines that are no events. */
  readonly oddShare: number;
}

/** The deflate data of Node's own gzip begin here: ten bytes of header, no name. Source: RFC 1952, section 2.3. */
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;

/** Makes an object up. */
export function contentOf(random: Random, options: ContentOptions): Content {
  const { shape, maxLineBytes } = options;
  const lines = Array.from({ length: options.lines }, (_none, at) => lineOf(random, at + 1, options));
  const end = random() < 0.3 ? "\r\n" : "\n";
  const isLastOpen = random() < 0.3;
  const whole = Buffer.from(
    lines.map(({ text }, at) => text + (isLastOpen && at === lines.length - 1 ? "" : end)).join(""),
  );
  const { stored, plain, error } = store(random, whole, shape);
  const limit = options.maxObjectBytes === 0 ? Infinity : options.maxObjectBytes;
  const isTooLarge = plain.length > limit;
  const readable = isTooLarge ? plain.subarray(0, limit) : plain;
  const isDamaged = isTooLarge || (error !== undefined && shape !== "trailing");
  const cut = isDamaged
    ? cutLines(lines, readable, end, maxLineBytes)
    : { lines: wholeLines(lines, isLastOpen), rest: undefined };
  const code = isTooLarge ? "GCS_OBJECT_TOO_LARGE" : error;
  const canTranscode = shape === "gzip" || shape === "members" || shape === "twice";
  return {
    shape,
    stored,
    md5: createHash("md5").update(stored).digest("base64"),
    transcoded: canTranscode && stored.length > 0 ? gunzipSync(stored) : undefined,
    lines: cut.lines,
    rest: cut.rest,
    plainBytes: readable.length,
    error: code,
  };
}

function lineOf(random: Random, line: number, { id, maxLineBytes, oddShare }: ContentOptions): Line {
  const event = (pad: string) => JSON.stringify({ id, line, pad });
  if (random() >= oddShare) return { kind: "event", text: event("x".repeat(integerIn(random, 0, 3) ** 3)) };
  const dice = random();
  if (dice < 0.3) return { kind: "blank", text: dice < 0.15 ? "" : " \t" };
  if (dice < 0.5) return { kind: "not-json", text: `{"id":${line}, no` };
  if (dice < 0.7) return { kind: "not-object", text: dice < 0.6 ? `[${line}]` : String(line) };
  if (dice < 0.85) return { kind: "too-long", text: event("y".repeat(maxLineBytes)) };
  return { kind: "event", text: event("ü\u{1F600}") };
}

/** A last line without newline is a line, unless there is nothing of it. */
function wholeLines(lines: readonly Line[], isLastOpen: boolean): readonly Line[] {
  return isLastOpen && lines.at(-1)?.text === "" ? lines.slice(0, -1) : lines;
}

function store(
  random: Random,
  whole: Buffer,
  shape: Shape,
): { stored: Buffer; plain: Buffer; error: string | undefined } {
  switch (shape) {
    case "plain":
      return { stored: whole, plain: whole, error: undefined };
    case "gzip":
      return { stored: gzipSync(whole), plain: whole, error: undefined };
    case "members": {
      const at = integerIn(random, 0, whole.length);
      const stored = Buffer.concat([gzipSync(whole.subarray(0, at)), gzipSync(whole.subarray(at))]);
      return { stored, plain: whole, error: undefined };
    }
    case "twice":
      return { stored: gzipSync(gzipSync(whole)), plain: whole, error: undefined };
    case "nested":
      return { stored: gzipSync(gzipSync(gzipSync(whole))), plain: Buffer.alloc(0), error: "GCS_NESTED_TOO_DEEP" };
    case "trailing":
      return {
        stored: Buffer.concat([gzipSync(whole), Buffer.from("rest")]),
        plain: whole,
        error: "GCS_TRAILING_BYTES",
      };
    case "padded":
      return {
        stored: Buffer.concat([gzipSync(whole), Buffer.alloc(integerIn(random, 1, 2000))]),
        plain: whole,
        error: undefined,
      };
    case "cut": {
      const gzip = gzipSync(whole);
      const stored = gzip.subarray(0, integerIn(random, HEADER_BYTES + 1, gzip.length - 1));
      const plain = inflatable(stored);
      // One byte does not tell whether more gzip data are inside, and is not handed over.
      return { stored, plain: plain.length === 1 ? Buffer.alloc(0) : plain, error: "GCS_OBJECT_DAMAGED" };
    }
    case "flipped": {
      const stored = Buffer.from(gzipSync(whole));
      const at = integerIn(random, HEADER_BYTES, stored.length - 1);
      stored[at] = (stored[at] ?? 0) ^ (1 << integerIn(random, 0, 7));
      try {
        const plain = gunzipSync(stored);
        // A bit that says nothing.
        return { stored, plain, error: undefined };
      } catch {
        return { stored, plain: inflatable(stored), error: "GCS_OBJECT_DAMAGED" };
      }
    }
  }
}

/** All that can be inflated of damaged gzip data: the most that some beginning of them gives without an error. */
function inflatable(stored: Buffer): Buffer {
  const upTo = (end: number): Buffer | undefined => {
    try {
      return inflateRawSync(stored.subarray(HEADER_BYTES, end), { finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      return undefined;
    }
  };
  const deflateEnd = stored.length;
  const all = upTo(deflateEnd);
  if (all !== undefined) return all;
  let [good, bad] = [HEADER_BYTES, deflateEnd];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (upTo(middle) === undefined) bad = middle;
    else good = middle;
  }
  return upTo(good) ?? Buffer.alloc(0);
}

/** The lines of what is left of an object; where its bytes are other ones, what they are. */
function cutLines(
  lines: readonly Line[],
  readable: Buffer,
  end: string,
  maxLineBytes: number,
): { readonly lines: readonly Line[]; readonly rest: string | undefined } {
  const texts = readable.toString("utf8").split("\n");
  const rest = texts.pop() ?? "";
  // In this encoding a character is a byte.
  const sizes = readable.toString("latin1").split("\n");
  const read = texts.map((each, at): Line => {
    const text = each.endsWith("\r") ? each.slice(0, -1) : each;
    const original = lines[at];
    return original !== undefined && original.text + end === `${each}\n`
      ? original
      : classify(text, maxLineBytes, (sizes[at] ?? "").length - (each.length - text.length));
  });
  return { lines: read, rest: rest === "" ? undefined : rest.endsWith("\r") ? rest.slice(0, -1) : rest };
}

/** What a line of damaged data is. @param sizeBytes of its bytes, which may be no text */
export function classify(text: string, maxLineBytes: number, sizeBytes = Buffer.byteLength(text)): Line {
  if (text !== "" && sizeBytes > maxLineBytes) return { kind: "too-long", text };
  if (/^[ \t\r]*$/.test(text)) return { kind: "blank", text };
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return { kind: isObject ? "event" : "not-object", text };
  } catch {
    return { kind: "not-json", text };
  }
}

/** Where damage can be done on the way that shows only after the last line. */
export function isTrailer(content: Content, byte: number): boolean {
  return content.shape === "gzip" && byte >= content.stored.length - TRAILER_BYTES;
}
