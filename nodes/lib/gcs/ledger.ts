import type { Store, StoreChange } from "../store/store";
import { decodeCoverage, encodeCoverage, NO_COVERAGE, type Coverage } from "./coverage";
import { decodeState, encodeState, type ObjectState } from "./object-state";
import type { ObjectName } from "./reader-api";

/*
 * What is known of a bucket's objects, on disk:
 *
 *     o/<bucket>/<name>/<generation>   one version: done, skipped, dead or open; the name as the hex digits of its UTF-8
 *     c/<bucket>                       which prefixes a listing has gone through
 *
 * Hex digits keep the order of the bytes, and "/" sorts before them: the keys have the order of a listing, in which a name
 * comes before its extensions.
 */

/**
 * Put by whoever opens a store that had to be mended: what it does not know of may have been lost. Without it, a bucket that
 * was listed before would look like one that is to be skipped because the reader starts now.
 */
export const DAMAGE_KEY = "!damaged";
/** Sorts behind "/": the first key behind all versions of a name. */
const BEHIND_VERSIONS = "0";
/** Sorts behind all hex digits: the first key behind all extensions of a name. */
const BEHIND_EXTENSIONS = "g";
/** Entries read at once. */
const PAGE_SIZE = 1000;

export interface LedgerEntry {
  readonly object: ObjectName;
  /** Undefined when it cannot be read: then nothing is known of that version. */
  readonly state: ObjectState | undefined;
}

export interface LedgerChange {
  readonly object: ObjectName;
  /** Undefined forgets the version. */
  readonly state: ObjectState | undefined;
}

export interface LedgerRange {
  /** Literal start of the names; empty = all. */
  readonly prefix: string;
  /** Only names behind this one, in the byte order of UTF-8. */
  readonly after?: string | undefined;
  /** Only names up to this one, itself included. */
  readonly through?: string | undefined;
  /** Most entries in a page. @default 1000 */
  readonly limit?: number | undefined;
}

/** What one reader knows of the objects of one bucket. All writes of its entries go through one ledger. */
export class Ledger {
  readonly #openStore: () => Promise<Store>;
  readonly #coverageKey: string;
  readonly #prefix: string;
  /** What was written, by key, since each read that is under way began. */
  readonly #sinceReads = new Set<Map<string, string | undefined>>();

  /** @param openStore the store as it is open now */
  constructor(openStore: () => Promise<Store>, bucket: string) {
    this.#openStore = openStore;
    this.#coverageKey = `c/${bucket}`;
    this.#prefix = `o/${bucket}/`;
  }

  /**
   * The entries of a range in the order of a listing, page by page. `look` is called, before anything else can happen, with
   * what is true at that moment, and with whether the page is the last one; the next page is read when it has resolved.
   * @throws XdrError `STORE_*`; what `look` throws
   */
  async read(
    range: LedgerRange,
    look: (entries: readonly LedgerEntry[], isLast: boolean) => Promise<void> | undefined,
  ): Promise<void> {
    const { limit = PAGE_SIZE } = range;
    const { gte, lt } = this.#bounds(range);
    for (let from = { gte } as { gte: string } | { gt: string }; ;) {
      const written = new Map<string, string | undefined>();
      this.#sinceReads.add(written);
      let looking: Promise<void> | undefined;
      let last: string | undefined;
      try {
        const store = await this.#openStore();
        const rows = await store.read({ ...from, lt, limit });
        last = rows.length < limit ? undefined : rows.at(-1)?.[0];
        const isInPage = (key: string): boolean =>
          ("gte" in from ? key >= from.gte : key > from.gt) && (last === undefined ? key < lt : key <= last);
        looking = look(this.#entries(renewed(rows, written, isInPage)), last === undefined);
      } finally {
        this.#sinceReads.delete(written);
      }
      await looking;
      if (last === undefined) return;
      from = { gt: last };
    }
  }

  /** @throws XdrError `STORE_*`, `STORE_DAMAGED` also when this entry cannot be read */
  async get(object: ObjectName): Promise<ObjectState | undefined> {
    const store = await this.#openStore();
    const text = await store.get(this.#key(object));
    return text === undefined ? undefined : decodeState(text);
  }

  /** What was listed so far; undefined when that cannot be read, or was lost with a damaged store. @throws XdrError `STORE_*` */
  async coverage(): Promise<Coverage | undefined> {
    const store = await this.#openStore();
    const text = await store.get(this.#coverageKey);
    if (text === undefined) return (await store.get(DAMAGE_KEY)) === undefined ? NO_COVERAGE : undefined;
    try {
      return decodeCoverage(text);
    } catch {
      return undefined;
    }
  }

  /**
   * Writes all of it or nothing, and resolves when it is on disk. Two writes of one version must not be under way at once: the
   * store may turn them round.
   * @throws XdrError `STORE_*`
   */
  async write(changes: readonly LedgerChange[], coverage?: Coverage): Promise<void> {
    const puts = changes.map(({ object, state }): StoreChange => {
      const key = this.#key(object);
      return state === undefined ? { type: "del", key } : { type: "put", key, value: encodeState(state) };
    });
    const store = await this.#openStore();
    await store.write(
      coverage === undefined
        ? puts
        : [...puts, { type: "put", key: this.#coverageKey, value: encodeCoverage(coverage) }],
    );
    // Without this, a read that began before would have the last word: an object that was finished while the store looked
    // for its entry would be read again.
    for (const written of this.#sinceReads) {
      for (const put of puts) written.set(put.key, put.type === "put" ? put.value : undefined);
    }
  }

  #bounds({ prefix, after, through }: LedgerRange): { readonly gte: string; readonly lt: string } {
    const start = this.#prefix + hexOf(prefix);
    const behindAfter = after === undefined ? start : this.#prefix + hexOf(after) + BEHIND_VERSIONS;
    const end = start + BEHIND_EXTENSIONS;
    const behindThrough = through === undefined ? end : this.#prefix + hexOf(through) + BEHIND_VERSIONS;
    return { gte: behindAfter > start ? behindAfter : start, lt: behindThrough < end ? behindThrough : end };
  }

  #key({ name, generation }: ObjectName): string {
    return `${this.#prefix}${hexOf(name)}/${generation}`;
  }

  #entries(rows: readonly (readonly [string, string])[]): LedgerEntry[] {
    return rows.map(([key, value]) => {
      const slash = key.indexOf("/", this.#prefix.length);
      const name = Buffer.from(key.slice(this.#prefix.length, slash), "hex").toString("utf8");
      return { object: { name, generation: key.slice(slash + 1) }, state: stateIn(value) };
    });
  }
}

/** Rows of a page with what was written while they were read. */
function renewed(
  rows: readonly [string, string][],
  written: ReadonlyMap<string, string | undefined>,
  isInPage: (key: string) => boolean,
): readonly (readonly [string, string])[] {
  if (written.size === 0) return rows;
  const byKey = new Map(rows);
  for (const [key, value] of written) {
    if (!isInPage(key)) continue;
    if (value === undefined) byKey.delete(key);
    else byKey.set(key, value);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1));
}

function stateIn(text: string): ObjectState | undefined {
  try {
    return decodeState(text);
  } catch {
    return undefined;
  }
}

function hexOf(text: string): string {
  return Buffer.from(text, "utf8").toString("hex");
}
