import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import type { Checkpoint } from "../../../nodes/lib/poll/checkpoint";
import { PollKeys, type Entry } from "../../../nodes/lib/poll/known-pages";
import { KnownRecords, type Learned } from "../../../nodes/lib/poll/known-records";
import { shapeOf } from "../../../nodes/lib/poll/resources";
import { MemoryDisk } from "../../support/memory-store";

const FRESH: Checkpoint = { scope: "one", revision: 0, cursor: null, keptFrom: 0, lastFullAtMs: null };

async function openOn(disk: MemoryDisk, fresh = FRESH): Promise<KnownRecords> {
  const known = new KnownRecords(new PollKeys("node"), shapeOf({ resource: "incidents", apiVersion: "v2" }));
  await known.open(disk.open(), fresh);
  return known;
}

/** A page of records, each with its time. */
function pageOf(records: Readonly<Record<string, number | null>>): Learned {
  const entries = Object.entries(records).map(([id, time], row): Entry => ({
    id,
    row,
    time,
    version: "1",
    state: "live",
  }));
  return { page: { archive: "R", entries } };
}

const idsIn = (known: KnownRecords): string[] => [...known.ids].map(([id]) => id).sort();
const keysIn = (disk: MemoryDisk, part: string): number =>
  [...disk.entries.keys()].filter((key) => key.includes(`/${part}/`)).length;

describe("known records", () => {
  test("a page leaves the disk with the last of its records", async () => {
    const disk = new MemoryDisk();
    const known = await openOn(disk);
    await known.learn(pageOf({ a: 1, b: 2 }));
    await known.learn(pageOf({ a: 3 }));
    assert.deepEqual([keysIn(disk, "h"), keysIn(disk, "a")], [2, 2]);
    await known.learn({ dropped: ["b"] });
    assert.deepEqual([keysIn(disk, "h"), keysIn(disk, "a")], [1, 1]);
    assert.deepEqual(idsIn(await openOn(disk)), ["a"]);
  });

  test("old pages are dropped from disk and memory; one with a younger record, or one without a time, stays", async () => {
    const disk = new MemoryDisk();
    const known = await openOn(disk);
    await known.learn(pageOf({ a: 1, b: 2 }));
    await known.learn(pageOf({ c: 1, d: 10 }));
    await known.learn(pageOf({ e: 1, f: null }));
    await known.prune(5);
    assert.deepEqual(idsIn(known), ["c", "d", "e", "f"]);
    assert.deepEqual([keysIn(disk, "h"), keysIn(disk, "a")], [2, 2]);
    assert.equal(known.checkpoint.keptFrom, 5);
    const writes = disk.writes;
    await known.prune(5);
    assert.equal(disk.writes, writes, "nothing is left to drop");
    // What keeps a page has moved on: the rest of it is old.
    await known.learn(pageOf({ d: 11 }));
    await known.prune(6);
    assert.deepEqual(idsIn(known), ["d", "e", "f"]);
  });

  test("what could not be written is written by the next opening, and by the close", async () => {
    for (const way of ["open", "settle"] as const) {
      const disk = new MemoryDisk();
      const known = await openOn(disk);
      disk.onWrite = () => {
        throw new XdrError("STORE_FAILED", "no space");
      };
      await assert.rejects(known.learn(pageOf({ a: 1 })), { code: "STORE_FAILED" });
      disk.onWrite = () => undefined;
      if (way === "open") await known.open(disk.open(), FRESH);
      else await known.settle(() => Promise.resolve(disk.open()));
      assert.deepEqual(idsIn(await openOn(disk)), ["a"], way);
    }
  });

  for (const [way, scope] of [
    ["open", "one"],
    ["settle", "one"],
    ["settle", "two"],
  ] as const) {
    test(`what could not be written is dropped when another instance went on (${way}, scope ${scope})`, async () => {
      const disk = new MemoryDisk();
      const known = await openOn(disk);
      disk.onWrite = () => {
        throw new XdrError("STORE_FAILED", "the lease is lost");
      };
      await assert.rejects(known.learn({ ...pageOf({ a: 1 }), checkpoint: { cursor: 5 } }));
      disk.onWrite = () => undefined;
      const other = await openOn(disk, { ...FRESH, scope });
      await other.learn({ ...pageOf({ b: 9 }), checkpoint: { cursor: 9 } });
      if (way === "open") await known.open(disk.open(), FRESH);
      else await known.settle(() => Promise.resolve(disk.open()));
      const after = await openOn(disk, { ...FRESH, scope });
      assert.deepEqual([idsIn(after), after.checkpoint.cursor], [["b"], 9]);
    });
  }

  test("another scope takes over nothing, not even what waits for extra data", async () => {
    const disk = new MemoryDisk();
    const known = await openOn(disk);
    await known.learn({ ...pageOf({ a: 1 }), wanted: ["a"] });
    assert.equal(keysIn(disk, "x"), 1);
    const other = new KnownRecords(new PollKeys("node"), shapeOf({ resource: "alerts", apiVersion: "v2" }));
    assert.equal(await other.open(disk.open(), { ...FRESH, scope: "two" }), "changed");
    assert.deepEqual([keysIn(disk, "h"), keysIn(disk, "a"), keysIn(disk, "x")], [0, 0, 0]);
    assert.deepEqual(idsIn(other), []);
  });
});
