/** Lone failures in a row, with other alerts accepted meanwhile, after which a doubtful refusal is taken as final. */
const LONE_FAILURES = 3;
/** Witnesses that it takes while the tenant is unsteady: one that fails at random deceives us once in 2^10 times. */
const WITNESSES = 10;
/** Accepted updates after which a tenant that contradicted itself passes for steady again. */
const STEADY_AFTER = 100;
/**
 * Single alerts definitely refused in a row, none accepted in between, after which a definite refusal counts as doubtful: a
 * proxy may answer 400 to everything, and the dead letters that are kept (ten times as many) must not overflow for that.
 */
const MAX_REFUSED_IN_A_ROW = 1_000;

/** Alerts that probes choose from at most: they are held in memory. */
const MAX_REACH = 6_000;

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
 *
 * An outage may also be partial: some requests fail, whatever they hold. It shows in contradictions (what was refused is
 * accepted when sent again) and in refusals of the others. Then alert and others are sent in turn, and the alert has to
 * fail until {@link WITNESSES} others were accepted; that many before the alert itself, by chance, are as rare at any rate
 * of failure.
 */
export class Suspicion {
  /** Length of the head that is known to hold a refused alert; 0 = no suspicion. */
  #length = 0;
  #loneFailures = 0;
  #probes = 0;
  #othersAccepted = false;
  /** The head has failed alone since another alert was tried. */
  #isOthersTurn = false;
  /** Accepted updates still to come until the tenant passes for steady. */
  #unsteadyFor = 0;
  /** Others accepted, each after a lone failure of the head, since the tenant last contradicted itself. */
  #witnesses = 0;
  #refusedInARow = 0;

  /** Definite refusals count as doubtful now: whoever sends on is to wait as after an outage. */
  get doubtsAll(): boolean {
    return this.#refusedInARow >= MAX_REFUSED_IN_A_ROW;
  }

  get active(): boolean {
    return this.#length > 0;
  }

  /** How many alerts of the queue {@link next} wants to choose from, for updates of `largest`: more, the longer no other passes. */
  wanted(largest: number): number {
    return Math.min(largest * (1 + this.#probes), MAX_REACH);
  }

  /** What to send next, of `available` alerts and at most `largest` at once. */
  next(available: number, largest: number): Selection {
    const reach = Math.min(available, largest);
    if (this.#length === 0) return { offset: 0, size: reach };
    if (this.#length > 1) return { offset: 0, size: Math.max(1, Math.min(reach, Math.floor(this.#length / 2))) };
    if (this.#isOthersTurn && available > 1) return { offset: this.#probeOf(available), size: 1 };
    return { offset: 0, size: 1 };
  }

  accepted({ offset, size }: Selection): void {
    this.#refusedInARow = 0;
    this.#unsteadyFor = Math.max(0, this.#unsteadyFor - 1);
    if (this.#length === 0) return;
    if (offset > 0) {
      this.#isOthersTurn = false;
      this.#witnesses += 1;
    } else if (size >= this.#length) {
      // All that was refused before is accepted now.
      this.#doubtTenant();
      this.#witnesses = 0;
    }
    if (!this.#othersAccepted) this.#loneFailures = Math.min(this.#loneFailures, 1);
    this.#othersAccepted = true;
    if (offset > 0) return;
    this.#length = Math.max(0, this.#length - size);
    if (this.#length === 0) this.clear();
  }

  /** Returns whether the one alert of `pick` is to be given up. */
  refused({ offset, size }: Selection, kind: "definite" | "doubtful"): boolean {
    const isFinal = kind === "definite" && this.#refusedInARow < MAX_REFUSED_IN_A_ROW;
    if (size === 1) this.#refusedInARow += 1;
    if (offset > 0) {
      this.#probes += 1;
      this.#isOthersTurn = false;
      if (!isFinal) this.#doubtTenant();
      return isFinal;
    }
    this.#length = size;
    if (size > 1) return false;
    if (isFinal) return true;
    this.#loneFailures += 1;
    this.#isOthersTurn = !this.#othersAccepted || this.#unsteadyFor > 0 || this.#loneFailures === LONE_FAILURES - 1;
    const isCertain = this.#unsteadyFor === 0 || this.#witnesses >= WITNESSES;
    return this.#othersAccepted && this.#loneFailures >= LONE_FAILURES && isCertain;
  }

  clear(): void {
    this.#length = 0;
    this.#loneFailures = 0;
    this.#probes = 0;
    this.#othersAccepted = false;
    this.#isOthersTurn = false;
  }

  #doubtTenant(): void {
    this.#unsteadyFor = STEADY_AFTER;
  }

  /** Spread over all that is there, because what makes one alert poison often does so to its neighbours. */
  #probeOf(available: number): number {
    const golden = (this.#probes * 0.618) % 1;
    return 1 + Math.floor(golden * (available - 1));
  }
}
