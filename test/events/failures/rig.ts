import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, type Clock } from "../../../nodes/lib/clock";
import type { Authentication } from "../../../nodes/lib/gcs/account-options";
import { createEventsReader } from "../../../nodes/lib/gcs/events-reader";
import { parseEventsOptions, type EventsOptions } from "../../../nodes/lib/gcs/events-options";
import type { GcsClient } from "../../../nodes/lib/gcs/gcs-api";
import { openObjectsStore } from "../../../nodes/lib/gcs/objects-store";
import type {
  BadLine,
  Block,
  EventBatch,
  EventsReader,
  ObjectName,
  ObjectReport,
  RawEvent,
  ReaderState,
} from "../../../nodes/lib/gcs/reader-api";
import { openSharedStore } from "../../../nodes/lib/store/shared-store";
import type { Store } from "../../../nodes/lib/store/store";
import { accountOf, endLater, simulate } from "../../lib/gcs/account-rig";
import type { BucketOptions, SimulatedBucket } from "../../support/simulated-bucket/bucket";
import type { MemoryDisk } from "../../support/memory-store";
import { until } from "../../support/until";

/** So much faster than the machine's clock goes that of the tests: a retry after a minute comes within a second. */
const HASTE = 100;

/** A clock on which time flies, for wall time and sleeps alike. `offsetMs` sets its wall time wrong. */
export class HastyClock implements Clock {
  offsetMs = 0;
  readonly #startMs = Date.now();
  readonly #startedAtMs = performance.now();

  now(): number {
    return this.#startMs + this.monotonicMs() + this.offsetMs;
  }

  monotonicMs(): number {
    return (performance.now() - this.#startedAtMs) * HASTE;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / HASTE, signal);
  }
}

/** A bucket and readers that share its clock. The clock of the service is right; a reader's can be set wrong. */
export interface World {
  readonly bucket: SimulatedBucket;
  readonly clock: HastyClock;
  /** Where readers keep what they know, unless they are told otherwise. */
  readonly folder: string;
}

export async function world(options: BucketOptions = {}): Promise<World> {
  const clock = new HastyClock();
  const folder = mkdtempSync(join(tmpdir(), "cortex-xdr-failures-"));
  endLater(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return { bucket: await simulate({ clock, ...options }), clock, folder };
}

/** An event that left, and from where. */
export interface Sent {
  readonly name: string;
  readonly generation: string;
  readonly line: number;
  readonly event: RawEvent;
  readonly raw: string | undefined;
}

export interface Settings extends Partial<EventsOptions> {
  /** LevelDB in this folder instead of the world's. */
  readonly folder?: string;
  /** In memory, with the failures that the disk is told. */
  readonly disk?: MemoryDisk;
  readonly clock?: Clock;
  /** Instead of one over HTTP. */
  readonly client?: GcsClient;
  readonly authentication?: Authentication;
  readonly onClockCorrected?: (skewMs: number) => void;
  /** The next nodes; what has to happen before `send` is over. */
  readonly onSend?: (block: Block) => Promise<void> | void;
  /** Keeps none of what left: for objects that are larger than a test may be. */
  readonly forget?: boolean;
}

const STARTING: ReaderState = {
  hasListed: false,
  waitingObjects: 0,
  openObjects: 0,
  events: 0,
  trouble: undefined,
};

/** A reader at work, over HTTP, and what came out of it. */
export class Run {
  readonly sent: Sent[] = [];
  /** Messages with events, in `message` mode not yet given back. */
  readonly out: (() => void)[] = [];
  readonly bad: (BadLine & ObjectName)[] = [];
  readonly reports: (ObjectReport & ObjectName)[] = [];
  readonly notices: string[] = [];
  /** All troubles that showed, in their order, by code. */
  readonly troubles: string[] = [];
  readonly damages: string[] = [];
  /** Most objects that waited at any time. */
  mostWaiting = 0;
  /** Events that left. */
  events = 0;
  state: ReaderState = STARTING;
  reader!: EventsReader;
  close!: () => Promise<void>;
  /** The message of the last trouble, and when it was to be tried again, on the reader's clock. */
  lastTrouble: { message: string; waitMs: number } | undefined;

  /** Numbers of the events made by `numbered`, in the order in which they left. */
  get numbers(): number[] {
    return this.sent.map(({ event }) => event["n"] as number);
  }

  reported(count: number): Promise<void> {
    return until(`${count} reports`, () => this.reports.length >= count, 60_000);
  }

  troubled(code: string): Promise<void> {
    return until(`trouble ${code}`, () => this.state.trouble?.error.code === code, 60_000);
  }

  atRest(): Promise<void> {
    return until("nothing is left to do", () => isIdle(this.state), 60_000);
  }

  /** Lists once more, and waits until all that was found is read. */
  async again(): Promise<void> {
    await this.reader.sync();
    await this.atRest();
  }

  codesOf(name: string): (string | undefined)[] {
    return this.reports.filter((report) => report.name === name).map(({ error }) => error?.code);
  }
}

const isIdle = (state: ReaderState): boolean =>
  state.hasListed && state.openObjects === 0 && state.waitingObjects === 0 && state.trouble === undefined;

/** Starts a reader. It lists only once, and when told. */
export function start({ bucket, clock: worldClock, folder: worldFolder }: World, settings: Settings = {}): Run {
  const { folder = worldFolder, disk, clock = worldClock, authentication, onClockCorrected, onSend, forget } = settings;
  const run = new Run();
  const options: EventsOptions = {
    ...parseEventsOptions({ bucket: bucket.name }),
    intervalMs: 1e9,
    timeoutMs: 30_000,
    ...pickOptions(settings),
  };
  const account = accountOf(bucket, {
    clock,
    ...(authentication && { authentication }),
    ...(onClockCorrected && { onClockCorrected }),
  });
  const client = settings.client ?? account.client(options);
  const store = disk === undefined ? levelStore(folder, run) : memoryStore(disk);
  const turn = async (closing: AbortSignal): Promise<boolean> => {
    await new Promise((resolve) => setImmediate(resolve));
    return !closing.aborted;
  };
  run.reader = createEventsReader({
    options,
    client,
    openStore: store.use,
    clock,
    random: () => 0.5,
    send: async (block, onTaken, closing) => {
      for (const [index, part] of block.parts.entries()) {
        if (part.kind === "bad") run.bad.push({ ...part, ...nameOf(block.object) });
        else {
          run.events += part.events.length;
          if (forget !== true) run.sent.push(...sentOf(block.object, part));
          if (options.acknowledge === "message") run.out.push(() => onTaken(index));
        }
      }
      await onSend?.(block);
      return turn(closing);
    },
    report: (object, report, closing) => {
      run.reports.push({ ...report, ...nameOf(object) });
      return turn(closing);
    },
    onState: (state) => {
      const { trouble } = state;
      if (trouble !== undefined && trouble !== run.state.trouble) {
        run.troubles.push(trouble.error.code);
        run.lastTrouble = { message: trouble.error.message, waitMs: trouble.nextAtMs - clock.now() };
      }
      run.mostWaiting = Math.max(run.mostWaiting, state.waitingObjects);
      run.state = state;
    },
    onNotice: (sentence) => void run.notices.push(sentence),
  });
  let closed: Promise<void> | undefined;
  run.close = () =>
    (closed ??= (async () => {
      await run.reader.close();
      await account.close();
      await store.close();
    })());
  endLater(run.close);
  run.reader.start();
  return run;
}

const nameOf = ({ name, generation }: ObjectName): ObjectName => ({ name, generation });

function sentOf({ name, generation }: ObjectName, { line, events, raw }: EventBatch): Sent[] {
  return events.map((event, index) => ({ name, generation, line: line + index, event, raw: raw?.[index] }));
}

/** What of the settings is an option of the node. */
function pickOptions(settings: Settings): Partial<EventsOptions> {
  const others = new Set([
    "folder",
    "disk",
    "clock",
    "client",
    "authentication",
    "onClockCorrected",
    "onSend",
    "forget",
  ]);
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !others.has(key)));
}

