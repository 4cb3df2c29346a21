import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { XdrError } from "../../../nodes/lib/errors";
import { until } from "../../support/until";
import { INTERVAL_MS, rest, Rig, START_MS } from "./reader-rig";
import { failure } from "./tiny-bucket";

const DAY_MS = 86_400_000;

function codeOf(error: unknown): string {
  return error instanceof XdrError ? error.code : String(error);
}

describe("finding objects", () => {
  test("lists at the start, then from start to start each interval, and reads what is new", async () => {
    const rig = new Rig();
    rig.put("a", 1);
    rig.reader.start();
    rig.reader.start();
    await until("the first object", () => rig.left.length === 2);
    rig.clock.advance(INTERVAL_MS - 1);
    await rest();
    assert.equal(rig.listings, 1);
    rig.put("0", 2);
    rig.clock.advance(1);
    await until("the second object", () => rig.left.length === 5);
    assert.deepEqual(rig.left, ["a:1", "a done", "0:1", "0:2", "0 done"]);
    assert.equal(rig.listings, 2);
    await rig.reader.close();
  });

  test("the oldest first, as many at once as may be", async () => {
    const rig = new Rig({ maxObjects: 1 });
    // The first page with an object begins at once; the others wait for their turn.
    for (const [at, name] of ["m", "c", "b", "a"].entries()) rig.put(name, 1, START_MS + at);
    let most = 0;
    rig.onRead = () => (most = Math.max(most, rig.state?.openObjects ?? 0));
    rig.reader.start();
    await until("all", () => rig.left.length === 8);
    assert.deepEqual(rig.left.filter((each) => each.endsWith(":1")).slice(1), ["m:1", "c:1", "b:1"]);
    assert.equal(most, 1);
    await rig.reader.close();
  });

  test("objects whose wait is over do not make more than may be read at once", async () => {
    const rig = new Rig({ maxObjects: 1 });
    const cut = gzipSync('{"a":1}\n'.repeat(500)).subarray(0, 30);
    for (const name of ["a", "b", "c"]) rig.put(name, cut);
    let most = 0;
    rig.onRead = () => (most = Math.max(most, rig.state?.openObjects ?? 0));
    rig.reader.start();
    await until("all are reported", () => {
      // All of them wait, and wake at once.
      if (rig.state?.openObjects === 0) rig.clock.advance(20_000);
      return rig.reports.length === 3;
    });
    assert.equal(most, 1);
    assert.deepEqual(new Set(rig.reports.map(({ error }) => error?.code)), new Set(["GCS_OBJECT_DAMAGED"]));
    await rig.reader.close();
  });
});

describe("a listing on demand", () => {
  test("comes at once, and resolves when it has ended", async () => {
    const rig = new Rig();
    rig.reader.start();
    await until("the first listing", () => rig.state?.hasListed === true);
    rig.put("a", 1);
    await rig.reader.sync();
    assert.equal(rig.listings, 2);
    await until("it is read", () => rig.left.length === 2);
    await rig.reader.close();
  });

  test("comes right after the one under way, once for all who ask", async () => {
    const rig = new Rig();
    let syncs: Promise<void>[] = [];
    rig.bucket.onList = (phase) => {
      if (phase === "after" && syncs.length === 0) syncs = [rig.reader.sync(), rig.reader.sync()];
    };
    rig.reader.start();
    await until("somebody asks", () => syncs.length === 2);
    await Promise.all(syncs);
    assert.equal(rig.listings, 2);
    await rig.reader.close();
  });

  test("tells why it failed; the listing is tried again by itself", async () => {
    const rig = new Rig();
    let isDown = true;
    rig.bucket.onList = () => {
      if (isDown) throw failure("GCS_LIST_FORBIDDEN");
    };
    const sync = rig.reader.sync().catch(codeOf);
    rig.reader.start();
    assert.equal(await sync, "GCS_LIST_FORBIDDEN");
    await until("it shows", () => rig.state?.trouble !== undefined);
    assert.deepEqual(
      [rig.state?.trouble?.error.code, rig.state?.trouble?.nextAtMs, rig.state?.hasListed],
      ["GCS_LIST_FORBIDDEN", START_MS + 300_000, false],
    );
    isDown = false;
    rig.clock.advance(300_000);
    await until("it works", () => rig.state?.hasListed === true);
    assert.equal(rig.state?.trouble, undefined);
    await rig.reader.close();
  });

  test("is refused by a close, before and after", async () => {
    const rig = new Rig();
    const early = rig.reader.sync().catch(codeOf);
    await rig.reader.close();
    assert.deepEqual([await early, await rig.reader.sync().catch(codeOf)], ["XDR_CANCELLED", "XDR_CANCELLED"]);
    rig.reader.start();
    await rest();
    assert.equal(rig.listings, 0);
  });

  test("under way is refused by a close, too", async () => {
    const rig = new Rig();
    rig.reader.start();
    const sync = rig.reader.sync().catch(codeOf);
    rig.bucket.onList = () => void rig.reader.close();
    assert.equal(await sync, "XDR_CANCELLED");
  });
});

