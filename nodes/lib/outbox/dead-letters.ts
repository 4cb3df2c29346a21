import { DEAD, deadKey, decodeDead, encodeEntry, queueKey, type DeadEntry } from "./entries";
import type { Vault } from "./vault";
import type { Clock } from "../clock";
import type { StoreChange } from "../store/store";

/** Dead letters kept on disk per tenant; beyond, the oldest go (each has left on output 3 before). */
export const MAX_DEAD_LETTERS = 10_000;
/** Dead letters moved in one write. */
const PAGE = 500;

/** Alerts the tenant refused for good, kept until they are replayed or discarded. */
export class DeadLetters {
  readonly #vault: Vault;
  readonly #clock: Clock;

  constructor(vault: Vault, clock: Clock) {
    this.#vault = vault;
    this.#clock = clock;
  }

  kept(origin: string): number {
    return this.#vault.deadKept.get(origin) ?? 0;
  }

  /** One more was buried; keeps the bound. @throws XdrError when the store fails */
  async added(origin: string): Promise<void> {
    this.#count(origin, 1);
    let total = 0;
    for (const count of this.#vault.deadKept.values()) total += count;
    if (total <= MAX_DEAD_LETTERS) return;
    const oldest = await this.#page(DEAD.gte, total - MAX_DEAD_LETTERS);
    await this.#remove(oldest);
  }

  /**
   * Puts all dead letters of `origin` (and of nodes that are gone, as told by `isGone`) back at the end of the queue.
   * @returns how many
   */
  async replay(origin: string, isGone: (origin: string) => boolean): Promise<number> {
    return this.#each(origin, isGone, async (entries) => {
      const changes: StoreChange[] = [];
      const stored = new Map<string, number>();
      for (const entry of entries) {
        const seq = this.#vault.nextSeq();
        const value = encodeEntry({ origin: entry.origin, queuedAtMs: this.#clock.now(), alert: entry.alert });
        changes.push({ type: "del", key: deadKey(entry.seq) }, { type: "put", key: queueKey(seq), value });
        stored.set(entry.origin, (stored.get(entry.origin) ?? 0) + 1);
      }
      await this.#vault.submit({ changes, stored });
      for (const entry of entries) {
        const { live } = this.#vault.counters(entry.origin);
        // A dead letter of a store that lost its counters may not have been counted.
        if (live.dead > 0) live.dead -= 1;
        else live.received += 1;
        live.waiting += 1;
        this.#count(entry.origin, -1);
      }
    });
  }

  /** Deletes them instead; they stay counted as dead. @returns how many */
  async discard(origin: string, isGone: (origin: string) => boolean): Promise<number> {
    return this.#each(origin, isGone, (entries) => this.#remove(entries));
  }

  async #each(
    origin: string,
    isGone: (origin: string) => boolean,
    action: (entries: readonly DeadEntry[]) => Promise<void>,
  ): Promise<number> {
    let count = 0;
    let from: string = DEAD.gte;
    for (;;) {
      const entries = await this.#page(from, PAGE);
      const last = entries.at(-1);
      if (last === undefined) return count;
      const wanted = entries.filter((entry) => entry.origin === origin || isGone(entry.origin));
      if (wanted.length > 0) await action(wanted);
      count += wanted.length;
      from = deadKey(last.seq);
    }
  }

  async #page(after: string, limit: number): Promise<DeadEntry[]> {
    const rows = await this.#vault.read({ gt: after, lt: DEAD.lt, limit });
    return rows.map(([key, value]) => decodeDead(key, value)).filter((entry) => entry !== undefined);
  }

  async #remove(entries: readonly DeadEntry[]): Promise<void> {
    const changes = entries.map(({ seq }) => ({ type: "del", key: deadKey(seq) }) as const);
    await this.#vault.submit({ changes, stored: new Map() });
    for (const { origin } of entries) this.#count(origin, -1);
  }

  #count(origin: string, change: number): void {
    this.#vault.deadKept.set(origin, Math.max(0, this.kept(origin) + change));
  }
}
