import type { Vault, Work } from "./vault";
import type { StoreChange } from "../store/store";

interface Owed {
  readonly work: Work;
  readonly after: () => void;
}

/**
 * What the tenant has decided and the disk does not know yet. It rides along with the next update's write where one
 * follows at once, so that an update costs one fsync; nothing may be sent before it is paid.
 */
export class Settlements {
  readonly #vault: Vault;
  readonly #stopping: AbortSignal;
  #owed: Owed[] = [];
  /** The vault's generation that the debts are from. */
  #generation = 0;

  constructor(vault: Vault, stopping: AbortSignal) {
    this.#vault = vault;
    this.#stopping = stopping;
  }

  /** @param after called once it is on disk; must not throw */
  owe(work: Work, after: () => void = () => undefined): void {
    this.#forgetOld();
    this.#owed.push({ work, after });
  }

  /**
   * Writes all that is owed, and `more`, at once. A failing store is waited for: what the tenant has decided must not be
   * forgotten. @throws XdrError only while stopping, or when another process owned the store meanwhile: then the tenant
   * may see these alerts again
   */
  async pay(more: readonly StoreChange[] = []): Promise<void> {
    this.#forgetOld();
    if (this.#owed.length === 0 && more.length === 0) return;
    const changes = [...this.#owed.flatMap(({ work }) => work.changes), ...more];
    const stored = new Map<string, number>();
    for (const { work } of this.#owed) {
      for (const [origin, count] of work.stored) stored.set(origin, (stored.get(origin) ?? 0) + count);
    }
    await this.#submit({ changes, stored });
    const paid = this.#owed;
    this.#owed = [];
    for (const { after } of paid) after();
  }

  /** Another process owned the store meanwhile: it has dealt with those alerts, or will. */
  #forgetOld(): void {
    if (this.#generation === this.#vault.generation) return;
    this.#generation = this.#vault.generation;
    this.#owed = [];
  }

  async #submit(work: Work): Promise<void> {
    const { generation } = this.#vault;
    for (;;) {
      try {
        await this.#vault.submit(work);
        return;
      } catch (error) {
        if (this.#stopping.aborted) throw error;
        await this.#vault.whenReady(this.#stopping);
        if (this.#vault.generation !== generation) throw error;
      }
    }
  }
}
