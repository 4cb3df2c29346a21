import type { Clock } from "../clock";
import { XdrError } from "../errors";
import { orAbort } from "../or-abort";
import { shown } from "../shown";
import type { Checkpoints } from "./checkpoints";
import { ContentFault } from "./content-fault";
import { parseEventLine } from "./event-line";
import type { EventsOptions } from "./events-options";
import type { GcsClient, Media, MediaRequest } from "./gcs-api";
import { LineReader, type RawLine } from "./line-reader";
import { isHopeless, nextFaults } from "./object-faults";
import type { OpenObject } from "./open-object";
import { Outlet } from "./outlet";
import { PartBuilder } from "./parts";
import { plainBytes } from "./plain-bytes";
import type { LineSpan } from "./progress";
import type { ReaderPorts } from "./reader-api";
import { storedMd5 } from "./stored-md5";
import { StartOver, storedBytes } from "./stored-bytes";
import type { Window } from "./window";

export type ObjectOptions = Pick<
  EventsOptions,
  "bucket" | "batchSize" | "rawLines" | "maxLineBytes" | "maxObjectBytes" | "acknowledge"
>;

export interface ObjectPorts {
  readonly options: ObjectOptions;
  readonly client: Pick<GcsClient, "read" | "bodyError">;
  readonly send: ReaderPorts["send"];
  readonly clock: Clock;
  readonly random: () => number;
  readonly window: Window;
  readonly checkpoints: Checkpoints;
  /** The node closes. */
  readonly signal: AbortSignal;
  readonly onSent: (events: number) => void;
  /** Waits with the object's place given to others. */
  readonly aside: (wait: () => Promise<void>) => Promise<void>;
  /** The service cannot be read from, and can again. */
  readonly onTrouble: (error: XdrError | undefined, nextAtMs: number) => void;
}

/** How one attempt to read an object ended. */
export type Outcome =
  /** Everything has left and was taken. `error`: bytes that are none of ours follow. */
  | { readonly kind: "done"; readonly error: XdrError | undefined }
  /** The content is at fault. What could be read has left. `isHopeless`: it will not get better. */
  | { readonly kind: "fault"; readonly error: XdrError; readonly isHopeless: boolean }
  /** What the service sends has changed in between: it goes on from where it is. */
  | { readonly kind: "again" }
  /**
   * What has left may be wrong: it arrived damaged, and the bucket has it whole. It has to leave again, from the first line on.
   */
  | { readonly kind: "suspect" }
  /** This version is not there any more. What could be read has left. */
  | { readonly kind: "gone" }
  /** The node closes. */
  | { readonly kind: "closed" };

/** Reads an object from where it is to its end: stored bytes -> plain bytes -> lines -> events -> messages. */
export async function readObject(object: OpenObject, ports: ObjectPorts): Promise<Outcome> {
  return new Reading(object, ports).run();
}

class Reading {
  readonly #object: OpenObject;
  readonly #ports: ObjectPorts;
  readonly #parts: PartBuilder;
  readonly #outlet: Outlet;
  readonly #lines: LineReader;
  /** Lines that were taken before a restart and are being passed over. */
  #passing: LineSpan | undefined;
  #passingFromByte = 0;
  /** Decompressed offset after the last line. */
  #endByte: number;
  /** The object is cut: its last line is only as good as it parses. */
  #isCut = false;
  /** The bytes that arrive are those that are stored, as far as the service says. */
  #isAsStored = true;
  /** Decompressed bytes that had left before this attempt. */
  readonly #fromByte: number;
  /** No line ends where this attempt began: what was written down is of bytes that arrived damaged. */
  #isMisfit = false;

  constructor(object: OpenObject, ports: ObjectPorts) {
    const { options } = ports;
    this.#object = object;
    this.#ports = ports;
    this.#parts = new PartBuilder(options);
    this.#outlet = new Outlet(object, { ...ports, acknowledge: options.acknowledge });
    const { lines, bytes } = object.progress.added;
    this.#endByte = bytes;
    this.#fromByte = bytes;
    this.#lines = new LineReader({ maxLineBytes: options.maxLineBytes, afterLine: lines, skipBytes: bytes });
  }

