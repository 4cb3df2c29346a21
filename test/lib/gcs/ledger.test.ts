import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NO_COVERAGE, isCovered, withCovered } from "../../../nodes/lib/gcs/coverage";
import { Ledger, type LedgerEntry, type LedgerRange } from "../../../nodes/lib/gcs/ledger";
import { compareObjects } from "../../../nodes/lib/gcs/name-order";
import { NO_FAULTS, type ObjectState } from "../../../nodes/lib/gcs/object-state";
import type { ObjectName } from "../../../nodes/lib/gcs/reader-api";
import { openLevelStore } from "../../../nodes/lib/store/level-store";
import type { Store } from "../../../nodes/lib/store/store";
import { MemoryDisk } from "../../support/memory-store";
import { tempFolder } from "../../support/temp-folder";
import { integerIn, mulberry32, pick, shuffled } from "../../support/virtual-random";
import { byBytes, idOf, NAMES } from "./tiny-bucket";

const DONE: ObjectState = { state: "done" };
const OPEN: ObjectState = {
  state: "open",
  progress: { lines: 3, bytes: 30, events: 3, bad: 0, taken: [[5, 5, 1, 0, 50]] },
  faults: NO_FAULTS,
};

const named = (name: string, generation = "1"): ObjectName => ({ name, generation });

async function pagesOf(ledger: Ledger, range: LedgerRange): Promise<LedgerEntry[][]> {
  const pages: LedgerEntry[][] = [];
  let isOver = false;
  await ledger.read(range, (entries, isLast) => {
    assert.equal(isOver, false);
    isOver = isLast;
    pages.push([...entries]);
    return undefined;
  });
  assert.equal(isOver, true);
  return pages;
}

const namesIn = async (ledger: Ledger, range: LedgerRange): Promise<string[]> =>
  (await pagesOf(ledger, range)).flat().map(({ object }) => idOf(object));

describe("coverage", () => {
  test("a prefix covers itself and what begins with it, and takes over narrower ones", () => {
    const one = withCovered(NO_COVERAGE, "a/b/");
    const two = withCovered(withCovered(one, "a/bc"), "x");
    assert.deepEqual(two.covered, ["a/b/", "a/bc", "x"]);
    assert.deepEqual(
      ["a/b/", "a/b/c", "a/b", "a/bcd", "", "y"].map((name) => isCovered(two, name)),
      [true, true, false, true, false, false],
    );
    assert.deepEqual(withCovered(two, "a/b").covered, ["a/b", "x"]);
    assert.deepEqual(withCovered(two, "").covered, [""]);
  });

  test("ends a baseline that is inside, and no other", () => {
    const under = { covered: [], baseline: { prefix: "a/b", after: "a/bc" } };
    assert.equal(withCovered(under, "a/").baseline, undefined);
    assert.deepEqual(withCovered(under, "a/bc"), { covered: ["a/bc"], baseline: under.baseline });
  });
});

