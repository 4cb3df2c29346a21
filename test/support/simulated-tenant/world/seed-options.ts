import { integerIn, type Random } from "../../virtual-random";

/** A world that one integer makes. */
export interface SeedOptions {
  readonly seed: number;
  /** From when on things happen, epoch milliseconds on the tenant's clock. */
  readonly startMs: number;
  /** How long they go on. */
  readonly spanMs: number;
  /** Alerts at random moments, beside those of `ties` and `burst`. @default 0 */
  readonly alerts?: number;
  /** @default 0 */
  readonly incidents?: number;
  /** @default 0 */
  readonly endpoints?: number;
  /** Share of alerts, incidents and changes of incidents that can be read late: they are older than their appearance. @default 0.1 */
  readonly lateShare?: number;
  /** How late at most, milliseconds. @default 600_000 */
  readonly maxLateMs?: number;
  /** Sizes of groups of alerts that were detected, and stored, at the same moment. @default [] */
  readonly ties?: readonly number[];
  /** Alerts that are stored within a few seconds. @default none */
  readonly burst?: { readonly alerts: number; /** @default 3_000 */ readonly withinMs?: number };
  /** Share of alerts that get resolved. @default 0.2 */
  readonly resolvedShare?: number;
  /** Share of alerts, incidents and endpoints that vanish. @default 0 */
  readonly removedShare?: number;
  /** Most changes of one incident. @default 5 */
  readonly maxChanges?: number;
  /** Share of incidents whose `creation_time` moves while `modification_time` does not. @default 0 */
  readonly driftShare?: number;
}

/** All of it, with defaults. */
export type FullSeedOptions = Required<Omit<SeedOptions, "burst">> & {
  readonly burst: { alerts: number; withinMs: number };
};

/** How much later than it was stored a record can be read, milliseconds; mostly 0. */
export function lateness(random: Random, { lateShare, maxLateMs }: FullSeedOptions): number {
  return random() < lateShare ? integerIn(random, 1, maxLateMs) : 0;
}

/** A moment of the span, not before `fromMs`. */
export function momentIn(random: Random, { startMs, spanMs }: FullSeedOptions, fromMs = startMs): number {
  return integerIn(random, fromMs, Math.max(fromMs, startMs + spanMs - 1));
}
