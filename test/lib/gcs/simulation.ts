import assert from "node:assert/strict";
import type { EventsOptions } from "../../../nodes/lib/gcs/events-options";
import { MemoryDisk } from "../../support/memory-store";
import { integerIn, mulberry32, pick, shuffled, type Random } from "../../support/virtual-random";
import { VirtualClock } from "../../support/virtual-clock";
import { SimulatedBucket } from "./simulation-bucket";
import { contentOf, type Shape } from "./simulation-content";
import { Flow } from "./simulation-flow";
import { assertComplete, assertCounts, assertOrder, assertRepetitions, assertReportedOnce } from "./simulation-oracle";
import { Process, type World } from "./simulation-process";
import { atRest } from "./simulation-rest";
import { idOf, NAMES } from "./tiny-bucket";

/** What a seed is played with. */
export interface Play {
  readonly seed: number;
  readonly options?: Partial<EventsOptions>;
  /** Objects that are created, some of them over others. @default 12 to 30 */
  readonly objects?: number;
  /** Most lines of an object. @default 40 */
  readonly lines?: number;
  /** Share of calls and bodies that fail. @default 0 */
  readonly faultShare?: number;
  /** Share of what the store does that fails, half of the writes after they were done. @default 0 */
  readonly storeFaultShare?: number;
  /** Share of moments at which the node closes, and at which the process is killed. @default 0 */
  readonly closeShare?: number;
  readonly killShare?: number;
}

const START_MS = 1_790_000_000_000;
const MINUTE_MS = 60_000;
/** How long objects come and go. */
const LIFE_MS = 15 * MINUTE_MS;
/** How long nothing fails in the end: longer than the longest waits after a fault. */
const QUIET_MS = 40 * MINUTE_MS;
/** More lives than these and nothing would ever get done. */
const MAX_ENDS = 40;
const SHAPES: readonly Shape[] = [
  ...(["plain", "gzip", "gzip", "gzip", "gzip", "members", "twice", "nested"] as const),
  ...(["trailing", "padded", "cut", "flipped"] as const),
];

/**
 * Plays a bucket and what becomes of it against the reader in virtual time: late, replaced, deleted and damaged objects,
 * faults, closes and kills at any moment. The same seed plays the same. In the end nothing fails any more, and everything is
 * judged.
 */
export class Simulation {
  readonly bucket = new SimulatedBucket();
  readonly flow = new Flow();
  readonly processes: Process[] = [];
  /** Of the first process. */
  readonly options: EventsOptions;
  faults = 0;
  /** Lines that came more than once. */
  repeated = 0;
  readonly #play: Play;
  readonly #random: Random;
  readonly #clock = new VirtualClock(START_MS);
  readonly #disk = new MemoryDisk();
  readonly #world: World;
  #isQuiet = false;
  #ends = 0;
  #violation: { readonly error: unknown } | undefined;
  #held: (() => void)[] = [];

  constructor(play: Play) {
    const random = mulberry32(play.seed * 7919 + 29);
    this.#play = play;
    this.#random = random;
    this.options = { ...optionsOf(random), ...play.options };
    this.bucket.tiny.pageSize = () => integerIn(random, 0, 12);
    this.#world = {
      bucket: this.bucket,
      disk: this.#disk,
      flow: this.flow,
      clock: this.#clock,
      random,
      giveBack: this.#giveBacker(),
      storeFaultShare: play.storeFaultShare ?? 0,
      isQuiet: () => this.#isQuiet,
      dice: () => this.#dice(),
      fails: () => this.#fails(),
      vanish: (name) => this.#vanish(name),
      violation: (error) => (this.#violation ??= { error }),
    };
  }

  get kills(): number {
    return this.processes.filter(({ end }) => end === "kill").length;
  }

  get closes(): number {
    return this.processes.filter(({ end }) => end === "close").length;
  }

  /** Plays to the end, and judges. */
  async play(): Promise<void> {
    const random = this.#random;
    const count = this.#play.objects ?? integerIn(random, 12, 30);
    const early = integerIn(random, 0, Math.floor(count / 2));
    for (let at = 0; at < early; at += 1) this.#put();
    const initial = new Set(this.bucket.versions.keys());
    this.#begin();
    const times = Array.from({ length: count - early }, () => START_MS + random() * LIFE_MS).sort((a, b) => a - b);
    for (const atMs of times) {
      await this.#runUntil(atMs);
      this.#live();
    }
    await this.#runUntil(START_MS + LIFE_MS);
    this.#isQuiet = true;
    await this.#runUntil(START_MS + LIFE_MS + QUIET_MS);
    await this.#finish(initial);
  }

