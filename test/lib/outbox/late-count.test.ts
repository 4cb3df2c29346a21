import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../nodes/lib/clock";
import { XdrError } from "../../../nodes/lib/errors";
import { tempFolder } from "../../support/temp-folder";
import { until } from "../../support/until";
import { ScriptedTenant, alertNos, openOutbox } from "../../support/outbox-bench";

const WINDOW_MS = 1_500;

/** Most alerts counted in any window. */
function mostInAnyWindow(counted: readonly { atMs: number; alerts: number }[]): number {
  const sums = counted.map(({ atMs }) =>
    counted
      .filter((other) => other.atMs <= atMs && other.atMs > atMs - WINDOW_MS)
      .reduce((sum, { alerts }) => sum + alerts, 0),
  );
  return Math.max(...sums);
}

test("an update that the tenant counts after we gave up waiting keeps its share of the quota", async (t) => {
  const tenant = new ScriptedTenant();
  const counted: { atMs: number; alerts: number }[] = [];
  const count = (alerts: number): void => void counted.push({ atMs: performance.now(), alerts });
  tenant.answer = async (batch, request) => {
    if (request > 1) {
      count(batch.length);
      return;
    }
    setTimeout(() => count(batch.length), 900);
    await systemClock.sleep(500);
    throw new XdrError("XDR_TIMEOUT", "No complete answer.", { outcome: "unknown" });
  };
  const { outbox, sender } = await openOutbox({
    folder: tempFolder(t),
    tenant,
    clock: systemClock,
    quotaAlerts: 120,
    quotaWindowMs: WINDOW_MS,
  });
  t.after(() => outbox.close(1_000));
  await outbox.append(sender, alertNos(0, 300));
  await until("all delivered", () => tenant.accepted.length === 300, 20_000);
  assert.ok(mostInAnyWindow(counted) <= 120, `${mostInAnyWindow(counted)} in a window`);
});
