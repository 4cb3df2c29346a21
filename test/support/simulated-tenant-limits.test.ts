import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";
import { callTenant, update, type CallOptions, type Received } from "./simulated-tenant/caller";
import { STANDARD_KEY } from "./simulated-tenant/keys";
import { defaultOptions } from "./simulated-tenant/options";
import { maxInAnyWindow, Spending } from "./simulated-tenant/spending";
import { SimulatedTenant, type StartOptions } from "./simulated-tenant/tenant";

const START_MS = Date.UTC(2026, 0, 1);
const HEALTH: CallOptions = { path: "/public_api/v1/healthcheck", method: "GET" };
const INFO: CallOptions = { path: "/public_api/v1/system/get_tenant_info", body: { request_data: {} } };

let nowMs = START_MS;
const tenants: SimulatedTenant[] = [];
async function start(options: StartOptions = {}): Promise<SimulatedTenant> {
  const tenant = await SimulatedTenant.start({ now: () => nowMs, requestsPerSecond: Infinity, ...options });
  tenants.push(tenant);
  return tenant;
}
/** One call, signed with the time of the test's clock. */
function call(tenant: SimulatedTenant, options: CallOptions = {}): Promise<Received> {
  return callTenant(tenant.url, { signedAtMs: nowMs, ...options });
}
const envelope = (status: number, message: string, extra: unknown = null): unknown => ({
  reply: { err_code: status, err_msg: message, err_extra: extra },
});

beforeEach(() => {
  nowMs = START_MS;
});
after(async () => {
  await Promise.all(tenants.map((tenant) => tenant.stop()));
});

describe("Simulated tenant, limits", () => {
  const insert = async (tenant: SimulatedTenant, atMs: number, updates = 10): Promise<number[]> => {
    nowMs = START_MS + atMs;
    const statuses = [];
    for (let index = 0; index < updates; index += 1) statuses.push((await call(tenant, { body: update(60) })).status);
    return [...new Set(statuses)];
  };

  test("refuses 600 alerts at 60.1 s after 600 at 59.9 s in a sliding window, until they have left it", async () => {
    const tenant = await start();
    assert.deepEqual(await insert(tenant, 59_900), [200]);
    assert.deepEqual(await insert(tenant, 60_100), [500]);
    assert.deepEqual(await insert(tenant, 119_899.9), [500]);
    assert.deepEqual(await insert(tenant, 119_900), [200]);
    assert.deepEqual([tenant.alerts.length, tenant.quotaRefusals, tenant.rateRefusals], [1200, 20, 0]);
    assert.equal(tenant.maxAlertsInAnyWindow(), 600);
    assert.equal(tenant.maxAlertsInAnyWindow(60_001), 1200);
  });

  test("takes both in fixed windows", async () => {
    const tenant = await start({ window: "fixed" });
    assert.deepEqual(await insert(tenant, 59_900), [200]);
    assert.deepEqual(await insert(tenant, 60_100), [200]);
    assert.deepEqual(await insert(tenant, 119_999, 1), [500]);
    assert.equal(tenant.maxAlertsInAnyWindow(), 1200);
  });

  test("refuses a whole update when only a part of it fits, and takes what fits", async () => {
    const tenant = await start({ quotaAlerts: 70, quotaSeconds: 2 });
    const statuses = [];
    for (const count of [60, 11, 10, 1]) statuses.push((await call(tenant, { body: update(count) })).status);
    nowMs += 2000;
    statuses.push((await call(tenant, { body: update(60) })).status);
    assert.deepEqual(statuses, [200, 500, 200, 500, 200]);
  });

  test("speaks of the rate limit over the quota, with 429 and Retry-After when told to", async () => {
    const tenant = await start({ quotaAlerts: 5 });
    tenant.spendQuota(5);
    const answer = await call(tenant);
    const text = "Rate limit exceeded: 5 alerts per 60 seconds";
    assert.deepEqual(answer.json, envelope(500, "An error occurred while processing XDR public API", text));
    assert.equal(answer.headers["retry-after"], undefined);
    Object.assign(tenant.options, { overflowStatus: 429, retryAfter: "7" });
    const second = await call(tenant);
    assert.deepEqual([second.status, second.headers["retry-after"]], [429, "7"]);
    assert.match(second.text, /rate limit/i);
    assert.equal(tenant.maxAlertsInAnyWindow(), 0);
  });

  test("takes 10 calls in any second, all routes and refusals together", async () => {
    const tenant = await start({ requestsPerSecond: 10 });
    for (let index = 0; index < 4; index += 1) await call(tenant, { key: STANDARD_KEY, body: "no JSON" });
    nowMs += 900;
    for (let index = 0; index < 6; index += 1) await call(tenant, HEALTH);
    nowMs += 99;
    const answer = await call(tenant, INFO);
    assert.deepEqual([answer.status, answer.json], [429, envelope(429, "Too many requests")]);
    nowMs += 1;
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await call(tenant, HEALTH)).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 429]);
    assert.deepEqual([tenant.rateRefusals, tenant.maxRequestsInAnyWindow()], [2, 12]);
  });
});

describe("Simulated tenant, arithmetic", () => {
  const cases: [string, number[], number, number][] = [
    ["nothing", [], 60_000, 0],
    ["one", [5], 60_000, 1],
    ["both ends of a window: it is half open", [0, 60_000], 60_000, 1],
    ["just inside", [0, 59_999.9], 60_000, 2],
    ["a burst across two fixed windows", [59_900, 59_901, 60_100, 60_101, 130_000], 60_000, 4],
    ["the densest part in the middle", [0, 100, 101, 102, 300, 400], 50, 3],
    ["unsorted times", [102, 0, 101, 300, 100], 50, 3],
    ["equal times", [7, 7, 7], 1, 3],
  ];
  for (const [name, times, windowMs, most] of cases) {
    test(`maxInAnyWindow: ${name}`, () => assert.equal(maxInAnyWindow(times, windowMs), most));
  }

  test("agrees with counting every window of random times (seed 42)", () => {
    let seed = 42;
    const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
    for (let round = 0; round < 50; round += 1) {
      const times = Array.from({ length: 60 }, () => Math.floor(random() * 500));
      const counts = times.map((from) => times.filter((time) => time >= from && time < from + 50).length);
      assert.equal(maxInAnyWindow(times, 50), Math.max(...counts));
    }
  });

  test("forgets what was spent exactly one window ago", () => {
    const spending = new Spending();
    spending.add(100, 3);
    spending.add(150, 4);
    assert.deepEqual(
      [99, 100, 149.9, 150].map((afterMs) => spending.sumAfter(afterMs)),
      [7, 4, 4, 0],
    );
    assert.deepEqual(
      [100, 100.1, 150, 151].map((fromMs) => spending.sumFrom(fromMs)),
      [7, 4, 4, 0],
    );
  });

  test("uses a clock by default that is the time of day and never goes back", () => {
    const { now } = defaultOptions();
    assert.ok(Math.abs(now() - Date.now()) < 60_000);
    assert.ok(now() <= now());
  });
});
