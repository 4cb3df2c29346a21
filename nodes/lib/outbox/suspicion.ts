/** Lone failures in a row, with other alerts accepted meanwhile, after which a doubtful refusal is taken as final. */
const LONE_FAILURES = 3;

/** Which alerts of the queue's head the next update holds. */
export interface Selection {
  readonly offset: number;
  readonly size: number;
}

/**
 * Finds the alert because of which the tenant refuses an update, by halving, always at the head of the queue so that
 * order is kept: 60 refused, 30 refused, 15 accepted, 7 ... At most 12 requests find one in 60.
 *
 * Two kinds of refusal. **Definite** (400): the tenant says that this very request is wrong. **Doubtful** (500): it may
 * also be an outage, in which every alert would look poisoned. So after a doubtful one an alert is given up only when it
 * failed {@link LONE_FAILURES} times alone while another alert was accepted; until one is, another is tried in turn.
 */
export class Suspicion {
  /** Length of the head that is known to hold a refused alert; 0 = no suspicion. */
  #length = 0;
  #loneFailures = 0;
  #probes = 0;
  #othersAccepted = false;

  get active(): boolean {
    return this.#length > 0;
  }

  /** What to send next, of `available` alerts and at most `largest` at once. */
  next(available: number, largest: number): Selection {
    const reach = Math.min(available, largest);
    if (this.#length === 0) return { offset: 0, size: reach };
    if (this.#length > 1) return { offset: 0, size: Math.max(1, Math.min(reach, Math.floor(this.#length / 2))) };
    const wantsProbe = !this.#othersAccepted && this.#loneFailures > this.#probes;
    if (wantsProbe && reach > 1) return { offset: 1 + (this.#probes % (reach - 1)), size: 1 };
    return { offset: 0, size: 1 };
  }

  accepted({ offset, size }: Selection): void {
    if (this.#length === 0) return;
    if (!this.#othersAccepted) this.#loneFailures = Math.min(this.#loneFailures, 1);
    this.#othersAccepted = true;
    if (offset > 0) return;
    this.#length = Math.max(0, this.#length - size);
    if (this.#length === 0) this.clear();
  }

  /** Returns whether the one alert of `pick` is to be given up. */
  refused({ offset, size }: Selection, kind: "definite" | "doubtful"): boolean {
    if (offset > 0) {
      this.#probes += 1;
      return kind === "definite";
    }
    this.#length = size;
    if (size > 1) return false;
    if (kind === "definite") return true;
    this.#loneFailures += 1;
    return this.#othersAccepted && this.#loneFailures >= LONE_FAILURES;
  }

  clear(): void {
    this.#length = 0;
    this.#loneFailures = 0;
    this.#probes = 0;
    this.#othersAccepted = false;
  }
}
