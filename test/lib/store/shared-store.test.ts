import assert from "node:assert/strict";
import { readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { XdrError, type ErrorCode } from "../../../nodes/lib/errors";
import { openLevelStore } from "../../../nodes/lib/store/level-store";
import { openSharedStore, type SharedStore } from "../../../nodes/lib/store/shared-store";
import type { OpenedStore, Store, StoreChange, StoreRange } from "../../../nodes/lib/store/store";
import { tempFolder } from "../../support/temp-folder";

const put = (key: string, value = key): StoreChange => ({ type: "put", key, value });
const failure = (code: ErrorCode): XdrError => new XdrError(code, "as scripted");
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** A store in memory whose operations wait and fail as the test says. */
class ScriptedStore implements Store {
  readonly entries = new Map<string, string>();
  closed = false;
  operation: () => Promise<void> = () => Promise.resolve();
  closing: () => Promise<void> = () => Promise.resolve();

  async get(key: string): Promise<string | undefined> {
    await this.operation();
    return this.entries.get(key);
  }
  async read({ gt = "", lt }: StoreRange): Promise<[string, string][]> {
    await this.operation();
    return [...this.entries].filter(([key]) => key > gt && key < lt).sort();
  }
  async write(changes: readonly StoreChange[]): Promise<void> {
    await this.operation();
    for (const change of changes) if (change.type === "put") this.entries.set(change.key, change.value);
  }
  async close(): Promise<void> {
    await this.closing();
    this.closed = true;
  }
}

interface Scripted {
  readonly shared: SharedStore;
  readonly stores: ScriptedStore[];
  /** `damages` of each opening. */
  readonly openings: number[];
  readonly damages: object[];
}

/** @param prepare what each store that is opened is like; may throw */
function scripted(prepare: (store: ScriptedStore, opening: number) => Partial<OpenedStore> = () => ({})): Scripted {
  const stores: ScriptedStore[] = [];
  const openings: number[] = [];
  const damages: object[] = [];
  const shared = openSharedStore({
    open: async (count) => {
      assert.ok(stores.at(-1)?.closed ?? true, "the one before is closed");
      openings.push(count);
      await turn();
      const store = new ScriptedStore();
      const opened = { store, ...prepare(store, openings.length) };
      stores.push(store);
      return opened;
    },
    onDamage: (damage) => damages.push(damage),
  });
  return { shared, stores, openings, damages };
}

describe("shared store", () => {
  test("opens with the first use, once for all, and closing a user's store does nothing", async () => {
    const { shared, stores, openings } = scripted();
    await turn();
    assert.deepEqual(openings, []);
    const [first, second] = await Promise.all([shared.use(), shared.use()]);
    assert.equal(first, second);
    await first.close();
    await first.write([put("a")]);
    assert.equal(await (await shared.use()).get("a"), "a");
    assert.deepEqual([openings, stores[0]?.closed], [[0], false]);
  });

  test("an opening that fails is tried again by the next use", async () => {
    const { shared, openings } = scripted((_store, opening) => {
      if (opening === 1) throw failure("STORE_LOCKED");
      return {};
    });
    await assert.rejects(shared.use(), { code: "STORE_LOCKED" });
    await shared.use();
    assert.deepEqual(openings, [0, 0]);
  });

  for (const operation of ["get", "read", "write"] as const) {
    test(`a ${operation} that fails ends the store for its holders; the next use opens anew`, async () => {
      const { shared, stores } = scripted();
      const store = await shared.use();
      const run = (): Promise<unknown> =>
        operation === "get" ? store.get("a") : operation === "read" ? store.read({ lt: "b" }) : store.write([put("a")]);
      stores[0]!.operation = () => Promise.reject(new Error("no space"));
      await assert.rejects(run(), { code: "STORE_FAILED", message: /no space/ });
      stores[0]!.operation = () => Promise.resolve();
      await assert.rejects(run(), { code: "STORE_FAILED", message: /not open any more/ });
      const next = await shared.use();
      assert.notEqual(next, store);
      assert.deepEqual([stores.length, stores[0]?.closed], [2, true]);
      await assert.rejects(run(), { code: "STORE_FAILED" });
      await next.get("a");
    });
  }

  test("the next opening waits for the operations under way and for the close of the failed store", async () => {
    const { shared, stores } = scripted();
    const store = await shared.use();
    const order: string[] = [];
    const slow = deferred<undefined>();
    const closing = deferred<undefined>();
    stores[0]!.operation = () => slow.promise;
    stores[0]!.closing = () => {
      order.push("close");
      return closing.promise;
    };
    const underWay = store.get("a").then(() => order.push("read"));
    stores[0]!.operation = () => Promise.reject(failure("STORE_FAILED"));
    await assert.rejects(store.write([]), { code: "STORE_FAILED" });
    const next = shared.use();
    await turn();
    assert.deepEqual(order, []);
    slow.resolve(undefined);
    await underWay;
    await turn();
    assert.deepEqual([order, stores.length], [["read", "close"], 1]);
    closing.resolve(undefined);
    await next;
    assert.equal(stores.length, 2);
  });

  test("a store that is lost by itself is opened anew", async () => {
    const lost = deferred<XdrError>();
    const { shared, stores } = scripted((_store, opening) => (opening === 1 ? { lost: lost.promise } : {}));
    const store = await shared.use();
    lost.resolve(failure("STORE_LOCKED"));
    await turn();
    await assert.rejects(store.get("a"), { code: "STORE_FAILED" });
    await (await shared.use()).get("a");
    assert.deepEqual([stores.length, stores[0]?.closed], [2, true]);
  });

  test("counts damages in a row, at work and at opening, until something works", async () => {
    const { shared, openings } = scripted((store, opening) => {
      if (opening === 3) throw failure("STORE_DAMAGED");
      if (opening <= 2 || opening === 5) store.operation = () => Promise.reject(failure("STORE_DAMAGED"));
      return {};
    });
    const use = async (): Promise<unknown> => (await shared.use()).get("a");
    // The second opening shows its damage when everything is read, the third at once.
    for (let tries = 0; tries < 3; tries += 1) await assert.rejects(use(), { code: "STORE_DAMAGED" });
    await use();
    const store = await shared.use();
    assert.deepEqual(openings, [0, 1, 2, 3]);
    await store.get("a");
  });

  test("begins to count anew after something worked", async () => {
    const { shared, stores, openings } = scripted();
    for (let round = 0; round < 3; round += 1) {
      const store = await shared.use();
      await store.write([put("a")]);
      stores.at(-1)!.operation = () => Promise.reject(failure("STORE_DAMAGED"));
      await assert.rejects(store.get("a"), { code: "STORE_DAMAGED" });
    }
    await shared.use();
    assert.deepEqual(openings, [0, 1, 1, 1]);
  });

  test("tells of each damage that an opening mended", async () => {
    const damage = { kind: "repaired" } as const;
    const { shared, damages } = scripted(() => ({ damage }));
    await shared.use();
    await shared.use();
    assert.deepEqual(damages, [damage]);
  });

  test("closes after the operations under way, and for good", async () => {
    const { shared, stores, openings } = scripted();
    const store = await shared.use();
    const slow = deferred<undefined>();
    stores[0]!.operation = () => slow.promise;
    const write = store.write([put("last")]);
    const closing = shared.close();
    await assert.rejects(shared.use(), { code: "XDR_CANCELLED" });
    await assert.rejects(store.get("a"), { code: "STORE_FAILED" });
    assert.equal(stores[0]?.closed, false);
    slow.resolve(undefined);
    await closing;
    await write;
    assert.deepEqual([stores.map(({ closed }) => closed), openings.length], [[true], 1]);
    assert.equal(stores[0].entries.get("last"), "last");
    await shared.close();
  });

  test("closes while it opens, before it was used, and when closing fails", async () => {
    const opening = scripted();
    const use = opening.shared.use();
    while (opening.openings.length === 0) await Promise.resolve();
    const closing = opening.shared.close();
    const store = await use;
    await closing;
    assert.equal(opening.stores[0]?.closed, true);
    await assert.rejects(store.get("a"), { code: "STORE_FAILED" });

    const hasty = scripted();
    const rejected = assert.rejects(hasty.shared.use(), { code: "XDR_CANCELLED" });
    await hasty.shared.close();
    await rejected;
    assert.deepEqual(hasty.openings, []);

    const unused = scripted();
    await unused.shared.close();
    assert.deepEqual(unused.openings, []);

    const failing = scripted((store) => {
      store.closing = () => Promise.reject(new Error("as scripted"));
      return {};
    });
    await failing.shared.use();
    await failing.shared.close();
  });
});

describe("shared store on LevelDB", () => {
  const ENTRIES = 2_000;

  function levelShared(folder: string, damages: string[] = []): SharedStore {
    return openSharedStore({
      open: (count) => openLevelStore(folder, 1, count),
      onDamage: ({ kind }) => damages.push(kind),
    });
  }

  test("keeps what was written over a close", async (t) => {
    const folder = join(tempFolder(t), "sources");
    const first = levelShared(folder);
    await (await first.use()).write([put("a", "1"), put("b", "2")]);
    await first.close();
    const second = levelShared(folder);
    t.after(() => second.close());
    assert.deepEqual(await (await second.use()).read({ gte: "a", lt: "c" }), [
      ["a", "1"],
      ["b", "2"],
    ]);
  });

  test("a damaged table is repaired by itself and told of once", async (t) => {
    const folder = join(tempFolder(t), "sources");
    const whole = levelShared(folder);
    await (
      await whole.use()
    ).write(Array.from({ length: ENTRIES }, (_, index) => put(`k${index}`, "v".repeat(100) + String(index))));
    await whole.close();
    // Opening it makes a table of its log.
    const again = levelShared(folder);
    await (await again.use()).write([put("young")]);
    await again.close();
    const tables = readdirSync(folder).filter((name) => name.endsWith(".ldb"));
    assert.ok(tables.length > 0);
    for (const table of tables) truncateSync(join(folder, table), 10_000);

    const damages: string[] = [];
    const shared = levelShared(folder, damages);
    t.after(() => shared.close());
    const readAll = async (): Promise<number> => (await (await shared.use()).read({ gte: "k", lt: "z" })).length;
    let tries = 0;
    let found = -1;
    while (found < 0 && (tries += 1) < 5) found = await readAll().catch(() => -1);
    assert.ok(found > 0 && found <= ENTRIES + 1, `${found} entries after ${tries} tries`);
    assert.deepEqual(damages, ["repaired"]);
    await (await shared.use()).write([put("after")]);
    assert.equal(await (await shared.use()).get("young"), "young");
  });
});
