import { mulberry32, type Random } from "../virtual-random";
import { Faults } from "./faults";
import type { TenantOptions } from "./options";
import type { RecordedRequest } from "./records";
import { Spending } from "./spending";
import { InsertedAlerts } from "./world/inserted-alerts";
import { World } from "./world/world";

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

/** All that a tenant remembers. Routes read and write it. */
export class TenantState {
  readonly faults = new Faults();
  readonly requests: RecordedRequest[] = [];
  readonly accepted: AcceptedAlert[] = [];
  readonly stored = new Map<string, StoredAlert>();
  readonly poisons = new Set<Poison>();
  readonly seenNonces = new Set<string>();
  readonly requestRate = new Spending();
  readonly alertQuota = new Spending();
  /** Calls of `get_incident_extra_data`. */
  readonly extraData = new Spending();
  /** What can be read: its own records, and what was inserted. */
  readonly world: World;
  /** Decides every order that nobody asked for. */
  readonly random: Random;
  /** Calls refused for the requests a second. */
  rateRefusals = 0;
  /** Updates refused for the alert quota. */
  quotaRefusals = 0;
  /** Called after every recorded request. */
  onRequest: () => void = () => undefined;
  readonly #options: TenantOptions;
  readonly #inserted = new InsertedAlerts();
  #lastId = 0;

  constructor(options: TenantOptions) {
    this.#options = options;
    this.random = mulberry32(options.seed);
    this.world = new World(
      () => options.now(),
      () => this.#inserted.pull(this.world, options.readBackDelayMs),
    );
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
      const stored = { id, alert, count: 1, firstReceivedAtMs: receivedAtMs, lastReceivedAtMs: receivedAtMs };
      this.stored.set(key, stored);
      this.#inserted.note(stored);
      return;
    }
    known.alert = alert;
    known.count += 1;
    known.lastReceivedAtMs = receivedAtMs;
    this.#inserted.note(known);
  }
}
