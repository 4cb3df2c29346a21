import { ContentFault } from "./content-fault";

const NOTHING: Buffer = Buffer.alloc(0);
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Characters of a bad line that are shown. */
export const SHOWN_CHARACTERS = 1000;
/** What they take at most in UTF-8. Source: RFC 3629, section 3. */
const SHOWN_BYTES = SHOWN_CHARACTERS * 4;
/** Room for a byte order mark and a carriage return, which are no part of a line. */
const EXTRA_BYTES = BYTE_ORDER_MARK.length + 1;
const FIRST_ROOM_BYTES = 65_536;
/** Room for the beginning of a line is given back after a line that took more. */
const MAX_KEPT_ROOM_BYTES = 1_048_576;

/** A line, without its end, valid until `onLine` returns: always the same object, over bytes that are used again. */
export interface RawLine {
  /** From 1, blank lines counted. */
  readonly number: number;
  /** Offset in the decompressed object of what follows the line and its newline. */
  readonly endByte: number;
  readonly bytes: Buffer;
  /** Where in `bytes` it begins and ends. Of a line that is too long, at least the first 1,000 characters are there. */
  readonly start: number;
  readonly end: number;
  readonly isTooLong: boolean;
  /** False for what comes after the last newline. */
  readonly isTerminated: boolean;
}

export interface LineReaderOptions {
  /** Longest line, bytes without its end. */
  readonly maxLineBytes: number;
  /** Lines before the place to begin at. @default 0 */
  readonly afterLine?: number | undefined;
  /** Bytes before the place to begin at: they are passed over. @default 0 */
  readonly skipBytes?: number | undefined;
}

/**
 * Splits the bytes of an object into lines: at line feeds, one carriage return before them taken off, and a byte order mark at
 * the start of the object. It takes time in proportion to the bytes, and memory for one line of `maxLineBytes`, however they
 * are cut into chunks.
 */
export class LineReader {
  readonly #maxLineBytes: number;
  readonly #maxHeldBytes: number;
  readonly #line = { number: 0, endByte: 0, bytes: NOTHING, start: 0, end: 0, isTooLong: false, isTerminated: true };
  #toSkipBytes: number;
  /** The byte before the place to begin at ends no line: right only when nothing follows. */
  #isMisfit = false;
  #lines: number;
  /** Where the line begins that is not complete yet. */
  #lineStart: number;
  /** Bytes of it so far, and those of them that are in `#room`: the beginning, as much as is of use. */
  #pendingBytes = 0;
  #heldBytes = 0;
  #room: Buffer = NOTHING;

  constructor({ maxLineBytes, afterLine = 0, skipBytes = 0 }: LineReaderOptions) {
    this.#maxLineBytes = maxLineBytes;
    this.#maxHeldBytes = Math.max(maxLineBytes, SHOWN_BYTES) + EXTRA_BYTES;
    this.#lines = afterLine;
    this.#lineStart = skipBytes;
    this.#toSkipBytes = skipBytes;
  }

  /** Lines so far, those before the place to begin at included. */
  get lines(): number {
    return this.#lines;
  }

  /** Decompressed bytes of the object so far, those passed over included. */
  get bytes(): number {
    return this.#lineStart + this.#pendingBytes - this.#toSkipBytes;
  }

  /** Bytes of the line that is not complete yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * @param onLine is called for each line that the chunk completes
   * @throws ContentFault `damaged` when the place to begin at is in the middle of a line
   */
  push(chunk: Buffer, onLine: (line: RawLine) => void): void {
    let start = this.#toSkipBytes === 0 ? 0 : this.#skip(chunk);
    if (start === chunk.length) return;
    if (this.#isMisfit) throw new ContentFault("misfit");
    for (let newline = chunk.indexOf(NEWLINE, start); newline !== -1; newline = chunk.indexOf(NEWLINE, start)) {
      if (this.#pendingBytes === 0) this.#emit(chunk, start, newline, newline - start, true, onLine);
      else {
        this.#hold(chunk, start, newline);
        this.#emit(this.#room, 0, this.#heldBytes, this.#pendingBytes, true, onLine);
      }
      start = newline + 1;
    }
    if (start < chunk.length) this.#hold(chunk, start, chunk.length);
  }

  /**
   * The object has ended: what comes after the last newline is a line, too.
   * @throws ContentFault `damaged` when it is shorter than the place to begin at
   */
  end(onLine: (line: RawLine) => void): void {
    if (this.#toSkipBytes > 0) throw new ContentFault("misfit");
    if (this.#pendingBytes > 0) this.#emit(this.#room, 0, this.#heldBytes, this.#pendingBytes, false, onLine);
  }

  /** @returns where in the chunk reading begins; its length when that is further on */
  #skip(chunk: Buffer): number {
    const skipped = Math.min(this.#toSkipBytes, chunk.length);
    this.#toSkipBytes -= skipped;
    if (this.#toSkipBytes === 0) this.#isMisfit = chunk[skipped - 1] !== NEWLINE;
    return skipped;
  }

  /** Adds to the line that is not complete yet. Beyond what is of use, bytes are only counted. */
  #hold(chunk: Buffer, start: number, end: number): void {
    this.#pendingBytes += end - start;
    const heldBytes = Math.min(this.#heldBytes + end - start, this.#maxHeldBytes);
    if (heldBytes > this.#room.length) this.#grow(heldBytes);
    chunk.copy(this.#room, this.#heldBytes, start, start + heldBytes - this.#heldBytes);
    this.#heldBytes = heldBytes;
  }

  /** By doubling, so that a long line in small chunks is not copied again and again. */
  #grow(leastBytes: number): void {
    const wanted = Math.max(FIRST_ROOM_BYTES, this.#room.length * 2, leastBytes);
    const room = Buffer.allocUnsafe(Math.min(wanted, this.#maxHeldBytes));
    this.#room.copy(room, 0, 0, this.#heldBytes);
    this.#room = room;
  }

  #emit(
    bytes: Buffer,
    from: number,
    to: number,
    sizeBytes: number,
    isTerminated: boolean,
    onLine: (line: RawLine) => void,
  ): void {
    const line = this.#line;
    const hasMark = this.#lineStart === 0 && bytes.subarray(from, to).indexOf(BYTE_ORDER_MARK) === 0;
    const start = hasMark ? from + BYTE_ORDER_MARK.length : from;
    const end = to > start && bytes[to - 1] === CARRIAGE_RETURN ? to - 1 : to;
    this.#lines += 1;
    this.#lineStart += sizeBytes + (isTerminated ? 1 : 0);
    this.#pendingBytes = 0;
    this.#heldBytes = 0;
    line.number = this.#lines;
    line.endByte = this.#lineStart;
    line.bytes = bytes;
    line.start = start;
    line.end = end;
    line.isTooLong = sizeBytes - (to - from) + end - start > this.#maxLineBytes;
    line.isTerminated = isTerminated;
    onLine(line);
    line.bytes = NOTHING;
    if (this.#room.length > MAX_KEPT_ROOM_BYTES) this.#room = NOTHING;
  }
}
