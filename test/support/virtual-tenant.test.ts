import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../nodes/lib/errors";
import { VirtualClock } from "./virtual-clock";
import { VIRTUAL_START_MS, VirtualTenant, type VirtualTenantOptions } from "./virtual-tenant";

const V2 = "v2/alerts/get_alerts_multi_events";
const request = { path: V2, body: { request_data: { search_from: 0 } } };
const failing = (code: "XDR_TIMEOUT" | "XDR_CONNECTION_LOST"): XdrError => new XdrError(code, "told to");

describe("Virtual tenant", () => {
  test("answers as the real client does, with the bytes beside the value", async () => {
    const tenant = new VirtualTenant();
    tenant.world.addAlert({ name: "one" });
    const { value, body, encoding } = await tenant.callRaw(request);
    assert.equal(encoding, "identity");
    assert.deepEqual(JSON.parse(body.toString("utf8")), value);
    const { reply } = value as { reply: { alerts: { name: string }[] } };
    assert.deepEqual(
      reply.alerts.map(({ name }) => name),
      ["one"],
    );
    assert.deepEqual(
      tenant.requests.map(({ number, route, data, status, why }) => [number, route, data, status, why]),
      [[1, "get_alerts_multi_events_v2", { search_from: 0 }, 200, "1 of 1"]],
    );
  });

  test("takes 20 to 400 ms for each request, the same for the same seed", async () => {
    const times = async (options: VirtualTenantOptions): Promise<number[]> => {
      const tenant = new VirtualTenant(options);
      const durations: number[] = [];
      for (let index = 0; index < 40; index += 1) {
        const beforeMs = tenant.clock.now();
        await tenant.callRaw(request);
        const decidedMs = tenant.requests.at(-1)?.atMs ?? 0;
        assert.ok(decidedMs >= beforeMs && decidedMs <= tenant.clock.now());
        durations.push(tenant.clock.now() - beforeMs);
      }
      return durations;
    };
    const first = await times({ seed: 3 });
    assert.ok(Math.min(...first) >= 20 && Math.max(...first) <= 400 && new Set(first).size > 20);
    assert.deepEqual(await times({ seed: 3 }), first);
    assert.notDeepEqual(await times({ seed: 4 }), first);
    assert.deepEqual(new Set(await times({ latencyMs: [5, 5] })), new Set([5]));
  });

  test("lets happen what is due before it decides", async () => {
    const tenant = new VirtualTenant({ latencyMs: [0, 0] });
    tenant.world.schedule(VIRTUAL_START_MS + 1000, () => tenant.world.addAlert());
    const total = async (): Promise<unknown> =>
      ((await tenant.call(request)) as { reply: { total_count: unknown } }).reply.total_count;
    tenant.clock.advance(999);
    assert.equal(await total(), 0);
    tenant.clock.advance(1);
    assert.equal(await total(), 1);
  });

  test("maps refusals as the real client does", async () => {
    const tenant = new VirtualTenant({ extraDataPerMinute: 0, retryAfter: "7", unknownIncidentStatus: 404 });
    const refused: [string, unknown, string, number][] = [
      [V2, { request_data: { filters: 1 } }, "XDR_SERVER_ERROR", 500],
      [V2, {}, "XDR_REJECTED", 400],
      ["v1/nothing", { request_data: {} }, "XDR_SERVER_ERROR", 500],
      ["v1/incidents/update_incident", { request_data: { incident_id: "1", update_data: {} } }, "XDR_NOT_FOUND", 404],
    ];
    for (const [path, body, code, status] of refused) {
      await assert.rejects(tenant.callRaw({ path, body }), (error: XdrError) => {
        assert.deepEqual([error instanceof XdrError, error.code, error.status], [true, code, status]);
        return true;
      });
    }
    const extra = { path: "v1/incidents/get_incident_extra_data", body: { request_data: { incident_id: "1" } } };
    await assert.rejects(tenant.callRaw(extra), { code: "XDR_RATE_LIMITED", status: 429, retryAfterMs: 7000 });
  });

  test("fails when told to, before or after the tenant has decided", async () => {
    const asked: [number, string][] = [];
    const tenant = new VirtualTenant({
      failWhen: (number, route) => {
        asked.push([number, route]);
        if (number === 1) return failing("XDR_TIMEOUT");
        return number === 2 ? { lost: failing("XDR_CONNECTION_LOST") } : undefined;
      },
    });
    await assert.rejects(tenant.callRaw(request), { code: "XDR_TIMEOUT" });
    assert.deepEqual([tenant.requests.length, tenant.clockSkewMs], [0, undefined]);
    await assert.rejects(tenant.callRaw(request), { code: "XDR_CONNECTION_LOST" });
    assert.equal(tenant.requests.length, 1);
    await tenant.callRaw(request);
    assert.deepEqual(
      asked,
      [1, 2, 3].map((number) => [number, "get_alerts_multi_events_v2"]),
    );
  });

  test("has a clock of its own, which the caller measures with the first answer", async () => {
    const tenant = new VirtualTenant({ skewMs: 90_000, measuredSkewMs: 89_400, latencyMs: [0, 0] });
    tenant.world.addAlert();
    assert.equal(tenant.clockSkewMs, undefined);
    await tenant.callRaw(request);
    assert.deepEqual([tenant.clockSkewMs, tenant.nowMs], [89_400, VIRTUAL_START_MS + 90_000]);
    assert.equal(tenant.world.alerts.get(1)?.insertMs, VIRTUAL_START_MS + 90_000);
  });

  test("ends a call that is cancelled, before it left and on its way", async () => {
    const tenant = new VirtualTenant();
    const aborted = { ...request, signal: AbortSignal.abort() };
    await assert.rejects(tenant.callRaw(aborted), { code: "XDR_CANCELLED", outcome: "unsent" });
    const abort = new AbortController();
    tenant.options.beforeRequest = () => abort.abort();
    const onItsWay = tenant.callRaw({ ...request, signal: abort.signal });
    await assert.rejects(onItsWay, { code: "XDR_CANCELLED", outcome: "unknown" });
    assert.equal(tenant.requests.length, 1);
  });
});

describe("Virtual clock", () => {
  test("wakes sleepers in the order of their times, and those whose signal aborts", async () => {
    const clock = new VirtualClock(1000);
    const woken: string[] = [];
    const abort = new AbortController();
    const sleep = (ms: number, name: string, signal?: AbortSignal): void =>
      void clock.sleep(ms, signal).then(() => woken.push(name));
    sleep(20, "b");
    sleep(10, "a");
    sleep(30, "c", abort.signal);
    sleep(40, "d");
    assert.deepEqual(clock.sleepers, { count: 4, nextAtMs: 1010 });
    clock.advance(9);
    await Promise.resolve();
    assert.deepEqual(woken, []);
    clock.advance(11);
    abort.abort();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(woken, ["a", "b", "c"]);
    assert.deepEqual([clock.now(), clock.monotonicMs(), clock.sleepers.count], [1020, 20, 1]);
    clock.advanceTo(0);
    assert.equal(clock.now(), 1020);
    await clock.sleep(0);
  });

  test("goes from one waking to the next until a time", async () => {
    const clock = new VirtualClock(0);
    const ticks: number[] = [];
    const stop = new AbortController();
    const loop = (async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await clock.sleep(10, stop.signal);
        ticks.push(clock.now());
      }
    })();
    await clock.runUntil(35, () => new Promise((resolve) => setImmediate(resolve)));
    assert.deepEqual([ticks, clock.now()], [[10, 20, 30], 35]);
    stop.abort();
    await loop;
  });
});
