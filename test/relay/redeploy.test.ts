import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { namesFrom, postThreatLogs } from "../support/load";
import { relayFlow } from "../support/relay-flow";
import { assertNothingLost, assertQuotaHeld, drained, startRelay } from "../support/relay";
import { until } from "../support/until";

const QUOTA = { quotaAlerts: 600, quotaSeconds: 2 };

describe("redeploy and restart under load", () => {
  test("full, flows and nodes deployments and SIGTERM: none lost, none twice, quota held", async (t) => {
    const relay = await startRelay(t, QUOTA);
    const { tenant, red, settings } = relay;
    let isOver = false;
    const load = postThreatLogs({
      url: `${red.url}/in`,
      connections: 8,
      names: namesFrom("redeploy", 0, 1_000_000),
      stop: () => isOver,
    });
    const arrived = (more: number): Promise<void> => {
      const target = tenant.alerts.length + more;
      return until(`${more} more alerts arrived`, () => tenant.alerts.length >= target, 30_000);
    };
    await arrived(100);
    for (const type of ["full", "flows", "nodes"] as const) {
      // A changed flow restarts the nodes that differ; a changed quota restarts the tenant node as well.
      await red.deploy(relayFlow({ ...settings, mark: type, quotaAlerts: 600 - (type === "full" ? 0 : 1) }), type);
      await arrived(100);
    }
    await red.stop("SIGTERM");
    await red.start();
    await arrived(100);
    isOver = true;
    const sent = await load;
    assert.ok(sent.filter(({ status }) => status === 200).length > 400);
    await drained(relay);
    assert.equal(assertNothingLost(tenant, sent), 0);
    assertQuotaHeld(tenant);
    t.diagnostic(`${sent.length} posted, ${tenant.alerts.length} arrived`);
  });
});
