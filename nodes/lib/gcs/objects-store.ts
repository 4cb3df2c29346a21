import { openLevelStore } from "../store/level-store";
import type { OpenedStore } from "../store/store";
import { DAMAGE_KEY } from "./ledger";

/**
 * Opens the store of one reader, see `openLevelStore`. One that had to be mended is marked: what it does not know of may have
 * been read, or may wait to be.
 * @throws XdrError `STORE_*`
 */
export async function openObjectsStore(folder: string, nowMs: number, damages: number): Promise<OpenedStore> {
  const opened = await openLevelStore(folder, nowMs, damages);
  if (opened.damage === undefined) return opened;
  try {
    await opened.store.write([{ type: "put", key: DAMAGE_KEY, value: opened.damage.kind }]);
    return opened;
  } catch (error) {
    await opened.store.close().catch(() => undefined);
    throw error;
  }
}
