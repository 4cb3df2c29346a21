import { XdrError, type ErrorCode } from "../../../nodes/lib/errors";
import type {
  GcsClient,
  ListPage,
  ListRequest,
  Media,
  MediaRequest,
  ObjectVersion,
} from "../../../nodes/lib/gcs/gcs-api";
import { integerIn, pick, type Random } from "../../support/virtual-random";
import { isTrailer, type Content } from "./simulation-content";
import { byBytes, idOf, TinyBucket } from "./tiny-bucket";

/** One version that was in the bucket at some time. */
export interface SimulatedVersion {
  readonly version: ObjectVersion;
  readonly content: Content;
  isLive: boolean;
  /** Reads that are still to change its bytes on the way, and whether one did. */
  damagedReads: number;
  hasArrivedDamaged: boolean;
}

export interface BucketPorts {
  readonly random: Random;
  /** Whether the next thing fails. */
  readonly fails: () => boolean;
  /** Resolves after a while of virtual time, or when the signal aborts. */
  readonly linger: (maxMs: number, signal: AbortSignal) => Promise<void>;
  /** Deletes or replaces an object. */
  readonly vanish: (name: string) => void;
  /** Told of everything that happens; never resolves for a process that was killed. */
  readonly moment: () => Promise<void>;
}

const EVERYWHERE: readonly ErrorCode[] = [
  "XDR_SERVER_ERROR",
  "XDR_CONNECTION_LOST",
  "XDR_TIMEOUT",
  "XDR_RATE_LIMITED",
  "GCS_UNAUTHORIZED",
  "XDR_CLOCK_SKEW",
  "GCS_KEY_REJECTED",
];
const LISTING: readonly ErrorCode[] = [
  ...EVERYWHERE,
  ...EVERYWHERE,
  "GCS_LIST_FORBIDDEN",
  "GCS_BUCKET_NOT_FOUND",
  "GCS_PAGE_TOKEN_REJECTED",
];
const READING: readonly ErrorCode[] = [...EVERYWHERE, ...EVERYWHERE, "GCS_READ_FORBIDDEN", "GCS_OBJECT_GONE"];

/** The bucket, which outlives all processes. */
export class SimulatedBucket {
  readonly tiny = new TinyBucket();
  readonly versions = new Map<string, SimulatedVersion>();

  /** Creates or replaces an object. @param make is given the version's id */
  put(name: string, createdMs: number, make: (id: string) => Content): SimulatedVersion {
    this.delete(name);
    const bare = this.tiny.put(name, createdMs);
    const content = make(idOf(bare));
    const version = { ...bare, sizeBytes: content.stored.length, md5: content.md5 };
    this.tiny.objects.set(name, version);
    const simulated = { version, content, isLive: true, damagedReads: 0, hasArrivedDamaged: false };
    this.versions.set(idOf(version), simulated);
    return simulated;
  }

  delete(name: string): void {
    const live = this.tiny.objects.get(name);
    if (live !== undefined) this.of(live).isLive = false;
    this.tiny.delete(name);
  }

  of(object: { readonly name: string; readonly generation: string }): SimulatedVersion {
    const found = this.versions.get(idOf(object));
    if (found === undefined) throw new Error(`The bucket never had ${idOf(object)}.`);
    return found;
  }

  /** Versions whose bytes always arrived as whoever wrote them meant them: nothing of them has to leave again for that. */
  get sound(): string[] {
    const isSound = ({ content, hasArrivedDamaged }: SimulatedVersion): boolean =>
      !hasArrivedDamaged && (content.shape !== "flipped" || content.error === undefined);
    return [...this.versions].filter(([, version]) => isSound(version)).map(([id]) => id);
  }

  get live(): SimulatedVersion[] {
    return [...this.versions.values()].filter(({ isLive }) => isLive);
  }
}

/** The client of one process. */
export class SimulatedClient implements GcsClient {
  readonly clockSkewMs: number | undefined;
  /** Calls and bodies under way. */
  calls = 0;
  bodies = 0;
  mostBodies = 0;
  readonly #bucket: SimulatedBucket;
  readonly #ports: BucketPorts;

  constructor(bucket: SimulatedBucket, ports: BucketPorts) {
    this.#bucket = bucket;
    this.#ports = ports;
    this.clockSkewMs = ports.random() < 0.5 ? undefined : integerIn(ports.random, -100_000, 100_000);
  }

