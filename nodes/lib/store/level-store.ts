import { chmod, mkdir, rename } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import { XdrError, systemCode } from "../errors";
import type { OpenedStore, Store, StoreChange, StoreRange } from "./store";

/** Key and value of the mark that tells which layout the folder holds. */
const VERSION_KEY = "!version";
const VERSION = "1";

/** {@link Store} on LevelDB. */
class LevelStore implements Store {
  readonly #db: ClassicLevel;

  constructor(db: ClassicLevel) {
    this.#db = db;
  }

  async get(key: string): Promise<string | undefined> {
    return wrap("read", () => this.#db.get(key));
  }

  async read(range: StoreRange): Promise<[string, string][]> {
    return wrap("read", () => this.#db.iterator(range).all());
  }

  async write(changes: readonly StoreChange[]): Promise<void> {
    // `sync` is the promise of the whole package: LevelDB returns only after the fsync of its log.
    await wrap("write", () => this.#db.batch([...changes], { sync: true }));
  }

  async close(): Promise<void> {
    await wrap("close", () => this.#db.close());
  }
}

/**
 * Opens (or makes) the LevelDB in `folder`. A damaged one is repaired; when that fails it is renamed, never deleted, and
 * an empty one takes its place, so that damage can not become a crash loop.
 *
 * @throws XdrError `STORE_LOCKED`, `STORE_VERSION`, `STORE_FAILED` (disk full, read-only, no permission)
 */
export async function openLevelStore(folder: string, nowMs: number): Promise<OpenedStore> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (error) {
    throw storeError("open", error);
  }
  try {
    return { store: await open(folder) };
  } catch (error) {
    if (!isDamage(error)) throw storeError("open", error);
  }
  try {
    await ClassicLevel.repair(folder);
    return { store: await open(folder), damage: { kind: "repaired" } };
  } catch (error) {
    if (!isDamage(error)) throw storeError("open", error);
  }
  const keptAs = `${folder}.damaged-${nowMs}`;
  try {
    await rename(folder, keptAs);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { store: await open(folder), damage: { kind: "set-aside", keptAs } };
  } catch (error) {
    throw storeError("open", error);
  }
}

async function open(folder: string): Promise<Store> {
  const db = new ClassicLevel(folder);
  await db.open();
  try {
    await checkVersion(db);
    return new LevelStore(db);
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function checkVersion(db: ClassicLevel): Promise<void> {
  const found = await db.get(VERSION_KEY);
  if (found === undefined) await db.put(VERSION_KEY, VERSION, { sync: true });
  else if (found !== VERSION) {
    throw new XdrError(
      "STORE_VERSION",
      `The store has layout ${found}, this version of the package reads layout ${VERSION}. ` +
        "Update the package, or move the store's folder away.",
    );
  }
}

async function wrap<T>(what: "read" | "write" | "close", action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storeError(what, error);
  }
}

/** Whether LevelDB says that its files are damaged, rather than that they cannot be reached. */
function isDamage(error: unknown): boolean {
  if (error instanceof XdrError) return false;
  const code = systemCode(error);
  if (code === "LEVEL_CORRUPTION") return true;
  // LevelDB reports a missing or unreadable part of its set of files in words only.
  return code !== "LEVEL_LOCKED" && /corrupt|missing files|CURRENT/i.test(innermostMessage(error));
}

function innermostMessage(error: unknown): string {
  let message = "";
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth += 1) {
    message = inner.message;
  }
  return message;
}

function storeError(what: "open" | "read" | "write" | "close", error: unknown): XdrError {
  if (error instanceof XdrError) return error;
  const code = systemCode(error);
  if (code === "LEVEL_LOCKED") {
    return new XdrError(
      "STORE_LOCKED",
      "Another process holds the store below the user directory. Stop the other Node-RED, or give each its own user directory.",
    );
  }
  // LevelDB's messages name the file and the system's reason (no space, read-only): what an administrator needs.
  return new XdrError(
    "STORE_FAILED",
    `The store could not ${what}: ${innermostMessage(error) || "unknown reason"}${code === undefined ? "" : ` (${code})`}. ` +
      "Check free space and permissions of the user directory; it is tried again by itself.",
  );
}
