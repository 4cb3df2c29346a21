import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import { retryDelayMs } from "../../../nodes/lib/poll/retry-delay";
import { Rig, TestClock } from "./rig";
import { alert, TinyTenant } from "./tiny-tenant";

const NOW = 1_800_000_000_000;

function rigWith(config: object = {}): { tenant: TinyTenant; rig: Rig; clock: TestClock } {
  const tenant = new TinyTenant();
  const clock = new TestClock(NOW);
  return { tenant, clock, rig: new Rig({ config, client: tenant, clock }) };
}

async function turns(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    assert.ok(turn < 10_000, "not within 10,000 turns of the event loop");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Requests that leave within `seconds` when every run fails, moved in steps of 50 ms. */
async function requestsWithin(seconds: number, error: XdrError, config: object): Promise<number[]> {
  const { tenant, rig, clock } = rigWith(config);
  const times: number[] = [];
  tenant.before = () => {
    times.push(clock.now() - NOW);
    throw error;
  };
  rig.poller.start();
  for (let step = 0; step < seconds * 20; step += 1) {
    await turns(() => clock.sleeping.length === 1);
    clock.advance(50);
  }
  await rig.poller.close();
  return times;
}

describe("when runs happen", () => {
  test("the first at once, then from start to start", async () => {
    const { tenant, rig, clock } = rigWith({ intervalSeconds: 30 });
    tenant.before = () => clock.advance(2000);
    rig.poller.start();
    await turns(() => clock.sleeping.length === 1);
    assert.deepEqual(clock.sleeping, [28_000]);
    await rig.poller.close();
  });

  test("a run that takes longer than the interval delays the next, and no two overlap", async () => {
    const { tenant, rig, clock } = rigWith({ intervalSeconds: 1 });
    let underWay = 0;
    let most = 0;
    const callRaw = tenant.callRaw.bind(tenant);
    tenant.callRaw = async (request) => {
      most = Math.max(most, (underWay += 1));
      clock.advance(5000);
      try {
        await new Promise((resolve) => setImmediate(resolve));
        return await callRaw(request);
      } finally {
        underWay -= 1;
      }
    };
    rig.poller.start();
    for (let run = 0; run < 3; run += 1) void rig.poller.sync("incremental").catch(() => undefined);
    await turns(() => rig.reports.length >= 2);
    assert.equal(most, 1);
    await rig.poller.close();
  });

  test("a wish for a full sync during an increment is fulfilled right after it, once for all who asked", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = [alert(1, NOW - 1000)];
    const wishes: Promise<unknown>[] = [];
    tenant.before = (request) => {
      if (request === 1) wishes.push(rig.poller.sync("full"), rig.poller.sync("incremental"));
    };
    await rig.run();
    const reports = await Promise.all(wishes);
    assert.equal(reports[0], reports[1]);
    assert.deepEqual(
      rig.reports.map(({ sync }) => sync),
      ["incremental", "full"],
    );
    await rig.poller.close();
  });

  test("Sync now ends the wait after a failure", async () => {
    const { tenant, rig, clock } = rigWith();
    tenant.before = (request) => {
      if (request === 1) throw new XdrError("XDR_SERVER_ERROR", "down");
    };
    await rig.fail();
    await turns(() => clock.sleeping.length === 1);
    assert.equal((await rig.run()).error, undefined);
    await rig.poller.close();
  });
});

describe("a tenant that refuses", () => {
  for (const code of ["XDR_UNAUTHORIZED", "XDR_FORBIDDEN", "XDR_LICENCE_MISSING", "XDR_SERVER_ERROR"] as const) {
    test(`20 s of ${code} cost 10 requests at most`, async () => {
      const times = await requestsWithin(20, new XdrError(code, "no"), { intervalSeconds: 1 });
      assert.ok(times.length >= 2 && times.length <= 10, `${times.length} requests`);
    });
  }

  test("Retry-After is waited for to the second, each time", async () => {
    const error = new XdrError("XDR_RATE_LIMITED", "no", { retryAfterMs: 3000 });
    const times = await requestsWithin(20, error, { intervalSeconds: 1 });
    for (const [index, time] of times.slice(1).entries()) {
      const waited = time - times[index]!;
      assert.ok(waited >= 3000 && waited < 4000, `${waited} ms`);
    }
    assert.ok(times.length >= 6);
  });

  test("waits double up to a minute, with a quarter of jitter", () => {
    const error = new XdrError("XDR_SERVER_ERROR", "no");
    assert.deepEqual(
      [1, 2, 3, 4].map((failures) => retryDelayMs(1000, failures, 0.5, error)),
      [1000, 2000, 4000, 8000],
    );
    assert.equal(retryDelayMs(1000, 1, 0, error), 750);
    assert.equal(retryDelayMs(1000, 1, 1, error), 1250);
    assert.equal(retryDelayMs(1000, 500, 0.999, error), 60_000);
    assert.equal(retryDelayMs(300_000, 1, 0.5, error), 60_000);
    assert.equal(retryDelayMs(1000, 1, 0.5, new XdrError("XDR_RATE_LIMITED", "", { retryAfterMs: 120_000 })), 120_000);
  });

  test("a run that got further before it failed is tried again after one interval", async () => {
    const { tenant, rig, clock } = rigWith({ intervalSeconds: 10 });
    tenant.rows = Array.from({ length: 900 }, (_none, index) => alert(index + 1, NOW - 60_000 + index));
    tenant.before = (request) => {
      if (request % 3 === 0) throw new XdrError("XDR_SERVER_ERROR", "down");
    };
    for (let run = 0; run < 3; run += 1) {
      await rig.fail();
      await turns(() => clock.sleeping.length === 1);
      assert.deepEqual(clock.sleeping, [10_000]);
    }
    await rig.poller.close();
  });
});
