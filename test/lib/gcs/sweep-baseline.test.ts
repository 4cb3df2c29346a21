import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Ledger } from "../../../nodes/lib/gcs/ledger";
import { NO_FAULTS, type ObjectState } from "../../../nodes/lib/gcs/object-state";
import { Sweep } from "../../../nodes/lib/gcs/sweep";
import { MemoryDisk } from "../../support/memory-store";
import { integerIn, mulberry32, pick, shuffled } from "../../support/virtual-random";
import { failure, idOf, NAMES, TinyBucket } from "./tiny-bucket";

const OPEN: ObjectState = {
  state: "open",
  progress: { lines: 1, bytes: 9, events: 1, bad: 0, taken: [] },
  faults: NO_FAULTS,
};

/** A bucket with a reader that restarts before each sweep. */
class Rig {
  readonly bucket = new TinyBucket();
  readonly disk = new MemoryDisk();

  get ledger(): Ledger {
    return new Ledger(() => Promise.resolve(this.disk.open()), "bucket");
  }

  put(...names: readonly string[]): void {
    for (const name of names) this.bucket.put(name);
  }

  /** Names found by one sweep; those of a failed one too. */
  async sweep(start: "all" | "now", prefix = "", ids: string[] = []): Promise<string[]> {
    const names: string[] = [];
    await new Sweep({
      client: this.bucket,
      ledger: this.ledger,
      bucket: "bucket",
      prefix,
      start,
      signal: new AbortController().signal,
      isActive: () => false,
      onFound: (version) => {
        names.push(version.name);
        ids.push(idOf(version));
      },
      onGone: () => assert.fail("nothing was begun"),
    }).run();
    return names;
  }

  async coverage() {
    return this.ledger.coverage();
  }
}

