import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openLevelStore } from "../../../nodes/lib/store/level-store";
import { XdrError } from "../../../nodes/lib/errors";
import { tempFolder } from "../../support/temp-folder";
import { until } from "../../support/until";
import { ScriptedTenant, alertNo, alertNos, openOutbox, serverError } from "../../support/outbox-bench";

const GRACE_MS = 1_000;
/** Alerts of each of the three runs that filled the store: two of them are in tables, the last in the log. */
const PER_RUN = 500;

async function leaveBacklog(folder: string): Promise<string> {
  const tenant = new ScriptedTenant();
  tenant.answer = () => {
    throw serverError(503);
  };
  for (let run = 0; run < 3; run += 1) {
    const { outbox, sender } = await openOutbox({ folder, tenant });
    for (let from = 0; from < PER_RUN; from += 100) {
      await outbox.append(sender, alertNos(run * PER_RUN + from, run * PER_RUN + from + 100));
    }
    await outbox.close(GRACE_MS);
  }
  return join(folder, "store");
}

const filesOf = (store: string, pattern: RegExp): string[] => readdirSync(store).filter((name) => pattern.test(name));

const DAMAGES: Readonly<Record<string, (file: string) => void>> = {
  deleted: (file) => rmSync(file),
  "cut in half": (file) => truncateSync(file, readFileSync(file).length >> 1),
  empty: (file) => truncateSync(file, 0),
  "full of noise": (file) => writeFileSync(file, Buffer.alloc(readFileSync(file).length, 0xa5)),
  "wrong in its index": (file) => {
    const content = readFileSync(file);
    for (let at = Math.max(0, content.length - 100); at < content.length - 60; at += 1)
      content[at] = (content[at] ?? 0) ^ 0x5a;
    writeFileSync(file, content);
  },
};

describe("damaged tables and heads", () => {
  for (const [what, damage] of Object.entries(DAMAGES)) {
    for (const table of [0, 1]) {
      test(`a table (${table + 1} of 2) that is ${what} costs itself only, and is counted`, async (t) => {
        const folder = tempFolder(t);
        const store = await leaveBacklog(folder);
        const name = filesOf(store, /\.ldb$/)[table];
        assert.ok(name);
        damage(join(store, name));
        const tenant = new ScriptedTenant();
        const { outbox, sender } = await openOutbox({ folder, tenant });
        t.after(() => outbox.close(GRACE_MS));
        await outbox.append(sender, [alertNo(9_999)]);
        await until("delivered", () => tenant.accepted.includes(9_999));
        const { lost } = outbox.stats(sender.id);
        assert.ok(lost <= PER_RUN, `${lost} lost`);
        assert.equal(new Set(tenant.accepted).size + lost, 3 * PER_RUN + 1);
      });
    }
  }

  test("a store without CURRENT is repaired, not begun anew", async (t) => {
    const folder = tempFolder(t);
    const store = await leaveBacklog(folder);
    rmSync(join(store, "CURRENT"));
    const tenant = new ScriptedTenant();
    const { outbox } = await openOutbox({ folder, tenant });
    t.after(() => outbox.close(GRACE_MS));
    await until("delivered", () => tenant.accepted.length === 3 * PER_RUN);
  });

  test("a store without its manifest is repaired", async (t) => {
    const folder = tempFolder(t);
    const store = await leaveBacklog(folder);
    for (const name of filesOf(store, /^MANIFEST/)) rmSync(join(store, name));
    const tenant = new ScriptedTenant();
    const { outbox } = await openOutbox({ folder, tenant });
    t.after(() => outbox.close(GRACE_MS));
    await until("delivered", () => tenant.accepted.length === 3 * PER_RUN);
  });

  test("no word in the folder's path makes an error look like damage", async (t) => {
    const folder = join(tempFolder(t), "current", "corrupt");
    mkdirSync(folder, { recursive: true });
    const other = await openLevelStore(join(folder, "store"), 0);
    await other.store.write([{ type: "put", key: "a", value: "b" }]);
    await other.store.close();
    // A folder where the log should be: an I/O error that has nothing to do with what is stored.
    rmSync(join(folder, "store", "LOCK"));
    mkdirSync(join(folder, "store", "LOCK"));
    await assert.rejects(
      openLevelStore(join(folder, "store"), 0),
      (error) => error instanceof XdrError && error.code === "STORE_FAILED",
    );
    assert.deepEqual(readdirSync(folder), ["store"]);
    assert.ok(existsSync(join(folder, "store", "CURRENT")));
  });

  test("a store that is gone with nothing waiting in it lost nothing", async (t) => {
    const folder = tempFolder(t);
    const tenant = new ScriptedTenant();
    const first = await openOutbox({ folder, tenant });
    await first.outbox.append(first.sender, alertNos(0, 100));
    await until("settled", () => first.delivered.length === 2);
    await first.outbox.close(GRACE_MS);
    rmSync(join(folder, "store"), { recursive: true });
    const { outbox, sender } = await openOutbox({ folder, tenant });
    t.after(() => outbox.close(GRACE_MS));
    assert.equal(outbox.stats(sender.id).lost, 0);
  });

  test("a folder that vanishes while in use: what went with it is counted lost, the counters add up, it goes on", async (t) => {
    const folder = tempFolder(t);
    const tenant = new ScriptedTenant();
    const { outbox, sender } = await openOutbox({ folder, tenant }, { lingerMs: 3_600_000 });
    t.after(() => outbox.close(GRACE_MS));
    await outbox.append(sender, alertNos(0, 30));
    rmSync(join(folder, "store"), { recursive: true });
    const padding = alertNos(0, 2_000).map((alert) => ({ ...alert, alert_description: "x".repeat(3_000) }));
    // More than LevelDB keeps in memory: it needs a new file now.
    for (let round = 0; round < 3 && outbox.stats(sender.id).problem === undefined; round += 1) {
      await outbox.append(sender, padding).catch(() => undefined);
    }
    await until("works again", () => outbox.stats(sender.id).problem === undefined);
    await until("can take one", () =>
      outbox.append(sender, [alertNo(9_999)]).then(
        () => true,
        () => false,
      ),
    );
    outbox.flush();
    await until("goes on", () => tenant.accepted.includes(9_999));
    await until("empty", () => outbox.stats(sender.id).waiting + outbox.stats(sender.id).inFlight === 0);
    const { received, delivered, waiting, inFlight, dead, refused, lost } = outbox.stats(sender.id);
    assert.equal(received, delivered + waiting + inFlight + dead + refused);
    assert.ok(lost > 0);
  });
});
