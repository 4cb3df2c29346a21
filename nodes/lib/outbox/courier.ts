import { backoffMs } from "./backoff";
import { QUEUE, decodeEntry, encodeDead, deadKey, queueKey, type DeadLetterError } from "./entries";
import { Suspicion, type Selection } from "./suspicion";
import { LOCKED_OUT_WAIT_MS, asXdrError, verdictOf, type Verdict } from "./verdict";
import { enterFlight, leaveFlight, storedChange, type Carried } from "./flight";
import { Pacer } from "./pacer";
import { Settlements } from "./settlements";
import type { Vault } from "./vault";
import { XdrError } from "../errors";
import type { Clock } from "../clock";
import type { TenantClient } from "../tenant/client-api";
import { updateSizeFor, type Quota, type Spend } from "../tenant/quota-api";
import type { StoreChange } from "../store/store";

/** Alerts read from the queue at once: about ten updates, so that reading is not on every update's way. */
const READ_AHEAD = 600;

export interface CourierSettings {
  /** Alerts per update, 1-60. */
  readonly updateSize: number;
  /** Longest wait for a fuller update, milliseconds. */
  readonly lingerMs: number;
}

export interface CourierOptions {
  readonly vault: Vault;
  readonly quota: Quota;
  readonly client: Pick<TenantClient, "insertAlerts" | "heldMs">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly settings: () => CourierSettings;
  /** Called after the removal is on disk. Must not throw. */
  readonly onDelivered: (batch: readonly Carried[]) => void;
  /** Called after the dead letter is on disk. Must not throw. */
  readonly onDead: (carried: Carried, error: DeadLetterError) => void;
  /** `trouble` changed. Must not throw. */
  readonly onChange: () => void;
}

/** Why the last update failed, while it has not been followed by an accepted one. */
export interface Trouble {
  readonly error: XdrError;
  readonly action: Verdict["action"];
  /** Failures in a row. */
  readonly failures: number;
  readonly sinceMs: number;
}

/**
 * Carries alerts from the vault to the tenant: in order, one update at a time (so that a kill leaves at most one update
 * of unknown fate), inside the quota, for ever. Only an answer of the tenant takes an alert out of the vault.
 */
export class Courier {
  trouble: Trouble | undefined;
  readonly #options: CourierOptions;
  readonly #suspicion = new Suspicion();
  readonly #stopping = new AbortController();
  /** Aborts the request under way, after the time that {@link stop} gives it. */
  readonly #hurry = new AbortController();
  readonly #settlements: Settlements;
  /** Head of the queue, in order. */
  #held: Carried[] = [];
  #lastHeldSeq = 0;
  /** The vault's generation that all of this is from. */
  #generation = 0;
  readonly #pacer: Pacer;
  #running: Promise<void> | undefined;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#settlements = new Settlements(options.vault, this.#stopping.signal);
    this.#pacer = new Pacer(options.clock, this.#stopping.signal);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** New alerts are there. */
  wake(): void {
    this.#pacer.wake();
  }

  /** Sends what waits without lingering, and ends a wait between two attempts. */
  flush(): void {
    this.#pacer.flush();
  }

