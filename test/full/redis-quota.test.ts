import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { systemClock } from "../../nodes/lib/clock";
import { XdrError } from "../../nodes/lib/errors";
import type { Spend } from "../../nodes/lib/tenant/quota-api";
import { SharedQuota, type SharedQuotaOptions } from "../../nodes/lib/tenant/shared-quota";
import { ScriptedTenant, alertNos, openOutbox } from "../support/outbox-bench";
import { RedisServer } from "../support/redis-server";
import { startScript } from "../support/run-script";
import { tempFolder } from "../support/temp-folder";
import { until } from "../support/until";

const WINDOW_MS = 600;
const REQUEST_MS = 300;

const settings = (server: RedisServer, alerts: number, windowMs = WINDOW_MS): Omit<SharedQuotaOptions, "clock"> => ({
  url: server.url,
  tenantHost: "api-acme.example",
  alerts,
  windowMs,
  requestTimeoutMs: REQUEST_MS,
});

function quotaOn(t: TestContext, server: RedisServer, alerts: number, windowMs?: number): SharedQuota {
  const quota = new SharedQuota({ ...settings(server, alerts, windowMs), clock: systemClock });
  t.after(() => quota.stop());
  return quota;
}

async function take(quota: SharedQuota, alerts: number): Promise<Spend> {
  const spend = quota.announce(alerts);
  await spend.take();
  return spend;
}

/** How long a take of `alerts` waits, milliseconds. */
async function waitFor(quota: SharedQuota, alerts: number): Promise<number> {
  const started = performance.now();
  (await take(quota, alerts)).settle(true);
  return performance.now() - started;
}

interface Counted {
  readonly atMs: number;
  readonly alerts: number;
}

/** Most alerts in any window of the tenant's clock, counted here by hand. */
const mostInAnyWindow = (counted: readonly Counted[], windowMs: number): number =>
  Math.max(
    ...counted.map(({ atMs: end }) =>
      counted.filter(({ atMs }) => atMs > end - windowMs && atMs <= end).reduce((sum, { alerts }) => sum + alerts, 0),
    ),
  );

