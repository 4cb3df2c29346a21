import { join } from "node:path";
import { XdrError } from "../../nodes/lib/errors";
import { systemClock, type Clock } from "../../nodes/lib/clock";
import { Outbox, type Delivered, type Sender } from "../../nodes/lib/outbox/outbox";
import type { DeadLetterError } from "../../nodes/lib/outbox/entries";
import { openLevelStore } from "../../nodes/lib/store/level-store";
import type { OpenedStore } from "../../nodes/lib/store/store";
import { openWatermark } from "../../nodes/lib/store/watermark";
import type { XdrAlert } from "../../nodes/lib/tenant/alert-schema";
import type { Quota } from "../../nodes/lib/tenant/quota-api";

/** An alert that is told apart by its name. */
export function alertNo(number: number): XdrAlert {
  return {
    product: "PAN-OS",
    vendor: "Palo Alto Networks",
    local_ip: "10.0.0.1",
    local_port: 50_000,
    remote_ip: "203.0.113.9",
    remote_port: 443,
    event_timestamp: 1_767_225_600_000 + number,
    severity: "High",
    alert_name: `alert ${number}`,
    action_status: "Reported",
  };
}
export const alertNos = (from: number, to: number): XdrAlert[] =>
  Array.from({ length: to - from }, (_, index) => alertNo(from + index));
export const numberOf = (alert: XdrAlert): number => Number(alert.alert_name.slice("alert ".length));

/** A tenant in memory whose answers the test writes: throw to refuse. */
export class ScriptedTenant {
  readonly requests: { numbers: number[]; atMs: number }[] = [];
  readonly accepted: number[] = [];
  heldMs = 0;
  answer: (numbers: number[], request: number) => Promise<void> | void = () => undefined;

  async insertAlerts(alerts: readonly XdrAlert[]): Promise<void> {
    const numbers = alerts.map(numberOf);
    this.requests.push({ numbers, atMs: performance.now() });
    await this.answer(numbers, this.requests.length);
    this.accepted.push(...numbers);
  }
}

export const serverError = (status: number): XdrError =>
  new XdrError("XDR_SERVER_ERROR", `The tenant answered ${status}.`, { status, outcome: "refused" });
export const rejected = (): XdrError =>
  new XdrError("XDR_REJECTED", "The tenant refuses the update.", { status: 400, outcome: "refused" });

export interface Seen {
  readonly sender: Sender;
  readonly delivered: Delivered[];
  readonly dead: { number: number; error: DeadLetterError }[];
}

/** A sender that writes down what it is told. */
export function recordingSender(settings: Partial<Sender> = {}): Seen {
  const delivered: Delivered[] = [];
  const dead: Seen["dead"] = [];
  const sender: Sender = {
    id: "node-a",
    updateSize: 60,
    lingerMs: 0,
    maxQueued: 100_000,
    onDelivered: (batch) => delivered.push(batch),
    onDead: (alert, error) => dead.push({ number: numberOf(alert), error }),
    onChange: () => undefined,
    ...settings,
  };
  return { sender, delivered, dead };
}

/** Waits of the courier and the vault shrink a hundredfold: backoffs of seconds take hundredths. */
export const hastyClock: Clock = {
  ...systemClock,
  monotonicMs: () => systemClock.monotonicMs() * 100,
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
};

export interface OutboxSetup {
  readonly folder: string;
  readonly tenant: Pick<ScriptedTenant, "insertAlerts" | "heldMs">;
  readonly quotaAlerts?: number;
  readonly quotaWindowMs?: number;
  readonly clock?: Clock;
  readonly openStore?: (damages: number) => Promise<OpenedStore>;
  readonly makeQuota?: () => Quota;
}

export function makeOutbox(setup: OutboxSetup): Outbox {
  const { folder, tenant, clock = hastyClock } = setup;
  return new Outbox({
    openStore: setup.openStore ?? ((damages) => openLevelStore(join(folder, "store"), Date.now(), damages)),
    watermark: openWatermark(join(folder, "watermark")),
    client: tenant,
    clock,
    random: () => 0.5,
    quotaAlerts: setup.quotaAlerts ?? 100_000,
    quotaWindowMs: setup.quotaWindowMs ?? 60_000,
    makeQuota: setup.makeQuota,
  });
}

/** An outbox that is open, with one sender. */
export async function openOutbox(
  setup: OutboxSetup,
  settings: Partial<Sender> = {},
): Promise<Seen & { outbox: Outbox }> {
  const outbox = makeOutbox(setup);
  const seen = recordingSender(settings);
  outbox.register(seen.sender);
  outbox.start();
  while (outbox.stats(seen.sender.id).problem !== undefined) await systemClock.sleep(1);
  return { ...seen, outbox };
}