  async #finish(initial: ReadonlySet<string>): Promise<void> {
    const process = this.processes.at(-1) ?? assert.fail();
    let end: unknown;
    void process.sync().then((value) => (end = value));
    await this.#runUntil(this.#clock.now() + MINUTE_MS);
    assert.equal(end, "done");
    const { state } = process;
    assert.deepEqual(
      { waiting: state?.waitingObjects, open: state?.openObjects, trouble: state?.trouble },
      { waiting: 0, open: 0, trouble: undefined },
    );
    process.close();
    await atRest();
    process.assertAtRest();
    this.#judge(initial);
  }

  #judge(initial: ReadonlySet<string>): void {
    const verdict = { flow: this.flow, processes: this.processes };
    const all = [...this.bucket.versions.keys()];
    const { sound } = this.bucket;
    assertOrder(verdict, sound);
    this.repeated = assertRepetitions(verdict, sound);
    assertReportedOnce(verdict, all);
    assertCounts(verdict, sound);
    const isSkipping = this.options.start === "now";
    for (const version of this.bucket.live) {
      const id = idOf(version.version);
      // What was there before the first listing was over may have been skipped.
      if (isSkipping && this.flow.of(id).length === 0 && this.#isSkipped(id)) continue;
      assertComplete(verdict, version);
    }
    if (isSkipping) for (const id of initial) assert.equal(this.flow.of(id).length, 0, `${id} was to be skipped`);
    const entries = [...this.#disk.entries.keys()].filter((key) => key.startsWith("o/"));
    assert.equal(entries.length, this.bucket.live.length, "the store knows the versions that are listed, no others");
    const notices = this.processes.flatMap((each) => each.notices);
    assert.deepEqual(
      notices.filter((notice) => !notice.includes("arrived damaged")),
      [],
    );
  }

  #isSkipped(id: string): boolean {
    const [name = "", generation] = id.split(/#(?=\d+$)/);
    const key = `o/${this.options.bucket}/${Buffer.from(name).toString("hex")}/${generation}`;
    return this.#disk.entries.get(key) === "skipped";
  }

  /** Some starts come with other settings. */
  #begin(): void {
    const { batchSize, maxObjects, acknowledge, maxUnacknowledged } = optionsOf(this.#random);
    const isOther = this.processes.length > 0 && this.#random() < 0.3;
    const changed = isOther ? { batchSize, maxObjects, acknowledge, maxUnacknowledged } : {};
    const options = { ...(this.processes.at(-1)?.options ?? this.options), ...changed, ...this.#play.options };
    this.processes.push(new Process(this.processes.length, options, this.#world));
  }

  async #runUntil(atMs: number): Promise<void> {
    await this.#clock.runUntil(atMs, async () => {
      for (;;) {
        await atRest();
        if (this.#violation !== undefined) throw this.#violation.error;
        const process = this.processes.at(-1);
        if (process?.end === undefined) break;
        if (process.end === "close") process.assertAtRest();
        this.#held = [];
        this.#begin();
      }
    });
  }

  /** Something happens in the bucket. */
  #live(): void {
    const random = this.#random;
    const process = this.processes.at(-1);
    const dice = random();
    const names = [...this.bucket.tiny.objects.keys()];
    if (dice < 0.15 && names.length > 0) this.bucket.delete(pick(random, names));
    else this.#put();
    if (random() < 0.1 && process?.end === undefined) void process?.sync();
    if (random() < 0.1) this.bucket.tiny.epoch += 1;
  }

  #vanish(name: string): void {
    if (this.#isQuiet) return;
    if (this.#random() < 0.5) this.bucket.delete(name);
    else this.#put(name);
  }

  #put(name = pick(this.#random, NAMES)): void {
    const random = this.#random;
    const { maxLineBytes, maxObjectBytes } = this.options;
    // Late ones, and equal times.
    const createdMs = this.#clock.now() - 60_000 * integerIn(random, 0, 5);
    const put = this.bucket.put(name, createdMs, (id) =>
      contentOf(random, {
        id,
        lines: random() < 0.1 ? 0 : integerIn(random, 1, this.#play.lines ?? 40),
        shape: pick(random, SHAPES),
        maxLineBytes,
        maxObjectBytes,
        oddShare: random() < 0.5 ? 0.05 : 0.4,
      }),
    );
    if ((this.#play.faultShare ?? 0) > 0 && random() < 0.2) put.damagedReads = integerIn(random, 1, 2);
  }

  #dice(): "kill" | "close" | undefined {
    if (this.#isQuiet || this.#ends >= MAX_ENDS) return undefined;
    const { killShare = 0, closeShare = 0 } = this.#play;
    const dice = this.#random();
    if (dice >= killShare + closeShare) return undefined;
    this.#ends += 1;
    return dice < killShare ? "kill" : "close";
  }

  #fails(): boolean {
    if (this.#isQuiet || this.#random() >= (this.#play.faultShare ?? 0)) return false;
    this.faults += 1;
    return true;
  }

  /** One of three kinds of flow: gives back in the same moment, each message after a while, or many at once. */
  #giveBacker(): World["giveBack"] {
    const random = this.#random;
    const kind = pick(random, ["at once", "later", "gathered"] as const);
    const twice = (message: () => void): void => {
      message();
      if (random() < 0.1) message();
    };
    const release = (): void => {
      for (const message of shuffled(random, this.#held.splice(0))) twice(message);
    };
    const maxDelayMs = pick(random, [50, 1000, 20_000]);
    return (message, process) => {
      if (kind === "at once") {
        twice(message);
        return;
      }
      if (kind === "later") {
        void this.#clock.sleep(integerIn(random, 1, maxDelayMs)).then(() => twice(message));
        return;
      }
      this.#held.push(message);
      if (this.#held.length >= process.options.maxUnacknowledged) release();
      else if (this.#held.length === 1) {
        void this.#clock.sleep(maxDelayMs).then(() => {
          if (process.end === undefined) release();
        });
      }
    };
  }
}

function optionsOf(random: Random): EventsOptions {
  return {
    bucket: "bucket",
    prefix: "",
    intervalMs: pick(random, [5000, 60_000, 200_000]),
    start: random() < 0.2 ? "now" : "all",
    batchSize: pick(random, [1, 1, 2, 7, 500]),
    maxObjects: integerIn(random, 1, 4),
    acknowledge: random() < 0.5 ? "emit" : "message",
    maxUnacknowledged: pick(random, [1, 3, 10, 1000]),
    timeoutMs: 60_000,
    maxLineBytes: pick(random, [200, 2000]),
    maxObjectBytes: random() < 0.2 ? 1500 : 0,
    rawLines: random() < 0.2,
  };
}
