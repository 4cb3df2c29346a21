import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, test } from "node:test";
import { callTenant, goodAlert, update, type CallOptions, type Received } from "./simulated-tenant/caller";
import type { Fault, FaultAction } from "./simulated-tenant/faults";
import { SimulatedTenant, type StartOptions } from "./simulated-tenant/tenant";
import { testCertificates } from "./simulated-tenant/tls";

const INSERT = "insert_parsed_alerts";
const HEALTH: CallOptions = { path: "/public_api/v1/healthcheck", method: "GET" };

let tenants: SimulatedTenant[] = [];
async function start(options: StartOptions = {}): Promise<SimulatedTenant> {
  const tenant = await SimulatedTenant.start({ requestsPerSecond: Infinity, ...options });
  tenants.push(tenant);
  return tenant;
}
afterEach(async () => {
  await Promise.all(tenants.map((tenant) => tenant.stop()));
  tenants = [];
});
/** One insert that meets the fault. */
async function insertWith(action: FaultAction): Promise<{ tenant: SimulatedTenant; answer: Promise<Received> }> {
  const tenant = await start();
  tenant.faults.add({ route: INSERT, ...action });
  return { tenant, answer: callTenant(tenant.url) };
}

describe("Simulated tenant, faults", () => {
  const statuses: Record<string, [FaultAction, number, RegExp]> = {
    "a status with its usual text": [{ kind: "status", status: 403 }, 403, /"err_msg":"Insufficient permissions/],
    "a status with its own text": [
      { kind: "status", status: 500, message: "No", extra: "Rate limit exceeded" },
      500,
      /"err_msg":"No","err_extra":"Rate limit exceeded"/,
    ],
    "a status in plain text": [{ kind: "status", status: 500, body: "plain" }, 500, /^Internal Server Error/],
    "a status in HTML": [{ kind: "status", status: 502, body: "html" }, 502, /^<!DOCTYPE html>/],
    "a refusal in a 200": [{ kind: "reply-false" }, 200, /^{"reply":false}$/],
    "a redirect": [{ kind: "redirect" }, 302, /html/],
  };
  for (const [name, [action, status, text]] of Object.entries(statuses)) {
    test(`answers with ${name} and stores nothing`, async () => {
      const { tenant, answer } = await insertWith(action);
      const received = await answer;
      assert.equal(received.status, status);
      assert.match(received.text, text);
      assert.equal(tenant.alerts.length, 0);
      assert.deepEqual([tenant.requests[0]?.status, tenant.requests[0]?.fault], [status, action.kind]);
    });
  }

  test("sends Retry-After and other headers with a status", async () => {
    const headers = { "X-Other": "1" };
    const { answer } = await insertWith({ kind: "status", status: 429, retryAfter: 3, headers });
    const received = await answer;
    assert.deepEqual([received.headers["retry-after"], received.headers["x-other"]], ["3", "1"]);
  });

  test("redirects to a path of its own, where a follower is seen", async () => {
    const { tenant, answer } = await insertWith({ kind: "redirect" });
    assert.equal((await answer).headers.location, `${tenant.url}/login`);
  });

  test("resets the connection before processing", async () => {
    const { tenant, answer } = await insertWith({ kind: "reset" });
    await assert.rejects(answer, { code: "ECONNRESET" });
    assert.deepEqual([tenant.alerts.length, tenant.requests[0]?.status], [0, 0]);
  });

  test("processes and loses the answer", async () => {
    const { tenant, answer } = await insertWith({ kind: "lost-answer" });
    await assert.rejects(answer, { code: "ECONNRESET" });
    assert.deepEqual([tenant.alerts.length, tenant.requests[0]?.status], [1, 200]);
  });

  test("processes and cuts the answer in the middle", async () => {
    const { tenant, answer } = await insertWith({ kind: "cut-answer" });
    await assert.rejects(answer, { code: "ECONNRESET" });
    assert.equal(tenant.alerts.length, 1);
  });

  test("processes and answers half of the JSON", async () => {
    const { tenant, answer } = await insertWith({ kind: "truncated-json" });
    assert.equal((await answer).text, '{"reply');
    assert.equal(tenant.alerts.length, 1);
  });

  test("processes and answers with as many bytes as told", async () => {
    const { tenant, answer } = await insertWith({ kind: "huge", bytes: 1_000_000 });
    const received = await answer;
    assert.deepEqual([received.text.length, received.json], [1_000_000, { reply: true }]);
    assert.equal(tenant.alerts.length, 1);
  });

  test("stops a huge answer when the caller leaves", async () => {
    const { tenant, answer } = await insertWith({ kind: "huge", bytes: Number.MAX_SAFE_INTEGER });
    const lost = assert.rejects(answer);
    await tenant.until(() => tenant.requests.length === 1);
    await tenant.down();
    await lost;
  });

  test("answers late, having processed in time", async () => {
    const { tenant, answer } = await insertWith({ kind: "slow", ms: 100 });
    await tenant.until(() => tenant.alerts.length === 1);
    const decidedAtMs = performance.now();
    await answer;
    assert.ok(performance.now() - decidedAtMs > 50);
  });

  test("processes late, on its own clock", async () => {
    let nowMs = Date.now();
    const tenant = await start({ now: () => nowMs });
    tenant.faults.add({ route: INSERT, kind: "slow", ms: 60, phase: "before", when: () => (nowMs += 1234) > 0 });
    const sentAtMs = nowMs;
    await callTenant(tenant.url);
    assert.equal(tenant.alerts[0]?.receivedAtMs, sentAtMs + 1234);
  });

  test("hangs without or with processing, and lets go when it stops", async () => {
    const tenant = await start();
    tenant.faults.add({ route: INSERT, kind: "hang" });
    tenant.faults.add({ route: INSERT, kind: "hang", processed: true });
    const first = assert.rejects(callTenant(tenant.url));
    await tenant.until(() => tenant.requests.length === 1);
    assert.equal(tenant.alerts.length, 0);
    const second = assert.rejects(callTenant(tenant.url));
    await tenant.until(() => tenant.alerts.length === 1);
    await tenant.stop();
    await Promise.all([first, second]);
  });

  test("counts faults in the requests a second", async () => {
    const tenant = await start({ requestsPerSecond: 2, now: () => 1_767_225_600_000 });
    tenant.faults.add({ route: "*", times: 2, kind: "status", status: 503 });
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await callTenant(tenant.url, HEALTH)).status);
    assert.deepEqual(statuses, [503, 503, 429]);
  });
});

