import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { systemClock, type Clock } from "../../../nodes/lib/clock";
import { gzip } from "../../support/simulated-bucket/event-lines";
import { until } from "../../support/until";
import { VirtualClock } from "../../support/virtual-clock";
import { numbered, range, rangesOf, start, wide, world, type Run } from "./rig";

const MINUTE_MS = 60_000;
const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

/** Roughly, as the clock goes on between the failure and the look at it. */
function assertWait(run: Run, expectedMs: number): void {
  const { waitMs } = run.lastTrouble!;
  assert.ok(waitMs <= expectedMs && waitMs > expectedMs / 2, `${waitMs} ms`);
}

describe("a token that is refused", () => {
  test("in the middle of an object: another one is fetched, and the bytes go on where they were", async () => {
    const w = await world();
    w.bucket.put("a", wide(2000));
    w.bucket.faults.push(
      { kind: "media", endAfterBytes: 700_000 },
      { kind: "media", before: () => w.bucket.expireTokens() },
    );
    const run = start(w);
    await run.reported(1);
    assert.deepEqual(run.numbers, range(2000));
    assert.deepEqual(rangesOf(w.bucket, "a"), [undefined, "bytes=700000-", "bytes=700000-"]);
    assert.equal(w.bucket.counts.token, 2);
    assert.deepEqual(run.codesOf("a"), [undefined]);
  });

  test("by several requests at once: one new token serves them all", async () => {
    const w = await world();
    for (const n of range(8)) w.bucket.put(`o${n}`, gzip(numbered(1, n)));
    let arrived = 0;
    const all = new Promise<void>((resolve) => {
      const before = async (): Promise<void> => {
        if ((arrived += 1) === 8) {
          w.bucket.expireTokens();
          resolve();
        }
        await all;
      };
      setImmediate(() => w.bucket.faults.add({ kind: "media", times: 8, before }));
    });
    w.bucket.faults.add({ kind: "list", before: () => new Promise((resolve) => setImmediate(resolve)) });
    const run = start(w, { maxObjects: 8 });
    await run.reported(8);
    assert.equal(w.bucket.requests.filter(({ status, kind }) => kind === "media" && status === 401).length, 8);
    assert.equal(w.bucket.counts.token, 2);
  });

  test("although it is new: that shows, it is tried again slowly, and goes on by itself", async () => {
    const w = await world();
    w.bucket.put("a", gzip(numbered(3)));
    w.bucket.faults.add({ kind: "list", status: 401, times: 4 });
    const run = start(w);
    await run.troubled("GCS_UNAUTHORIZED");
    assertWait(run, MINUTE_MS);
    await run.reported(1);
    await run.atRest();
    assert.equal(w.bucket.counts.list, 5);
    assert.deepEqual(run.numbers, range(3));
  });
});

describe("a key that was replaced", () => {
  test("is not shown again for a minute; with the new one reading goes on where it was", async () => {
    const clock = new VirtualClock(Date.now());
    const w = await world({ now: () => clock.now() });
    w.bucket.put("a", gzip(numbered(3)));
    const first = start(w, { clock });
    await first.reported(1);
    w.bucket.renewKey();
    w.bucket.expireTokens();
    w.bucket.clearRequests();
    for (let time = 1; time <= 4; time += 1) await assert.rejects(first.reader.sync(), code("GCS_KEY_REJECTED"));
    assert.equal(w.bucket.counts.token, 1);
    assert.equal(first.state.trouble?.error.code, "GCS_KEY_REJECTED");
    assert.match(first.lastTrouble!.message, /key/);
    assert.equal(first.lastTrouble!.waitMs, MINUTE_MS);
    clock.advance(MINUTE_MS + 1);
    await until("it is shown again", () => w.bucket.counts.token === 2);
    await first.close();
    w.bucket.put("b", gzip(numbered(3, 4)));
    const second = start(w);
    await second.reported(1);
    await second.again();
    assert.deepEqual(second.numbers, [4, 5, 6]);
    assert.deepEqual(second.troubles, []);
  });
});

