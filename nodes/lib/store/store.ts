/** One change of a {@link Store.write}. Keys sort by their UTF-16 code units; use ASCII. */
export type StoreChange =
  | { readonly type: "put"; readonly key: string; readonly value: string }
  | { readonly type: "del"; readonly key: string };

/** Bounds of a {@link Store.read}: `gte`/`gt` to `lt`, in key order, at most `limit` entries. */
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
   * Applies all changes or none. With `durable` the promise resolves only after the changes would survive a loss of
   * power (LevelDB: fsync of its log); without it they survive the end of this process.
   */
  write(changes: readonly StoreChange[], options: { durable: boolean }): Promise<void>;
  close(): Promise<void>;
}
