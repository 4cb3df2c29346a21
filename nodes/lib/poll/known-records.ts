import { XdrError } from "../errors";
import type { Store, StoreChange } from "../store/store";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint";
import {
  dropPage,
  encodeHeader,
  type PollKeys,
  readHeader,
  readHeaders,
  unpackPage,
  type Entry,
  type KnownState,
} from "./known-pages";
import { queueEntries } from "./extra-data";
import { isObject } from "./page";
import type { XdrRecord } from "./poller-api";
import type { ResourceShape } from "./resources";

/** What is remembered of a record in memory. */
export interface Known {
  readonly revision: number;
  readonly row: number;
  readonly time: number | null;
  readonly version: string | null;
  readonly state: KnownState;
}

/** What a page changes in what is known. */
export interface Learned {
  /** A page, with the entries that are known from it from now on. */
  readonly page?: { readonly archive: string; readonly entries: readonly Entry[] };
  /** Ids to forget. */
  readonly dropped?: readonly string[];
  /** Incidents whose extra data are to be fetched. */
  readonly wanted?: readonly string[];
  /** Fields of the checkpoint. */
  readonly checkpoint?: Partial<Checkpoint>;
}

/** Parsed pages kept for comparison: neighbours in time mostly stand in the same page. */
const CACHED_PAGES = 8;

/**
 * What a poller knows, on disk and, as far as it is asked for, in memory. Every {@link learn} is one durable write.
 * A write that fails is made good before anything else once the store works again: its records have left already.
 */
export class KnownRecords {
  readonly #keys: PollKeys;
  readonly #shape: ResourceShape;
  readonly #index = new Map<string, Known>();
  /** Latest time in each page; infinite when one of its records has none. */
  readonly #pages = new Map<number, number>();
  readonly #cache = new Map<number, readonly unknown[]>();
  #store: Store | undefined;
  #checkpoint: Checkpoint | undefined;
  /** What could not be written, and after which revision. */
  #unsaved: { readonly revision: number; readonly learned: Learned } | undefined;
  #isComplete = true;

  constructor(keys: PollKeys, shape: ResourceShape) {
    this.#keys = keys;
    this.#shape = shape;
  }

