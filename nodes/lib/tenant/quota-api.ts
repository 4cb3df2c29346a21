import type { StoreChange } from "../store/store";

/** A share of the quota for one update. */
export interface Spend {
  /** To be on disk before {@link take}, so that a restart does not start with a full quota. */
  readonly noted: readonly StoreChange[];
  /** Waits until the share fits, first come first served. Rejects after {@link Quota.stop}. */
  take(): Promise<void>;
  /**
   * To be called once, when the request has ended or will not be made. With `counted` the share comes back one window
   * later, else (the tenant did not take the update) at once. Returns what to write.
   *
   * @param lateMs how long from now the tenant may still come to counting it, when it has not answered. @default 0
   */
  settle(counted: boolean, lateMs?: number): readonly StoreChange[];
}

/** The tenant's insert quota: at most `alerts` in any window of the tenant's clock. */
export interface Quota {
  /** Alerts per window. */
  readonly alerts: number;
  /** Alerts spent and not yet given back. */
  readonly spent: number;
  /** Prepares a share of `alerts`. */
  announce(alerts: number): Spend;
  /** Takes over the records of an earlier run (or of the time before a redeploy). */
  restore(records: readonly (readonly [key: string, value: string])[]): Promise<void>;
  /** Changes that take records of the past off the disk; they ride along with the next write. */
  drainExpired(): readonly StoreChange[];
  /** Ends all waiting {@link Spend.take} calls and all timers. */
  stop(): Promise<void>;
}

/** Share of the quota that may stay unused for the sake of full updates. */
const TOLERATED_REST = 0.01;

/**
 * Largest update, at most `wanted`, that lets (nearly) all of a quota be used: 100 alerts a window in updates of 60 would
 * leave 40 unused, in updates of 50 none.
 */
export function updateSizeFor(quotaAlerts: number, wanted: number): number {
  const size = Math.min(wanted, quotaAlerts);
  if ((quotaAlerts % size) / quotaAlerts <= TOLERATED_REST) return size;
  return Math.floor(quotaAlerts / Math.ceil(quotaAlerts / size));
}
