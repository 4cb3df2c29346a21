import assert from "node:assert/strict";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzip } from "../../support/simulated-bucket/event-lines";
import { MemoryDisk } from "../../support/memory-store";
import { until } from "../../support/until";
import { ascending, numbered, range, readsOf, start, wide, world } from "./rig";

/** Events that may leave again after a kill. */
const MAX_REPEATED = 5000;

const distinct = (numbers: readonly number[]): number[] => ascending([...new Set(numbers)]);

describe("a restart in the middle of objects", () => {
  test("goes on at the next line: nothing comes twice, nothing is missing", async () => {
    const w = await world();
    w.bucket.put("a", gzip(wide(6000)));
    w.bucket.put("b", gzip(wide(6000, 6001)));
    const sent: number[] = [];
    for (const stopAfter of [1500, 3000, 4500]) {
      let isReached = false;
      const run = start(w, { onSend: () => void (isReached = run.sent.length >= stopAfter) });
      await until("it is in the middle", () => isReached);
      await run.close();
      sent.push(...run.numbers);
    }
    const last = start(w);
    await last.again();
    sent.push(...last.numbers);
    assert.ok(last.numbers.length > 0);
    assert.deepEqual(ascending(sent), range(12_000));
    assert.equal(last.state.trouble, undefined);
  });

  test("after a kill repeats no more than was not written down, in emit mode", async () => {
    const w = await world();
    const count = 30_000;
    w.bucket.put("a", gzip(numbered(count)));
    const disk = new MemoryDisk();
    // What the disk has at these moments is what a kill would leave of it.
    const images: { entries: [string, string][]; sent: number }[] = [];
    const run = start(w, {
      disk,
      onSend: () => {
        if (run.sent.length > (images.length + 1) * 4000 && images.length < 6) {
          images.push({ entries: [...disk.entries], sent: run.sent.length });
        }
      },
    });
    await run.reported(1);
    assert.equal(images.length, 6);
    for (const { entries, sent } of images) {
      const left = new MemoryDisk();
      for (const [key, value] of entries) left.entries.set(key, value);
      const next = start(w, { disk: left });
      await next.reported(1);
      const [first] = next.numbers;
      assert.deepEqual(next.numbers, range(count - first! + 1, first));
      assert.ok(first! <= sent + 1, "something is missing");
      assert.ok(sent - first! < MAX_REPEATED, `${sent - first!} events come again`);
      await next.close();
    }
  });
});

describe("what is written down", () => {
  test("and was cut off at its end by a crash costs repetitions, and no event", async () => {
    const w = await world();
    for (const n of range(20)) w.bucket.put(`o${n}`, gzip(numbered(10, n * 10)));
    const first = start(w);
    await first.reported(20);
    await first.atRest();
    await first.close();
    const folder = join(w.folder, "objects");
    const [log] = readdirSync(folder).filter((file) => file.endsWith(".log"));
    const path = join(folder, log!);
    truncateSync(path, Math.floor(readFileSync(path).length / 2));
    w.bucket.put("new", gzip(numbered(1, 1000)));
    const second = start(w);
    await second.reported(2);
    await second.again();
    const read = distinct(second.numbers);
    assert.ok(read.includes(1000));
    assert.ok(second.reports.length < 21, "what was written down before is known");
    await second.close();
    const third = start(w);
    await third.again();
    assert.deepEqual([third.sent, third.damages], [[], []]);
  });

  test("and cannot be read back is told, kept aside, and costs repetitions, and no event", async () => {
    const w = await world();
    for (const n of range(5)) w.bucket.put(`o${n}`, gzip(numbered(10, n * 10)));
    const first = start(w);
    await first.reported(5);
    await first.atRest();
    await first.close();
    const folder = join(w.folder, "objects");
    for (const file of readdirSync(folder)) {
      if (/^(?:MANIFEST|CURRENT)|\.(?:ldb|log)$/.test(file))
        writeFileSync(join(folder, file), "no store at all".repeat(50));
    }
    const second = start(w);
    await second.reported(5);
    await second.again();
    assert.deepEqual(ascending(second.numbers), range(50, 10));
    assert.equal(second.damages.length, 1);
    await second.close();
    const third = start(w);
    await third.again();
    assert.deepEqual([third.sent, third.damages], [[], []]);
  });

  test("and cannot be read back does not make a node that starts from now skip what it has not read yet", async () => {
    const w = await world();
    const first = start(w, { start: "now" });
    await first.again();
    await first.close();
    for (const n of range(5)) w.bucket.put(`o${n}`, gzip(numbered(10, n * 10)));
    const folder = join(w.folder, "objects");
    for (const file of readdirSync(folder)) {
      if (/^(?:MANIFEST|CURRENT)|\.(?:ldb|log)$/.test(file))
        writeFileSync(join(folder, file), "no store at all".repeat(50));
    }
    const second = start(w, { start: "now" });
    await second.reported(5);
    assert.deepEqual(ascending(second.numbers), range(50, 10));
    assert.equal(second.damages.length, 1);
  });

  test("of one object, when that cannot be read, makes that one be read anew", async () => {
    const w = await world();
    const disk = new MemoryDisk();
    for (const n of range(3)) w.bucket.put(`o${n}`, gzip(numbered(1, n)));
    const first = start(w, { disk });
    await first.reported(3);
    await first.atRest();
    await first.close();
    const key = [...disk.entries.keys()].find((each) => each.includes(Buffer.from("o2").toString("hex")));
    disk.entries.set(key!, "[1,2");
    const second = start(w, { disk });
    await second.reported(1);
    await second.again();
    assert.deepEqual(second.numbers, [2]);
    assert.equal(second.notices.length, 1);
  });
});

