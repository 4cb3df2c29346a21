import { XdrError } from "../errors";

/** Key of the mark that tells which layout a store has. */
export const LAYOUT_KEY = "!version";
/** The layout that this version of the package reads and writes. */
export const LAYOUT = "1";

/**
 * Looks at the mark found in a store; undefined = a new store, which has to be given one.
 * @param whereabouts what to move away to start anew: "the store's folder"
 * @throws XdrError `STORE_VERSION`
 */
export function checkLayout(found: string | undefined, whereabouts: string): void {
  if (found === undefined || found === LAYOUT) return;
  throw new XdrError(
    "STORE_VERSION",
    `The store has layout ${found}, this version of the package reads layout ${LAYOUT}. ` +
      `Update the package, or move ${whereabouts} away.`,
  );
}
