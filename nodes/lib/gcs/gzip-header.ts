import type { ByteSource } from "./byte-source";
import { ContentFault } from "./content-fault";

/** Bytes that every gzip member begins with, and those of its header that are always there. Source: RFC 1952, section 2.3. */
const MAGIC = [0x1f, 0x8b];
const FIXED_BYTES = 10;
const DEFLATE = 8;
const HAS_HEADER_CHECK = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED = 0xe0;

/** Whether a gzip member comes next. Metadata and names do not matter: they are wrong too often. */
export async function isGzipNext(bytes: ByteSource): Promise<boolean> {
  const [first, second] = await bytes.peek(MAGIC.length);
  return first === MAGIC[0] && second === MAGIC[1];
}

/**
 * Passes over the header of the gzip member that comes next. Its optional checksum is not looked at: it covers nothing that
 * is used.
 * @throws ContentFault
 */
export async function skipGzipHeader(bytes: ByteSource): Promise<void> {
  const fixed = await take(bytes, FIXED_BYTES);
  const flags = fixed.readUInt8(3);
  if (fixed.readUInt8(2) !== DEFLATE || (flags & RESERVED) !== 0) throw new ContentFault("damaged");
  if ((flags & HAS_EXTRA) !== 0) await take(bytes, (await take(bytes, 2)).readUInt16LE(0));
  if ((flags & HAS_NAME) !== 0) await skipText(bytes);
  if ((flags & HAS_COMMENT) !== 0) await skipText(bytes);
  if ((flags & HAS_HEADER_CHECK) !== 0) await take(bytes, 2);
}

async function take(bytes: ByteSource, sizeBytes: number): Promise<Buffer> {
  const taken = await bytes.takeExactly(sizeBytes);
  if (taken.length < sizeBytes) throw new ContentFault("cut");
  return taken;
}

async function skipText(bytes: ByteSource): Promise<void> {
  for (;;) {
    const piece = await bytes.take();
    if (piece === undefined) throw new ContentFault("cut");
    const end = piece.indexOf(0);
    if (end === -1) continue;
    bytes.giveBack(piece.length - end - 1);
    return;
  }
}
