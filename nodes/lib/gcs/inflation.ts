import { createInflateRaw, type InflateRaw } from "node:zlib";
import { systemCode } from "../errors";
import type { ByteSource } from "./byte-source";
import { ContentFault, type CompressedSpan } from "./content-fault";

/** How much is inflated at a time, bytes: each piece costs a trip to another thread. 256 KiB was 2.3 times as fast as 16. */
const CHUNK_BYTES = 262_144;
/** Into so many pieces a span is cut that holds a damage: each is a trip to another thread, too. */
const CAREFUL_PIECES = 256;

/**
 * One run of deflate data (RFC 1951) out of a source, from where it is. Afterwards the source is at the first byte behind it.
 *
 * Node's `Gunzip` reads whole gzip files, yet keeps back up to `chunkSize` of good output when an error follows it, be it
 * bytes after the end; and where a member ended, nobody learns.
 */
export class Inflation {
  readonly #bytes: ByteSource;
  readonly #layer: number;
  readonly #careful: CompressedSpan | undefined;
  readonly #inflater: InflateRaw;
  /** Bytes that the inflater was given. */
  #fedBytes = 0;
  /** Where the piece begins and ends that it was given last. */
  #lastSpan: CompressedSpan;
  #sourceFailure: { readonly thrown: unknown } | undefined;
  #onFed: () => void = () => undefined;

  /** @param careful what to inflate in small pieces, so that more of the output before a damage comes out */
  constructor(bytes: ByteSource, layer: number, careful: CompressedSpan | undefined) {
    this.#bytes = bytes;
    this.#layer = layer;
    this.#careful = careful?.layer === layer ? careful : undefined;
    this.#lastSpan = { layer, fromByte: 0, toByte: 0 };
    // With a mark of one byte, nothing more is inflated before all output was read: an error throws unread output away.
    this.#inflater = createInflateRaw({ chunkSize: CHUNK_BYTES, highWaterMark: 1 } as { chunkSize: number });
    this.#inflater.on("close", () => this.#onFed());
  }

  /** @throws ContentFault `cut`, `damaged`; what the source throws */
  async *output(): AsyncGenerator<Buffer, void, undefined> {
    // Inflating goes on in another thread while the output is being used, and with it the feeding.
    void this.#feed();
    try {
      for await (const chunk of this.#inflater as AsyncIterable<Buffer>) yield chunk;
      this.#bytes.giveBack(this.#fedBytes - this.#inflater.bytesWritten);
    } catch (error) {
      throw this.#reason(error);
    } finally {
      this.#inflater.destroy();
    }
  }

  /** Never rejects. */
  async #feed(): Promise<void> {
    try {
      while (!this.#inflater.destroyed) {
        const piece = await this.#nextPiece();
        if (piece === undefined) {
          this.#inflater.end();
          return;
        }
        this.#fedBytes += piece.length;
        // When nobody wants the output any more, this does nothing and resolves.
        await this.#write(piece);
        // What it leaves is not part of the run any more.
        if (this.#inflater.bytesWritten < this.#fedBytes) return;
      }
    } catch (thrown) {
      this.#sourceFailure = { thrown };
      this.#inflater.destroy(new Error("The source failed."));
    }
  }

  async #nextPiece(): Promise<Buffer | undefined> {
    const fromByte = this.#bytes.takenBytes;
    const piece = await this.#bytes.take(this.#pieceBytes(fromByte));
    this.#lastSpan = { layer: this.#layer, fromByte, toByte: this.#bytes.takenBytes };
    return piece;
  }

  #pieceBytes(fromByte: number): number {
    if (this.#careful === undefined || fromByte >= this.#careful.toByte) return Infinity;
    const { fromByte: carefulFrom, toByte } = this.#careful;
    return fromByte < carefulFrom ? carefulFrom - fromByte : Math.ceil((toByte - carefulFrom) / CAREFUL_PIECES);
  }

  /** Resolves when all output of the piece was read, or the inflater is closed. */
  #write(piece: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#onFed = resolve;
      this.#inflater.write(piece, () => resolve());
    });
  }

  #reason(error: unknown): unknown {
    if (this.#sourceFailure !== undefined) return this.#sourceFailure.thrown;
    const code = systemCode(error);
    if (code === "Z_BUF_ERROR") return new ContentFault("cut");
    if (code !== "Z_DATA_ERROR") return error;
    return new ContentFault("damaged", this.#lastSpan);
  }
}
