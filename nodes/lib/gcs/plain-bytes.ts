import { crc32 } from "node:zlib";
import { ByteSource } from "./byte-source";
import { ContentFault, type CompressedSpan } from "./content-fault";
import { isGzipNext, skipGzipHeader } from "./gzip-header";
import { Inflation } from "./inflation";

/** So often compressed data are read: once by who wrote them, once more on the way into the bucket. */
const MAX_LAYERS = 2;
/** CRC-32 and length, modulo 2^32, of what a member decompresses to. Source: RFC 1952, section 2.3.1. */
const TRAILER_BYTES = 8;

export interface PlainBytesOptions {
  /** Most decompressed bytes; Infinity for any number. */
  readonly maxBytes: number;
  /**
   * The `span` of the fault that the last attempt ended with. It is decompressed in 256 pieces, and all output of those before
   * the damage comes out; the next fault names a span that is so much smaller, down to one byte.
   */
  readonly careful?: CompressedSpan | undefined;
}

/** What is to be said about data that were read completely. */
export interface PlainBytesNotes {
  /** Bytes that are neither zero nor gzip data follow the last gzip member. */
  trailingBytes: boolean;
}

/**
 * The bytes of an object as they were before somebody compressed them, in chunks of up to 256 KiB: gzip is known by its first
 * two bytes, whatever metadata say, and may have several members and be applied twice. Memory stays flat, and the source is
 * only read as fast as the chunks are taken. Ending it early ends the source.
 *
 * @param notes is written to
 * @throws ContentFault after all that is good was given; what the source throws, unchanged
 */
export async function* plainBytes(
  source: AsyncIterable<Buffer>,
  { maxBytes, careful }: PlainBytesOptions,
  notes: PlainBytesNotes,
): AsyncGenerator<Buffer, void, undefined> {
  let leftBytes = maxBytes;
  for await (const chunk of decompressed(source, 1, careful, notes)) {
    if (chunk.length > leftBytes) {
      if (leftBytes > 0) yield chunk.subarray(0, leftBytes);
      throw new ContentFault("too-large");
    }
    leftBytes -= chunk.length;
    yield chunk;
  }
}

/** @param layer of the source: 1 when nothing was decompressed yet */
async function* decompressed(
  source: AsyncIterable<Buffer>,
  layer: number,
  careful: CompressedSpan | undefined,
  notes: PlainBytesNotes,
): AsyncGenerator<Buffer, void, undefined> {
  const bytes = new ByteSource(source);
  try {
    if (!(await isGzipNext(bytes))) {
      for (let chunk = await bytes.take(); chunk !== undefined; chunk = await bytes.take()) yield chunk;
    } else if (layer > MAX_LAYERS) {
      throw new ContentFault("nested");
    } else {
      yield* decompressed(members(bytes, layer, careful, notes), layer + 1, careful, notes);
    }
  } finally {
    await bytes.close();
  }
}

async function* members(
  bytes: ByteSource,
  layer: number,
  careful: CompressedSpan | undefined,
  notes: PlainBytesNotes,
): AsyncGenerator<Buffer, void, undefined> {
  do {
    await skipGzipHeader(bytes);
    let [check, sizeBytes] = [0, 0];
    for await (const chunk of new Inflation(bytes, layer, careful).output()) {
      check = crc32(chunk, check);
      sizeBytes += chunk.length;
      yield chunk;
    }
    const trailer = await bytes.takeExactly(TRAILER_BYTES);
    if (trailer.length < TRAILER_BYTES) throw new ContentFault("cut");
    if (trailer.readUInt32LE(0) !== check || trailer.readUInt32LE(4) !== sizeBytes % 2 ** 32) {
      throw new ContentFault("damaged");
    }
  } while (await isGzipNext(bytes));
  if (await hasMoreThanPadding(bytes)) notes.trailingBytes = true;
}

/** Zeros fill up blocks of tapes and some copies. */
async function hasMoreThanPadding(bytes: ByteSource): Promise<boolean> {
  for (let chunk = await bytes.take(); chunk !== undefined; chunk = await bytes.take()) {
    if (chunk.some((byte) => byte !== 0)) return true;
  }
  return false;
}