  async run(): Promise<Outcome> {
    const { signal, options } = this.#ports;
    const notes = { trailingBytes: false };
    const maxBytes = options.maxObjectBytes === 0 ? Infinity : options.maxObjectBytes;
    try {
      for await (const chunk of plainBytes(this.#stored(), { maxBytes, careful: this.#object.damage }, notes)) {
        this.#push(chunk);
        if (!(await this.#outlet.send(this.#parts.take()))) return { kind: "closed" };
      }
      if (!(await this.#finish())) return { kind: "closed" };
      if (this.#wasDamaged) return { kind: "suspect" };
      return { kind: "done", error: notes.trailingBytes ? trailingError(this.#object) : undefined };
    } catch (error) {
      if (signal.aborted) return { kind: "closed" };
      // Bad lines have left before the batch that was begun above them: it has to follow, lest they leave again.
      if (error instanceof StartOver) return (await this.#flush()) ? { kind: "again" } : { kind: "closed" };
      // Lines that were taken are not where they were: those were of bytes that arrived damaged.
      if (error instanceof RangeError) return (await this.#isAllTaken()) ? { kind: "suspect" } : { kind: "closed" };
      if (error instanceof ContentFault) return this.#faulty(error);
      if (error instanceof XdrError && error.code === "GCS_OBJECT_GONE") {
        return (await this.#flush()) ? { kind: "gone" } : { kind: "closed" };
      }
      throw error;
    }
  }

  #stored(): AsyncGenerator<Buffer> {
    const { options, clock, random, signal, onTrouble } = this.#ports;
    const client = { read: this.#read, bodyError: (thrown: unknown) => this.#ports.client.bodyError(thrown) };
    return storedBytes({ client, bucket: options.bucket, clock, random, signal, onTrouble }, this.#object.version);
  }

  readonly #read = async (request: MediaRequest): Promise<Media> => {
    const media = await this.#ports.client.read(request);
    this.#isAsStored = media.isAsStored;
    return media;
  };

  get isAsStored(): boolean {
    return this.#isAsStored;
  }

  /** Lines have left of bytes that arrived damaged. */
  get #wasDamaged(): boolean {
    return this.#fromByte > 0 && this.#object.faults.code === ("damaged" satisfies ContentFault["kind"]);
  }

  #push(chunk: Buffer): void {
    try {
      this.#lines.push(chunk, this.#onLine);
    } catch (error) {
      this.#isMisfit = true;
      throw error;
    }
  }

  readonly #onLine = (line: RawLine): void => {
    const { number, endByte } = line;
    const startByte = this.#endByte;
    this.#endByte = endByte;
    if (this.#isTaken(number, startByte)) return;
    const parsed = parseEventLine(line, this.#isCut);
    if (parsed.kind === "event") this.#parts.event(number, endByte, parsed.event, parsed.text);
    else if (parsed.kind === "bad") {
      this.#parts.bad(endByte, { kind: "bad", line: number, text: parsed.text, error: parsed.error });
    }
  };

  /** Whether a line was taken before a restart. @param startByte where it begins */
  #isTaken(line: number, startByte: number): boolean {
    if (this.#passing === undefined) {
      this.#passing = this.#object.progress.takenAt(line);
      this.#passingFromByte = startByte;
    }
    if (this.#passing === undefined) return false;
    if (line >= this.#passing.last) {
      this.#parts.passed(this.#passing, this.#passingFromByte);
      this.#passing = undefined;
    }
    return true;
  }

  /** Sends the rest, and waits until the flow has taken everything. @returns false when the node closes before */
  async #finish(): Promise<boolean> {
    this.#end();
    if (!(await this.#flush())) return false;
    this.#outlet.finish(this.#lines.lines, this.#lines.bytes);
    return this.#isAllTaken();
  }

  /** Waits until the flow has taken everything. */
  async #isAllTaken(): Promise<boolean> {
    if (this.#object.progress.isComplete) return true;
    await this.#ports.aside(() => orAbort(this.#object.complete(), this.#ports.signal, () => new Error("closing")));
    return true;
  }

  #end(): void {
    try {
      this.#lines.end(this.#onLine);
    } catch (error) {
      this.#isMisfit = true;
      throw error;
    }
  }

  async #flush(): Promise<boolean> {
    this.#parts.flush();
    return this.#outlet.send(this.#parts.take());
  }

  /** What is left of a damaged object leaves; it is read again, unless that was done often enough. */
  async #faulty(fault: ContentFault): Promise<Outcome> {
    const faults = nextFaults(this.#object.faults, fault.kind, this.#lines.bytes);
    const isOver = isHopeless(faults) && !(mayPass(fault) && (await this.#isDamagedOnTheWay()));
    if (isHopeless(faults) && !isOver) this.#ports.onTrouble(damagedOnTheWay(this.#object), this.#ports.clock.now());
    this.#object.damage = fault.span;
    // That it was damaged is kept in mind: what has left has to be put right when it arrives whole.
    this.#object.faults = isOver || !isHopeless(faults) ? faults : { ...faults, count: 0, total: 1 };
    this.#ports.checkpoints.touch(this.#object);
    if (this.#isMisfit && !isOver) return (await this.#isAllTaken()) ? { kind: "suspect" } : { kind: "closed" };
    // Where this attempt came less far than those before, there is no last line.
    this.#isCut = isOver && !this.#isMisfit && this.#lines.bytes >= this.#fromByte;
    if (!(await (this.#isCut ? this.#finish() : this.#flush()))) return { kind: "closed" };
    // An object that is given up is not read again: all that has left of it has to be taken before.
    if (isOver && !(await this.#isAllTaken())) return { kind: "closed" };
    return { kind: "fault", error: faultError(fault, this.#object), isHopeless: isOver };
  }

  /**
   * Whether the bucket has other bytes than those that arrive: then it is worth to read it again. Of bytes that the service
   * decompresses by itself nobody knows: the checksum is that of the stored ones.
   */
  async #isDamagedOnTheWay(): Promise<boolean> {
    const { md5 } = this.#object.version;
    if (md5 === undefined || !this.#isAsStored) return false;
    const arrived = await storedMd5(this.#stored());
    // The service may have changed its mind meanwhile.
    const { isAsStored } = this;
    return isAsStored && arrived !== md5;
  }
}

/** Whether it can come from the way. Nothing on it makes an object larger, or compresses it. */
function mayPass({ kind }: ContentFault): boolean {
  return kind === "cut" || kind === "damaged";
}

function damagedOnTheWay({ version }: OpenObject): XdrError {
  return new XdrError(
    "XDR_CONNECTION_LOST",
    `The object ${shown(version.name)} (generation ${version.generation}) arrives damaged again and again, and the bucket ` +
      "has other bytes: check the proxy and what else is in between. It is read again.",
  );
}

function faultError({ kind }: ContentFault, { version, progress }: OpenObject): XdrError {
  const { name, generation } = version;
  const what = `The object ${shown(name)} (generation ${generation})`;
  const left = `${progress.added.events} events of ${progress.added.lines} lines have left`;
  switch (kind) {
    case "cut":
      return new XdrError(
        "GCS_OBJECT_DAMAGED",
        `${what} is cut short: ${left}. Whoever writes the bucket may hold the whole of it.`,
      );
    case "damaged":
      return new XdrError(
        "GCS_OBJECT_DAMAGED",
        `${what} has damaged gzip data: ${left}; the last of them may be wrong. Compare them with the source.`,
      );
    case "nested":
      return new XdrError("GCS_NESTED_TOO_DEEP", `${what} is compressed more than twice over, which is not read.`);
    case "too-large":
      return new XdrError(
        "GCS_OBJECT_TOO_LARGE",
        `${what} is larger than "maxObjectBytes" when decompressed: ${left}. Raise the limit if that is right.`,
      );
  }
}

function trailingError({ version }: OpenObject): XdrError {
  return new XdrError(
    "GCS_TRAILING_BYTES",
    `The object ${shown(version.name)} (generation ${version.generation}) has bytes after its gzip data that are none: ` +
      "what came before has left completely.",
  );
}
