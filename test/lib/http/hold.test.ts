import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { systemClock, type Clock } from "../../../nodes/lib/clock";
import { XdrError } from "../../../nodes/lib/errors";
import { createTenantClient, type ClientSurroundings, type ConnectionSettings } from "../../../nodes/lib/tenant/client";
import type { TenantClient } from "../../../nodes/lib/tenant/client-api";
import { Hold } from "../../../nodes/lib/http/hold";
import { ScriptedServer, type Script } from "../../support/scripted-server";
import { ADVANCED_KEY } from "../../support/simulated-tenant/keys";
import { SimulatedTenant } from "../../support/simulated-tenant/tenant";
import { until } from "../../support/until";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(script: Script): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script);
  ends.push(() => server.stop());
  return server;
}

async function simulate(options: object = {}): Promise<SimulatedTenant> {
  const tenant = await SimulatedTenant.start(options);
  ends.push(() => tenant.stop());
  return tenant;
}

function clientOf(
  baseUrl: string,
  settings: Partial<ConnectionSettings> = {},
  surroundings: Partial<ClientSurroundings> = {},
): TenantClient {
  const apiKey = { keyType: "advanced", keyId: ADVANCED_KEY.id, key: ADVANCED_KEY.secret } as const;
  const client = createTenantClient({ baseUrl, apiKey, timeoutMs: 5000, ...settings }, { env: {}, ...surroundings });
  ends.push(() => client.close());
  return client;
}

const health = (client: TenantClient, signal?: AbortSignal): Promise<unknown> =>
  client.call({ path: "v1/healthcheck", method: "GET", signal });

