import type { ContentFault } from "./content-fault";
import type { Faults } from "./object-state";

/** So often in a row the same fault at the same place: it is in the object, not on the way. */
const SAME_FAULTS = 3;
/** So many faults of one object, wherever they are. */
const MAX_FAULTS = 10;
/** Faults that another attempt cannot change. */
const FINAL = new Set<string>(["nested", "too-large"] satisfies ContentFault["kind"][]);

/** The faults of an object with one more. @param atByte decompressed bytes that came before it */
export function nextFaults(faults: Faults, code: ContentFault["kind"], atByte: number): Faults {
  const isSame = faults.code === code && faults.atByte === atByte;
  return { code, atByte, count: isSame ? faults.count + 1 : 1, total: faults.total + 1 };
}

/** Whether an object is not worth another attempt. */
export function isHopeless({ code, count, total }: Faults): boolean {
  return FINAL.has(code) || count >= SAME_FAULTS || total >= MAX_FAULTS;
}
