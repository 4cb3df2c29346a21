import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, test } from "node:test";
import type { ListPage, ListRequest, ObjectVersion } from "../../../nodes/lib/gcs/gcs-api";
import { Ledger } from "../../../nodes/lib/gcs/ledger";
import { NO_FAULTS, type ObjectState, type OpenState } from "../../../nodes/lib/gcs/object-state";
import type { ObjectName } from "../../../nodes/lib/gcs/reader-api";
import { Sweep } from "../../../nodes/lib/gcs/sweep";
import { WaitingObjects } from "../../../nodes/lib/gcs/waiting-objects";
import { openLevelStore } from "../../../nodes/lib/store/level-store";
import type { Store } from "../../../nodes/lib/store/store";
import { MemoryDisk } from "../../support/memory-store";
import { tempFolder } from "../../support/temp-folder";
import { integerIn, mulberry32, pick, type Random } from "../../support/virtual-random";
import { failure, idOf, NAMES, TinyBucket } from "./tiny-bucket";

const PREFIX = "";

function openAt(lines: number): OpenState {
  return { state: "open", progress: { lines, bytes: lines, events: lines, bad: 0, taken: [] }, faults: NO_FAULTS };
}

/**
 * A reader that does everything at random: takes what waits, reads it in steps, finishes it, is killed. What it knows to be
 * on disk is what the sweeps are held against.
 */
class World {
  readonly bucket = new TinyBucket();
  readonly #random: Random;
  readonly #openStore: () => Promise<Store>;
  ledger: Ledger;
  waiting: WaitingObjects;
  /** Being read, by id. */
  active = new Map<string, ObjectVersion>();
  #life = 0;
  /** Done or dead on disk, for sure. */
  readonly finished = new Set<string>();
  /** A write that ended them failed, or was cut off: they may be on disk. */
  readonly unsure = new Set<string>();
  /** Begun, with lines that are on disk for sure. */
  readonly begun = new Map<string, number>();
  readonly told: string[] = [];
  isQuiet = false;
  #lastWrite: Promise<void> = Promise.resolve();
  readonly #running = new Set<Promise<void>>();

