import type { XdrError } from "../errors";

/** One change of a {@link Store.write}. Keys sort by their UTF-16 code units; use ASCII. */
export type StoreChange =
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "del"; readonly key: string };

/** Bounds of a {@link Store.read}: `gte` or `gt` up to (not including) `lt`, in key order, at most `limit` entries. */
export interface StoreRange {
  readonly gte?: string;
  readonly gt?: string;
  readonly lt: string;
  readonly limit?: number;
}

/**
 * Ordered key-value store that survives a kill. Two implementations: LevelDB below the user directory, and Redis.
 * All methods reject with an `XdrError` of a `STORE_*` code.
 */
export interface Store {
  get(key: string): Promise<string | undefined>;
  /** Entries of a range, ascending. */
  read(range: StoreRange): Promise<[key: string, value: string][]>;
  /**
   * Applies all changes or none, and resolves only after they are on disk (LevelDB: fsync of its log).
   * After a rejection the store must be closed and opened again: what follows a torn record could be lost.
   */
  write(changes: readonly StoreChange[]): Promise<void>;
  close(): Promise<void>;
}

/** What opening a store had to do to get it open. */
export interface OpenedStore {
  readonly store: Store;
  /** `repaired`: unreadable parts were left out. `set-aside`: nothing was readable; the old folder was kept as `keptAs`. */
  readonly damage?: { readonly kind: "repaired" | "set-aside"; readonly keptAs?: string } | undefined;
  /** One sentence when acknowledged writes could be lost in a power failure, with what to set. */
  readonly durabilityWarning?: string | undefined;
  /**
   * Changes when another process has owned (and perhaps changed) the store since this one opened it last: then nothing
   * that is remembered of its content holds. Left out by a store that nobody else can open.
   */
  readonly epoch?: number | undefined;
  /** Resolves with the reason when the store finds by itself that it can no longer be used. */
  readonly lost?: Promise<XdrError> | undefined;
}
