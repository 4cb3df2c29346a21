import { randomUUID } from "node:crypto";
import Bottleneck from "bottleneck";
import { z } from "zod";
import type { Clock } from "../clock";
import type { StoreChange } from "../store/store";

/** Range of the quota's records in the store: `w/<id>` -> `[alerts, answeredAtMs | null]`. */
export const SPENT = { gte: "w/", lt: "w0" } as const;

/** Share of the quota that may stay unused for the sake of full updates. */
const TOLERATED_REST = 0.01;

const spentSchema = z.tuple([z.int().positive(), z.number().nullable()]);

/** A share of the quota that one update has taken. */
export interface Spend {
  /** Record to have on disk before the update leaves, so that a restart does not start with a full quota. */
  readonly taken: StoreChange;
  /**
   * To be called once, when the request has ended. With `counted` the share comes back one window later, else (the
   * tenant did not take the update) at once. Returns the record's change.
   */
  settle(counted: boolean): StoreChange;
}

export interface QuotaOptions {
  /** Alerts the tenant takes per window. */
  readonly alerts: number;
  readonly windowMs: number;
  readonly clock: Clock;
}

/**
 * The tenant's insert quota: at most `alerts` in **any** window of `windowMs`, as the tenant sees it.
 *
 * A fixed window would let twice the quota through around its border. Here an update takes its share from Bottleneck's
 * reservoir before it leaves, and the share comes back one window after its **answer** arrived: the tenant has counted it
 * at some moment before that, so at every moment of the tenant's clock the last window holds at most `alerts`.
 */
export class InsertQuota {
  readonly alerts: number;
  readonly #windowMs: number;
  readonly #marginMs: number;
  readonly #clock: Clock;
  readonly #limiter: Bottleneck;
  readonly #timers = new Set<NodeJS.Timeout>();
  #spent = 0;
  #expired: StoreChange[] = [];
  #stopped = false;

  constructor(options: QuotaOptions) {
    this.alerts = options.alerts;
    this.#windowMs = options.windowMs;
    // Timers may fire early, and two clocks do not run at the same rate: 25 ms and a thousandth of the window.
    this.#marginMs = 25 + options.windowMs / 1000;
    this.#clock = options.clock;
    this.#limiter = new Bottleneck({ reservoir: options.alerts });
  }

  /** Alerts spent and not yet given back. */
  get spent(): number {
    return this.#spent;
  }

  /**
   * Largest update, at most `wanted`, that lets (nearly) all of the quota be used: 100 alerts a window in updates of 60
   * would leave 40 unused, in updates of 50 none.
   */
  updateSize(wanted: number): number {
    const size = Math.min(wanted, this.alerts);
    if ((this.alerts % size) / this.alerts <= TOLERATED_REST) return size;
    return Math.floor(this.alerts / Math.ceil(this.alerts / size));
  }

  /** Takes over the records of an earlier run (or of the time before a redeploy). */
  async restore(records: readonly (readonly [key: string, value: string])[]): Promise<void> {
    const now = this.#clock.now();
    for (const [key, value] of records) {
      const record = parseRecord(value);
      const [alerts, answeredAtMs] = record ?? [0, 0];
      // No answer was noted: the tenant may have counted it as late as now. Clocks that were set back must not hold it longer.
      const leftMs = Math.min(this.#windowMs, (answeredAtMs ?? now) + this.#windowMs - now);
      if (record === undefined || leftMs <= 0) this.#expired.push({ type: "del", key });
      else {
        this.#spent += alerts;
        await this.#limiter.incrementReservoir(-alerts);
        this.#giveBackLater(alerts, leftMs + this.#marginMs, key);
      }
    }
  }

  /** Waits until `alerts` fit, first come first served. @throws BottleneckError after {@link stop} */
  async take(alerts: number): Promise<Spend> {
    await this.#limiter.schedule({ weight: alerts }, () => Promise.resolve());
    this.#spent += alerts;
    const key = SPENT.gte + randomUUID();
    return {
      taken: { type: "put", key, value: JSON.stringify([alerts, null]) },
      settle: (counted) => {
        if (!counted) {
          this.#giveBack(alerts);
          return { type: "del", key };
        }
        this.#giveBackLater(alerts, this.#windowMs + this.#marginMs, key);
        return { type: "put", key, value: JSON.stringify([alerts, this.#clock.now()]) };
      },
    };
  }

  /** Changes that take records of the past off the disk; they ride along with the next write. */
  drainExpired(): StoreChange[] {
    const expired = this.#expired;
    this.#expired = [];
    return expired;
  }

  /** Ends all waiting {@link take} calls and all timers. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await this.#limiter.stop({ dropWaitingJobs: true });
  }

  #giveBackLater(alerts: number, afterMs: number, key: string): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#expired.push({ type: "del", key });
      this.#giveBack(alerts);
    }, afterMs);
    this.#timers.add(timer);
  }

  #giveBack(alerts: number): void {
    if (this.#stopped) return;
    this.#spent -= alerts;
    // The local reservoir is a number in memory: it has no way to fail but a stopped limiter.
    this.#limiter.incrementReservoir(alerts).catch(() => undefined);
  }
}

function parseRecord(value: string): [number, number | null] | undefined {
  try {
    const parsed = spentSchema.safeParse(JSON.parse(value));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
