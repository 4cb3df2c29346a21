import { StoreHandle, asStoreError } from "./store-handle";
import type { OpenedStore, Store } from "./store";
import { XdrError } from "../errors";

/**
 * One store for several users, opened by the first and again after a failure. A user takes it with {@link use} for one piece
 * of work: when the store fails in between, the rest of that work fails too, and what it remembers of the content is void.
 */
export interface SharedStore {
  /** The store as it is open now; opens it when it is not. Concurrent calls share one opening. @throws XdrError `STORE_*` */
  use(): Promise<Store>;
  /** Ends it after the operations under way. Later calls of `use` reject with `XDR_CANCELLED`. Never rejects. */
  close(): Promise<void>;
}

export interface SharedStoreOptions {
  /** @param damages how often in a row the store turned out to be damaged after it had opened */
  readonly open: (damages: number) => Promise<OpenedStore>;
  /** Told once for each damage that an opening had to mend. */
  readonly onDamage: (damage: NonNullable<OpenedStore["damage"]>) => void;
}

/** Above every key. */
const END = "\uffff";
/** Entries read at once when all are looked at. */
const CHECKED_AT_ONCE = 500;

/** Makes a shared store. Nothing is opened before the first {@link SharedStore.use}. */
export function openSharedStore(options: SharedStoreOptions): SharedStore {
  return new LazyStore(options);
}

class LazyStore implements SharedStore {
  readonly #options: SharedStoreOptions;
  #handle: StoreHandle | undefined;
  #opening: Promise<StoreHandle> | undefined;
  /** The last failed store, until it is closed: the old handle must be gone before the folder can be opened again. */
  #ending: Promise<void> = Promise.resolve();
  #damages = 0;
  #closed: Promise<void> | undefined;

  constructor(options: SharedStoreOptions) {
    this.#options = options;
  }

  use(): Promise<Store> {
    if (this.#closed !== undefined) return Promise.reject(closed());
    if (this.#handle !== undefined) return Promise.resolve(this.#handle);
    return (this.#opening ??= this.#open().finally(() => (this.#opening = undefined)));
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#end());
  }

  async #end(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    this.#handle?.fail(closed());
    await this.#ending;
  }

  async #open(): Promise<StoreHandle> {
    await this.#ending;
    if (this.#closed !== undefined) throw closed();
    let opened: OpenedStore | undefined;
    try {
      opened = await this.#options.open(this.#damages);
      // What the repair left in place would only show when somebody comes to read it, each time anew.
      if (this.#damages > 0) await readEverything(opened.store);
    } catch (error) {
      await opened?.store.close().catch(() => undefined);
      const problem = asStoreError(error);
      if (problem.code === "STORE_DAMAGED") this.#damages += 1;
      throw problem;
    }
    if (opened.damage !== undefined) this.#options.onDamage(opened.damage);
    return this.#offer(opened);
  }

  #offer({ store, lost }: OpenedStore): StoreHandle {
    const handle = new StoreHandle(store, {
      onSuccess: () => (this.#damages = 0),
      onFailure: (problem) => {
        if (problem.code === "STORE_DAMAGED") this.#damages += 1;
        this.#handle = undefined;
        this.#ending = handle.ended;
      },
    });
    this.#handle = handle;
    void lost?.then((problem) => handle.fail(problem));
    return handle;
  }
}

/** @throws XdrError `STORE_DAMAGED` when an entry cannot be read, in its range or by its key */
async function readEverything(store: Store): Promise<void> {
  for (let after: string | undefined = ""; after !== undefined;) {
    const rows = await store.read({ gt: after, lt: END, limit: CHECKED_AT_ONCE });
    for (const [key] of rows) {
      if ((await store.get(key)) === undefined) throw new XdrError("STORE_DAMAGED", "The store's index is damaged.");
    }
    after = rows.at(-1)?.[0];
  }
}

function closed(): XdrError {
  return new XdrError("XDR_CANCELLED", "The store is closed: Node-RED stops or redeploys.", { outcome: "unsent" });
}
