import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { namesFrom, postThreatLogs } from "../support/load";
import { assertNothingLost, assertQuotaHeld, drained, startRelay, stats } from "../support/relay";

const ALERTS = 10_000;
const QUOTA = { quotaAlerts: 600, quotaSeconds: 2 };

describe("burst", () => {
  test("10,000 alerts over 16 connections, five 503s, two lost answers: none lost, quota held and used", async (t) => {
    const relay = await startRelay(t, QUOTA, { lingerMs: 2_000 });
    const { tenant, red } = relay;
    // Spread over the drain; a fault counts down its `skip` only on requests that no earlier fault has taken.
    for (const skip of [15, 40, 61, 62, 90]) {
      tenant.faults.add({ route: "insert_parsed_alerts", kind: "status", status: 503, skip });
    }
    for (const skip of [30, 120]) tenant.faults.add({ route: "insert_parsed_alerts", kind: "lost-answer", skip });
    const sent = await postThreatLogs({ url: `${red.url}/in`, connections: 16, names: namesFrom("burst", 0, ALERTS) });
    assert.equal(sent.filter(({ status }) => status === 200).length, ALERTS);
    await drained(relay);
    const repeated = assertNothingLost(tenant, sent);
    assert.ok(repeated <= 120, `${repeated} repeated`);
    assertQuotaHeld(tenant);
    const { received, delivered, refused, dead } = await stats(relay);
    assert.deepEqual([received, delivered, refused, dead], [ALERTS, ALERTS, 0, 0]);

    // Shown, not asserted: a busy machine makes it small. `npm run bench` measures it alone.
    const times = tenant.alerts.map(({ receivedAtMs }) => receivedAtMs);
    const windowEndMs = (times[0] ?? 0) + QUOTA.quotaSeconds * 1000;
    const later = times.filter((atMs) => atMs >= windowEndMs);
    const allowed = (((later.at(-1) ?? 0) - windowEndMs) / 1000) * (QUOTA.quotaAlerts / QUOTA.quotaSeconds);
    t.diagnostic(`drain used ${((100 * later.length) / allowed).toFixed(1)} % of the quota, ${repeated} repeated`);
  });
});
