import { isDeepStrictEqual } from "node:util";
import type { XdrRecord } from "./poller-api";

/** The old values of all fields that differ, `undefined` for those that are new; undefined when nothing differs. */
export function previousOf(before: XdrRecord, after: XdrRecord): Record<string, unknown> | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !isDeepStrictEqual(own(before, name), own(after, name)));
  if (changed.length === 0) return undefined;
  // A field named "__proto__" stays a field.
  return Object.fromEntries(changed.map((name) => [name, own(before, name)]));
}

/** A field named "constructor" or "__proto__" is there only when the tenant sent it. */
function own(record: XdrRecord, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