describe("shared quota", () => {
  test("three instances together never exceed the quota in any window, and use at least 90 % of it", async (t) => {
    const server = await RedisServer.start(t);
    const counted: Counted[] = [];
    // Longer than elsewhere, so that what a busy machine adds to each of them stays small beside it.
    const windowMs = 2_500;
    const windows = 3;
    const quotas = [1, 2, 3].map(() => quotaOn(t, server, 300, windowMs));
    await Promise.all(quotas.map(async (quota) => (await take(quota, 20)).settle(false)));
    const started = performance.now();
    const spender = async (quota: SharedQuota, seed: number): Promise<void> => {
      for (let update = seed; performance.now() - started < windows * windowMs; update += 1) {
        const spend = await take(quota, 20);
        const sent = performance.now();
        await systemClock.sleep((update * 7) % 11);
        counted.push({ atMs: update % 2 === 0 ? sent : performance.now(), alerts: 20 });
        spend.settle(true);
      }
    };
    await Promise.all(quotas.map(spender));
    const most = mostInAnyWindow(counted, windowMs);
    assert.ok(most <= 300, `${most} in one window`);
    const inTime = counted.filter(({ atMs }) => atMs - started < windows * windowMs);
    const used = inTime.reduce((sum, { alerts }) => sum + alerts, 0) / (windows * 300);
    assert.ok(used >= 0.9, `${Math.round(used * 100)} % used`);
  });

  test("what one instance spent is spent for the other; what the tenant did not take is free at once", async (t) => {
    const server = await RedisServer.start(t);
    const [first, second] = [quotaOn(t, server, 100), quotaOn(t, server, 100)];
    const refused = await take(first, 60);
    (await take(first, 40)).settle(true);
    refused.settle(false);
    assert.ok((await waitFor(second, 60)) < WINDOW_MS / 2);
    await until("both know", () => first.spent === 100 && second.spent === 100);
    assert.ok((await waitFor(second, 100)) >= WINDOW_MS - 50);
  });

  test("a restart does not begin with a full quota", async (t) => {
    const server = await RedisServer.start(t);
    const before = quotaOn(t, server, 100);
    (await take(before, 100)).settle(true);
    await systemClock.sleep(50);
    await before.stop();
    assert.ok((await waitFor(quotaOn(t, server, 100), 100)) >= WINDOW_MS - 150);
  });

  test("an instance that dies with shares taken: they come back", async (t) => {
    const server = await RedisServer.start(t);
    const child = startScript(`
      const { SharedQuota } = require("./nodes/lib/tenant/shared-quota.ts");
      const clock = { monotonicMs: () => performance.now() };
      const quota = new SharedQuota({ ...${JSON.stringify(settings(server, 100))}, clock });
      quota.announce(100).take().then(() => console.log("taken"));`);
    t.after(() => child.kill("SIGKILL"));
    assert.ok(child.stdout);
    await once(child.stdout, "data");
    const quota = quotaOn(t, server, 100);
    await systemClock.sleep(WINDOW_MS + 2 * REQUEST_MS);
    const taking = take(quota, 100);
    await until("still spent while its owner lives", () => quota.spent === 100);
    child.kill("SIGKILL");
    const died = performance.now();
    (await taking).settle(true);
    const waited = performance.now() - died;
    assert.ok(waited >= WINDOW_MS && waited < WINDOW_MS + REQUEST_MS + 300, `${waited} ms`);
  });

  test("a share lost between reservoir and ledger comes back too", async (t) => {
    const server = await RedisServer.start(t);
    const quota = quotaOn(t, server, 100);
    (await take(quota, 10)).settle(false);
    await systemClock.sleep(50);
    await server.command((redis) =>
      redis.hincrby(`b_cortex-xdr:api-acme.example:100:${WINDOW_MS}_settings`, "reservoir", -100),
    );
    assert.ok((await waitFor(quota, 100)) < 3 * WINDOW_MS);
  });

  test("Redis gone: takes are refused, not left hanging; afterwards what was spent is still spent", async (t) => {
    const server = await RedisServer.start(t);
    const quota = quotaOn(t, server, 100);
    const answered = await take(quota, 100);
    const waiting = quota.announce(100);
    const refused = assert.rejects(waiting.take(), (error) => error instanceof XdrError && error.retryable);
    await systemClock.sleep(50);
    await server.kill();
    await refused;
    await assert.rejects(quota.announce(1).take(), /ECONNREFUSED/);
    answered.settle(true);
    const settled = performance.now();
    await server.start();
    (await take(quota, 100)).settle(true);
    assert.ok(performance.now() - settled >= WINDOW_MS);
  });

  test("Redis without its memory: what this instance spent is told again", async (t) => {
    const server = await RedisServer.start(t);
    const quota = quotaOn(t, server, 100);
    (await take(quota, 100)).settle(true);
    const settled = performance.now();
    await server.command((redis) => redis.flushall());
    await server.command((redis) => redis.client("KILL", "TYPE", "normal", "SKIPME", "yes"));
    await until("has noticed", () =>
      quota
        .announce(200)
        .take()
        .then(
          () => false,
          () => true,
        ),
    );
    (await take(quota, 100)).settle(true);
    assert.ok(performance.now() - settled >= WINDOW_MS - 50, "the quota began anew");
  });

  test("stop ends waiting takes and closes every connection, after the request under way is settled", async (t) => {
    const server = await RedisServer.start(t);
    const quota = quotaOn(t, server, 100);
    const underWay = await take(quota, 100);
    const waiting = assert.rejects(quota.announce(1).take(), (error) => error instanceof XdrError);
    await quota.stop();
    await waiting;
    underWay.settle(true);
    await until("closed", async () => (await server.connections()) === 0);
    const ledger = await server.command((redis) =>
      redis.zrange(`cortex-xdr:quota:api-acme.example:100:${WINDOW_MS}:spent`, 0, -1),
    );
    assert.equal(ledger.length, 1);
    await assert.rejects(quota.announce(1).take(), (error) => error instanceof XdrError);
  });

  test("an outbox delivers through it, and closes in time", async (t) => {
    const server = await RedisServer.start(t);
    const tenant = new ScriptedTenant();
    const makeQuota = (): SharedQuota => quotaOn(t, server, 120);
    const { outbox, sender } = await openOutbox({ folder: tempFolder(t), tenant, makeQuota });
    await outbox.append(sender, alertNos(0, 300));
    await until("delivered", () => outbox.stats(sender.id).delivered === 300);
    assert.deepEqual(
      tenant.accepted,
      Array.from({ length: 300 }, (_, index) => index),
    );
    await outbox.close(1_000);
    await until("closed", async () => (await server.connections()) === 0);
  });
});
