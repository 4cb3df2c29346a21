import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { systemClock } from "../../../nodes/lib/clock";
import { InsertQuota } from "../../../nodes/lib/tenant/quota";
import { updateSizeFor, type Spend } from "../../../nodes/lib/tenant/quota-api";

const WINDOW_MS = 200;

interface Counted {
  readonly atMs: number;
  readonly alerts: number;
}

/** Most alerts in any window of the tenant's clock, counted here by hand. */
function mostInAnyWindow(counted: readonly Counted[]): number {
  return Math.max(
    0,
    ...counted.map(({ atMs: end }) =>
      counted.filter(({ atMs }) => atMs > end - WINDOW_MS && atMs <= end).reduce((sum, { alerts }) => sum + alerts, 0),
    ),
  );
}

const quotaOf = (alerts: number): InsertQuota => new InsertQuota({ alerts, windowMs: WINDOW_MS, clock: systemClock });

async function take(quota: InsertQuota, alerts: number): Promise<Spend> {
  const spend = quota.announce(alerts);
  await spend.take();
  return spend;
}

describe("insert quota", () => {
  test("a burst inside the quota is not paced", async () => {
    // A window that no stall of the machine outlasts.
    const quota = new InsertQuota({ alerts: 600, windowMs: 60_000, clock: systemClock });
    for (let update = 0; update < 10; update += 1) (await take(quota, 60)).settle(true);
    assert.equal(quota.spent, 600);
    await quota.stop();
  });

  test("no window of the tenant's clock sees more than the quota, the first one neither (relay defect 6)", async () => {
    const quota = quotaOf(100);
    const counted: Counted[] = [];
    const started = performance.now();
    for (let update = 0; update < 40; update += 1) {
      const spend = await take(quota, 20);
      const sent = performance.now();
      await systemClock.sleep((update * 7) % 11);
      const answered = performance.now();
      // Alternately at the very beginning and the very end of the request.
      counted.push({ atMs: update % 2 === 0 ? sent : answered, alerts: 20 });
      spend.settle(true);
    }
    assert.ok(mostInAnyWindow(counted) <= 100, `${mostInAnyWindow(counted)} in one window`);
    // 800 alerts at 100 a window need 7 windows after the first burst: less would be impossible, much more is idling.
    assert.ok(performance.now() - started >= 7 * WINDOW_MS);
    await quota.stop();
  });

  test("an update the tenant did not take gives its share back at once", async () => {
    const quota = quotaOf(60);
    (await take(quota, 60)).settle(false);
    (await take(quota, 60)).settle(true);
    assert.equal(quota.spent, 60);
    await quota.stop();
  });

  test("what an earlier run spent is still spent after a restart, for one window", async () => {
    const before = quotaOf(100);
    const answered = await take(before, 60);
    const unanswered = await take(before, 40);
    const rows = [...answered.settle(true), ...unanswered.noted].map((change) => {
      assert.equal(change.type, "put");
      return [change.key, change.value] as const;
    });
    await before.stop();
    const after = quotaOf(100);
    await after.restore(rows);
    const restored = performance.now();
    assert.equal(after.spent, 100);
    await take(after, 100);
    assert.ok(performance.now() - restored >= WINDOW_MS - 5);
    assert.equal(after.drainExpired().length, 2);
    await after.stop();
  });

  test("a clock that was set back holds nothing longer than one window; old and damaged records are dropped", async () => {
    const quota = quotaOf(100);
    const future = Date.now() + 3_600_000;
    await quota.restore([
      ["w/1", JSON.stringify([60, future])],
      ["w/2", JSON.stringify([40, Date.now() - 10 * WINDOW_MS])],
      ["w/3", "noise"],
    ]);
    assert.equal(quota.spent, 60);
    assert.equal(quota.drainExpired().length, 2);
    await take(quota, 100);
    await quota.stop();
  });

  test("a quota that was lowered below what is spent waits until it fits", async () => {
    const quota = quotaOf(10);
    await quota.restore([["w/1", JSON.stringify([60, Date.now()])]]);
    await take(quota, 10);
    assert.equal(quota.spent, 10);
    await quota.stop();
  });

  for (const [alerts, wanted, size] of [
    [600, 60, 60],
    [600, 50, 50],
    [100, 60, 50],
    [7, 60, 7],
    [1, 60, 1],
    [61, 60, 30],
    [100_000, 60, 60],
  ] as const) {
    test(`${alerts} alerts a window in updates of at most ${wanted} leave as ${size}`, () => {
      assert.equal(updateSizeFor(alerts, wanted), size);
    });
  }
});
