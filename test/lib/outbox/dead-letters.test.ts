import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import { openLevelStore } from "../../../nodes/lib/store/level-store";
import type { OpenedStore, Store } from "../../../nodes/lib/store/store";
import { tempFolder } from "../../support/temp-folder";
import { until } from "../../support/until";
import { ScriptedTenant, alertNos, openOutbox, rejected } from "../../support/outbox-bench";

const GRACE_MS = 1_000;

describe("dead letters", () => {
  test("commands that overlap move each dead letter once", async (t) => {
    const tenant = new ScriptedTenant();
    const { outbox, sender, dead } = await openOutbox({ folder: tempFolder(t), tenant });
    t.after(() => outbox.close(GRACE_MS));
    tenant.answer = () => {
      throw rejected();
    };
    await outbox.append(sender, alertNos(0, 10));
    await until("buried", () => dead.length === 10 && outbox.stats(sender.id).deadKept === 10);
    tenant.answer = () => undefined;
    const moved = await Promise.all([outbox.replay(sender), outbox.replay(sender), outbox.discard(sender)]);
    assert.deepEqual(moved, [10, 0, 0]);
    await until("settled", () => outbox.stats(sender.id).delivered === 10);
    assert.equal(tenant.accepted.length, 10);
    const { received, dead: deadCount, deadKept } = outbox.stats(sender.id);
    assert.deepEqual([received, deadCount, deadKept], [10, 0, 0]);
  });

  test("a replay ends although the tenant refuses what it brings back at once", async (t) => {
    const tenant = new ScriptedTenant();
    const { outbox, sender, dead } = await openOutbox({ folder: tempFolder(t), tenant });
    t.after(() => outbox.close(GRACE_MS));
    tenant.answer = () => {
      throw rejected();
    };
    await outbox.append(sender, alertNos(0, 50));
    await until("buried", () => dead.length === 50 && outbox.stats(sender.id).deadKept === 50);
    assert.equal(await outbox.replay(sender), 50);
  });

  test("a replay whose write fails but is on disk keeps the dead letters", async (t) => {
    const folder = tempFolder(t);
    let isLying = false;
    // The write is there and the system says that it is not, as after a failed fsync.
    const openStore = async (): Promise<OpenedStore> => {
      const { store } = await openLevelStore(join(folder, "store"), 0);
      const write: Store["write"] = async (changes) => {
        await store.write(changes);
        if (!isLying) return;
        isLying = false;
        throw new XdrError("STORE_FAILED", "Input/output error.");
      };
      const lying: Store = {
        get: (key) => store.get(key),
        read: (range) => store.read(range),
        close: () => store.close(),
        write,
      };
      return { store: lying };
    };
    const tenant = new ScriptedTenant();
    const { outbox, sender, dead } = await openOutbox({ folder, tenant, openStore });
    t.after(() => outbox.close(GRACE_MS));
    tenant.answer = () => {
      throw rejected();
    };
    await outbox.append(sender, alertNos(0, 10));
    await until("buried", () => dead.length === 10 && outbox.stats(sender.id).deadKept === 10);
    tenant.answer = () => undefined;
    isLying = true;
    await assert.rejects(outbox.replay(sender));
    await until("works again", () => outbox.stats(sender.id).problem === undefined);
    assert.equal(outbox.stats(sender.id).deadKept, 10);
    assert.equal(await outbox.replay(sender), 10);
    await until("delivered", () => outbox.stats(sender.id).delivered === 10);
    const { received, dead: deadCount, waiting } = outbox.stats(sender.id);
    assert.deepEqual([received, deadCount, waiting], [10, 0, 0]);
  });
});
