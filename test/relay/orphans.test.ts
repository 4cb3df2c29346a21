import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { namesFrom, postThreatLogs } from "../support/load";
import { INSERT_NODE_ID, TENANT_NODE_ID, relayFlow } from "../support/relay-flow";
import { assertNothingLost, startRelay } from "../support/relay";
import { until } from "../support/until";

describe("alerts whose node was deleted", () => {
  test("are delivered while the tenant node is there, and missed aloud when it is not", async (t) => {
    const relay = await startRelay(t);
    const { tenant, red, settings } = relay;
    const whole = relayFlow(settings);
    const without = (...ids: string[]): typeof whole => ({
      ...whole,
      flows: whole.flows.filter((node) => !ids.includes((node as { id: string }).id)),
    });
    const post = (prefix: string): ReturnType<typeof postThreatLogs> =>
      postThreatLogs({ url: `${red.url}/in`, connections: 2, names: namesFrom(prefix, 0, 10) });
    const outage = tenant.faults.add({ route: "*", kind: "status", status: 503, times: Infinity });
    const sent = await post("insert");
    await red.deploy(without(INSERT_NODE_ID));
    outage.remove();
    await until("delivered without an insert node", () => tenant.alerts.length === 10);

    await red.deploy(whole);
    tenant.faults.add({ route: "*", kind: "status", status: 503, times: Infinity });
    sent.push(...(await post("tenant")));
    await red.deploy(without(INSERT_NODE_ID, TENANT_NODE_ID));
    await until("warned", () => /10 alerts wait in cortex-xdr/.test(red.log));
    assert.match(red.log, new RegExp(`Bring it back under the id ${TENANT_NODE_ID}`));
    tenant.faults.clear();
    await red.deploy(whole);
    await until("delivered after all", () => tenant.alerts.length === 20, 30_000);
    assert.equal(assertNothingLost(tenant, sent), 0);
  });
});