describe("a disk that is full", () => {
  test("stops what leaves, shows, and loses nothing when there is room again", async () => {
    const w = await world();
    const count = 20_000;
    w.bucket.put("a", gzip(numbered(count)));
    const disk = new MemoryDisk();
    let isFull = false;
    disk.onWrite = (phase) => {
      if (isFull && phase === "before") throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    const run = start(w, { disk, onSend: () => void (isFull ||= run.sent.length > 2000) });
    await until("it is told", () => run.lastTrouble !== undefined);
    assert.match(run.lastTrouble!.message, /no space left on device/);
    const writesBefore = disk.writes;
    let before = -1;
    await until("nothing leaves any more", async () => {
      const isStill = run.sent.length === before;
      before = run.sent.length;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return isStill;
    });
    assert.ok(run.sent.length <= 2500 + MAX_REPEATED, `${run.sent.length}`);
    assert.equal(disk.writes, writesBefore);
    assert.deepEqual(run.reports, []);
    disk.onWrite = () => undefined;
    await run.reported(1);
    await run.atRest();
    assert.deepEqual(run.numbers, range(count));
    assert.deepEqual(run.codesOf("a"), [undefined]);
  });

  test("from the start on: nothing leaves and nothing is reported as read", async () => {
    const w = await world();
    w.bucket.put("a", gzip(numbered(3)));
    const disk = new MemoryDisk();
    disk.onRead = () => {
      throw new Error("input/output error");
    };
    const run = start(w, { disk });
    await run.troubled("STORE_FAILED");
    assert.deepEqual([run.sent, run.reports, run.state.hasListed], [[], [], false]);
    disk.onRead = () => undefined;
    await run.reported(1);
    assert.deepEqual(run.numbers, range(3));
  });
});

describe("two readers of one state", () => {
  test("never read at once: the second one says why it waits, and takes over where the first one ends", async () => {
    const w = await world();
    w.bucket.put("a", gzip(wide(3000)));
    const first = start(w, { acknowledge: "message", maxUnacknowledged: 100 });
    await until("it has begun", () => first.out.length === 100);
    const second = start(w);
    await second.troubled("STORE_LOCKED");
    assert.match(second.lastTrouble!.message, /Another process holds/);
    for (const giveBack of first.out) giveBack();
    await until("the first one goes on", () => first.out.length === 200);
    assert.deepEqual([second.sent, second.reports, second.state.hasListed], [[], [], false]);
    assert.equal(readsOf(w.bucket, "a"), 1);
    await first.close();
    await second.reported(1);
    await second.atRest();
    assert.deepEqual(second.numbers, range(2900, 101));
  });
});
