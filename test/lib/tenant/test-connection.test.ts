import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import type { ConnectionSettings } from "../../../nodes/lib/tenant/client";
import { testConnection, type ConnectionReport } from "../../../nodes/lib/tenant/test-connection";
import { ScriptedServer, unusedPort, type Script } from "../../support/scripted-server";
import { ADVANCED_KEY, STANDARD_KEY } from "../../support/simulated-tenant/keys";
import type { StartOptions } from "../../support/simulated-tenant/tenant";
import { SimulatedTenant } from "../../support/simulated-tenant/tenant";
import { testCertificates } from "../../support/simulated-tenant/tls";
import { until } from "../../support/until";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function tenantOf(options: StartOptions = {}): Promise<SimulatedTenant> {
  const tenant = await SimulatedTenant.start(options);
  ends.push(() => tenant.stop());
  return tenant;
}

async function serve(script: Script): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script);
  ends.push(() => server.stop());
  return server;
}

const ADVANCED = { keyType: "advanced", keyId: ADVANCED_KEY.id, key: ADVANCED_KEY.secret } as const;

async function run(
  baseUrl: string,
  settings: Partial<ConnectionSettings> = {},
  maxMs?: number,
): Promise<ConnectionReport> {
  const report = await testConnection({ baseUrl, apiKey: ADVANCED, timeoutMs: 5000, ...settings }, { env: {} }, maxMs);
  assert.ok(!JSON.stringify(report).includes(ADVANCED_KEY.secret));
  assert.ok(!JSON.stringify(report).includes(STANDARD_KEY.secret));
  return report;
}

const answering = async (
  status: number,
  body = "",
  headers: Record<string, string> = {},
): Promise<ConnectionReport> => {
  const server = await serve((_seen, _request, response) => response.writeHead(status, headers).end(body));
  return run(server.url);
};

describe("testConnection", () => {
  test("is well with a healthy tenant, and leaves no socket", async () => {
    const tenant = await tenantOf();
    const report = await run(tenant.url);
    assert.deepEqual([report.ok, report.code], [true, "XDR_OK"]);
    await until("no connection is left", () => tenant.connections.open === 0);
    assert.deepEqual(
      tenant.requests.map(({ route }) => route),
      ["healthcheck"],
    );
  });

  test("is well when the clock is off, and says so", async () => {
    const report = await run((await tenantOf({ dateSkewMs: 600_000 })).url);
    assert.deepEqual([report.ok, report.code], [true, "XDR_OK"]);
    assert.match(report.message, /600 s behind/);
    assert.ok(Math.abs((report.clockSkewMs ?? 0) - 600_000) < 5000);
  });

  test("shows the state that a tenant reports", async () => {
    assert.match((await answering(200, '{"status":"Degraded"}')).message, /"Degraded"/);
  });

  test("finds a key of the other type, both ways", async () => {
    const { url } = await tenantOf();
    const standard = await run(url, { apiKey: { ...ADVANCED, keyType: "standard" } });
    const advanced = await run(url, {
      apiKey: { keyType: "advanced", keyId: STANDARD_KEY.id, key: STANDARD_KEY.secret },
    });
    assert.deepEqual([standard.ok, standard.code], [false, "XDR_KEY_TYPE_WRONG"]);
    assert.match(standard.message, /is of type advanced, not standard/);
    assert.match(advanced.message, /is of type standard, not advanced/);
  });

  test("names a wrong key after trying both types", async () => {
    const tenant = await tenantOf();
    const report = await run(tenant.url, { apiKey: { ...ADVANCED, key: "wrong" } });
    assert.equal(report.code, "XDR_UNAUTHORIZED");
    assert.match(report.message, /standard was tried too/);
    assert.equal(tenant.requests.length, 2);
  });

  test("names the clock when the key is refused and the clock is off", async () => {
    const report = await run((await tenantOf({ dateSkewMs: -90_000 })).url, { apiKey: { ...ADVANCED, key: "wrong" } });
    assert.equal(report.code, "XDR_CLOCK_SKEW");
    assert.match(report.message, /(89|90|91) s ahead/);
  });

  const statuses: readonly (readonly [status: number, code: string, message: RegExp])[] = [
    [302, "XDR_REDIRECTED", /api-/],
    [402, "XDR_LICENCE_MISSING", /licence/],
    [403, "XDR_FORBIDDEN", /External Issues Mapping/],
    [404, "XDR_NOT_FOUND", /404/],
    [429, "XDR_RATE_LIMITED", /rate limit/],
    [500, "XDR_SERVER_ERROR", /500/],
    [503, "XDR_SERVER_ERROR", /503/],
  ];
  for (const [status, code, message] of statuses) {
    test(`names ${status} as ${code}`, async () => {
      const report = await answering(status);
      assert.deepEqual([report.ok, report.code, report.status], [false, code, status]);
      assert.match(report.message, message);
    });
  }

  test("tells another service from a tenant", async () => {
    for (const body of ["<html>portal</html>", "{}", '{"reply":true}', "[]"]) {
      assert.equal((await answering(200, body)).code, "XDR_RESPONSE_INVALID");
    }
  });

  test("names what stands in the way of a connection", async () => {
    const closed = `http://127.0.0.1:${await unusedPort()}`;
    assert.equal((await run(closed)).code, "XDR_CONNECTION_REFUSED");
    assert.equal((await run("https://api-acme.invalid", { proxy: closed })).code, "XDR_PROXY_FAILED");
    assert.equal((await run(closed, { proxy: "no proxy" })).code, "XDR_CONFIG_INVALID");
    assert.equal((await run((await tenantOf({ tls: testCertificates().server })).url)).code, "XDR_TLS_FAILED");
  });

  test("ends in time, whatever the tenant's timeout, also between two attempts", async () => {
    const silent = await serve(() => undefined);
    assert.equal((await run(silent.url, { timeoutMs: 60_000 }, 100)).code, "XDR_TIMEOUT");
    const halfSilent = await serve((seen, _request, response) => {
      if (seen.headers["x-xdr-nonce"] !== undefined) response.writeHead(401).end();
    });
    const report = await run(halfSilent.url, { timeoutMs: 60_000 }, 300);
    assert.deepEqual([report.ok, halfSilent.requests.length], [false, 2]);
    await until("no socket is left", () => silent.sockets.size + halfSilent.sockets.size === 0);
  });
});
