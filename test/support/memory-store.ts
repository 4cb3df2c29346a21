import type { Store, StoreChange, StoreRange } from "../../nodes/lib/store/store";
import { XdrError } from "../../nodes/lib/errors";

/** What survives a kill: the entries that were written completely. */
export class MemoryDisk {
  readonly entries = new Map<string, string>();
  writes = 0;
  /** Told before each write; what it throws fails the write, before or after it is done. */
  onWrite: (phase: "before" | "after") => void = () => undefined;
  /** Told before each read; what it throws fails the read. */
  onRead: () => void = () => undefined;

  /** Opens it. Each opening is another {@link Store}, as with a real one. */
  open(): Store {
    return new MemoryStore(this);
  }
}

/** {@link Store} in memory with the semantics of the real ones: all or nothing, and unusable after a failed write. */
class MemoryStore implements Store {
  readonly #disk: MemoryDisk;
  #hasFailed = false;

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
  }

  async get(key: string): Promise<string | undefined> {
    await Promise.resolve();
    this.#disk.onRead();
    return this.#disk.entries.get(key);
  }

  async read({ gte, gt, lt, limit = Infinity }: StoreRange): Promise<[string, string][]> {
    await Promise.resolve();
    this.#disk.onRead();
    const found = [...this.#disk.entries].filter(
      ([key]) => key < lt && (gte === undefined || key >= gte) && (gt === undefined || key > gt),
    );
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit);
  }

  async write(changes: readonly StoreChange[]): Promise<void> {
    await Promise.resolve();
    if (this.#hasFailed) throw new XdrError("STORE_FAILED", "A write failed before.");
    try {
      this.#disk.onWrite("before");
      for (const change of changes) {
        if (change.type === "put") this.#disk.entries.set(change.key, change.value);
        else this.#disk.entries.delete(change.key);
      }
      this.#disk.writes += 1;
      this.#disk.onWrite("after");
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
