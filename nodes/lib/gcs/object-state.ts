import { z } from "zod";
import { XdrError } from "../errors";
import type { SavedProgress } from "./progress";

/** What was wrong with the content of an object, not with the way to it. */
export interface Faults {
  /** Equal faults in a row: the same code at the same place. */
  readonly count: number;
  /** Decompressed offset of the last of them. */
  readonly atByte: number;
  /** Its `XdrError` code; empty when there was none. */
  readonly code: string;
  /** Faults of any kind, ever. */
  readonly total: number;
}

/** Nothing was wrong. */
export const NO_FAULTS: Faults = { count: 0, atByte: 0, code: "", total: 0 };

/** An object that was begun and is not finished. */
export interface OpenState {
  readonly state: "open";
  readonly progress: SavedProgress;
  readonly faults: Faults;
}

/**
 * What is remembered of one version of one object that is still listed.
 * `done`: all of it was taken. `skipped`: it was there before the reader, which was to start from then on. `dead`: given up,
 * and reported. A version without a state was not begun.
 */
export type ObjectState = { readonly state: "done" | "skipped" | "dead" } | OpenState;

const count = z.int().min(0);

/** The text of an open state: `[lines, bytes, events, bad, taken, faults?]`, the faults as `[count, atByte, code, total]`. */
const openSchema = z
  .tuple([
    count,
    count,
    count,
    count,
    z.array(z.tuple([count, count, count, count, count])),
    z.tuple([count, count, z.string(), count]).optional(),
  ])
  .refine(([lines, bytes, , , taken]) => areSeparate(lines, bytes, taken));

/** For the store: one word, or the numbers of an open state as JSON. */
export function encodeState(state: ObjectState): string {
  if (state.state !== "open") return state.state;
  const { progress, faults } = state;
  const { lines, bytes, events, bad, taken } = progress;
  const wrong = faults.total === 0 ? [] : [[faults.count, faults.atByte, faults.code, faults.total]];
  return JSON.stringify([lines, bytes, events, bad, taken, ...wrong]);
}

/** @throws XdrError `STORE_DAMAGED` when the text is no state */
export function decodeState(text: string): ObjectState {
  if (text === "done" || text === "skipped" || text === "dead") return { state: text };
  try {
    const [lines, bytes, events, bad, taken, wrong] = openSchema.parse(JSON.parse(text));
    const faults =
      wrong === undefined ? NO_FAULTS : { count: wrong[0], atByte: wrong[1], code: wrong[2], total: wrong[3] };
    return { state: "open", progress: { lines, bytes, events, bad, taken }, faults };
  } catch {
    throw new XdrError("STORE_DAMAGED", "What the store knows of an object cannot be read: the object is read anew.");
  }
}

/** Whether the spans ascend, with untaken lines before each of them. */
function areSeparate(
  lines: number,
  bytes: number,
  taken: readonly (readonly [number, number, number, number, number])[],
) {
  let last = lines;
  let end = bytes;
  for (const [from, to, , , endByte] of taken) {
    if (from <= last + 1 || to < from || endByte < end) return false;
    last = to;
    end = endByte;
  }
  return true;
}
