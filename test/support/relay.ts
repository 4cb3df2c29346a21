import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Sent } from "./load";
import { leanSettings } from "./lean-settings";
import { NodeRed } from "./node-red";
import { relayFlow, type RelaySettings } from "./relay-flow";
import { ADVANCED_KEY } from "./simulated-tenant/keys";
import { SimulatedTenant, type StartOptions } from "./simulated-tenant/tenant";
import { tempFolder } from "./temp-folder";
import { post } from "./load";
import { until } from "./until";

/** What {@link relayFlow} needs. */
const RELAY_NODES = leanSettings(
  "98-unknown",
  "21-httpin",
  "15-change",
  "21-debug",
  "25-catch",
  "25-status",
  "10-function",
);

export interface Relay {
  readonly tenant: SimulatedTenant;
  readonly red: NodeRed;
  readonly userDir: string;
  readonly settings: RelaySettings;
}

/** A simulated tenant and a real Node-RED with the relay flow, both ended with the test. */
export async function startRelay(
  t: TestContext,
  tenantOptions: StartOptions = {},
  settings: Partial<RelaySettings> = {},
): Promise<Relay> {
  const tenant = await SimulatedTenant.start({ merge: false, record: "decisions", ...tenantOptions });
  // Hooks run in the order they are added: Node-RED ends before its folder goes.
  let end = (): Promise<void> => tenant.stop();
  t.after(() => end());
  const userDir = tempFolder(t);
  const red = await NodeRed.start({ userDir, settings: RELAY_NODES });
  end = async () => {
    await red.stop("SIGKILL");
    await tenant.stop();
  };
  const all: RelaySettings = {
    host: tenant.url,
    keyId: ADVANCED_KEY.id,
    key: ADVANCED_KEY.secret,
    quotaAlerts: tenant.options.quotaAlerts,
    quotaSeconds: tenant.options.quotaSeconds,
    ...settings,
  };
  await red.deploy(relayFlow(all));
  return { tenant, red, userDir, settings: all };
}

export interface RelayStats {
  received: number;
  delivered: number;
  waiting: number;
  inFlight: number;
  dead: number;
  refused: number;
  lost: number;
  problem?: { code: string };
  trouble?: { code: string; failures: number };
}

export async function stats({ red }: Relay): Promise<RelayStats> {
  const answer = await fetch(`${red.url}/stats`);
  return (await answer.json()) as RelayStats;
}

export async function command({ red }: Relay, topic: string): Promise<object> {
  const { body } = await post(`${red.url}/command`, JSON.stringify({ topic }), {
    headers: { "content-type": "application/json" },
  });
  return JSON.parse(body) as object;
}

/** Waits until the outbox is empty. */
export async function drained(relay: Relay, timeoutMs = 120_000): Promise<void> {
  await until(
    "the outbox is empty",
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { waiting, inFlight, problem } = await stats(relay);
      return problem === undefined && waiting + inFlight === 0;
    },
    timeoutMs,
  );
}

/** Every alert that was answered 200 has arrived. Returns how many arrivals were repetitions. */
export function assertNothingLost(tenant: SimulatedTenant, sent: readonly Sent[]): number {
  const arrivals = new Map<string, number>();
  for (const { alert } of tenant.alerts) {
    const name = String(alert["alert_name"]);
    arrivals.set(name, (arrivals.get(name) ?? 0) + 1);
  }
  const lost = sent.filter(({ name, status }) => status === 200 && !arrivals.has(name));
  assert.deepEqual(lost, [], `${lost.length} alerts were answered 200 and never arrived`);
  return [...arrivals.values()].reduce((repeated, count) => repeated + count - 1, 0);
}

/** The tenant never saw more than the quota in any window, and never had to refuse for it. */
export function assertQuotaHeld(tenant: SimulatedTenant): void {
  assert.ok(
    tenant.maxAlertsInAnyWindow() <= tenant.options.quotaAlerts,
    `${tenant.maxAlertsInAnyWindow()} in a window`,
  );
  assert.equal(tenant.quotaRefusals, 0);
  assert.equal(tenant.rateRefusals, 0);
}
