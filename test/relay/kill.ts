import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { postThreatLogs, type Sent } from "../support/load";
import { assertNothingLost, assertQuotaHeld, drained, startRelay } from "../support/relay";
import { until } from "../support/until";

/** Alerts that arrive twice at most for one kill: the update that was under way. */
const UPDATE_SIZE = 60;

/**
 * Kills Node-RED with SIGKILL at `kills` random moments while firewalls post, and starts it again each time. None that was
 * answered 200 may be lost, and the tenant's quota must hold over all restarts.
 */
export async function killUnderLoad(t: TestContext, kills: number, seed: number): Promise<void> {
  const relay = await startRelay(t, { quotaAlerts: 600, quotaSeconds: 3 });
  const { tenant, red } = relay;
  const random = seededRandom(seed);
  const sent: Sent[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    let isKilled = false;
    const before = tenant.requests.length;
    const names = (function* () {
      for (let number = 0; number < 400; number += 1) yield `kill-${kill}-${number}`;
    })();
    const load = postThreatLogs({ url: `${red.url}/in`, connections: 4, names, stop: () => isKilled });
    await until("alerts flow", () => tenant.requests.length > before, 30_000);
    await new Promise((resolve) => setTimeout(resolve, random() * 500));
    await red.stop("SIGKILL");
    isKilled = true;
    sent.push(...(await load));
    await red.start();
  }
  await drained(relay);
  const repeated = assertNothingLost(tenant, sent);
  assert.ok(repeated <= UPDATE_SIZE * kills, `${repeated} repeated`);
  assertQuotaHeld(tenant);
  const acknowledged = sent.filter(({ status }) => status === 200).length;
  assert.ok(acknowledged > 0);
  t.diagnostic(`seed ${seed}: ${kills} kills, ${acknowledged} acknowledged, 0 lost, ${repeated} repeated`);
}

/** Mulberry32. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
