import { DEAD, QUEUE, deadKey, decodeDead, decodeEntry, encodeDead, seqOfKey, type Entry } from "./entries";
import type { Store, StoreChange } from "../store/store";

/** Entries read at once when the store is looked through. */
const PAGE = 1000;

/** What a store was found to hold when it was opened. */
export interface Census {
  /** Waiting alerts, by insert node. */
  readonly queue: Map<string, number>;
  /** Dead letters, by insert node. */
  readonly dead: Map<string, number>;
  lastSeq: number;
  /** Entries that cannot be read; they are gone now. */
  unreadable: number;
}

/**
 * Counts the entries of a store and takes out those that must not be sent: what nobody can read, and what was written by a
 * write that failed, for its sender was told 503.
 *
 * @param committedSeq highest sequence number that is on disk for certain; undefined when that is not known
 */
export async function takeCensus(store: Store, committedSeq: number | undefined): Promise<Census> {
  const census: Census = { queue: new Map(), dead: new Map(), lastSeq: 0, unreadable: 0 };
  const stale: StoreChange[] = [];
  for (const [range, decode, counts] of [
    [QUEUE, decodeEntry, census.queue],
    [DEAD, decodeDead, census.dead],
  ] as const) {
    for await (const [key, value] of pages(store, range)) {
      const entry: Entry | undefined = decode(key, value);
      const isUncommitted = committedSeq !== undefined && seqOfKey(key) > committedSeq;
      census.lastSeq = Math.max(census.lastSeq, seqOfKey(key));
      if (entry === undefined) census.unreadable += 1;
      if (entry === undefined || isUncommitted) stale.push({ type: "del", key });
      else add(counts, entry.origin);
      if (entry?.replayed === undefined || !isUncommitted) continue;
      // Its dead letter went in the same write: whoever replayed it was told that it was not.
      stale.push({ type: "put", key: deadKey(entry.seq), value: encodeDead({ ...entry, error: entry.replayed }) });
      add(census.dead, entry.origin);
    }
  }
  if (stale.length > 0) await store.write(stale);
  return census;
}

function add(counts: Map<string, number>, origin: string): void {
  counts.set(origin, (counts.get(origin) ?? 0) + 1);
}

/** All entries of a range, a page at a time. */
async function* pages(store: Store, range: { gte: string; lt: string }): AsyncGenerator<[string, string]> {
  let page = await store.read({ ...range, limit: PAGE });
  while (page.length > 0) {
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    page = await store.read({ gt: last[0], lt: range.lt, limit: PAGE });
  }
}