describe("a clock of this machine that is wrong", () => {
  // Behind by less than the hour for which a signature is good, it is in nobody's way.
  for (const [minutes, corrections] of [
    [-90, 1],
    [-20, 0],
    [20, 1],
  ] as const) {
    test(`by ${minutes} minutes is made up for where it has to be, told, and no reason for an alarm`, async () => {
      const w = await world({ now: () => Date.now() });
      w.bucket.put("a", gzip(numbered(3)));
      const skewsMs: number[] = [];
      const clock: Clock = { ...systemClock, now: () => Date.now() + minutes * MINUTE_MS };
      const run = start(w, { clock, onClockCorrected: (skewMs) => void skewsMs.push(skewMs) });
      await run.reported(1);
      await run.again();
      assert.deepEqual(run.numbers, range(3));
      assert.deepEqual([run.troubles, run.notices], [[], []]);
      assert.equal(skewsMs.length, corrections);
      for (const skewMs of skewsMs) assert.ok(Math.abs(skewMs + minutes * MINUTE_MS) < MINUTE_MS, `${skewMs}`);
    });
  }

  test("by days does not make objects old or young: their age is that of the service's clock", async () => {
    for (const days of [-10, 10]) {
      const w = await world({ now: () => Date.now(), anonymous: true });
      w.bucket.put("a", gzip(numbered(3)), { createdMs: Date.now() - 5 * 86_400_000 - 60_000 });
      const clock: Clock = { ...systemClock, now: () => Date.now() + days * 86_400_000 };
      const run = start(w, {
        clock,
        authentication: { kind: "anonymous" },
        acknowledge: "message",
        maxUnacknowledged: 1,
      });
      await until("it is told", () => run.notices.length > 0);
      assert.match(run.notices[0]!, /falling behind.* 5 days 0 hours old/);
      await run.reader.sync();
      assert.equal(run.notices.length, 1);
    }
  });
});

describe("a right that is missing", () => {
  for (const [what, deny, expected, permission] of [
    ["listing is denied", "denyList", "GCS_LIST_FORBIDDEN", "storage.objects.list"],
    ["reading is denied", "denyRead", "GCS_READ_FORBIDDEN", "storage.objects.get"],
  ] as const) {
    test(`${what}: names the permission, keeps what is known, and looks again after five minutes`, async () => {
      const w = await world();
      w.bucket.put("a", gzip(numbered(3)));
      const run = start(w);
      await run.reported(1);
      w.bucket.put("b", gzip(numbered(3, 4)));
      w.bucket[deny] = true;
      await run.reader.sync().catch(() => undefined);
      await run.troubled(expected);
      assert.ok(run.lastTrouble!.message.includes(permission), run.lastTrouble!.message);
      assertWait(run, 5 * MINUTE_MS);
      w.bucket[deny] = false;
      await run.reported(2);
      await run.atRest();
      assert.deepEqual(run.numbers, range(6));
      assert.deepEqual(run.codesOf("b"), [undefined]);
      assert.deepEqual(new Set(run.troubles), new Set([expected]));
    });
  }
});

describe("a bucket that is not there any more", () => {
  test("shows, deletes nothing of what is known, and goes on when it is back", async () => {
    const w = await world();
    w.bucket.put("a", gzip(numbered(3)));
    const first = start(w);
    await first.reported(1);
    w.bucket.gone = true;
    await assert.rejects(first.reader.sync(), code("GCS_BUCKET_NOT_FOUND"));
    assertWait(first, 5 * MINUTE_MS);
    assert.equal(first.state.trouble?.error.code, "GCS_BUCKET_NOT_FOUND");
    await first.close();
    const second = start(w);
    await second.troubled("GCS_BUCKET_NOT_FOUND");
    w.bucket.gone = false;
    w.bucket.put("b", gzip(numbered(1, 4)));
    await second.again();
    assert.deepEqual(second.numbers, [4]);
  });

  test("while an object is read is not taken for that object's end", async () => {
    const w = await world();
    w.bucket.put("a", wide(2000));
    w.bucket.faults.push(
      { kind: "media", endAfterBytes: 700_000 },
      { kind: "media", before: () => void (w.bucket.gone = true) },
    );
    const run = start(w);
    await run.troubled("GCS_BUCKET_NOT_FOUND");
    assert.deepEqual(run.reports, []);
    w.bucket.gone = false;
    await run.reported(1);
    assert.deepEqual(run.numbers, range(2000));
    assert.deepEqual(run.codesOf("a"), [undefined]);
  });
});
