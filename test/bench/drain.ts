import { startBenchRelay, withEntrance } from "./bench-relay";
import { percent, type Row } from "./row";
import { alertNos } from "../support/outbox-bench";
import { post } from "../support/load";
import { INSERT_NODE_ID } from "../support/relay-flow";

const ALERTS = 6_000;
const QUOTA = { quotaAlerts: 600, quotaSeconds: 2 };

/** Time a backlog takes to drain against the shortest time that the quota allows. */
export async function benchDrain(): Promise<Row[]> {
  const relay = await startBenchRelay(QUOTA, { lingerMs: 0 }, (flow) =>
    withEntrance(flow, "/raw", INSERT_NODE_ID, false),
  );
  const { tenant, red } = relay;
  try {
    await tenant.down();
    const headers = { "content-type": "application/json" };
    const answer = await post(`${red.url}/raw`, JSON.stringify(alertNos(0, ALERTS)), { headers });
    if (answer.status !== 200) throw new Error(`the backlog was answered ${answer.status}`);
    await tenant.up();
    await tenant.until(() => tenant.alerts.length >= ALERTS, 120_000);
    const [first, last] = [tenant.alerts[0]?.receivedAtMs ?? NaN, tenant.alerts.at(-1)?.receivedAtMs ?? NaN];
    const seconds = (last - first) / 1000;
    const ideal = (Math.ceil(ALERTS / QUOTA.quotaAlerts) - 1) * QUOTA.quotaSeconds;
    const refusals = tenant.quotaRefusals + tenant.rateRefusals;
    return [
      {
        what: `draining ${ALERTS.toLocaleString("en-US")} waiting alerts at 600 per 2 s (most in any window: ${tenant.maxAlertsInAnyWindow()}, refusals for rate: ${refusals})`,
        measured: `${seconds.toFixed(2)} s`,
        baseline: `what the quota allows: ${ideal.toFixed(2)} s`,
        ratio: percent(ideal / seconds),
      },
    ];
  } finally {
    await relay.end();
  }
}