  constructor(random: Random, openStore: () => Promise<Store>) {
    this.#random = random;
    this.#openStore = openStore;
    this.ledger = new Ledger(openStore, "bucket");
    this.waiting = new WaitingObjects(this.#limit());
    this.bucket.pageSize = () => (this.isQuiet ? 5 : integerIn(random, 0, 6));
    this.bucket.onList = (phase) => {
      if (this.isQuiet) return;
      for (let step = integerIn(random, 0, 4); step > 0; step -= 1) this.#step();
      if (random() < 0.03) this.bucket.epoch += 1;
      if (random() < 0.03) throw failure(phase === "before" ? "XDR_TIMEOUT" : "XDR_CONNECTION_LOST");
    };
  }

  #limit(): number {
    return integerIn(this.#random, 1, 12);
  }

  newSweep(): Sweep {
    this.waiting.forgetDropped();
    const life = this.#life;
    return new Sweep({
      client: this.bucket,
      ledger: this.ledger,
      bucket: "bucket",
      prefix: PREFIX,
      start: "all",
      signal: new AbortController().signal,
      isActive: (object) => this.active.has(idOf(object)),
      onFound: (version, state) => {
        if (life !== this.#life) return;
        const id = idOf(version);
        assert.ok(!this.finished.has(id), `${id} is finished`);
        assert.ok(!this.active.has(id), `${id} is being read`);
        assert.ok((state?.progress.lines ?? 0) >= (this.begun.get(id) ?? 0), `${id} goes on where it was`);
        this.waiting.add(version, state);
      },
      onGone: (object, reason, state) => {
        if (life !== this.#life) return;
        const id = idOf(object);
        assert.notEqual(this.bucket.objects.get(object.name)?.generation, object.generation);
        assert.ok(state.progress.lines >= (this.begun.get(id) ?? 1), id);
        assert.ok(!this.finished.has(id), `${id} is finished`);
        this.told.push(`${id} ${reason}`);
        this.waiting.remove(object);
        this.#launch(object, undefined);
      },
    });
  }

  /** One thing that happens. */
  #step(): void {
    const random = this.#random;
    const action = random();
    if (action < 0.3) this.bucket.put(pick(random, NAMES), integerIn(random, 0, 5));
    else if (action < 0.42) this.bucket.delete(pick(random, NAMES));
    else this.read();
  }

  /** Takes up an object, or goes on with one. */
  read(): void {
    const random = this.#random;
    const open = [...this.active.values()].filter(({ sizeBytes }) => sizeBytes > 0);
    if (open.length > 0 && random() < 0.6) {
      const version = pick(random, open);
      if (random() < 0.5) this.#launch(version, { state: random() < 0.8 ? "done" : "dead" });
      else this.#save(version);
      return;
    }
    const next = this.waiting.take();
    if (next === undefined) return;
    assert.ok(!this.active.has(idOf(next.version)));
    this.active.set(idOf(next.version), next.version);
    if (random() < 0.7) this.#save(next.version);
  }

  #save(version: ObjectVersion): void {
    const id = idOf(version);
    const lines = (this.begun.get(id) ?? 0) + 1;
    this.#track(
      this.#write(version, openAt(lines)).then(() => {
        if (this.active.has(id)) this.begun.set(id, Math.max(lines, this.begun.get(id) ?? 0));
      }),
    );
  }

  /** Ends an object: it is active until that is on disk. */
  #launch(object: ObjectName, state: ObjectState | undefined): void {
    const id = idOf(object);
    // Without a size it is not taken up by another step.
    this.active.set(id, { ...object, sizeBytes: 0, createdMs: 0 });
    this.unsure.add(id);
    const { active } = this;
    this.#track(
      this.#write(object, state).then(
        () => {
          this.unsure.delete(id);
          this.begun.delete(id);
          if (state !== undefined) this.finished.add(id);
          active.delete(id);
        },
        () => void active.delete(id),
      ),
    );
  }

  /** One write after another, as the reader has it. */
  #write(object: ObjectName, state: ObjectState | undefined): Promise<void> {
    const { ledger } = this;
    const written = this.#lastWrite.then(() => ledger.write([{ object, state }]));
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  #track(work: Promise<void>): void {
    const running = work.catch(() => undefined).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Nothing but the disk is left. */
  async restart(): Promise<void> {
    await this.settle();
    this.#life += 1;
    this.active = new Map();
    this.ledger = new Ledger(this.#openStore, "bucket");
    this.waiting = new WaitingObjects(this.#limit());
  }

  async known(): Promise<string[]> {
    const ids: string[] = [];
    await this.ledger.read({ prefix: "" }, (entries) => {
      ids.push(...entries.map(({ object }) => idOf(object)));
      return undefined;
    });
    return ids;
  }
}

/** The pages of a listing as its requests were answered last: a page that is asked for again takes the place of the first. */
function noteListed(bucket: TinyBucket): Map<string, readonly string[]> {
  const pages = new Map<string, readonly string[]>();
  const list = bucket.list.bind(bucket);
  bucket.list = async (request: ListRequest): Promise<ListPage> => {
    const key = JSON.stringify([request.pageToken, request.startOffset]);
    pages.delete(key);
    const page = await list(request);
    // A name that was dealt with is left to the next listing, should it have been replaced meanwhile.
    pages.set(key, page.objects.filter(({ name }) => name !== request.startOffset).map(idOf));
    return page;
  };
  return pages;
}

function objectOf(id: string): ObjectName {
  const end = id.lastIndexOf("#");
  return { name: id.slice(0, end), generation: id.slice(end + 1) };
}

async function play(random: Random, world: World): Promise<{ readonly completed: number; readonly found: number }> {
  const pages = noteListed(world.bucket);
  let completed = 0;
  for (let round = 0; round < 12; round += 1) {
    const sweep = world.newSweep();
    pages.clear();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const isDone = await sweep.run().then(
        () => true,
        (error: unknown) => {
          if (error instanceof assert.AssertionError) throw error;
          return false;
        },
      );
      if (!isDone) continue;
      completed += 1;
      const missing = [...pages.values()]
        .flat()
        .filter(
          (id) =>
            !world.finished.has(id) &&
            !world.unsure.has(id) &&
            !world.active.has(id) &&
            !world.waiting.has(objectOf(id)) &&
            world.told.every((each) => !each.startsWith(id)),
        );
      assert.ok(missing.length === 0 || world.waiting.dropped > 0, `${missing.join()} were listed and not found`);
      break;
    }
    if (random() < 0.4) await world.restart();
  }
  return { completed, found: world.finished.size };
}

/** No more faults, nothing moves: everything is read to its end, and what is known is what is listed. */
async function finish(world: World): Promise<void> {
  world.isQuiet = true;
  await world.restart();
  for (let round = 0; ; round += 1) {
    assert.ok(round < 500, "it comes to an end");
    await world.newSweep().run();
    if (world.waiting.size === 0 && world.active.size === 0) break;
    while (world.waiting.size > 0) world.read();
    for (let step = 0; world.active.size > 0; step += 1) {
      assert.ok(step < 10_000);
      world.read();
      await world.settle();
    }
  }
  await world.newSweep().run();
  const live = [...world.bucket.objects.values()].map(idOf).toSorted();
  assert.deepEqual((await world.known()).toSorted(), live);
  const states = await Promise.all(
    [...world.bucket.objects.values()].map(async (object) => (await world.ledger.get(object))?.state),
  );
  assert.ok(states.every((state) => state === "done" || state === "dead"));
}

