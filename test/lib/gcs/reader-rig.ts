import type { EventsOptions } from "../../../nodes/lib/gcs/events-options";
import { createEventsReader } from "../../../nodes/lib/gcs/events-reader";
import type { GcsClient, Media, ObjectVersion } from "../../../nodes/lib/gcs/gcs-api";
import type { EventsReader, ObjectReport, ReaderState } from "../../../nodes/lib/gcs/reader-api";
import { MemoryDisk } from "../../support/memory-store";
import { VirtualClock } from "../../support/virtual-clock";
import { failure, idOf, TinyBucket } from "./tiny-bucket";

export const START_MS = 1_790_000_000_000;
export const INTERVAL_MS = 60_000;
const OPTIONS: EventsOptions = {
  bucket: "bucket",
  prefix: "",
  intervalMs: INTERVAL_MS,
  start: "all",
  batchSize: 1,
  maxObjects: 2,
  acknowledge: "emit",
  maxUnacknowledged: 1000,
  timeoutMs: 60_000,
  maxLineBytes: 1000,
  maxObjectBytes: 0,
  rawLines: false,
};

/** A reader of a bucket in memory, in virtual time. */
export class Rig {
  readonly bucket = new TinyBucket();
  readonly clock = new VirtualClock(START_MS);
  readonly disk: MemoryDisk;
  /** What has left, in its order: `name:line` of events, `name done`, or `name` and the code of the report's error. */
  readonly left: string[] = [];
  readonly reports: ObjectReport[] = [];
  readonly notices: string[] = [];
  readonly acks: (() => void)[] = [];
  state: ReaderState | undefined;
  /** Told before each read; what it throws fails the read. */
  onRead: (id: string) => void = () => undefined;
  /** Holds bodies up. */
  gate: Promise<void> = Promise.resolve();
  /** Bytes that the service says are there, and does not send. */
  missingBytes = 0;
  readonly reader: EventsReader;
  readonly #contents = new Map<string, Buffer>();

  constructor(options: Partial<EventsOptions> = {}, disk = new MemoryDisk()) {
    this.disk = disk;
    const client: GcsClient = {
      clockSkewMs: undefined,
      list: (request) => this.bucket.list(request),
      read: (request) => this.#read(idOf(request)),
      bodyError: (thrown) => thrown as Error,
      close: () => Promise.resolve(),
    };
    this.reader = createEventsReader({
      options: { ...OPTIONS, ...options },
      client,
      openStore: () => Promise.resolve(disk.open()),
      clock: this.clock,
      random: () => 0.5,
      send: async ({ object, parts }, onTaken, closing) => {
        for (const [index, part] of parts.entries()) {
          this.left.push(`${object.name}:${part.line}`);
          this.acks.push(() => onTaken(index));
        }
        await turn();
        return !closing.aborted;
      },
      report: async (object, report, closing) => {
        this.left.push(`${object.name} ${report.error?.code ?? "done"}`);
        this.reports.push(report);
        await turn();
        return !closing.aborted;
      },
      onState: (state) => (this.state = state),
      onNotice: (sentence) => this.notices.push(sentence),
    });
  }

  put(name: string, lines: number | Buffer, createdMs = START_MS): ObjectVersion {
    const version = this.bucket.put(name, createdMs);
    this.#contents.set(idOf(version), typeof lines === "number" ? Buffer.from('{"a":1}\n'.repeat(lines)) : lines);
    return version;
  }

  /** Calls that listed the bucket; those that ask for one name are left out. */
  get listings(): number {
    return this.bucket.calls.filter(({ maxResults }) => maxResults === undefined).length;
  }

  async #read(id: string): Promise<Media> {
    await Promise.resolve();
    this.onRead(id);
    const bytes = [...this.bucket.objects.values()].some((live) => idOf(live) === id) && this.#contents.get(id);
    if (bytes === false || bytes === undefined) throw failure("GCS_OBJECT_GONE");
    let destroy = (): void => undefined;
    const ready = Promise.race([this.gate, new Promise<void>((resolve) => (destroy = resolve))]);
    const chunks = (async function* () {
      await ready;
      yield bytes;
    })();
    const body = Object.assign(chunks, { destroy });
    return { body, firstByte: 0, totalBytes: bytes.length + this.missingBytes, isAsStored: true };
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Long enough for all that needs no time. */
export async function rest(): Promise<void> {
  for (let turns = 0; turns < 30; turns += 1) await turn();
}
