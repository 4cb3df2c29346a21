import { Courier, type Trouble } from "./courier";
import type { Counters } from "./counters";
import { DeadLetters } from "./dead-letters";
import type { Carried } from "./flight";
import { encodeEntry, queueKey, type DeadLetterError } from "./entries";
import { Vault } from "./vault";
import { XdrError } from "../errors";
import type { Clock } from "../clock";
import type { OpenedStore, StoreChange } from "../store/store";
import type { Watermark } from "../store/watermark";
import { MAX_ALERTS_PER_UPDATE, type XdrAlert } from "../tenant/alert-schema";
import type { TenantClient } from "../tenant/client-api";
import { InsertQuota, SPENT } from "../tenant/quota";
import type { Quota } from "../tenant/quota-api";

/** What a sender is asked to wait when the outbox cannot take its alerts, seconds. */
const RETRY_AFTER_SECONDS = { full: 30, unavailable: 5 } as const;

/** Longest time a sender is kept waiting while the store opens for the first time, milliseconds. */
const MAX_START_WAIT_MS = 3_000;

export interface OutboxOptions {
  /** @param damages how often in a row the store turned out to be damaged after it had opened */
  readonly openStore: (damages: number) => Promise<OpenedStore>;
  readonly watermark: Watermark;
  readonly client: Pick<TenantClient, "insertAlerts" | "heldMs">;
  readonly clock: Clock;
  readonly random: () => number;
  /** Insert quota: alerts per sliding window of `quotaWindowMs`. */
  readonly quotaAlerts: number;
  readonly quotaWindowMs: number;
  /** A quota that is kept elsewhere. @default one in memory, with its records in the store */
  readonly makeQuota?: (() => Quota) | undefined;
}

/** One accepted update, of one insert node: `msg.payload` of output 2. */
export interface Delivered {
  readonly count: number;
  readonly alerts: readonly XdrAlert[];
  /** Which attempt it was, from 1. */
  readonly attempt: number;
  /** When the oldest of them was taken in, epoch milliseconds. */
  readonly firstQueuedAt: number;
}

/** An insert node, as the outbox sees it. No method may throw. */
export interface Sender {
  /** Node id: alerts and counters belong to it over restarts. */
  readonly id: string;
  /** Alerts per update, 1-60. */
  readonly updateSize: number;
  readonly lingerMs: number;
  /** Alerts of this node that the outbox may hold. */
  readonly maxQueued: number;
  readonly onDelivered: (delivered: Delivered) => void;
  readonly onDead: (alert: XdrAlert, error: DeadLetterError) => void;
  /** Anything that the status shows has changed. */
  readonly onChange: () => void;
}

/** Numbers and state for the status and the `stats` command. */
export interface OutboxStats extends Counters {
  /** Dead letters that can be replayed. */
  readonly deadKept: number;
  /** Alerts that were on disk once and could not be read back, of all nodes. */
  readonly lost: number;
  readonly quota: { readonly alerts: number; readonly windowSeconds: number; readonly spent: number };
  /** Why nothing can be taken in now. */
  readonly problem: XdrError | undefined;
  /** Why the last update failed. */
  readonly trouble: Trouble | undefined;
  readonly damage: OpenedStore["damage"];
}

