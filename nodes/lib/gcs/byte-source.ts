const NOTHING = Buffer.alloc(0);

/** Bytes that come in chunks, to be taken in pieces of any size. One caller at a time. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = NOTHING;
  #at = 0;
  #takenBytes = 0;
  #isWaiting = false;

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Bytes taken so far. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** What comes next, up to `maxBytes` and never nothing; undefined at the end. @throws what the source throws */
  async take(maxBytes = Infinity): Promise<Buffer | undefined> {
    while (this.#at === this.#chunk.length) {
      const chunk = await this.#pull();
      if (chunk === undefined) return undefined;
      this.#chunk = chunk;
      this.#at = 0;
    }
    const piece = this.#chunk.subarray(this.#at, Math.min(this.#chunk.length, this.#at + maxBytes));
    this.#at += piece.length;
    this.#takenBytes += piece.length;
    return piece;
  }

  /** Makes the last `sizeBytes` of the piece taken last be still to come. */
  giveBack(sizeBytes: number): void {
    this.#at -= sizeBytes;
    this.#takenBytes -= sizeBytes;
  }

  /** Exactly `sizeBytes`, or fewer at the end. For a handful: they are copied when chunks part them. */
  async takeExactly(sizeBytes: number): Promise<Buffer> {
    let taken: Buffer = NOTHING;
    while (taken.length < sizeBytes) {
      const piece = await this.take(sizeBytes - taken.length);
      if (piece === undefined) break;
      taken = taken.length === 0 ? piece : Buffer.concat([taken, piece]);
    }
    return taken;
  }

  /** The next `sizeBytes` without taking them, or fewer at the end. */
  async peek(sizeBytes: number): Promise<Buffer> {
    while (this.#chunk.length - this.#at < sizeBytes) {
      const next = await this.#pull();
      if (next === undefined) break;
      const rest = this.#chunk.subarray(this.#at);
      this.#chunk = rest.length === 0 ? next : Buffer.concat([rest, next]);
      this.#at = 0;
    }
    return this.#chunk.subarray(this.#at, this.#at + sizeBytes);
  }

  /** Ends the source. It is not waited for while a chunk is under way: that chunk may never come. */
  async close(): Promise<void> {
    const ended = this.#chunks.return?.();
    if (this.#isWaiting) ended?.catch(() => undefined);
    else await ended;
  }

  async #pull(): Promise<Buffer | undefined> {
    this.#isWaiting = true;
    const next = await this.#chunks.next();
    this.#isWaiting = false;
    return next.done === true ? undefined : next.value;
  }
}
