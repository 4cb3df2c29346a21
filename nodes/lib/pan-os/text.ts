import { isUtf8 } from "node:buffer";
import { inflateBody } from "./inflate";
import { SKIP_BODY_PARSING } from "./mangled-body";
import { XdrError } from "../errors";

/** A body as text. */
export interface BodyText {
  readonly text: string;
  readonly warnings: string[];
}

const LATIN1_WARNING = "The body is not UTF-8: it was read as Latin-1.";
const CUT_WARNING = "A character was cut in the middle: it was replaced.";

/** What the first two bytes of gzip become when somebody reads them as UTF-8: the rest is destroyed, too. */
const GZIP_AS_TEXT = "\x1f\ufffd";

/**
 * Turns a body into text: inflates it when it is compressed, decodes it as UTF-8 and takes the byte order mark off.
 * A character that was cut at the end of a value is replaced; anything else that is not UTF-8 makes it Latin-1. Both are warned of.
 *
 * @param maxBytes largest body, before and after inflating
 * @returns an XdrError with `PANOS_TOO_LARGE`, `PANOS_INFLATE_FAILED` or `PANOS_BODY_PARSED` when there is no text
 */
export function textOfBody(body: string | Uint8Array, maxBytes: number): BodyText | XdrError {
  if (typeof body === "string") {
    // A UTF-16 unit takes at least one byte and at most three: only between the two does one have to count.
    const isTooLarge = body.length > maxBytes || (body.length * 3 > maxBytes && Buffer.byteLength(body) > maxBytes);
    if (isTooLarge) return tooLarge(maxBytes);
    return body.startsWith(GZIP_AS_TEXT)
      ? new XdrError("PANOS_BODY_PARSED", SKIP_BODY_PARSING)
      : { text: withoutBom(body), warnings: [] };
  }
  if (body.length > maxBytes) return tooLarge(maxBytes);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // No compressed body is valid UTF-8, and nearly every body that arrives is.
  if (isUtf8(bytes)) return { text: withoutBom(bytes.toString("utf8")), warnings: [] };
  const plain = inflateBody(bytes, maxBytes);
  if (plain instanceof XdrError) return plain;
  if (plain !== bytes && isUtf8(plain)) return { text: withoutBom(plain.toString("utf8")), warnings: [] };
  if (isOnlyCut(plain)) return { text: withoutBom(plain.toString("utf8")), warnings: [CUT_WARNING] };
  return { text: plain.toString("latin1"), warnings: [LATIN1_WARNING] };
}

/** The error for a body above `maxBytes`. */
export function tooLarge(maxBytes: number): XdrError {
  return new XdrError("PANOS_TOO_LARGE", `The body is larger than maxBytes (${maxBytes}).`);
}

function withoutBom(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** True when every fault is a character that begins well and breaks off at the end of a value or of the body. */
function isOnlyCut(bytes: Buffer): boolean {
  let hasWholeCharacters = false;
  let hasDoubtfulCut = false;
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const wanted = sequenceLength(lead);
    if (wanted === 0) return false;
    let length = 1;
    while (length < wanted && isContinuation(bytes[at + length])) length += 1;
    if (length === wanted) {
      // Surrogates and overlong forms look whole here, yet are none: Latin-1 is as good a guess as any for them.
      if (wanted > 1 && !isUtf8(bytes.subarray(at, at + wanted))) return false;
      hasWholeCharacters ||= wanted > 1;
    } else {
      if (!endsValue(bytes, at + length)) return false;
      // A lone accented letter of Latin-1 before a quote looks just like a cut character.
      hasDoubtfulCut ||= length === 1 && at + 1 < bytes.length;
    }
    at += length;
  }
  return hasWholeCharacters || !hasDoubtfulCut;
}

/** Bytes of the UTF-8 sequence that `lead` begins; 0 when none begins so. Source: RFC 3629, section 4. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Quote, comma, line break, `;`, `|` or the end: what may follow a value that was cut at a byte limit. */
function endsValue(bytes: Buffer, at: number): boolean {
  const byte = bytes[at];
  return byte === undefined || '",\r\n;|\\\0'.includes(String.fromCharCode(byte));
}