describe("Simulated tenant, when faults happen", () => {
  const run = async (faults: Fault[], calls: CallOptions[]): Promise<number[]> => {
    const tenant = await start();
    for (const fault of faults) tenant.faults.add(fault);
    const statuses = [];
    for (const call of calls) statuses.push((await callTenant(tenant.url, call)).status);
    return statuses;
  };

  test("hits one request unless told otherwise, and only its route", async () => {
    const fault: Fault = { route: INSERT, kind: "status", status: 503 };
    assert.deepEqual(await run([fault], [HEALTH, {}, {}]), [200, 503, 200]);
  });

  test("skips, then hits as often as told", async () => {
    const fault: Fault = { route: INSERT, skip: 1, times: 2, kind: "status", status: 503 };
    assert.deepEqual(await run([fault], [{}, {}, {}, {}]), [200, 503, 503, 200]);
  });

  test("hits everything with a star, unknown paths too", async () => {
    const fault: Fault = { route: "*", times: Infinity, kind: "status", status: 503 };
    assert.deepEqual(await run([fault], [HEALTH, {}, { path: "/x" }]), [503, 503, 503]);
  });

  test("hits only requests for which its condition holds", async () => {
    const when: Fault["when"] = (call) => JSON.stringify(call.body).includes("marked");
    const fault: Fault = { route: INSERT, kind: "status", status: 503, when };
    assert.deepEqual(await run([fault], [{}, { body: update(1, { alert_name: "marked" }) }]), [200, 503]);
  });

  test("plays faults one after the other, first added first", async () => {
    const faults: Fault[] = [502, 503].map((status) => ({ route: "*", kind: "status", status }));
    assert.deepEqual(await run(faults, [{}, {}, {}]), [502, 503, 200]);
  });

  test("counts hits and can be removed", async () => {
    const tenant = await start();
    const fault = tenant.faults.add({ route: "*", times: 5, kind: "status", status: 503 });
    await callTenant(tenant.url);
    assert.equal(fault.hits, 1);
    fault.remove();
    assert.equal((await callTenant(tenant.url)).status, 200);
    tenant.faults.add({ route: "*", times: 5, kind: "status", status: 503 });
    tenant.faults.clear();
    assert.equal((await callTenant(tenant.url)).status, 200);
  });
});

