import type { Clock } from "../clock";
import { XdrError } from "../errors";
import { linkSignals } from "../http/abort-link";
import type { GcsClient, Media } from "./gcs-api";
import { gcsRetryDelayMs } from "./gcs-retry";
import type { ObjectName } from "./reader-api";

/** The object to read, with its stored bytes as listed where they are known. */
type StoredObject = ObjectName & { readonly sizeBytes?: number };

export interface StoredBytesPorts {
  readonly client: Pick<GcsClient, "read" | "bodyError">;
  readonly bucket: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Ends everything, with `XDR_CANCELLED`. */
  readonly signal: AbortSignal;
  /**
   * Once per failure, with the time of the next attempt, epoch milliseconds; with undefined when bytes flow again.
   * It must not throw.
   */
  readonly onTrouble: (error: XdrError | undefined, nextAtMs: number) => void;
}

/** After so many failures in a row without a byte, others are to be read. */
const MAX_FAILURES = 5;

/**
 * The service sends something else than before it was interrupted (decompressed by itself or not, another length): the bytes
 * so far and the next ones do not belong together, and the object has to be begun anew. Not shown to users.
 */
export class StartOver extends Error {}

/**
 * The stored bytes of one version of an object, from the first to the last, whatever happens to connections: a body that
 * breaks, stalls or ends early is continued where it broke.
 *
 * Nothing is read from the socket while nobody asks for the next chunk. Ending it early closes the connection at once, also
 * while a chunk is being waited for.
 *
 * @throws XdrError `GCS_OBJECT_GONE`, `XDR_CANCELLED`; what does not get better within five attempts
 * @throws StartOver
 */
export function storedBytes(
  ports: StoredBytesPorts,
  object: StoredObject,
): AsyncGenerator<Buffer, undefined, undefined> {
  const ended = new AbortController();
  const bytes = download(ports, object, ended.signal);
  const end = bytes.return.bind(bytes);
  // On its own it would wait for the chunk under way, which may be for as long as the service is down.
  bytes.return = (value) => {
    ended.abort();
    return end(value);
  };
  return bytes;
}

async function* download(
  ports: StoredBytesPorts,
  object: StoredObject,
  ended: AbortSignal,
): AsyncGenerator<Buffer, undefined, undefined> {
  const link = linkSignals(ports.signal, ended);
  const trouble = new Trouble(ports, link.signal);
  const body = new ResumedBody(ports, object, link.signal);
  try {
    for (;;) {
      let chunk: Buffer | undefined;
      try {
        chunk = await body.next();
      } catch (thrown) {
        await trouble.waitOut(thrown);
        continue;
      }
      trouble.isOver();
      if (chunk === undefined) return undefined;
      yield chunk;
    }
  } finally {
    link.unlink();
    body.close();
  }
}

/** The failures since bytes flowed last. */
class Trouble {
  readonly #ports: StoredBytesPorts;
  readonly #signal: AbortSignal;
  #failures = 0;

  constructor(ports: StoredBytesPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#signal = signal;
  }

  isOver(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#ports.onTrouble(undefined, this.#ports.clock.now());
  }