describe("start now", () => {
  test("skips what is there, and finds what comes, under whatever name and of whatever time", async () => {
    const rig = new Rig();
    rig.put("b", "d");
    assert.deepEqual(await rig.sweep("now"), []);
    rig.bucket.put("a", -1e12);
    rig.put("c", "d");
    assert.deepEqual(await rig.sweep("now"), ["a", "c", "d"]);
    assert.deepEqual(await rig.sweep("now"), ["a", "c", "d"], "until they are done");
    assert.deepEqual(await rig.coverage(), { covered: [""], baseline: undefined });
  });

  test("an empty bucket is covered too", async () => {
    const rig = new Rig();
    assert.deepEqual(await rig.sweep("now"), []);
    rig.put("a");
    assert.deepEqual(await rig.sweep("now"), ["a"]);
  });

  test("start all finds again what was skipped; start now thereafter skips that alone", async () => {
    const rig = new Rig();
    rig.put("a");
    await rig.sweep("now");
    rig.put("b");
    assert.deepEqual(await rig.sweep("all"), ["a", "b"]);
    assert.deepEqual(await rig.sweep("now"), ["b"]);
  });

  test("a bucket that was read from its start has its backlog read on", async () => {
    const rig = new Rig();
    rig.put("a", "b");
    await rig.sweep("all");
    assert.deepEqual(await rig.sweep("now"), ["a", "b"]);
  });

  test("what was begun is read on", async () => {
    const rig = new Rig();
    await rig.ledger.write([{ object: rig.bucket.put("b"), state: OPEN }]);
    rig.put("a", "c");
    assert.deepEqual(await rig.sweep("now"), ["b"]);
  });

  test("a wider prefix skips its own names and keeps those of the narrower one; a narrower one needs nothing", async () => {
    const rig = new Rig();
    rig.put("a/1", "b/1");
    assert.deepEqual(await rig.sweep("all", "a/"), ["a/1"]);
    rig.put("a/2", "c");
    assert.deepEqual(await rig.sweep("now", ""), ["a/1", "a/2"]);
    rig.put("b/2");
    assert.deepEqual(await rig.sweep("now", "b/"), ["b/2"]);
    assert.deepEqual(await rig.sweep("now", ""), ["a/1", "a/2", "b/2"]);
    assert.deepEqual(await rig.coverage(), { covered: [""], baseline: undefined });
  });

  test("another prefix begins with now again", async () => {
    const rig = new Rig();
    rig.put("a/1", "b/1");
    assert.deepEqual(await rig.sweep("now", "a/"), []);
    rig.put("a/2", "b/2");
    assert.deepEqual(await rig.sweep("now", "b/"), []);
    rig.put("b/3");
    assert.deepEqual(await rig.sweep("now", "b/"), ["b/3"]);
    assert.deepEqual(await rig.sweep("now", "a/"), ["a/2"]);
    assert.deepEqual((await rig.coverage())?.covered, ["a/", "b/"]);
  });

  test("cut short, it goes on from the name reached: what has come before that name is found", async () => {
    const rig = new Rig();
    rig.put("b", "d", "f", "h");
    rig.bucket.pageSize = () => 1;
    rig.bucket.onList = (phase) => {
      if (phase === "before" && rig.bucket.calls.length === 3) throw failure("XDR_CONNECTION_LOST");
    };
    await assert.rejects(rig.sweep("now"), { code: "XDR_CONNECTION_LOST" });
    assert.deepEqual(await rig.coverage(), { covered: [], baseline: { prefix: "", after: "d" } });
    rig.bucket.onList = () => undefined;
    rig.put("a", "b", "e");
    assert.deepEqual(await rig.sweep("now"), ["a", "b"], "e comes behind it");
    rig.put("e");
    assert.deepEqual(await rig.sweep("now"), ["a", "b", "e"]);
  });

  test("cut short, it says nothing of another prefix", async () => {
    const rig = new Rig();
    rig.put("a/1", "b/1", "c/1");
    rig.bucket.pageSize = () => 1;
    rig.bucket.onList = (phase) => {
      if (phase === "before" && rig.bucket.calls.length === 3) throw failure("XDR_CONNECTION_LOST");
    };
    await assert.rejects(rig.sweep("now"));
    rig.put("a/2");
    assert.deepEqual(await rig.sweep("now", "a/"), []);
    assert.deepEqual(await rig.coverage(), { covered: ["a/"], baseline: undefined });
  });

  test("cut short twice, the name reached never moves back", async () => {
    const rig = new Rig();
    rig.put("b", "d", "f", "h");
    rig.bucket.pageSize = () => 1;
    for (const calls of [4, 2]) {
      rig.bucket.calls = [];
      rig.bucket.onList = (phase) => {
        if (phase === "before" && rig.bucket.calls.length === calls) throw failure("XDR_CONNECTION_LOST");
      };
      await assert.rejects(rig.sweep("now"));
      assert.deepEqual((await rig.coverage())?.baseline, { prefix: "", after: "f" });
    }
  });

  test("when the store does not say what was listed, too much is read rather than too little", async () => {
    const rig = new Rig();
    rig.put("a");
    await rig.sweep("now");
    rig.put("b");
    rig.disk.entries.set("c/bucket", "?");
    assert.deepEqual(await rig.sweep("now"), ["b"]);
  });

  test("a covered sweep writes nothing", async () => {
    const rig = new Rig();
    rig.put("a", "b");
    await rig.sweep("now");
    const { writes } = rig.disk;
    await rig.sweep("now");
    await rig.sweep("all");
    assert.equal(rig.disk.writes, writes);
  });

  for (let seed = 1; seed <= 40; seed += 1) {
    test(`random faults and restarts: the old is skipped, the new is found (seed ${seed})`, async () => {
      const random = mulberry32(seed);
      const rig = new Rig();
      const isBefore = new Set(shuffled(random, NAMES).slice(0, integerIn(random, 0, NAMES.length)));
      const old = [...isBefore].map((name) => idOf(rig.bucket.put(name)));
      rig.bucket.pageSize = () => integerIn(random, 0, 4);
      rig.bucket.onList = () => {
        if (random() < 0.03) throw failure("XDR_SERVER_ERROR");
        if (random() < 0.05) rig.bucket.epoch += 1;
      };
      rig.disk.onWrite = rig.disk.onRead = () => {
        if (random() < 0.01) throw failure("STORE_FAILED");
      };
      const found: string[] = [];
      for (let isDone = false; !isDone;)
        isDone = await rig.sweep("now", "", found).then(
          () => true,
          () => false,
        );
      assert.deepEqual(found, []);
      const fresh = Array.from({ length: 10 }, () => pick(random, NAMES));
      const created = new Map(fresh.map((name) => [name, idOf(rig.bucket.put(name))]));
      for (let isDone = false; !isDone;) {
        found.length = 0;
        isDone = await rig.sweep("now", "", found).then(
          () => true,
          () => false,
        );
      }
      assert.deepEqual([...new Set(found)].toSorted(), [...created.values()].toSorted());
      assert.ok(old.length > 0 || isBefore.size === 0);
    });
  }
});