  /** @throws XdrError before {@link open} */
  get checkpoint(): Checkpoint {
    if (this.#checkpoint === undefined) throw new XdrError("STORE_FAILED", "The checkpoint has not been read yet.");
    return this.#checkpoint;
  }

  /** Whether there is a checkpoint in memory. */
  get isOpen(): boolean {
    return this.#checkpoint !== undefined;
  }

  get(id: string): Known | undefined {
    return this.#index.get(id);
  }

  get ids(): IterableIterator<[string, Known]> {
    return this.#index.entries();
  }

  /**
   * Takes up what the store knows; what is in memory already is not read again. `fresh` makes the checkpoint of a new node,
   * or of one whose scope has changed: then everything known is dropped first.
   * @returns what kept an older checkpoint from being used
   * @throws XdrError `STORE_*`
   */
  async open(store: Store, fresh: Checkpoint): Promise<"changed" | "damaged" | undefined> {
    if (store === this.#store) return undefined;
    this.#store = undefined;
    const { found, isUnreadable } = await this.#readCheckpoint(store);
    const isOther = isUnreadable || (found !== undefined && found.scope !== fresh.scope);
    const obstacle = isUnreadable ? "damaged" : isOther ? "changed" : undefined;
    if (found === undefined || isOther) await this.#beginAnew(store, fresh);
    try {
      await this.#takeUp(store, isOther ? fresh : (found ?? fresh));
      return obstacle;
    } catch (error) {
      if (!(error instanceof XdrError) || error.code !== "STORE_DAMAGED") throw error;
    }
    await this.#beginAnew(store, fresh);
    await this.#takeUp(store, fresh);
    return "damaged";
  }

  /** Writes what could not be written before, for the last time. @throws XdrError `STORE_*` */
  async settle(openStore: () => Promise<Store>): Promise<void> {
    if (this.#unsaved === undefined) return;
    const store = await openStore();
    const { found } = await this.#readCheckpoint(store);
    // A node with other settings may have begun already.
    if (found !== undefined && found.scope === this.checkpoint.scope) await this.#takeUp(store, found);
  }

  /** Brings everything that is known into memory. @throws XdrError `STORE_*` */
  async recall(): Promise<void> {
    this.#index.clear();
    this.#pages.clear();
    this.#cache.clear();
    for await (const [revision, entries] of readHeaders(this.#open, this.#keys)) this.#note(revision, entries);
    this.#isComplete = true;
  }

  /** Whether all that is known is in memory. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Frees the memory of records before `timeMs`; they stay on disk. */
  forgetBefore(timeMs: number): void {
    for (const [id, { time }] of this.#index) {
      if (time !== null && time < timeMs && this.#index.delete(id)) this.#isComplete = false;
    }
  }

  /** The record as it was last seen; undefined when it cannot be read any more. @throws XdrError `STORE_*` but damage */
  async recordOf({ revision, row }: Known): Promise<XdrRecord | undefined> {
    let rows = this.#cache.get(revision);
    if (rows === undefined) {
      rows = await this.#readPage(revision);
      this.#cache.set(revision, rows);
      const [oldest] = this.#cache.keys();
      if (this.#cache.size > CACHED_PAGES && oldest !== undefined) this.#cache.delete(oldest);
    }
    const record = rows[row];
    return isObject(record) ? record : undefined;
  }

  /** Writes what is new, all or nothing, and keeps it. @throws XdrError `STORE_*` */
  async learn(learned: Learned): Promise<void> {
    const { revision } = this.checkpoint;
    try {
      await this.#learn(this.#open, learned);
    } catch (error) {
      this.#store = undefined;
      this.#unsaved = { revision, learned };
      throw error;
    }
  }

  async #learn(store: Store, { page, dropped = [], wanted = [], checkpoint = {} }: Learned): Promise<void> {
    const revision = this.checkpoint.revision + 1;
    const next: Checkpoint = { ...this.checkpoint, ...checkpoint, revision };
    const changes: StoreChange[] = [
      { type: "put", key: this.#keys.checkpoint, value: encodeCheckpoint(next) },
      ...queueEntries(this.#keys, revision, wanted),
    ];
    const entries = page?.entries ?? [];
    const moved = new Set([...dropped, ...entries.map(({ id }) => id)]);
    const rewritten = new Map<number, readonly Entry[]>();
    for (const old of this.#pagesOf([...moved])) {
      const others = (await readHeader(store, this.#keys, old)).filter(({ id }) => !moved.has(id));
      rewritten.set(old, others);
      if (others.length === 0) changes.push(...dropPage(this.#keys, old));
      else changes.push({ type: "put", key: this.#keys.header(old), value: encodeHeader(others) });
    }
    if (page !== undefined && entries.length > 0) {
      changes.push(
        { type: "put", key: this.#keys.header(revision), value: encodeHeader(entries) },
        { type: "put", key: this.#keys.archive(revision), value: page.archive },
      );
    }
    await store.write(changes);
    this.#checkpoint = next;
    for (const id of dropped) this.#index.delete(id);
    for (const [old, others] of rewritten) this.#note(old, others);
    this.#note(revision, entries);
  }

  /** Drops all pages whose records are all from before `timeMs`. @throws XdrError `STORE_*` */
  async prune(timeMs: number): Promise<void> {
    const old = [...this.#pages].filter(([, latest]) => latest < timeMs).map(([revision]) => revision);
    if (old.length === 0) return;
    const keptFrom = Math.max(this.checkpoint.keptFrom, timeMs);
    const next: Checkpoint = { ...this.checkpoint, keptFrom, revision: this.checkpoint.revision + 1 };
    const store = this.#open;
    // Should it fail, whether it was done shows when the store is opened again.
    this.#store = undefined;
    await store.write([
      ...old.flatMap((revision) => dropPage(this.#keys, revision)),
      { type: "put", key: this.#keys.checkpoint, value: encodeCheckpoint(next) },
    ]);
    this.#store = store;
    this.#checkpoint = next;
    const gone = new Set(old);
    for (const revision of old) this.#pages.delete(revision);
    for (const [id, known] of this.#index) if (gone.has(known.revision)) this.#index.delete(id);
  }

  get #open(): Store {
    if (this.#store === undefined) throw new XdrError("STORE_FAILED", "The store of this node is not open.");
    return this.#store;
  }

  async #takeUp(store: Store, checkpoint: Checkpoint): Promise<void> {
    this.#checkpoint = checkpoint;
    this.#store = store;
    try {
      await this.recall();
      await this.#makeGood();
    } catch (error) {
      this.#store = undefined;
      throw error;
    }
  }

  /** Writes what could not be written when its records had left - unless it is there after all, or somebody else went on. */
  async #makeGood(): Promise<void> {
    const unsaved = this.#unsaved;
    this.#unsaved = undefined;
    if (unsaved?.revision === this.checkpoint.revision) await this.learn(unsaved.learned);
  }

  async #beginAnew(store: Store, fresh: Checkpoint): Promise<void> {
    await this.#clear(store);
    await store.write([{ type: "put", key: this.#keys.checkpoint, value: encodeCheckpoint(fresh) }]);
  }

  async #readCheckpoint(store: Store): Promise<{ found: Checkpoint | undefined; isUnreadable: boolean }> {
    const text = await store.get(this.#keys.checkpoint);
    try {
      return { found: text === undefined ? undefined : decodeCheckpoint(text), isUnreadable: false };
    } catch {
      return { found: undefined, isUnreadable: true };
    }
  }

  async #clear(store: Store): Promise<void> {
    for (const part of ["h", "a", "x"]) {
      const range = { gte: `${this.#keys.prefix}${part}/`, lt: `${this.#keys.prefix}${part}0`, limit: 20 };
      for (;;) {
        const rows = await store.read(range);
        if (rows.length === 0) break;
        await store.write(rows.map(([key]) => ({ type: "del", key })));
      }
    }
  }

  async #readPage(revision: number): Promise<readonly unknown[]> {
    const archive = await this.#open.get(this.#keys.archive(revision));
    if (archive === undefined) return [];
    try {
      return await unpackPage(archive, this.#shape);
    } catch {
      // The record is told without what it was before.
      return [];
    }
  }

  #pagesOf(ids: readonly string[]): Set<number> {
    const revisions = ids.map((id) => this.#index.get(id)?.revision);
    return new Set(revisions.filter((revision) => revision !== undefined));
  }

  #note(revision: number, entries: readonly Entry[]): void {
    this.#cache.delete(revision);
    if (entries.length === 0) {
      this.#pages.delete(revision);
      return;
    }
    for (const { id, row, time, version, state } of entries)
      this.#index.set(id, { revision, row, time, version, state });
    this.#pages.set(revision, Math.max(...entries.map(({ time }) => time ?? Infinity)));
  }
}