  /** Starts nothing new, gives a request under way `graceMs` to be answered, and returns when all is settled. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const timer = setTimeout(() => this.#hurry.abort(), graceMs);
    await this.#options.quota.stop();
    this.wake();
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    const { vault } = this.#options;
    while (!this.#stopped()) {
      try {
        await vault.whenReady(this.#stopping.signal);
        if (this.#isOutdated()) this.#forget();
        if (!this.#stopped()) await this.#deliverOne();
      } catch (error) {
        // The store failed under our hands (it is being opened again), or the quota was stopped.
        if (!(error instanceof XdrError) && !this.#stopped()) this.#fail(asXdrError(error), "retry");
        if (vault.problem === undefined) await this.#pacer.backOff(1_000);
      }
    }
    // A store that fails now leaves its alerts for the next start: they may reach the tenant twice, but are not lost.
    await this.#settlements.pay().catch(() => undefined);
  }

  /** Another process owned the store meanwhile: the queue begins anew, as after a restart. */
  #forget(): void {
    this.#generation = this.#options.vault.generation;
    this.#held = [];
    this.#lastHeldSeq = 0;
    this.#suspicion.clear();
  }

  #isOutdated(): boolean {
    return this.#generation !== this.#options.vault.generation;
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #deliverOne(): Promise<void> {
    const { quota, settings } = this.#options;
    const largest = updateSizeFor(quota.alerts, settings().updateSize);
    const { nudges } = this.#pacer;
    await this.#fill(this.#suspicion.wanted(largest));
    if (this.#held.length === 0) {
      await this.#settlements.pay();
      this.#pacer.isFlushing = false;
      await this.#pacer.pause(nudges);
      return;
    }
    const lingerMs = this.#lingerMs(largest);
    if (lingerMs > 0) {
      await this.#settlements.pay();
      await this.#pacer.pause(nudges, lingerMs);
      return;
    }
    // The call would wait by itself, but with a share of the quota in its hands, and as a request under way.
    const { heldMs } = this.#options.client;
    if (heldMs > 0) {
      await this.#settlements.pay();
      await this.#options.clock.sleep(heldMs, this.#stopping.signal);
      return;
    }
    const pick = this.#suspicion.next(this.#held.length, largest);
    const spend = quota.announce(pick.size);
    const taken = spend.take();
    const giveBack = (): void => this.#settlements.owe({ changes: spend.settle(false), stored: new Map() });
    try {
      await Promise.all([taken, this.#settlements.pay([...spend.noted, ...quota.drainExpired()])]);
    } catch (error) {
      // The share may still be granted, and must not be lost then.
      const returned = taken.then(giveBack, giveBack);
      if (!this.#stopped()) throw error;
      await returned;
      return;
    }
    if (this.#stopped() || this.#isOutdated()) giveBack();
    else await this.#attempt(pick, spend);
  }

  /** Reads on in the queue when fewer than `wanted` alerts are held. */
  async #fill(wanted: number): Promise<void> {
    if (this.#held.length >= wanted) return;
    const range = { gt: queueKey(this.#lastHeldSeq), lt: QUEUE.lt, limit: READ_AHEAD };
    for (const [key, value] of await this.#options.vault.read(range)) {
      const entry = decodeEntry(key, value);
      // An unreadable one was counted and removed when the store was opened; it can not appear while it is open.
      if (entry === undefined) continue;
      this.#held.push({ entry, attempts: 0 });
      this.#lastHeldSeq = entry.seq;
    }
  }

  /** How long to wait for a fuller update, milliseconds: until the oldest alert has waited `lingerMs`. */
  #lingerMs(largest: number): number {
    const oldest = this.#held[0];
    if (oldest === undefined || this.#held.length >= largest || this.#pacer.isFlushing) return 0;
    if (this.#suspicion.active || this.trouble !== undefined) return 0;
    const { clock, settings } = this.#options;
    const { lingerMs } = settings();
    const waitedMs = clock.now() - oldest.entry.queuedAtMs;
    // A clock that was set back says nothing about how long the alert has waited.
    return waitedMs < 0 ? 0 : lingerMs - waitedMs;
  }

  async #attempt(pick: Selection, spend: Spend): Promise<void> {
    const batch = this.#held.slice(pick.offset, pick.offset + pick.size);
    enterFlight(this.#options.vault, batch);
    this.#options.onChange();
    const startedMs = this.#options.clock.monotonicMs();
    let refusal: XdrError | undefined;
    try {
      await this.#options.client.insertAlerts(
        batch.map(({ entry }) => entry.alert),
        this.#hurry.signal,
      );
    } catch (error) {
      refusal = asXdrError(error);
    }
    const tookMs = this.#options.clock.monotonicMs() - startedMs;
    if (this.#isOutdated()) spend.settle(refusal === undefined || verdictOf(refusal).counted);
    else if (refusal === undefined) this.#accepted(pick, batch, spend.settle(true));
    else await this.#refused(pick, batch, refusal, spend, tookMs);
  }

  #accepted(pick: Selection, batch: readonly Carried[], settled: readonly StoreChange[]): void {
    leaveFlight(this.#options.vault, batch, "delivered");
    this.#held.splice(pick.offset, pick.size);
    this.#suspicion.accepted(pick);
    const removed = batch.map(({ entry }): StoreChange => ({ type: "del", key: queueKey(entry.seq) }));
    this.#settlements.owe({ changes: [...settled, ...removed], stored: storedChange(batch) }, () =>
      this.#options.onDelivered(batch),
    );
    if (this.trouble === undefined) return;
    this.trouble = undefined;
    this.#options.onChange();
  }

  /** @param tookMs how long the request was under way */
  async #refused(
    pick: Selection,
    batch: readonly Carried[],
    error: XdrError,
    spend: Spend,
    tookMs: number,
  ): Promise<void> {
    const verdict = verdictOf(error);
    // A tenant that was silent for so long may be as long again in coming to it.
    const settled = spend.settle(verdict.counted, verdict.unfinished ? tookMs : 0);
    const doomed = this.#judge(pick, verdict.action) ? batch[0] : undefined;
    if (doomed !== undefined) {
      this.#bury(doomed, error, settled);
      return;
    }
    leaveFlight(this.#options.vault, batch, "waiting");
    this.#settlements.owe({ changes: settled, stored: new Map() });
    this.#fail(error, verdict.action);
    if (this.#stopped() || (verdict.action === "split" && !this.#suspicion.doubtsAll)) return;
    const failures = this.trouble?.failures ?? 1;
    const waitMs =
      verdict.action === "locked-out"
        ? Math.max(LOCKED_OUT_WAIT_MS * (0.75 + this.#options.random() / 4), error.retryAfterMs ?? 0)
        : backoffMs(failures, this.#options.random(), error.retryAfterMs);
    this.#pacer.isFlushing = false;
    await this.#settlements.pay();
    await this.#pacer.backOff(waitMs);
  }

  #judge(pick: Selection, action: Verdict["action"]): boolean {
    if (action === "split") return this.#suspicion.refused(pick, "definite");
    if (action === "split-doubtful") return this.#suspicion.refused(pick, "doubtful");
    return false;
  }

  #bury(doomed: Carried, refusal: XdrError, settled: readonly StoreChange[]): void {
    const { entry } = doomed;
    const error: DeadLetterError = {
      code: refusal.code,
      message: refusal.message,
      status: refusal.status,
      attempts: doomed.attempts,
    };
    leaveFlight(this.#options.vault, [doomed], "dead");
    const index = this.#held.indexOf(doomed);
    this.#held.splice(index, 1);
    if (index === 0) this.#suspicion.clear();
    this.trouble = undefined;
    const changes: StoreChange[] = [
      ...settled,
      { type: "del", key: queueKey(entry.seq) },
      { type: "put", key: deadKey(entry.seq), value: encodeDead({ ...entry, error }) },
    ];
    this.#settlements.owe({ changes, stored: storedChange([doomed]) }, () => this.#options.onDead(doomed, error));
  }

  #fail(error: XdrError, action: Verdict["action"]): void {
    const { trouble } = this;
    this.trouble = {
      error,
      action,
      failures: (trouble?.failures ?? 0) + 1,
      sinceMs: trouble?.sinceMs ?? this.#options.clock.now(),
    };
    this.#options.onChange();
  }
}