describe("ledger", () => {
  const stores: readonly (readonly [string, (t: { after(end: () => void): void }) => Promise<Store>])[] = [
    ["memory", () => Promise.resolve(new MemoryDisk().open())],
    [
      "LevelDB",
      async (t) => {
        const { store } = await openLevelStore(tempFolder(t as Parameters<typeof tempFolder>[0]), 0);
        t.after(() => void store.close());
        return store;
      },
    ],
  ];

  for (const [kind, openStore] of stores) {
    test(`keeps states and the order of a listing (${kind})`, async (t) => {
      const store = await openStore(t);
      const ledger = new Ledger(() => Promise.resolve(store), "bucket");
      const objects = NAMES.flatMap((name) => [named(name, "9"), named(name, "10")]);
      await ledger.write(shuffled(mulberry32(1), objects).map((object) => ({ object, state: DONE })));
      const sorted = [...objects].sort(compareObjects).map(idOf);
      assert.deepEqual(await namesIn(ledger, { prefix: "" }), sorted);
      await ledger.write([
        { object: named("a", "9"), state: OPEN },
        { object: named("a", "10"), state: undefined },
      ]);
      assert.deepEqual(await ledger.get(named("a", "9")), OPEN);
      assert.equal(await ledger.get(named("a", "10")), undefined);
      assert.deepEqual(await ledger.get(named("a/", "10")), DONE);
      const [entry] = (await pagesOf(ledger, { prefix: "a", through: "a" })).flat();
      assert.deepEqual(entry, { object: named("a", "9"), state: OPEN });
    });

    test(`gives exactly the entries of a range, in pages (${kind})`, async (t) => {
      const store = await openStore(t);
      const ledger = new Ledger(() => Promise.resolve(store), "bucket");
      const other = new Ledger(() => Promise.resolve(store), "bucket-2");
      const objects = NAMES.flatMap((name) => [named(name, "1"), named(name, "2"), named(name, "3")]);
      await ledger.write(objects.map((object) => ({ object, state: DONE })));
      await other.write([{ object: named("a"), state: OPEN }]);
      const random = mulberry32(2);
      for (let round = 0; round < 200; round += 1) {
        const prefix = pick(random, ["", "", "a", "a/", "internal/", "日", "u", "nothing", "x/"]);
        const bound = (): string | undefined => (random() < 0.3 ? undefined : pick(random, NAMES));
        const [after, through] = [bound(), bound()];
        const limit = integerIn(random, 1, 7);
        const expected = objects
          .filter(({ name }) => name.startsWith(prefix))
          .filter(({ name }) => after === undefined || byBytes(name, after) > 0)
          .filter(({ name }) => through === undefined || byBytes(name, through) <= 0)
          .sort(compareObjects);
        const pages = await pagesOf(ledger, { prefix, after, through, limit });
        const found = pages.flat().map(({ object }) => idOf(object));
        assert.deepEqual(found, expected.map(idOf), JSON.stringify({ prefix, after, through }));
        assert.equal(pages.length, Math.floor(expected.length / limit) + 1);
      }
      assert.deepEqual(await namesIn(other, { prefix: "" }), ["a#1"]);
    });
  }

  test("all changes are written, or none", async () => {
    const disk = new MemoryDisk();
    const ledger = new Ledger(() => Promise.resolve(disk.open()), "bucket");
    await ledger.write([{ object: named("a"), state: DONE }], { covered: ["a"], baseline: undefined });
    assert.equal(disk.writes, 1);
    assert.deepEqual(await ledger.coverage(), { covered: ["a"], baseline: undefined });
    assert.deepEqual(await namesIn(ledger, { prefix: "" }), ["a#1"]);
    await ledger.write([], { covered: ["a"], baseline: { prefix: "", after: "ü" } });
    assert.deepEqual(await ledger.coverage(), { covered: ["a"], baseline: { prefix: "", after: "ü" } });
  });

  test("what cannot be read is nothing that is known", async () => {
    const disk = new MemoryDisk();
    const ledger = new Ledger(() => Promise.resolve(disk.open()), "bucket");
    assert.deepEqual(await ledger.coverage(), NO_COVERAGE);
    await ledger.write([{ object: named("a"), state: DONE }], NO_COVERAGE);
    for (const key of disk.entries.keys()) disk.entries.set(key, "[broken");
    assert.equal(await ledger.coverage(), undefined);
    assert.deepEqual((await pagesOf(ledger, { prefix: "" })).flat(), [{ object: named("a"), state: undefined }]);
    await assert.rejects(ledger.get(named("a")), { code: "STORE_DAMAGED" });
  });

  test("a failing store fails the call, and the next one opens it anew", async () => {
    const disk = new MemoryDisk();
    let openings = 0;
    const ledger = new Ledger(() => {
      openings += 1;
      return Promise.resolve(disk.open());
    }, "bucket");
    disk.onWrite = () => {
      throw new Error("no space");
    };
    await assert.rejects(ledger.write([{ object: named("a"), state: DONE }]), /no space/);
    disk.onWrite = () => undefined;
    await ledger.write([{ object: named("a"), state: DONE }]);
    assert.equal(openings, 2);
  });

  describe("a write that ends while a page is read has the last word", () => {
    /** Reads with `during` between what the store saw and its answer. */
    async function readWith(during: (ledger: Ledger) => Promise<void>, limit: number): Promise<string[][]> {
      const disk = new MemoryDisk();
      let hold: Promise<void> | undefined;
      const ledger = new Ledger(() => {
        const store = disk.open();
        const slow: Store = {
          get: (key) => store.get(key),
          write: (changes) => store.write(changes),
          close: () => store.close(),
          read: async (range) => {
            const rows = await store.read(range);
            hold ??= during(ledger);
            await hold;
            return rows;
          },
        };
        return Promise.resolve(slow);
      }, "bucket");
      await ledger.write(["b", "d", "f", "h"].map((name) => ({ object: named(name), state: OPEN })));
      const pages = await pagesOf(ledger, { prefix: "", limit });
      return pages.map((entries) => entries.map(({ object, state }) => `${object.name} ${state?.state}`));
    }

    test("changed, new and deleted", async () => {
      const pages = await readWith(async (ledger) => {
        await ledger.write(["a", "d", "z"].map((name) => ({ object: named(name), state: DONE })));
        await ledger.write([{ object: named("f"), state: undefined }]);
      }, 1000);
      assert.deepEqual(pages, [["a done", "b open", "d done", "h open", "z done"]]);
    });

    test("each in its page, once", async () => {
      const pages = await readWith(async (ledger) => {
        await ledger.write(["a", "c", "d", "g"].map((name) => ({ object: named(name), state: DONE })));
        await ledger.write([{ object: named("b"), state: undefined }]);
      }, 2);
      assert.deepEqual(pages, [["a done", "c done", "d done"], ["f open", "g done"], ["h open"]]);
    });

    test("not what is outside the range, nor what failed", async () => {
      const disk = new MemoryDisk();
      const ledger = new Ledger(() => Promise.resolve(disk.open()), "bucket");
      await ledger.write([{ object: named("b"), state: OPEN }]);
      disk.onRead = () => {
        disk.onRead = () => undefined;
        void ledger.write([{ object: named("a"), state: DONE }]);
        void ledger.write([{ object: named("bb"), state: DONE }]);
      };
      assert.deepEqual(await namesIn(ledger, { prefix: "", after: "a", through: "b" }), ["b#1"]);
      disk.onRead = () => {
        disk.onRead = () => undefined;
        disk.onWrite = () => {
          throw new Error("no space");
        };
        ledger.write([{ object: named("b"), state: DONE }]).catch(() => undefined);
      };
      const [entry] = (await pagesOf(ledger, { prefix: "b", through: "b" })).flat();
      assert.deepEqual(entry?.state, OPEN);
    });
  });
});
