import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { namesFrom, post, postThreatLogs } from "../support/load";
import { threatLog } from "../support/relay-flow";
import { assertNothingLost, assertQuotaHeld, command, drained, startRelay, stats } from "../support/relay";
import { until } from "../support/until";

describe("outage", () => {
  for (const [what, status] of [
    ["a tenant that answers 503", 503],
    ["a tenant that nobody can reach", undefined],
  ] as const) {
    test(`${what}: fills to maxQueued, then 503 with Retry-After, few requests, recovers untouched`, async (t) => {
      const relay = await startRelay(t, { quotaAlerts: 6_000 }, { maxQueued: 200 });
      const { tenant, red } = relay;
      if (status === undefined) await tenant.down();
      else tenant.faults.add({ route: "*", kind: "status", status, times: Infinity });
      const sent = await postThreatLogs({ url: `${red.url}/in`, connections: 8, names: namesFrom("outage", 0, 300) });
      assert.equal(sent.filter((answer) => answer.status === 200).length, 200);
      const refused = sent.filter((answer) => answer.status === 503);
      assert.equal(refused.length, 100);
      assert.ok(refused.every(({ retryAfter }) => /^\d+$/.test(retryAfter ?? "")));
      await until("several failures", async () => ((await stats(relay)).trouble?.failures ?? 0) >= 5);
      assert.ok(tenant.requests.length <= 20, `${tenant.requests.length} requests`);
      if (status === undefined) await tenant.up();
      else tenant.faults.clear();
      await drained(relay);
      assert.equal(assertNothingLost(tenant, sent), 0);
      assertQuotaHeld(tenant);
      const after = await stats(relay);
      assert.equal(after.trouble, undefined);
      assert.equal(after.received, after.delivered + after.refused);
    });
  }

  test("wrong key: everything is kept, and says why", async (t) => {
    const relay = await startRelay(t, {}, { key: "wrong" });
    const { tenant, red } = relay;
    const sent = await postThreatLogs({ url: `${red.url}/in`, connections: 4, names: namesFrom("key", 0, 100) });
    assert.ok(sent.every(({ status }) => status === 200));
    await until("noticed", async () => (await stats(relay)).trouble?.code === "XDR_UNAUTHORIZED");
    assert.equal((await stats(relay)).waiting, 100);
    assert.ok(tenant.requests.length <= 3, `${tenant.requests.length} requests`);
  });

  test("one poison alert in 60: 59 delivered, one dead letter, at most 12 requests; replay delivers it", async (t) => {
    const relay = await startRelay(t, {}, { lingerMs: 500 });
    const { tenant, red } = relay;
    const undo = tenant.poison((alert) => alert["alert_name"] === "poison-33");
    const sent = await postThreatLogs({ url: `${red.url}/in`, connections: 8, names: namesFrom("poison", 0, 60) });
    await until("settled", async () => (await stats(relay)).dead === 1 && tenant.alerts.length === 59);
    assert.ok(tenant.requests.length <= 12, `${tenant.requests.length} requests`);
    undo();
    assert.deepEqual(await command(relay, "replay"), { replayed: 1 });
    await drained(relay);
    assert.equal(assertNothingLost(tenant, sent), 0);
    assert.equal((await stats(relay)).dead, 0);
  });

  test("the answer to a firewall is empty on 200 and names the fault on 400", async (t) => {
    const { red } = await startRelay(t);
    const good = await post(`${red.url}/in`, threatLog("x"));
    assert.deepEqual([good.status, good.body], [200, ""]);
    const bad = await post(`${red.url}/in`, "no log at all");
    assert.equal(bad.status, 400);
    assert.match(bad.body, /PANOS_/);
  });
});
