import type { Cursor } from "./page-token";
import { keyOf, nameOf, type Shelf, type StoredObject } from "./shelf";

/** What is to be listed. */
export interface Wanted {
  readonly prefix: string;
  /** Groups the names that have it behind the prefix. Empty = none. */
  readonly delimiter: string;
  /** First name, itself included. Empty = all. */
  readonly startOffset: string;
  /** First name that is not listed any more. Empty = all. */
  readonly endOffset: string;
  /** Objects and groups together. */
  readonly max: number;
  readonly cursor: Cursor | undefined;
}

export interface Page {
  readonly items: readonly StoredObject[];
  readonly prefixes: readonly string[];
  /** Undefined on the last page. */
  readonly next: Cursor | undefined;
}

/** Above every character of a key. */
const ABOVE_ALL = "\u0100";

/** One page, in the byte order of the names: what it costs depends on its length, not on that of the bucket. */
export function listPage(shelf: Shelf, wanted: Wanted): Page {
  const prefix = keyOf(wanted.prefix);
  const delimiter = keyOf(wanted.delimiter);
  const end = wanted.endOffset === "" ? ABOVE_ALL : keyOf(wanted.endOffset);
  const items: StoredObject[] = [];
  const prefixes: string[] = [];
  let cursor = wanted.cursor;
  const start = [prefix, keyOf(wanted.startOffset), keyBehind(cursor)].reduce((one, other) =>
    one > other ? one : other,
  );
  for (let at = shelf.lowerBound(start); ;) {
    const object = shelf.all[at];
    if (object === undefined || !object.key.startsWith(prefix) || object.key >= end) {
      return { items, prefixes, next: undefined };
    }
    if (items.length + prefixes.length >= wanted.max) return { items, prefixes, next: cursor };
    const group = groupOf(object.key, prefix, delimiter);
    if (group === undefined) {
      items.push(object);
      cursor = { key: object.key, isGroup: false };
      at += 1;
    } else {
      prefixes.push(nameOf(group));
      cursor = { key: group, isGroup: true };
      at = shelf.lowerBound(keyBehind(cursor));
    }
  }
}

/** The lowest key that can come behind. */
function keyBehind(cursor: Cursor | undefined): string {
  if (cursor === undefined) return "";
  return cursor.key + (cursor.isGroup ? ABOVE_ALL : "\0");
}

function groupOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "") return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
