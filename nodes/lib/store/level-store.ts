import { chmod, link, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { XdrError, systemCode } from "../errors";
import { LAYOUT, LAYOUT_KEY, checkLayout } from "./layout";
import type { OpenedStore, Store, StoreChange, StoreRange } from "./store";

/** The file that names the store's head. Without it LevelDB would start anew and delete the tables that it finds. */
const HEAD_FILE = "CURRENT";
/** Files that hold entries. */
const DATA_FILE = /\.(?:ldb|sst|log)$/;
const TABLE_FILE = /\.(?:ldb|sst)$/;
/** Where LevelDB's own repair puts what it cannot use; nothing ever deletes it. */
const LOST_FOLDER = "lost";
/**
 * How LevelDB reports parts of its files that are gone or too short: as I/O errors. Looked for at the end of the message,
 * because its start is a path, which may hold any word.
 */
const PART_GONE =
  /: No such file or directory$|cannot find the (?:file|path) specified\.?\s*$|\.(?:ldb|sst): Invalid argument$/;

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
 * @param damages how often in a row the store opened and then showed to be damaged (`STORE_DAMAGED`): LevelDB looks into
 *   its tables only when they are read
 * @throws XdrError `STORE_LOCKED`, `STORE_VERSION`, `STORE_FAILED` (disk full, read-only, no permission)
 */
export async function openLevelStore(folder: string, nowMs: number, damages = 0): Promise<OpenedStore> {
  let isNew: boolean;
  let isHeadless: boolean;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const files = await readdir(folder);
    isNew = !files.some((file) => DATA_FILE.test(file));
    isHeadless = !isNew && !files.includes(HEAD_FILE);
  } catch (error) {
    throw storeError("open", error);
  }
  try {
    if (isNew || (damages === 0 && !isHeadless)) return { store: await open(folder) };
  } catch (error) {
    if (!isDamage(error)) throw storeError("open", error);
  }
  try {
    if (damages <= 1) return await repair(folder);
  } catch (error) {
    if (!isDamage(error)) throw storeError("open", error);
  }
  try {
    if (damages <= 2) {
      await weedOut(folder);
      return await repair(folder);
    }
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

/** LevelDB's repair leaves a table in place whose index lies: each in which not every key is found is moved away. */
async function weedOut(folder: string): Promise<void> {
  const trial = join(folder, "trial");
  for (const table of (await readdir(folder)).filter((file) => TABLE_FILE.test(file))) {
    try {
      await rm(trial, { recursive: true, force: true });
      await mkdir(trial);
      await link(join(folder, table), join(trial, table));
      await findEach(trial);
    } catch (error) {
      if (!isDamage(error)) throw error;
      await mkdir(join(folder, LOST_FOLDER), { recursive: true });
      await rename(join(folder, table), join(folder, LOST_FOLDER, table));
    }
  }
  await rm(trial, { recursive: true, force: true });
}

/** @throws when an entry of the LevelDB in `folder` cannot be found by its key */
async function findEach(folder: string): Promise<void> {
  await ClassicLevel.repair(folder);
  const db = new ClassicLevel(folder);
  try {
    await db.open();
    for await (const [key] of db.iterator()) {
      if ((await db.get(key)) === undefined) throw new XdrError("STORE_DAMAGED", "A table's index is damaged.");
    }
  } finally {
    await db.close();
  }
}

async function repair(folder: string): Promise<OpenedStore> {
  // A repair that is cut short has moved entries to where the old head does not look: without a head it is done again.
  await rm(join(folder, HEAD_FILE), { force: true });
  await ClassicLevel.repair(folder);
  return { store: await open(folder), damage: { kind: "repaired" } };
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
  const found = await db.get(LAYOUT_KEY);
  checkLayout(found, "the store's folder");
  if (found === undefined) await db.put(LAYOUT_KEY, LAYOUT, { sync: true });
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
  if (error instanceof XdrError) return error.code === "STORE_DAMAGED";
  const code = systemCode(error);
  return code === "LEVEL_CORRUPTION" || (code === "LEVEL_IO_ERROR" && PART_GONE.test(innermostMessage(error)));
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
  if (isDamage(error)) {
    return new XdrError(
      "STORE_DAMAGED",
      `The store's files are damaged: ${innermostMessage(error)}. What can be read is kept; it is repaired by itself.`,
    );
  }
  // LevelDB's messages name the file and the system's reason (no space, read-only): what an administrator needs.
  return new XdrError(
    "STORE_FAILED",
    `The store could not ${what}: ${innermostMessage(error) || "unknown reason"}${code === undefined ? "" : ` (${code})`}. ` +
      "Check free space and permissions of the user directory; it is tried again by itself.",
  );
}