interface StoreInUse {
  readonly use: () => Promise<Store>;
  readonly close: () => Promise<void>;
}

function levelStore(folder: string, run: Run): StoreInUse {
  const shared = openSharedStore({
    open: (damages) => openObjectsStore(join(folder, "objects"), Date.now(), damages),
    onDamage: ({ kind }) => void run.damages.push(kind),
  });
  return { use: () => shared.use(), close: () => shared.close() };
}

/** Opened anew after each failure, as a shared store is. */
function memoryStore(disk: MemoryDisk): StoreInUse {
  const shared = openSharedStore({ open: () => Promise.resolve({ store: disk.open() }), onDamage: () => undefined });
  return { use: () => shared.use(), close: () => shared.close() };
}

/** Lines of numbered events: `{"n":1}`, `{"n":2}`, ... */
export function numbered(count: number, from = 1): string {
  return Array.from({ length: count }, (_none, index) => `${JSON.stringify({ n: from + index })}\n`).join("");
}

/** The same, each line so long that connections break inside of objects. */
export function wide(count: number, from = 1, bytes = 1000): string {
  const fill = "x".repeat(bytes);
  return Array.from({ length: count }, (_none, at) => `${JSON.stringify({ n: from + at, fill })}\n`).join("");
}

export const range = (count: number, from = 1): number[] => Array.from({ length: count }, (_none, at) => from + at);

export const ascending = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);

/** How often the content of an object was asked for. */
export function readsOf(bucket: SimulatedBucket, name: string): number {
  return bucket.requests.filter((request) => request.kind === "media" && request.name === name).length;
}

/** Ranges that the requests for an object named, undefined for the whole of it. */
export function rangesOf(bucket: SimulatedBucket, name: string): (string | undefined)[] {
  return bucket.requests.filter((each) => each.kind === "media" && each.name === name).map((each) => each.range);
}