  /** Resolves when it is time for the next attempt. @throws what no further attempt can help against */
  async waitOut(thrown: unknown): Promise<void> {
    this.#throwIfEnded();
    if (!(thrown instanceof XdrError) || thrown.code === "GCS_OBJECT_GONE") throw thrown;
    this.#failures += 1;
    // It may be this object alone, and others wait for its place.
    if (this.#failures >= MAX_FAILURES || !thrown.retryable || thrown.code === "GCS_READ_FORBIDDEN") throw thrown;
    const { clock, random, onTrouble } = this.#ports;
    const delayMs = gcsRetryDelayMs(this.#failures, random(), thrown);
    onTrouble(thrown, clock.now() + delayMs);
    await clock.sleep(delayMs, this.#signal);
    this.#throwIfEnded();
  }

  #throwIfEnded(): void {
    if (this.#signal.aborted) throw cancelled();
  }
}

/** A body that goes on, each time it is asked, after the bytes that were received. */
class ResumedBody {
  readonly #ports: StoredBytesPorts;
  readonly #object: StoredObject;
  readonly #signal: AbortSignal;
  #media: Media | undefined;
  #chunks: AsyncIterator<Buffer> | undefined;
  #receivedBytes = 0;
  /** Bytes that the open body repeats. */
  #repeatedBytes = 0;
  #isAsStored: boolean | undefined;
  #totalBytes: number | undefined;

  constructor(ports: StoredBytesPorts, object: StoredObject, signal: AbortSignal) {
    this.#ports = ports;
    this.#object = object;
    this.#signal = signal;
  }

  /**
   * The next bytes, never none; undefined after the last.
   * @throws XdrError after which it may be called again
   * @throws StartOver
   */
  async next(): Promise<Buffer | undefined> {
    try {
      const chunks = (this.#chunks ??= await this.#open());
      for (;;) {
        const { done, value } = await this.#pull(chunks);
        // A body that was destroyed may look as if it had come to its end.
        if (this.#signal.aborted) throw cancelled();
        if (done === true) {
          this.#throwIfShort();
          return undefined;
        }
        const fresh = this.#repeatedBytes === 0 ? value : this.#withoutRepeated(value);
        this.#receivedBytes += fresh.length;
        if (fresh.length > 0) return fresh;
      }
    } catch (thrown) {
      this.close();
      // It has broken after its last byte: nothing is missing.
      if (this.#isComplete() && thrown instanceof XdrError) return undefined;
      throw thrown;
    }
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#media?.body.destroy();
    this.#media = undefined;
    this.#chunks = undefined;
  }

  readonly #onAbort = (): void => this.close();

  async #open(): Promise<AsyncIterator<Buffer>> {
    const { client, bucket } = this.#ports;
    const { name, generation, sizeBytes } = this.#object;
    const fromByte = this.#receivedBytes;
    const media = await client.read({ bucket, name, generation, sizeBytes, fromByte, signal: this.#signal });
    this.#media = media;
    this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    if (this.#signal.aborted) throw cancelled();
    this.#compare(media);
    this.#repeatedBytes = fromByte - media.firstByte;
    return media.body[Symbol.asyncIterator]();
  }

  /** @throws StartOver when a body does not continue those before */
  #compare({ isAsStored, totalBytes, firstByte }: Media): void {
    const isOther = this.#isAsStored !== undefined && this.#isAsStored !== isAsStored;
    const isOtherLength = this.#totalBytes !== undefined && totalBytes !== undefined && this.#totalBytes !== totalBytes;
    if (isOther || isOtherLength || firstByte > this.#receivedBytes) throw new StartOver("other bytes than before");
    this.#isAsStored = isAsStored;
    this.#totalBytes ??= totalBytes;
  }

  async #pull(chunks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer, unknown>> {
    try {
      return await chunks.next();
    } catch (thrown) {
      throw this.#ports.client.bodyError(thrown);
    }
  }

  #withoutRepeated(chunk: Buffer): Buffer {
    const fresh = chunk.subarray(this.#repeatedBytes);
    this.#repeatedBytes -= chunk.length - fresh.length;
    return fresh;
  }

  #isComplete(): boolean {
    return this.#totalBytes !== undefined && this.#receivedBytes >= this.#totalBytes;
  }

  #throwIfShort(): void {
    // Without a length, the end that the service marks is the end; but no body may end before what it repeats.
    const isShort = this.#totalBytes === undefined ? this.#repeatedBytes > 0 : !this.#isComplete();
    if (!isShort) return;
    const expected = this.#totalBytes === undefined ? "more" : `${this.#totalBytes}`;
    throw new XdrError(
      "XDR_CONNECTION_LOST",
      `The answer ended after ${this.#receivedBytes} bytes, ${expected} were expected: reading goes on from there.`,
    );
  }
}

function cancelled(): XdrError {
  return new XdrError("XDR_CANCELLED", "Reading the object was cancelled because the node closes.");
}
