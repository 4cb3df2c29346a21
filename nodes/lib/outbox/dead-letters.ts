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
  /** The last of the commands, which run one after the other: two at once would both move the same dead letters. */
  #last: Promise<unknown> = Promise.resolve();

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
    if (this.#total() <= MAX_DEAD_LETTERS) return;
    await this.#inTurn(async () => this.#remove(await this.#page(DEAD.gte, this.#total() - MAX_DEAD_LETTERS)));
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
        const { origin: owner, alert, error } = entry;
        const value = encodeEntry({ origin: owner, queuedAtMs: this.#clock.now(), alert, replayed: error });
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

  #each(
    origin: string,
    isGone: (origin: string) => boolean,
    action: (entries: readonly DeadEntry[]) => Promise<void>,
  ): Promise<number> {
    return this.#inTurn(() => this.#eachOnce(origin, isGone, action));
  }

  async #eachOnce(
    origin: string,
    isGone: (origin: string) => boolean,
    action: (entries: readonly DeadEntry[]) => Promise<void>,
  ): Promise<number> {
    // Those that are refused again meanwhile are buried behind it; they wait for the next command.
    const end = this.#vault.nextSeq();
    let count = 0;
    let from: string = DEAD.gte;
    for (;;) {
      const entries = await this.#page(from, PAGE, deadKey(end));
      const last = entries.at(-1);
      if (last === undefined) return count;
      const wanted = entries.filter((entry) => entry.origin === origin || isGone(entry.origin));
      if (wanted.length > 0) await action(wanted);
      count += wanted.length;
      from = deadKey(last.seq);
    }
  }

  async #page(after: string, limit: number, before: string = DEAD.lt): Promise<DeadEntry[]> {
    if (limit <= 0) return [];
    const rows = await this.#vault.read({ gt: after, lt: before, limit });
    return rows.map(([key, value]) => decodeDead(key, value)).filter((entry) => entry !== undefined);
  }

  async #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #total(): number {
    let total = 0;
    for (const count of this.#vault.deadKept.values()) total += count;
    return total;
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
