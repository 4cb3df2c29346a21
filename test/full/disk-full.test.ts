import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, statfsSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { namesFrom, postThreatLogs } from "../support/load";
import { NodeRed } from "../support/node-red";
import { relayFlow } from "../support/relay-flow";
import { assertNothingLost, assertQuotaHeld, drained, stats } from "../support/relay";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { until } from "../support/until";

/** A disk of 16 MiB of its own. Needs root, as mounting does. */
function mountSmallDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), "cortex-xdr-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", folder]);
  return folder;
}

/** Writes until not a byte more fits. */
function fill(folder: string): string {
  const file = join(folder, "filler");
  const handle = openSync(file, "w");
  try {
    for (let block = Buffer.alloc(65_536); block.length > 0;) {
      try {
        writeSync(handle, block);
      } catch {
        block = block.subarray(0, block.length >> 1);
      }
    }
  } finally {
    closeSync(handle);
  }
  assert.equal(statfsSync(folder).bavail, 0);
  return file;
}

describe("disk full", () => {
  test("503 and alive while full, nothing acknowledged is lost, recovers by itself when space returns", async (t) => {
    const tenant = await SimulatedTenant.start({ merge: false, quotaAlerts: 6_000 });
    const userDir = mountSmallDisk();
    const red = await NodeRed.start({ userDir });
    t.after(async () => {
      await red.stop("SIGKILL");
      await tenant.stop();
      execFileSync("umount", [userDir]);
      rmdirSync(userDir);
    });
    const settings = { host: tenant.url, keyId: ADVANCED_KEY.id, key: ADVANCED_KEY.secret, quotaAlerts: 6_000 };
    await red.deploy(relayFlow(settings));
    const relay = { tenant, red, userDir, settings };
    const post = (prefix: string, posts: number): ReturnType<typeof postThreatLogs> =>
      postThreatLogs({ url: `${red.url}/in`, connections: 4, names: namesFrom(prefix, 0, posts) });
    tenant.faults.add({ route: "*", kind: "status", status: 503, times: Infinity });
    const sent = await post("before", 100);
    assert.ok(sent.every(({ status }) => status === 200));
    const filler = fill(userDir);
    // LevelDB's log file may have room left in its last block.
    await until("refused", async () => {
      const more = await post(`while-${sent.length}`, 20);
      sent.push(...more);
      return more.every(({ status }) => status === 503);
    });
    assert.match((await stats(relay)).problem?.code ?? "", /^STORE_/);
    assert.ok(sent.filter(({ status }) => status === 503).every(({ retryAfter }) => retryAfter !== undefined));
    rmSync(filler);
    await until("recovered", async () => (await stats(relay)).problem === undefined, 30_000);
    sent.push(...(await post("after", 50)));
    tenant.faults.clear();
    await drained(relay);
    assert.equal(assertNothingLost(tenant, sent), 0);
    assertQuotaHeld(tenant);
    const refused = new Set(sent.filter(({ status }) => status === 503).map(({ name }) => name));
    assert.ok(refused.size > 0);
    assert.ok(!tenant.alerts.some(({ alert }) => refused.has(String(alert["alert_name"]))), "sent what it had refused");
  });
});