describe("what is told", () => {
  test("the report comes when all was taken", async () => {
    const rig = new Rig({ acknowledge: "message" });
    rig.put("a", 2);
    rig.reader.start();
    await until("both are out", () => rig.acks.length === 2);
    rig.acks[1]?.();
    await rest();
    // Its place is free for others meanwhile.
    assert.deepEqual([rig.reports.length, rig.state?.events, rig.state?.openObjects], [0, 2, 0]);
    assert.equal(rig.state?.waitingObjects, 1);
    rig.acks[0]?.();
    await until("the report", () => rig.reports.length === 1);
    assert.deepEqual(rig.reports, [{ lines: 2, events: 2, bad: 0, bytes: 16, storedBytes: 1 }]);
    await rig.reader.close();
  });

  test("a warning before the bucket deletes what was not read", async () => {
    const rig = new Rig();
    rig.put("a", 1, START_MS - 6.5 * DAY_MS);
    rig.onRead = () => {
      throw failure("GCS_READ_FORBIDDEN");
    };
    rig.reader.start();
    await until("the warning", () => rig.notices.length === 1);
    assert.match(rig.notices[0] ?? "", /^Events are about to be lost: .* 6 days 12 hours old/);
    assert.equal(rig.state?.trouble?.error.code, "GCS_READ_FORBIDDEN");
    await rig.reader.close();
  });

  test("entries that cannot be read", async () => {
    const rig = new Rig();
    const { generation } = rig.put("a", 1);
    rig.disk.entries.set(`o/bucket/61/${generation}`, "nonsense");
    rig.reader.start();
    await until("it is read all the same", () => rig.left.length === 2);
    assert.match(rig.notices.join(), /^What was known of 1 objects could not be read/);
    await rig.reader.close();
  });
});

describe("a disk that takes nothing", () => {
  for (const acknowledge of ["emit", "message"] as const) {
    test(`stops the reader when as many events are out as may be, in ${acknowledge} mode`, async () => {
      const rig = new Rig({ acknowledge });
      rig.put("a", 4000);
      rig.put("b", 4000);
      rig.disk.onWrite = () => {
        throw new Error("disk full");
      };
      rig.reader.start();
      const giveBack = (): void => {
        for (const ack of rig.acks.splice(0)) ack();
      };
      for (let seconds = 0; seconds < 300; seconds += 10) {
        await rest();
        giveBack();
        rig.clock.advance(10_000);
      }
      assert.equal(rig.left.length, acknowledge === "emit" ? 5000 : 1000);
      assert.equal(rig.state?.trouble?.error.code, "STORE_FAILED");
      rig.disk.onWrite = () => undefined;
      await until("the rest", () => {
        giveBack();
        rig.clock.advance(10_000);
        return rig.left.length === 8002;
      });
      assert.equal(rig.state.trouble, undefined);
      await rig.reader.close();
    });
  }
});

describe("the close", () => {
  test("ends what waits for the service, the flow, room or time, without any time", async () => {
    for (const acknowledge of ["emit", "message"] as const) {
      const rig = new Rig({ acknowledge, maxUnacknowledged: 1, maxObjects: 3 });
      rig.put("a", 3);
      rig.put("b", 3);
      rig.put("c", gzipSync("x".repeat(1000)).subarray(0, 20));
      rig.gate = acknowledge === "emit" ? new Promise(() => undefined) : rig.gate;
      rig.reader.start();
      await rest();
      await rig.reader.close();
      const { length } = rig.left;
      for (const ack of rig.acks) ack();
      rig.clock.advance(DAY_MS);
      await rest();
      assert.deepEqual([rig.left.length, rig.clock.sleepers.count], [length, 0]);
    }
  });

  test("writes down what was taken", async () => {
    const rig = new Rig({ acknowledge: "message" });
    const { generation } = rig.put("a", 3);
    rig.reader.start();
    await until("all are out", () => rig.acks.length === 3);
    rig.acks[0]?.();
    rig.acks[2]?.();
    await rig.reader.close();
    assert.equal(rig.disk.entries.get(`o/bucket/61/${generation}`), "[1,8,1,0,[[3,3,1,0,24]]]");
  });
});
