import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { systemCode, XdrError } from "../errors";

type Inflater = (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;

/**
 * The body without compression: gzip and zlib are known by their first bytes (RFC 1952 section 2.3, RFC 1950 section 2.2),
 * bare deflate has no mark and is tried on what cannot be text. Inflating stops at `maxBytes`.
 *
 * @param bytes a body that is no valid UTF-8, as no compressed one is
 * @returns `PANOS_TOO_LARGE` or `PANOS_INFLATE_FAILED` as a value
 */
export function inflateBody(bytes: Buffer, maxBytes: number): Buffer | XdrError {
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  if (first === 0x1f && second === 0x8b) return inflate(gunzipSync, bytes, maxBytes);
  const isZlib = first === 0x78 && (first * 256 + second) % 31 === 0;
  if (isZlib) return inflate(inflateSync, bytes, maxBytes);
  if (hasControls(bytes)) {
    const plain = inflate(inflateRawSync, bytes, maxBytes);
    if (!(plain instanceof XdrError) || plain.code === "PANOS_TOO_LARGE") return plain;
  }
  return bytes;
}

function inflate(inflater: Inflater, bytes: Buffer, maxBytes: number): Buffer | XdrError {
  try {
    return inflater(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    if (systemCode(error) === "ERR_BUFFER_TOO_LARGE") {
      return new XdrError("PANOS_TOO_LARGE", `The body is larger than maxBytes (${maxBytes}) when inflated.`);
    }
    return new XdrError("PANOS_INFLATE_FAILED", "The body is compressed and cannot be inflated: truncated or damaged.");
  }
}

/** Control characters near the beginning: text has none there. */
function hasControls(bytes: Buffer): boolean {
  return bytes.subarray(0, 128).some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13);
}
