import { Faults } from "./faults";
import type { TenantOptions } from "./options";
import type { RecordedRequest } from "./records";
import { Spending } from "./spending";

/** One alert the tenant took, as it was sent. */
export interface AcceptedAlert {
  readonly alert: Readonly<Record<string, unknown>>;
  /** When its update was decided, epoch milliseconds on the tenant's clock. */
  readonly receivedAtMs: number;
  /** `id` of the request in the records. */
  readonly requestId: number;
}

/** One alert as the console would show it: later alerts of the same name, vendor and product are merged into it. */
export interface StoredAlert {
  /** Counts from 1. */
  readonly id: number;
  /** The latest. */
  alert: Readonly<Record<string, unknown>>;
  /** How many were merged. */
  count: number;
  readonly firstReceivedAtMs: number;
  lastReceivedAtMs: number;
}

/** Alerts that make the tenant refuse their whole update. */
export interface Poison {
  readonly matches: (alert: Readonly<Record<string, unknown>>) => boolean;
  readonly status: 400 | 500;
}

/** All that a tenant remembers. Routes read and write it; a later part adds its own fields here. */
export class TenantState {
  readonly faults = new Faults();
  readonly requests: RecordedRequest[] = [];
  readonly accepted: AcceptedAlert[] = [];
  readonly stored = new Map<string, StoredAlert>();
  readonly poisons = new Set<Poison>();
  readonly seenNonces = new Set<string>();
  readonly requestRate = new Spending();
  readonly alertQuota = new Spending();
  /** Calls refused for the requests a second. */
  rateRefusals = 0;
  /** Updates refused for the alert quota. */
  quotaRefusals = 0;
  /** Called after every recorded request. */
  onRequest: () => void = () => undefined;
  readonly #options: TenantOptions;
  #lastId = 0;

  constructor(options: TenantOptions) {
    this.#options = options;
  }

  get options(): TenantOptions {
    return this.#options;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** What of the quota is still free at `nowMs`. */
  freeQuota(nowMs: number): number {
    const { quotaAlerts, quotaSeconds, window } = this.#options;
    const windowMs = quotaSeconds * 1000;
    const spent =
      window === "sliding"
        ? this.alertQuota.sumAfter(nowMs - windowMs)
        : this.alertQuota.sumFrom(Math.floor(nowMs / windowMs) * windowMs);
    return quotaAlerts - spent;
  }

  /** Takes one alert: into the list of all, and into the merged view. */
  accept(alert: Readonly<Record<string, unknown>>, receivedAtMs: number, requestId: number): void {
    this.accepted.push({ alert, receivedAtMs, requestId });
    const identity = [alert["alert_name"], alert["vendor"], alert["product"]];
    const key = JSON.stringify(this.#options.merge ? identity : this.accepted.length);
    const known = this.stored.get(key);
    if (known === undefined) {
      const id = this.stored.size + 1;
      this.stored.set(key, { id, alert, count: 1, firstReceivedAtMs: receivedAtMs, lastReceivedAtMs: receivedAtMs });
      return;
    }
    known.alert = alert;
    known.count += 1;
    known.lastReceivedAtMs = receivedAtMs;
  }
}
