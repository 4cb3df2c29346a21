import type { ObjectName } from "./reader-api";

/** First and last of the UTF-16 units that stand for characters beyond U+FFFF, two by two. */
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
/** Lifts a surrogate above every other unit, as UTF-8 has it. */
const LIFT = 0x10_000;

/**
 * Order of two names by the bytes of their UTF-8, the order of a listing; JavaScript's own order differs beyond U+FFFF.
 * Source: Cloud Storage JSON API, Objects: list ("lexicographically ordered").
 * @returns below, above or equal to 0
 */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return weight(left) - weight(right);
  }
  return a.length - b.length;
}

/** Order by name, then by the digits of the generation as text: the order of the keys in a `Ledger`. */
export function compareObjects(a: ObjectName, b: ObjectName): number {
  const names = compareNames(a.name, b.name);
  if (names !== 0 || a.generation === b.generation) return names;
  return a.generation < b.generation ? -1 : 1;
}

function weight(unit: number): number {
  return unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE ? unit + LIFT : unit;
}
