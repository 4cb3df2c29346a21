import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { crc32c, crc32cText } from "./crc32c";

/** Most bytes handed to the socket at once. */
const CHUNK_BYTES = 64 * 1024;

/** Checksums as the service writes them, base64. */
export interface Checksums {
  readonly crc32c?: string | undefined;
  readonly md5Hash?: string | undefined;
}

/** Bytes that nobody holds in memory: made anew for each reader. Without checksums it is served without them. */
export interface StreamedData extends Checksums {
  readonly sizeBytes: number;
  /** All bytes from the first on, the same at each call. */
  readonly stream: () => Readable;
}

/** The stored bytes of an object. */
export interface Content {
  readonly sizeBytes: number;
  /** Made when first asked for. */
  readonly checksums: Checksums;
  /** The bytes from `from` up to `to`, which is not included, in small chunks, and no faster than they are taken. */
  open(from: number, to: number): AsyncGenerator<Buffer>;
}

/** Text is UTF-8. A Buffer is not copied: it must stay as it is. */
export function contentOf(data: Buffer | string | StreamedData): Content {
  if (typeof data === "string") return new HeldContent(Buffer.from(data, "utf8"));
  return Buffer.isBuffer(data) ? new HeldContent(data) : new StreamedContent(data);
}

/** Reads a stream to its end for its checksums: `put(name, { sizeBytes, stream, ...(await checksumsOf(stream())) })`. */
export async function checksumsOf(stream: Readable): Promise<Checksums> {
  const md5 = createHash("md5");
  let crc = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    md5.update(chunk);
    crc = crc32c(chunk, crc);
  }
  return { crc32c: crc32cText(crc), md5Hash: md5.digest("base64") };
}

class HeldContent implements Content {
  readonly #data: Buffer;
  #checksums: Checksums | undefined;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get sizeBytes(): number {
    return this.#data.length;
  }

  get checksums(): Checksums {
    this.#checksums ??= {
      crc32c: crc32cText(crc32c(this.#data)),
      md5Hash: createHash("md5").update(this.#data).digest("base64"),
    };
    return this.#checksums;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the other kind of content has to wait
  async *open(from: number, to: number): AsyncGenerator<Buffer> {
    for (let at = from; at < to; at += CHUNK_BYTES) yield this.#data.subarray(at, Math.min(to, at + CHUNK_BYTES));
  }
}

class StreamedContent implements Content {
  readonly checksums: Checksums;
  readonly #data: StreamedData;

  constructor(data: StreamedData) {
    this.#data = data;
    this.checksums = { crc32c: data.crc32c, md5Hash: data.md5Hash };
  }

  get sizeBytes(): number {
    return this.#data.sizeBytes;
  }

  async *open(from: number, to: number): AsyncGenerator<Buffer> {
    let at = 0;
    for await (const chunk of this.#data.stream() as AsyncIterable<Buffer>) {
      const start = Math.max(0, from - at);
      const end = Math.min(chunk.length, to - at);
      for (let piece = start; piece < end; piece += CHUNK_BYTES) {
        yield chunk.subarray(piece, Math.min(end, piece + CHUNK_BYTES));
      }
      at += chunk.length;
      if (at >= to) return;
    }
    if (at < to) throw new Error(`A streamed object gave ${at} bytes of the ${this.sizeBytes} it was put with.`);
  }
}