  list(request: ListRequest): Promise<ListPage> {
    const { random } = this.#ports;
    return this.#call(request.signal, LISTING, async () => {
      // Who asks for one object is not kept waiting with an empty page.
      if (request.maxResults === 1) return this.#first(request);
      // A listing takes time, and shows the bucket as it was at some moment of it.
      if (random() < 0.5) await this.#ports.linger(3000, request.signal);
      const page = await this.#bucket.tiny.list(request);
      if (random() < 0.5) await this.#ports.linger(3000, request.signal);
      return page;
    });
  }

  read(request: MediaRequest): Promise<Media> {
    return this.#call(request.signal, READING, async () => {
      if (this.#ports.random() < 0.5) await this.#ports.linger(500, request.signal);
      const { name, generation } = request;
      const live = this.#bucket.tiny.objects.get(name);
      if (live?.generation !== generation) throw new XdrError("GCS_OBJECT_GONE", "No such version.");
      return this.#media(request, this.#bucket.of(request));
    });
  }

  bodyError(thrown: unknown): Error {
    if (thrown instanceof Broken) return new XdrError("XDR_CONNECTION_LOST", "The body broke.");
    return thrown as Error;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #first({ prefix }: ListRequest): ListPage {
    const names = [...this.#bucket.tiny.objects.keys()].filter((name) => name.startsWith(prefix)).sort(byBytes);
    const [first] = names;
    const object = first === undefined ? undefined : this.#bucket.tiny.objects.get(first);
    const nextPageToken = names.length > 1 ? "more" : undefined;
    return { objects: object === undefined ? [] : [object], lastName: first, nextPageToken };
  }

  async #call<T>(signal: AbortSignal, codes: readonly ErrorCode[], answer: () => Promise<T>): Promise<T> {
    const { moment, fails, random } = this.#ports;
    this.calls += 1;
    try {
      await moment();
      const isFailing = fails();
      const code = pick(random, codes);
      const error = new XdrError(code, "A fault of the simulation.", {
        retryAfterMs: code === "XDR_RATE_LIMITED" ? integerIn(random, 0, 90_000) : undefined,
      });
      const isAfter = random() < 0.5;
      if (isFailing && !isAfter) throw error;
      const value = await answer();
      await moment();
      if (signal.aborted) throw new XdrError("XDR_CANCELLED", "Cancelled.");
      if (isFailing) {
        if (value !== null && typeof value === "object" && "body" in value) (value as unknown as Media).body.destroy();
        throw error;
      }
      return value;
    } finally {
      this.calls -= 1;
    }
  }

  #media({ name, fromByte, signal }: MediaRequest, object: SimulatedVersion): Media {
    const { random, fails } = this.#ports;
    const { content } = object;
    const transcoded = random() < 0.15 ? content.transcoded : undefined;
    const isAsStored = transcoded === undefined;
    const whole = transcoded ?? this.#onTheWay(object);
    const firstByte = isAsStored && random() < 0.8 ? Math.min(fromByte, whole.length) : 0;
    const totalBytes = isAsStored && random() < 0.8 ? whole.length : undefined;
    const left = whole.length - firstByte;
    const breaksAfter = fails() ? integerIn(random, 0, left) : undefined;
    // Only a length tells a body that ends early from one that is complete.
    const endsEarly = totalBytes !== undefined && random() < 0.3;
    const vanishes = breaksAfter !== undefined && random() < 0.15;
    this.bodies += 1;
    this.mostBodies = Math.max(this.mostBodies, this.bodies);
    const bytes = whole.subarray(firstByte, firstByte + (breaksAfter ?? left));
    const body = new Body(bytes, breaksAfter !== undefined && !endsEarly, signal, this.#ports, (isComplete) => {
      this.bodies -= 1;
      if (vanishes && isComplete) this.#ports.vanish(name);
    });
    return { body, firstByte, totalBytes, isAsStored };
  }

  /** The bytes, or in the end of the gzip data other ones: what came before is right, and the checksum is not. */
  #onTheWay(object: SimulatedVersion): Buffer {
    const { stored } = object.content;
    if (object.damagedReads === 0) return stored;
    object.damagedReads -= 1;
    const at = stored.length - integerIn(this.#ports.random, 1, 8);
    if (!isTrailer(object.content, at)) return stored;
    object.hasArrivedDamaged = true;
    const changed = Buffer.from(stored);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    return changed;
  }
}

class Broken extends Error {}

/** Bytes in chunks of any size. Destroyed, it looks as if it had come to its end, or breaks. */
class Body implements AsyncIterable<Buffer> {
  #bytes: Buffer;
  readonly #breaks: boolean;
  readonly #signal: AbortSignal;
  readonly #ports: BucketPorts;
  readonly #onEnd: (isComplete: boolean) => void;
  readonly #chunkBytes: number;
  readonly #destroyed = new AbortController();
  #isOver = false;

  constructor(
    bytes: Buffer,
    breaks: boolean,
    signal: AbortSignal,
    ports: BucketPorts,
    onEnd: (isComplete: boolean) => void,
  ) {
    this.#bytes = bytes;
    this.#breaks = breaks;
    this.#signal = signal;
    this.#ports = ports;
    this.#onEnd = onEnd;
    this.#chunkBytes = pick(ports.random, [1 + bytes.length / 16, 100, 1000, 16_384, 65_536]);
    if (signal.aborted) this.destroy();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  destroy(): void {
    this.#end(false);
    this.#destroyed.abort();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    return { next: () => this.#next() };
  }

  readonly #onAbort = (): void => this.destroy();

  #end(isComplete: boolean): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    if (!this.#isOver) this.#onEnd(isComplete);
    this.#isOver = true;
  }

  async #next(): Promise<IteratorResult<Buffer, undefined>> {
    const { random, moment, linger } = this.#ports;
    await moment();
    if (random() < 0.1) await linger(200, this.#destroyed.signal);
    if (this.#destroyed.signal.aborted) {
      if (random() < 0.5) throw new Broken();
      return { done: true, value: undefined };
    }
    if (this.#bytes.length === 0) {
      this.#end(true);
      if (this.#breaks) throw new Broken();
      return { done: true, value: undefined };
    }
    const chunk = this.#bytes.subarray(0, integerIn(random, 1, Math.ceil(this.#chunkBytes)));
    this.#bytes = this.#bytes.subarray(chunk.length);
    return { done: false, value: chunk };
  }
}