describe("sweeps against a model", () => {
  let sweeps = 0;
  let finished = 0;
  for (let seed = 1; seed <= 60; seed += 1) {
    test(`each version that is listed is found until it is done, and never again (seed ${seed})`, async () => {
      const random = mulberry32(seed);
      const disk = new MemoryDisk();
      let store = disk.open();
      const world = new World(random, () => Promise.resolve(store));
      disk.onWrite = disk.onRead = () => {
        if (world.isQuiet || random() >= 0.02) return;
        store = disk.open();
        throw failure("STORE_FAILED");
      };
      const { completed, found } = await play(random, world);
      sweeps += completed;
      finished += found;
      await finish(world);
    });
  }

  test("the model has seen enough", () => {
    assert.ok(sweeps > 300, `${sweeps} sweeps`);
    assert.ok(finished > 1000, `${finished} objects`);
  });

  for (let seed = 1001; seed <= 1006; seed += 1) {
    test(`the same on LevelDB (seed ${seed})`, async (t) => {
      const folder = tempFolder(t);
      const { store } = await openLevelStore(folder, 0);
      t.after(() => store.close());
      const random = mulberry32(seed);
      const world = new World(random, () => Promise.resolve(store));
      await play(random, world);
      await finish(world);
    });
  }
});

describe("a very large bucket", () => {
  const COUNT = 100_000;
  const PAGE = 1000;
  const nameAt = (at: number): string => `internal/${String(at).padStart(8, "0")}`;

  /** Makes its pages as they are asked for. */
  function hugeBucket(onPage: (page: number) => void): { list(request: ListRequest): Promise<ListPage> } {
    return {
      list: ({ pageToken }) => {
        const from = Number(pageToken ?? 0);
        onPage(from / PAGE);
        const objects = Array.from({ length: PAGE }, (_, at) => ({
          ...{ name: nameAt(from + at), generation: "1", sizeBytes: 1, createdMs: from + at },
        }));
        const next = from + PAGE;
        return Promise.resolve({
          objects,
          lastName: objects.at(-1)?.name,
          nextPageToken: next < COUNT ? String(next) : undefined,
        });
      },
    };
  }

  /** Has an entry for every second object, made as they are read. */
  const hugeStore: Store = {
    get: () => Promise.resolve(undefined),
    write: () => Promise.resolve(),
    close: () => Promise.resolve(),
    read: (range) => {
      const keyAt = (at: number): string => `o/bucket/${Buffer.from(nameAt(at)).toString("hex")}/1`;
      const start = range.gt ?? range.gte ?? "";
      let [low, high] = [0, COUNT / 2];
      while (low < high) {
        const middle = (low + high) >>> 1;
        const key = keyAt(middle * 2);
        if (key < start || key === range.gt) low = middle + 1;
        else high = middle;
      }
      const rows: [string, string][] = [];
      for (let at = low; at < COUNT / 2 && rows.length < (range.limit ?? COUNT); at += 1) {
        const key = keyAt(at * 2);
        if (key >= range.lt) break;
        rows.push([key, "done"]);
      }
      return Promise.resolve(rows);
    },
  };

  test("of 100,000 objects no more is held than a page and the list of those that wait", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const waiting = new WaitingObjects(100);
    const heapBytes: number[] = [];
    let found = 0;
    const sweep = new Sweep({
      client: hugeBucket((page) => {
        if (page % 10 !== 5) return;
        gc();
        heapBytes.push(process.memoryUsage().heapUsed);
      }),
      ledger: new Ledger(() => Promise.resolve(hugeStore), "bucket"),
      bucket: "bucket",
      prefix: "internal/",
      start: "all",
      signal: new AbortController().signal,
      isActive: () => false,
      onFound: (version, state) => {
        found += 1;
        waiting.add(version, state);
      },
      onGone: () => assert.fail("all are listed"),
    });
    const result = await sweep.run();
    assert.deepEqual(result, { pages: 100, objects: COUNT, newObjects: COUNT / 2, unreadable: 0 });
    assert.deepEqual([found, waiting.size, waiting.dropped], [COUNT / 2, 100, COUNT / 2 - 100]);
    // An array of nothing but the names would be 5 MB.
    const growth = Math.max(...heapBytes.slice(2)) - heapBytes[1]!;
    assert.ok(growth < 1_500_000, `grown by ${growth} bytes`);
  });
});