/**
 * The durable way of alerts into one tenant, shared by its insert nodes: {@link append} puts them on disk, the courier
 * carries them to the tenant. One queue for the tenant, so that the quota and the order hold over all nodes, and so that
 * alerts of a node that was deleted are still delivered.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #vault: Vault;
  readonly #quota: Quota;
  readonly #courier: Courier;
  readonly #dead: DeadLetters;
  readonly #senders = new Map<string, Sender>();
  #restored = false;
  #closing: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { clock, random, watermark, client } = options;
    const onChange = (): void => this.#changed();
    this.#vault = new Vault({ open: (damages) => this.#open(damages), watermark, clock, random, onChange });
    this.#quota =
      options.makeQuota?.() ?? new InsertQuota({ alerts: options.quotaAlerts, windowMs: options.quotaWindowMs, clock });
    this.#dead = new DeadLetters(this.#vault, clock);
    this.#courier = new Courier({
      vault: this.#vault,
      quota: this.#quota,
      client,
      clock,
      random,
      settings: () => this.#settings(),
      onDelivered: (batch) => this.#delivered(batch),
      onDead: (carried, error) => this.#buried(carried, error),
      onChange,
    });
  }

  start(): void {
    this.#vault.start();
    this.#courier.start();
  }

  /**
   * Resolves when the store has been opened, or has failed to, or after a few seconds. A start or a redeploy is over in a
   * moment: neither senders nor those who ask for numbers need notice.
   */
  async started(): Promise<void> {
    if (this.#vault.isStarting) await this.#vault.whenReady(AbortSignal.timeout(MAX_START_WAIT_MS));
  }

  register(sender: Sender): void {
    this.#senders.set(sender.id, sender);
    this.#courier.wake();
  }

  deregister(sender: Sender): void {
    if (this.#senders.get(sender.id) === sender) this.#senders.delete(sender.id);
  }

  /**
   * Takes alerts in, all or none. Resolves when they are on disk: only then may the sender be told 200.
   * @throws XdrError `OUTBOX_FULL` or `OUTBOX_UNAVAILABLE`, with `retryAfterMs`; then none is kept
   */
  async append(sender: Sender, alerts: readonly XdrAlert[]): Promise<void> {
    if (alerts.length === 0) return;
    await this.started();
    const { live } = this.#vault.counters(sender.id);
    live.received += alerts.length;
    const problem = this.#reasonToRefuse(sender, live, alerts.length);
    if (problem !== undefined) {
      live.refused += alerts.length;
      throw problem;
    }
    live.waiting += alerts.length;
    const queuedAtMs = this.#options.clock.now();
    const changes = alerts.map((alert): StoreChange => {
      const value = encodeEntry({ origin: sender.id, queuedAtMs, alert });
      return { type: "put", key: queueKey(this.#vault.nextSeq()), value };
    });
    try {
      await this.#vault.submit({ changes, stored: new Map([[sender.id, alerts.length]]) });
    } catch (error) {
      live.waiting -= alerts.length;
      live.refused += alerts.length;
      throw unavailable(error);
    }
    this.#courier.wake();
  }

  /** Counts alerts that were refused before they came here (400). */
  refused(sender: Sender, count: number): void {
    const { live } = this.#vault.counters(sender.id);
    live.received += count;
    live.refused += count;
  }

  /** Sends what waits without lingering, and ends a wait between two attempts. */
  flush(): void {
    this.#courier.flush();
  }

  /** Puts dead letters back into the queue. @returns how many. @throws XdrError */
  async replay(sender: Sender): Promise<number> {
    const count = await this.#dead.replay(sender.id, (origin) => !this.#senders.has(origin)).catch(rethrowUnavailable);
    this.#courier.wake();
    this.#changed();
    return count;
  }

  /** Deletes dead letters. @returns how many. @throws XdrError */
  async discard(sender: Sender): Promise<number> {
    const count = await this.#dead.discard(sender.id, (origin) => !this.#senders.has(origin)).catch(rethrowUnavailable);
    this.#changed();
    return count;
  }

  stats(id: string): OutboxStats {
    const { quotaAlerts, quotaWindowMs } = this.#options;
    return {
      ...this.#vault.counters(id).live,
      deadKept: this.#dead.kept(id),
      lost: this.#vault.lostAlerts,
      quota: { alerts: quotaAlerts, windowSeconds: quotaWindowMs / 1000, spent: this.#quota.spent },
      problem: this.#vault.problem,
      trouble: this.#courier.trouble,
      damage: this.#vault.damage,
    };
  }

  /**
   * Takes nothing more, gives a request under way `graceMs` to be answered, writes everything down and closes the store.
   * What waits stays on disk for the next start.
   */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#courier.stop(graceMs).then(() => this.#vault.close());
    return this.#closing;
  }

  async #open(damages: number): Promise<OpenedStore> {
    const opened = await this.#options.openStore(damages);
    if (!this.#restored) {
      try {
        await this.#quota.restore(await opened.store.read(SPENT));
        this.#restored = true;
      } catch (error) {
        await opened.store.close().catch(() => undefined);
        throw error;
      }
    }
    return opened;
  }

  #reasonToRefuse(sender: Sender, live: Counters, count: number): XdrError | undefined {
    if (this.#closing !== undefined || this.#vault.problem !== undefined) {
      return unavailable(this.#vault.problem ?? new Error("The outbox is closing: Node-RED stops or redeploys."));
    }
    const held = live.waiting + live.inFlight;
    if (held + count <= sender.maxQueued) return undefined;
    return new XdrError(
      "OUTBOX_FULL",
      `The outbox holds ${held} alerts and may hold ${sender.maxQueued}; ${count} more do not fit. ` +
        "Send them again later, or raise the limit in the insert node.",
      { retryAfterMs: RETRY_AFTER_SECONDS.full * 1000 },
    );
  }

  #settings(): { updateSize: number; lingerMs: number } {
    let updateSize: number = MAX_ALERTS_PER_UPDATE;
    let lingerMs = Infinity;
    for (const sender of this.#senders.values()) {
      updateSize = Math.min(updateSize, sender.updateSize);
      lingerMs = Math.min(lingerMs, sender.lingerMs);
    }
    return { updateSize, lingerMs: Number.isFinite(lingerMs) ? lingerMs : 0 };
  }

  #delivered(batch: readonly Carried[]): void {
    const byOrigin = new Map<string, Carried[]>();
    for (const carried of batch) {
      const { origin } = carried.entry;
      const list = byOrigin.get(origin);
      if (list === undefined) byOrigin.set(origin, [carried]);
      else list.push(carried);
    }
    for (const [origin, list] of byOrigin) {
      this.#senders.get(origin)?.onDelivered({
        count: list.length,
        alerts: list.map(({ entry }) => entry.alert),
        attempt: Math.max(...list.map(({ attempts }) => attempts)),
        firstQueuedAt: Math.min(...list.map(({ entry }) => entry.queuedAtMs)),
      });
    }
    this.#changed();
  }

  #buried(carried: Carried, error: DeadLetterError): void {
    const { origin, alert } = carried.entry;
    this.#senders.get(origin)?.onDead(alert, error);
    // A store that fails here keeps one dead letter more than its bound until the next one.
    this.#dead.added(origin).catch(() => undefined);
    this.#changed();
  }

  #changed(): void {
    for (const sender of this.#senders.values()) sender.onChange();
  }
}

function unavailable(error: unknown): XdrError {
  const reason = error instanceof Error ? error.message : "unknown reason";
  return new XdrError("OUTBOX_UNAVAILABLE", reason, { retryAfterMs: RETRY_AFTER_SECONDS.unavailable * 1000 });
}

function rethrowUnavailable(error: unknown): never {
  throw unavailable(error);
}
