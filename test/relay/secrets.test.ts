import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { post } from "../support/load";
import { relayFlow, threatLog } from "../support/relay-flow";
import { drained, startRelay, stats } from "../support/relay";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { until } from "../support/until";

const PSK = "psk-that-must-not-be-seen-anywhere";
const WRONG_KEY = "wrong-key-that-must-not-be-seen-either";

describe("secrets", () => {
  test("key, shared key and Authorization are in no log, message, export, status or file", async (t) => {
    const relay = await startRelay(t, { record: "all" }, { psk: PSK, key: WRONG_KEY });
    const { red, tenant, userDir, settings } = relay;
    const seen: string[] = [];
    const send = async (body: string, authorization: string): Promise<number> => {
      const answer = await post(`${red.url}/in`, body, { headers: { authorization, "content-type": "text/plain" } });
      seen.push(answer.body, JSON.stringify(answer.headers));
      return answer.status;
    };
    const basic = `Basic ${Buffer.from(`firewall:${PSK}`).toString("base64")}`;
    // Refused by the tenant, by the node, and not understood.
    assert.equal(await send(threatLog("one"), PSK), 200);
    assert.equal(await send(threatLog("two"), basic), 200);
    assert.equal(await send(threatLog("three"), `${PSK}x`), 401);
    assert.equal(await send("noise", PSK), 400);
    await until("the key was refused", async () => (await stats(relay)).trouble?.code === "XDR_UNAUTHORIZED");
    seen.push(JSON.stringify(await stats(relay)));
    // The right key, an answer that echoes it, a dead letter, and a lost answer.
    tenant.poison((alert) => alert["alert_name"] === "poison");
    tenant.faults.add({ route: "*", kind: "status", status: 500, message: `bad ${ADVANCED_KEY.secret}` });
    tenant.faults.add({ route: "*", kind: "lost-answer", skip: 1 });
    await red.deploy(relayFlow({ ...settings, key: ADVANCED_KEY.secret, mark: "right key" }));
    assert.equal(await send(threatLog("poison"), PSK), 200);
    await until("settled", async () => (await stats(relay)).dead === 1, 60_000);
    await drained(relay);
    seen.push(JSON.stringify(await stats(relay)));
    seen.push(await (await fetch(`${red.url}/flows`)).text());
    await red.stop();
    seen.push(red.log);
    for (const entry of readdirSync(userDir, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) seen.push(readFileSync(join(entry.parentPath, entry.name), "latin1"));
    }
    const digests = tenant.requests.map(({ headers }) => headers.authorization);
    assert.ok(digests.length > 0);
    for (const secret of [PSK, basic, WRONG_KEY, ADVANCED_KEY.secret, ADVANCED_KEY.secret.slice(0, 32)]) {
      for (const text of seen) assert.ok(!text.includes(secret), `a secret is in: ${text.slice(0, 200)}`);
    }
    assert.match(
      red.log,
      /dead|poison/,
      "the debug node wrote the dead letter into the log, so the log was worth searching",
    );
  });
});
