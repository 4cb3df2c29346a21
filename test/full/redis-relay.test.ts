import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { namesFrom, postThreatLogs } from "../support/load";
import { relayFlow } from "../support/relay-flow";
import { RedisServer } from "../support/redis-server";
import { assertNothingLost, assertQuotaHeld, drained, startRelay, stats } from "../support/relay";
import { until } from "../support/until";

describe("the relay with its state in Redis", () => {
  test("burst, redeploy, kill -9 of Node-RED, restart of Redis: none lost, quota held", async (t) => {
    const redis = await RedisServer.start(t);
    const relay = await startRelay(t, { quotaAlerts: 600, quotaSeconds: 2 }, { redisUrl: redis.url });
    const { tenant, red, settings } = relay;
    const post = (prefix: string): ReturnType<typeof postThreatLogs> =>
      postThreatLogs({ url: `${red.url}/in`, connections: 8, names: namesFrom(prefix, 0, 500) });
    const sent = await post("first");
    assert.ok(sent.every(({ status }) => status === 200));
    await red.deploy(relayFlow({ ...settings, mark: "again" }), "full");
    sent.push(...(await post("redeployed")));
    await red.stop("SIGKILL");
    await red.start();
    // The killed process's lease has to end first.
    await until("the store is ours", async () => (await stats(relay)).problem === undefined, 30_000);
    sent.push(...(await post("killed")));
    await redis.kill();
    const refused = await postThreatLogs({ url: `${red.url}/in`, connections: 2, names: namesFrom("down", 0, 10) });
    assert.ok(refused.every(({ status }) => status === 503));
    await redis.start();
    await until("the store is back", async () => (await stats(relay)).problem === undefined, 30_000);
    sent.push(...(await post("back")));
    await drained(relay);
    assert.ok(sent.filter(({ status }) => status === 200).length >= 1_500);
    const repeated = assertNothingLost(tenant, sent);
    assert.ok(repeated <= 120, `${repeated} repeated`);
    assertQuotaHeld(tenant);
    assert.ok(!red.log.includes(redis.url), "the URL may hold a password");
  });
});