async function failureOf(call: Promise<unknown>): Promise<XdrError> {
  const error = await call.then(
    () => assert.fail("the call succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof XdrError)) throw error;
  return error;
}

/** Answers 429 with this `Retry-After` first, then well. */
const heldOnce = (retryAfter: () => string, status = 429): Script =>
  (() => {
    let isFirst = true;
    return (_seen, _request, response) => {
      if (isFirst) response.writeHead(status, { "retry-after": retryAfter() });
      isFirst = false;
      response.end('{"reply": true}');
    };
  })();

describe("Retry-After", () => {
  test("in seconds holds every other call of the client, to the second", async () => {
    const tenant = await simulate();
    const client = clientOf(tenant.url);
    tenant.faults.add({ route: "healthcheck", kind: "status", status: 429, retryAfter: 1 });
    const startedMs = performance.now();
    const error = await failureOf(health(client));
    assert.deepEqual([error.code, error.retryAfterMs], ["XDR_RATE_LIMITED", 1000]);
    assert.ok(client.heldMs > 500 && client.heldMs <= 1000);
    const other = client.call({ path: "v1/system/get_tenant_info", body: { request_data: {} } }).catch(() => undefined);
    await Promise.all([health(client), other]);
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs >= 1000 && tookMs < 2200, `held ${tookMs} ms`);
    assert.deepEqual([tenant.requests.length, client.heldMs], [3, 0]);
  });

  for (const skewMs of [0, 600_000, -600_000, 1500]) {
    test(`as a date holds by the tenant's clock, ${skewMs} ms off`, async () => {
      const tenant = await simulate({ dateSkewMs: skewMs, clockWindowMs: 3_600_000 });
      const client = clientOf(tenant.url);
      const date = new Date(Date.now() + skewMs + 2000).toUTCString();
      const dueMs = Date.parse(date) - skewMs;
      tenant.faults.add({ route: "healthcheck", kind: "status", status: 503, retryAfter: date });
      await failureOf(health(client));
      await health(client);
      const lateMs = Date.now() - dueMs;
      assert.ok(lateMs >= 0 && lateMs < 1100, `${lateMs} ms late`);
    });
  }

  test("of a success holds too; no wait, or one that cannot be read, holds nothing", async () => {
    const success = clientOf((await serve(heldOnce(() => "1", 200))).url);
    await success.call({ path: "x" });
    assert.ok(success.heldMs > 500);
    for (const header of ["0", "-1", "soon", "Fri, 02 Jan 2015 03:04:05 GMT"]) {
      const client = clientOf((await serve(heldOnce(() => header))).url);
      await failureOf(client.call({ path: "x" }));
      assert.equal(client.heldMs, 0, header);
    }
  });

  test("does not count against a call's timeout, and the signature is made afterwards", async () => {
    const server = await serve(heldOnce(() => "1"));
    const client = clientOf(server.url, { timeoutMs: 300 });
    await failureOf(client.call({ path: "x" }));
    await client.call({ path: "x" });
    const [first, second] = server.requests.map(({ headers }) => Number(headers["x-xdr-timestamp"]));
    assert.ok(second! - first! >= 990);
  });

  test("holds the second attempt after a refused signature", async () => {
    const tenant = await simulate({ dateSkewMs: 600_000, clockWindowMs: 20_000 });
    tenant.faults.add({ route: "*", kind: "status", status: 401, retryAfter: 1 });
    const startedMs = performance.now();
    await health(clientOf(tenant.url));
    assert.ok(performance.now() - startedMs >= 990);
    assert.deepEqual(
      tenant.requests.map(({ status }) => status),
      [401, 200],
    );
  });

  test("holds calls that already wait for the request limit, not those under way; then the limit goes on", async () => {
    const windowMs = 300;
    let answered = 0;
    const server = await serve((_seen, _request, response) => {
      answered += 1;
      // The first wave is under way, all of it, when the first answer comes.
      if (answered === 1) setTimeout(() => response.writeHead(429, { "retry-after": "1" }).end(), 100);
      else setTimeout(() => response.end("true"), 150);
    });
    const client = clientOf(server.url, {}, { limit: { requests: 4, windowMs } });
    const order: number[] = [];
    const calls = Array.from({ length: 12 }, (_, index) =>
      client.call({ path: `n/${index}` }).then(
        () => void order.push(index),
        () => undefined,
      ),
    );
    await Promise.all(calls);
    const times = server.requests.map(({ atMs }) => atMs);
    assert.equal(times.length, 12);
    const firstWave = times.filter((atMs) => atMs - times[0]! < 500).length;
    assert.equal(firstWave, 4, "only those under way");
    assert.ok(times[4]! - times[0]! >= 1090);
    for (const [index, start] of times.entries()) {
      const inWindow = times.slice(index).filter((atMs) => atMs < start + windowMs).length;
      assert.ok(inWindow <= 4, `${inWindow} requests within ${windowMs} ms`);
    }
    assert.deepEqual(
      server.requests.slice(4).map(({ path }) => Number(path.split("/").pop())),
      [4, 5, 6, 7, 8, 9, 10, 11],
    );
    assert.equal(order.length, 11);
  });

  test("an abort ends a call's wait: unsent; the others go on", async () => {
    const server = await serve(heldOnce(() => "1"));
    const client = clientOf(server.url);
    await failureOf(client.call({ path: "x" }));
    const controller = new AbortController();
    const aborted = failureOf(client.call({ path: "aborted", signal: controller.signal }));
    const other = client.call({ path: "other" });
    controller.abort();
    assert.ok(client.heldMs > 500);
    assert.deepEqual([(await aborted).code, (await aborted).outcome], ["XDR_CANCELLED", "unsent"]);
    assert.ok(client.heldMs > 500, "at once");
    await other;
    assert.deepEqual(
      server.requests.map(({ path }) => path),
      ["/public_api/x", "/public_api/other"],
    );
  });

  test("close ends it: all that wait are cancelled, unsent", async () => {
    const server = await serve(heldOnce(() => "3600"));
    const client = clientOf(server.url);
    await failureOf(client.call({ path: "x" }));
    const waiting = [1, 2].map(() => failureOf(client.call({ path: "x" })));
    await client.close();
    for (const error of await Promise.all(waiting)) {
      assert.deepEqual([error.code, error.outcome], ["XDR_CANCELLED", "unsent"]);
    }
    assert.equal((await failureOf(client.call({ path: "x" }))).code, "XDR_CANCELLED");
    assert.equal(server.requests.length, 1);
  });
});

describe("Hold", () => {
  /** A clock that moves only when the test says so. */
  function virtualClock(): Clock & { pass(ms: number): Promise<void> } {
    let nowMs = 1_000_000;
    const sleepers = new Set<{ atMs: number; wake: () => void }>();
    return {
      now: () => nowMs,
      monotonicMs: () => nowMs,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          const sleeper = { atMs: nowMs + ms, wake: resolve };
          sleepers.add(sleeper);
          signal?.addEventListener("abort", () => resolve(), { once: true });
        }),
      async pass(ms) {
        nowMs += ms;
        for (const sleeper of sleepers) if (sleeper.atMs <= nowMs) sleeper.wake();
        await systemClock.sleep(0);
      },
    };
  }

  test("a longer one extends it, a shorter one does not end it early", async () => {
    const clock = virtualClock();
    const hold = new Hold(clock);
    await hold.over();
    hold.extend(5000);
    const order: number[] = [];
    const waits = [1, 2, 3].map((number) => hold.over().then(() => order.push(number)));
    hold.extend(1000);
    assert.equal(hold.leftMs, 5000);
    await clock.pass(4000);
    hold.extend(4000);
    await clock.pass(3999);
    assert.deepEqual([order, hold.leftMs], [[], 1]);
    await clock.pass(1);
    await Promise.all(waits);
    assert.deepEqual([order, hold.leftMs], [[1, 2, 3], 0]);
    await hold.over();
  });

  test("leaves no timer behind when closed", async () => {
    const hold = new Hold(systemClock);
    hold.extend(3_600_000);
    const wait = hold.over();
    hold.close();
    await wait;
    await until("nothing is held", () => hold.leftMs === 0);
    await hold.over();
  });
});