describe("Simulated tenant, listening", () => {
  test("keeps connections alive", async () => {
    const tenant = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let index = 0; index < 3; index += 1) await callTenant(tenant.url, { agent });
    assert.deepEqual(tenant.connections, { open: 1, ever: 1 });
    await tenant.stop();
    assert.equal(tenant.connections.open, 0);
    agent.destroy();
  });

  test("refuses connections while down, and is back on its port with all it knew", async () => {
    const tenant = await start();
    const { url } = tenant;
    await callTenant(url);
    await tenant.down();
    await assert.rejects(callTenant(url), { code: "ECONNREFUSED" });
    await tenant.up();
    assert.equal(tenant.url, url);
    await callTenant(url);
    assert.equal(tenant.alerts.length, 2);
  });

  test("never decides a request of the time before it went down", async () => {
    const tenant = await start();
    const arrived = new Promise<void>((resolve) => {
      const when = (): boolean => (resolve(), true);
      tenant.faults.add({ route: INSERT, kind: "slow", ms: 20, phase: "before", when });
    });
    const lost = assert.rejects(callTenant(tenant.url));
    await arrived;
    await tenant.down();
    await tenant.up();
    await lost;
    await assert.rejects(
      tenant.until(() => tenant.requests.length > 0, 60),
      /0 requests, 0 alerts/,
    );
  });

  test("records a caller that leaves in the middle of its body", async () => {
    const tenant = await start();
    const socket = connect(tenant.port, "127.0.0.1");
    const head = "POST /public_api/v1/alerts/insert_parsed_alerts HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";
    socket.write(head, () => socket.destroy());
    await tenant.until(() => tenant.requests.length === 1);
    assert.deepEqual([tenant.requests[0]?.status, tenant.requests[0]?.why], [0, "the caller left"]);
  });

  test("asks for a client certificate when told to", async () => {
    const { ca, server, client } = testCertificates();
    const tenant = await start({ tls: { ...server, ca, requestCert: true, rejectUnauthorized: true } });
    await assert.rejects(callTenant(tenant.url, { ca }));
    assert.equal((await callTenant(tenant.url, { ca, client })).status, 200);
  });

  test("rejects when its port is taken", async () => {
    const { port } = await start();
    await assert.rejects(SimulatedTenant.start({ port }), { code: "EADDRINUSE" });
  });

  test("speaks HTTPS with the test authority's certificate, and resets there too", async () => {
    const { ca, server } = testCertificates();
    const tenant = await start({ tls: server });
    assert.match(tenant.url, /^https:\/\/127\.0\.0\.1:/);
    assert.equal((await callTenant(tenant.url, { ca })).status, 200);
    assert.equal((await callTenant(`https://localhost:${tenant.port}`, { ca })).status, 200);
    await assert.rejects(callTenant(tenant.url), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    tenant.faults.add({ route: INSERT, kind: "reset" });
    await assert.rejects(callTenant(tenant.url, { ca }), { code: "ECONNRESET" });
  });

  test("takes 10,020 alerts in a few seconds", async () => {
    const tenant = await start({ quotaAlerts: 20_000, record: "decisions" });
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const startedAtMs = performance.now();
    const calls = Array.from({ length: 167 }, () => callTenant(tenant.url, { agent, body: update(60) }));
    assert.ok((await Promise.all(calls)).every((answer) => answer.status === 200));
    agent.destroy();
    assert.equal(tenant.maxAlertsInAnyWindow(), 10_020);
    assert.ok(performance.now() - startedAtMs < 10_000);
  });
});

describe("Simulated tenant, as a process", () => {
  test("prints where it listens and tells what it received", async () => {
    const main = join(__dirname, "simulated-tenant/main.ts");
    const child = spawn(process.execPath, ["--import", "tsx", main, "--quota", "60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [line] = (await once(createInterface(child.stdout), "line")) as [string];
      const { url, keyId, keyType } = JSON.parse(line) as Record<string, string>;
      assert.deepEqual([keyId, keyType], ["7", "advanced"]);
      const statuses = [];
      for (const count of [60, 1]) statuses.push((await callTenant(url ?? "", { body: update(count) })).status);
      assert.deepEqual(statuses, [200, 500]);
      const state = (await callTenant(url ?? "", { path: "/__tenant/state", method: "GET" })).json;
      const { alerts, quotaRefusals, lastAlerts } = state as Record<string, unknown>;
      assert.deepEqual([alerts, quotaRefusals], [60, 1]);
      assert.deepEqual((lastAlerts as { alert: unknown }[])[9]?.alert, goodAlert());
    } finally {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  });
});
