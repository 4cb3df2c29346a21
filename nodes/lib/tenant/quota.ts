import { randomUUID } from "node:crypto";
import Bottleneck from "bottleneck";
import { z } from "zod";
import type { Clock } from "../clock";
import type { StoreChange } from "../store/store";
import type { Quota, Spend } from "./quota-api";

/** Range of the quota's records in the store: `w/<id>` -> `[alerts, answeredAtMs | null]`. */
export const SPENT = { gte: "w/", lt: "w0" } as const;

const spentSchema = z.tuple([z.int().positive(), z.number().nullable()]);

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
export class InsertQuota implements Quota {
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
    // Timers may fire a little early, and two clocks do not run at the same rate.
    this.#marginMs = 5 + options.windowMs / 1000;
    this.#clock = options.clock;
    this.#limiter = new Bottleneck({ reservoir: options.alerts });
  }

  /** Alerts spent and not yet given back. */
  get spent(): number {
    return this.#spent;
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

  announce(alerts: number): Spend {
    const key = SPENT.gte + randomUUID();
    let isTaken = false;
    return {
      noted: [{ type: "put", key, value: JSON.stringify([alerts, null]) }],
      take: async () => {
        await this.#limiter.schedule({ weight: alerts }, () => Promise.resolve());
        isTaken = true;
        this.#spent += alerts;
      },
      settle: (counted, lateMs = 0) => {
        if (counted) this.#giveBackLater(alerts, lateMs + this.#windowMs + this.#marginMs, key);
        else if (isTaken) this.#giveBack(alerts);
        return [
          counted
            ? { type: "put", key, value: JSON.stringify([alerts, this.#clock.now() + lateMs]) }
            : { type: "del", key },
        ];
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
