import assert from "node:assert/strict";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import { openLevelStore } from "../../../nodes/lib/store/level-store";
import type { OpenedStore, Store, StoreChange } from "../../../nodes/lib/store/store";
import { tempFolder } from "../../support/temp-folder";
import { until } from "../../support/until";
import { ScriptedTenant, alertNo, alertNos, openOutbox, serverError } from "../../support/outbox-bench";

const GRACE_MS = 1_000;

/** A disk that a test can fill: while `full`, each write fails, half of it done, as a real one may. */
class FillableDisk {
  full = false;
  opened = 0;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, "store");
  }

  readonly open = async (): Promise<OpenedStore> => {
    this.opened += 1;
    if (this.full) throw new XdrError("STORE_FAILED", "No space left on device.");
    const { store } = await openLevelStore(this.#folder, Date.now());
    return { store: this.#wrap(store) };
  };

  #wrap(store: Store): Store {
    return {
      get: (key) => store.get(key),
      read: (range) => store.read(range),
      close: () => store.close(),
      write: async (changes: readonly StoreChange[]) => {
        if (!this.full) return store.write(changes);
        await store.write(changes.slice(0, Math.ceil(changes.length / 2)));
        throw new XdrError("STORE_FAILED", "No space left on device.");
      },
    };
  }
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof XdrError && error.code === "OUTBOX_UNAVAILABLE" && error.retryAfterMs !== undefined;

describe("outbox on a failing disk", () => {
  test("disk full: refuses, keeps what it acknowledged, recovers by itself, sends nothing it refused", async (t) => {
    const folder = tempFolder(t);
    const disk = new FillableDisk(folder);
    const tenant = new ScriptedTenant();
    const { outbox, sender } = await openOutbox({ folder, tenant, openStore: disk.open }, { lingerMs: 3_600_000 });
    t.after(() => outbox.close(GRACE_MS));
    await outbox.append(sender, alertNos(0, 10));
    disk.full = true;
    await assert.rejects(outbox.append(sender, alertNos(100, 110)), isUnavailable);
    await assert.rejects(outbox.append(sender, alertNos(200, 210)), isUnavailable);
    assert.equal(outbox.stats(sender.id).problem?.code, "STORE_FAILED");
    await until("opened in vain", () => disk.opened >= 3);
    disk.full = false;
    await until("works again", () => outbox.stats(sender.id).problem === undefined);
    await outbox.append(sender, alertNos(10, 20));
    outbox.flush();
    await until("delivered", () => tenant.accepted.length >= 20);
    await until("settled", () => outbox.stats(sender.id).delivered === 20);
    assert.deepEqual(
      tenant.accepted,
      Array.from({ length: 20 }, (_, index) => index),
    );
    const { received, refused, waiting } = outbox.stats(sender.id);
    assert.deepEqual([received, refused, waiting], [40, 20, 0]);
  });

  test("disk full when the tenant's answer arrives: the update is not sent again", async (t) => {
    const folder = tempFolder(t);
    const disk = new FillableDisk(folder);
    const tenant = new ScriptedTenant();
    tenant.answer = () => {
      disk.full = true;
    };
    const { outbox, sender, delivered } = await openOutbox({ folder, tenant, openStore: disk.open });
    t.after(() => outbox.close(GRACE_MS));
    await outbox.append(sender, alertNos(0, 60));
    await until("accepted", () => tenant.accepted.length === 60);
    await until("noticed", () => outbox.stats(sender.id).problem !== undefined);
    tenant.answer = () => undefined;
    disk.full = false;
    await until("settled", () => delivered.length === 1);
    await outbox.append(sender, alertNos(60, 61));
    await until("goes on", () => tenant.accepted.length === 61);
    assert.equal(tenant.requests.length, 2);
  });

  test("a locked store is waited for", async (t) => {
    const folder = tempFolder(t);
    const other = await openLevelStore(join(folder, "store"), 0);
    const tenant = new ScriptedTenant();
    let opens = 0;
    const openStore = (): Promise<OpenedStore> => {
      opens += 1;
      return openLevelStore(join(folder, "store"), 0);
    };
    const opening = openOutbox({ folder, tenant, openStore });
    await until("tried", () => opens >= 2);
    await other.store.close();
    const { outbox, sender } = await opening;
    t.after(() => outbox.close(GRACE_MS));
    await outbox.append(sender, [alertNo(1)]);
    await until("delivered", () => tenant.accepted.length === 1);
  });
});

describe("damaged store", () => {
  /** Leaves a store behind in which 100 alerts wait, and returns its folder. */
  async function leaveBacklog(folder: string): Promise<string> {
    const tenant = new ScriptedTenant();
    tenant.answer = () => {
      throw serverError(503);
    };
    const { outbox, sender } = await openOutbox({ folder, tenant });
    for (let from = 0; from < 100; from += 10) await outbox.append(sender, alertNos(from, from + 10));
    await outbox.close(GRACE_MS);
    return join(folder, "store");
  }
  const file = (store: string, pattern: RegExp): string => {
    const name = readdirSync(store).find((entry) => pattern.test(entry));
    assert.ok(name, `no file like ${pattern} in the store`);
    return join(store, name);
  };

  test("a torn tail is dropped and counted, the rest is delivered", async (t) => {
    const folder = tempFolder(t);
    const store = await leaveBacklog(folder);
    const log = file(store, /\.log$/);
    truncateSync(log, readFileSync(log).length - 3_000);
    const tenant = new ScriptedTenant();
    const { outbox, sender } = await openOutbox({ folder, tenant });
    t.after(() => outbox.close(GRACE_MS));
    const { lost, received } = outbox.stats(sender.id);
    assert.ok(lost > 0 && lost < 100, `${lost} lost`);
    assert.equal(received + lost, 100);
    await until("delivered", () => tenant.accepted.length === 100 - lost);
    await outbox.append(sender, [alertNo(1000)]);
    await until("goes on", () => tenant.accepted.includes(1000));
  });

  for (const [what, pattern] of [
    ["CURRENT", /^CURRENT$/],
    ["manifest", /^MANIFEST/],
    ["log", /\.log$/],
  ] as const) {
    test(`a store with a ${what} full of noise opens, and works`, async (t) => {
      const folder = tempFolder(t);
      const store = await leaveBacklog(folder);
      const target = file(store, pattern);
      writeFileSync(target, Buffer.alloc(readFileSync(target).length + 100, 0xa5));
      const tenant = new ScriptedTenant();
      const { outbox, sender } = await openOutbox({ folder, tenant });
      t.after(() => outbox.close(GRACE_MS));
      await outbox.append(sender, [alertNo(1000)]);
      await until("goes on", () => tenant.accepted.includes(1000));
      const { lost } = outbox.stats(sender.id);
      assert.equal(tenant.accepted.length + lost, 101);
    });
  }

  test("a layout of a newer version is refused, not rewritten", async (t) => {
    const folder = tempFolder(t);
    const { store } = await openLevelStore(join(folder, "store"), 0);
    await store.write([{ type: "put", key: "!version", value: "2" }]);
    await store.close();
    await assert.rejects(
      openLevelStore(join(folder, "store"), 0),
      (error) => error instanceof XdrError && error.code === "STORE_VERSION",
    );
  });
});
