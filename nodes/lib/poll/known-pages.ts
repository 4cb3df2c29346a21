import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import { XdrError } from "../errors";
import type { Store, StoreChange } from "../store/store";
import { MAX_RESPONSE_BYTES } from "../tenant/client";
import { rowsIn, type Page } from "./page";
import type { ResourceShape } from "./resources";

/*
 * What is known of the tenant's records, on disk:
 *
 *     poll/<node>/c                 the checkpoint
 *     poll/<node>/h/<revision>      which records of a page are known: [id, row, time, version, state]
 *     poll/<node>/a/<revision>      the page as it came, compressed
 *     poll/<node>/x/<revision>-<n>  an incident that waits for its extra data
 *
 * A page is kept as the tenant sent it, because that costs next to nothing; writing each record out again would cost more
 * than reading it did. Every record stands in one page: when it changes, the older page's list is written without it.
 */

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/**
 * `live`: it has left and, as far as is known, is open. `settled`: it was resolved when it was seen first. `gone`: it has
 * been reported as removed, and is still there (resolved).
 */
export type KnownState = "live" | "settled" | "gone";

/** One known record. */
export interface Entry {
  readonly id: string;
  /** Its place in the page. */
  readonly row: number;
  /** Its time on the clock of the cursor; null when it has none. */
  readonly time: number | null;
  readonly version: string | null;
  readonly state: KnownState;
}

const headerSchema = z.array(
  z.tuple([
    z.string(),
    z.int().min(0),
    z.number().nullable(),
    z.string().nullable(),
    z.enum(["live", "settled", "gone"]),
  ]),
);

/** Digits of a revision in a key: enough for any safe integer. */
const REVISION_WIDTH = 16;
/** Headers read at once. */
const CHUNK = 200;

/** Keys of one node's state. */
export class PollKeys {
  readonly prefix: string;

  constructor(id: string) {
    this.prefix = `poll/${encodeURIComponent(id)}/`;
  }

  get checkpoint(): string {
    return `${this.prefix}c`;
  }

  header(revision: number): string {
    return `${this.prefix}h/${String(revision).padStart(REVISION_WIDTH, "0")}`;
  }

  /** Entry of the queue for extra data. */
  extra(revision: number, index: number): string {
    return `${this.prefix}x/${String(revision).padStart(REVISION_WIDTH, "0")}-${String(index).padStart(4, "0")}`;
  }

  archive(revision: number): string {
    return `${this.prefix}a/${String(revision).padStart(REVISION_WIDTH, "0")}`;
  }
}

/** All headers, oldest first. @throws XdrError `STORE_*` */
export async function* readHeaders(store: Store, keys: PollKeys): AsyncGenerator<[revision: number, entries: Entry[]]> {
  const lt = `${keys.prefix}h0`;
  const from = `${keys.prefix}h/`;
  let last: string | undefined;
  for (;;) {
    const rows = await store.read({ ...(last === undefined ? { gte: from } : { gt: last }), lt, limit: CHUNK });
    for (const [key, value] of rows) yield [Number(key.slice(from.length)), decodeHeader(value)];
    if (rows.length < CHUNK) return;
    last = rows.at(-1)?.[0];
  }
}

/** The entries of one page; empty when it is not there. @throws XdrError `STORE_*` */
export async function readHeader(store: Store, keys: PollKeys, revision: number): Promise<Entry[]> {
  const text = await store.get(keys.header(revision));
  return text === undefined ? [] : decodeHeader(text);
}

export function encodeHeader(entries: readonly Entry[]): string {
  return JSON.stringify(entries.map(({ id, row, time, version, state }) => [id, row, time, version, state]));
}

function decodeHeader(text: string): Entry[] {
  try {
    return headerSchema
      .parse(JSON.parse(text))
      .map(([id, row, time, version, state]) => ({ id, row, time, version, state }));
  } catch {
    throw new XdrError("STORE_DAMAGED", "A list of known records in the store cannot be read: polling starts anew.");
  }
}

/** Marks what an archive holds. */
const WHOLE_ANSWER = "P";
const ROWS = "R";

/**
 * A page for the store: the answer as it came when most of its rows are known from it, else those rows alone; then
 * `entries` come back with their new places.
 */
export async function packPage(
  { answer, rows }: Page,
  entries: readonly Entry[],
): Promise<{ readonly archive: string; readonly entries: readonly Entry[] }> {
  if (entries.length * 2 < rows.length) {
    const packed = await zip(JSON.stringify(entries.map(({ row }) => rows[row])), { level: 1 });
    return { archive: ROWS + packed.toString("base64"), entries: entries.map((entry, row) => ({ ...entry, row })) };
  }
  const packed = answer.encoding === "gzip" ? answer.body : await zip(answer.body, { level: 1 });
  return { archive: WHOLE_ANSWER + packed.toString("base64"), entries };
}

/** The rows of a page in the store. @throws XdrError `STORE_DAMAGED` */
export async function unpackPage(archive: string, shape: ResourceShape): Promise<readonly unknown[]> {
  try {
    const packed = Buffer.from(archive.slice(1), "base64");
    const value: unknown = JSON.parse((await unzip(packed, { maxOutputLength: MAX_RESPONSE_BYTES })).toString("utf8"));
    const rows: unknown = archive.startsWith(ROWS) ? value : rowsIn(value, shape);
    if (Array.isArray(rows)) return rows as readonly unknown[];
  } catch {
    // Told below, in our own words.
  }
  throw new XdrError("STORE_DAMAGED", "A page in the store cannot be read.");
}

/** Changes that take a page out. */
export function dropPage(keys: PollKeys, revision: number): StoreChange[] {
  return [
    { type: "del", key: keys.header(revision) },
    { type: "del", key: keys.archive(revision) },
  ];
}
