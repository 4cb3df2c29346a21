import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { inspect } from "node:util";
import { XdrError } from "../../nodes/lib/errors";
import type { Sender } from "../../nodes/lib/outbox/outbox";
import { openRedisStore } from "../../nodes/lib/store/redis-store";
import type { OpenedStore, Store } from "../../nodes/lib/store/store";
import { RedisServer, TLS_FIXTURES } from "../support/redis-server";
import { runScript } from "../support/run-script";
import { tempFolder } from "../support/temp-folder";
import { until } from "../support/until";
import { ScriptedTenant, alertNo, alertNos, openOutbox, rejected, serverError } from "../support/outbox-bench";

const PREFIX = "cortex-xdr:test:";
const GRACE_MS = 1_000;
const LEASE_MS = 300;

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const coded =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof XdrError && error.code === code;

/** Opens the store as one Node-RED would: the same instance each time. */
function opener(server: RedisServer, instance: string = randomUUID()): () => Promise<OpenedStore> {
  return () => openRedisStore({ url: server.url, prefix: PREFIX, instance, leaseMs: LEASE_MS });
}

async function openedStore(t: TestContext, server: RedisServer): Promise<Store> {
  const { store } = await opener(server)();
  t.after(() => store.close());
  return store;
}

async function outboxOn(t: TestContext, server: RedisServer, settings: Partial<Sender> = {}) {
  const tenant = new ScriptedTenant();
  const setup = await openOutbox({ folder: tempFolder(t), tenant, openStore: opener(server) }, settings);
  t.after(() => setup.outbox.close(GRACE_MS));
  return { tenant, ...setup };
}

/** An owner that dies without giving anything back: its connection is cut, its renewals end. */
async function killedOwner(server: RedisServer): Promise<void> {
  await server.command((redis) => redis.set(`${PREFIX}owner`, "gone/token", "PX", LEASE_MS));
}

describe("Redis store", () => {
  test("reads ranges in key order, with each kind of bound and a limit", async (t) => {
    const store = await openedStore(t, await RedisServer.start(t));
    await store.write(["q/3", "q/1", "r/1", "q/2", "p/9"].map((key) => ({ type: "put", key, value: `v${key}` })));
    assert.deepEqual(await store.read({ gte: "q/", lt: "q0" }), [
      ["q/1", "vq/1"],
      ["q/2", "vq/2"],
      ["q/3", "vq/3"],
    ]);
    assert.deepEqual(await store.read({ gt: "q/1", lt: "q/3" }), [["q/2", "vq/2"]]);
    assert.deepEqual(await store.read({ gte: "q/1", lt: "q0", limit: 1 }), [["q/1", "vq/1"]]);
    await store.write([
      { type: "del", key: "q/1" },
      { type: "put", key: "q/2", value: "über ✓\u0000" },
    ]);
    assert.equal(await store.get("q/1"), undefined);
    assert.equal(await store.get("q/2"), "über ✓\u0000");
    assert.deepEqual(await store.read({ gte: "a", lt: "b" }), []);
  });

  test("a second opener is told that the store is owned, and takes over after close", async (t) => {
    const server = await RedisServer.start(t);
    const { store } = await opener(server)();
    await assert.rejects(opener(server)(), coded("STORE_LOCKED"));
    await store.close();
    await openedStore(t, server);
  });

  test("a living owner keeps the store beyond its lease; a dead one loses it when the lease ends", async (t) => {
    const server = await RedisServer.start(t);
    const { store } = await opener(server)();
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
    await assert.rejects(opener(server)(), coded("STORE_LOCKED"));
    await store.close();
    await killedOwner(server);
    const started = performance.now();
    await until("taken over", async () => {
      const opened = await opener(server)().catch(() => undefined);
      await opened?.store.close();
      return opened !== undefined;
    });
    assert.ok(performance.now() - started >= LEASE_MS - 50);
  });

  test("one instance gets its own store back at once when its connection broke", async (t) => {
    const server = await RedisServer.start(t);
    const open = opener(server);
    const first = await open();
    await server.command((redis) => redis.client("KILL", "TYPE", "normal", "SKIPME", "yes"));
    assert.equal(coded("STORE_FAILED")(await first.lost), true);
    const second = await open();
    assert.equal(second.epoch, first.epoch);
    await second.store.close();
    await first.store.close();
  });

  test("a deposed owner can neither write nor read, and nothing of its write is applied", async (t) => {
    const server = await RedisServer.start(t);
    const first = await opener(server)();
    await server.command((redis) => redis.del(`${PREFIX}owner`));
    const second = await opener(server)();
    assert.notEqual(second.epoch, first.epoch);
    const changes = [1, 2].map((n) => ({ type: "put", key: `q/${n}`, value: "x" }) as const);
    await assert.rejects(first.store.write(changes), coded("STORE_LOCKED"));
    await assert.rejects(first.store.read({ gte: "a", lt: "z" }), coded("STORE_LOCKED"));
    assert.equal(coded("STORE_LOCKED")(await first.lost), true);
    assert.deepEqual(await second.store.read({ gte: "q/", lt: "q0" }), []);
    await first.store.close();
    await second.store.write(changes);
    await second.store.close();
  });

  test("a layout of a newer version is refused, and the lease given back", async (t) => {
    const server = await RedisServer.start(t);
    const { store } = await opener(server)();
    await store.write([{ type: "put", key: "!version", value: "2" }]);
    await store.close();
    await assert.rejects(opener(server)(), coded("STORE_VERSION"));
    await assert.rejects(opener(server)(), coded("STORE_VERSION"));
  });

  test("says what to set when Redis may lose acknowledged writes, and when it cannot tell", async (t) => {
    const safe = await opener(await RedisServer.start(t))();
    assert.equal(safe.durabilityWarning, undefined);
    await safe.store.close();
    const server = await RedisServer.start(t, { appendfsync: "everysec" });
    const unsafe = await opener(server)();
    assert.match(unsafe.durabilityWarning ?? "", /"appendfsync always"/);
    await unsafe.store.close();
    await server.command((redis) => redis.acl("SETUSER", "default", "-config"));
    const unknown = await opener(server)();
    assert.match(unknown.durabilityWarning ?? "", /could not be checked/);
    await unknown.store.close();
  });

  const REFUSALS = [
    ["a wrong password", (url: string) => url.replace("//", "//:s3cret-pw@"), /WRONGPASS/],
    ["a wrong user", (url: string) => url.replace("//", "//mallory-u:s3cret-pw@"), /WRONGPASS/],
    ["no password", (url: string) => url, /NOAUTH/],
    ["a database that is not there", (url: string) => `${url.replace("//", "//:right@")}/99`, /no database/],
    ["a port where nothing listens", () => "redis://:s3cret-pw@127.0.0.1:1", /ECONNREFUSED/],
  ] as const;
  for (const [what, urlOf, expected] of REFUSALS) {
    test(`${what}: a clear error without the secret`, async (t) => {
      const server = await RedisServer.start(t, { password: "right" });
      const url = urlOf(server.url);
      await assert.rejects(openRedisStore({ url, prefix: PREFIX, instance: "a" }), (error) => {
        assert.ok(coded("STORE_FAILED")(error) && error instanceof Error);
        assert.match(error.message, expected);
        const shown = inspect(error, { depth: 5, showHidden: true });
        assert.doesNotMatch(shown, /s3cret|mallory|:right|127\.0\.0\.1/);
        return true;
      });
    });
  }

  test("rediss: a certificate that is trusted is taken, any other refused", async (t) => {
    const { tlsUrl } = await RedisServer.start(t, { tls: true });
    const options = { url: tlsUrl, prefix: PREFIX, instance: "a" };
    await assert.rejects(openRedisStore(options), /UNABLE_TO_VERIFY|SELF_SIGNED/);
    const script = `
      const { openRedisStore } = require("./nodes/lib/store/redis-store.ts");
      openRedisStore(${JSON.stringify(options)}).then(({ store }) => store.close()).then(() => console.log("opened"));`;
    assert.equal(await runScript(script, { NODE_EXTRA_CA_CERTS: join(TLS_FIXTURES, "ca.crt.pem") }), "opened");
  });

  test("ioredis is not loaded before the first connection", async () => {
    const script = `
      require("./nodes/lib/store/redis-store.ts");
      require("./nodes/lib/tenant/shared-quota.ts");
      console.log(Object.keys(require.cache).filter((file) => file.includes("ioredis")).length);`;
    assert.equal(await runScript(script), "0");
  });
});

describe("outbox on Redis", () => {
  test("delivers in order and goes on after a restart, counters too", async (t) => {
    const server = await RedisServer.start(t);
    const { outbox, sender, tenant } = await outboxOn(t, server, { updateSize: 50 });
    await outbox.append(sender, alertNos(0, 120));
    await until("delivered", () => outbox.stats(sender.id).delivered === 120);
    assert.deepEqual(tenant.accepted, numbers(0, 120));
    tenant.answer = () => {
      throw serverError(503);
    };
    await outbox.append(sender, alertNos(120, 200));
    await outbox.close(GRACE_MS);
    const again = await outboxOn(t, server);
    await until("settled", () => again.outbox.stats(sender.id).delivered === 200);
    assert.deepEqual(again.tenant.accepted, numbers(120, 200));
    const { received, lost } = again.outbox.stats(sender.id);
    assert.deepEqual([received, lost], [200, 0]);
  });

  test("dead letters are found, kept over a restart and replayed", async (t) => {
    const server = await RedisServer.start(t);
    const { outbox, sender, tenant, dead } = await outboxOn(t, server);
    tenant.answer = (batch) => {
      if (batch.includes(7)) throw rejected();
    };
    await outbox.append(sender, alertNos(0, 60));
    await until("buried", () => dead.length === 1 && outbox.stats(sender.id).delivered === 59);
    await outbox.close(GRACE_MS);
    const again = await outboxOn(t, server);
    assert.equal(again.outbox.stats(sender.id).deadKept, 1);
    assert.equal(await again.outbox.replay(again.sender), 1);
    await until("delivered", () => again.outbox.stats(sender.id).delivered === 60);
    assert.deepEqual(again.tenant.accepted, [7]);
  });

  test("Redis killed and started again: what was acknowledged is delivered, by itself", async (t) => {
    const server = await RedisServer.start(t);
    const { outbox, sender, tenant } = await outboxOn(t, server, { lingerMs: 3_600_000 });
    await outbox.append(sender, alertNos(0, 50));
    await server.kill();
    await until("noticed without any traffic", () => outbox.stats(sender.id).problem?.code === "STORE_FAILED");
    await assert.rejects(outbox.append(sender, [alertNo(1000)]), coded("OUTBOX_UNAVAILABLE"));
    await server.start();
    await until("works again", () => outbox.stats(sender.id).problem === undefined);
    await outbox.append(sender, alertNos(50, 59));
    outbox.flush();
    await until("delivered", () => outbox.stats(sender.id).delivered === 59);
    assert.deepEqual(tenant.accepted, numbers(0, 59));
    const { received, refused, waiting } = outbox.stats(sender.id);
    assert.deepEqual([received, refused, waiting], [60, 1, 0]);
  });

  test("kills of Redis under load lose nothing that was acknowledged", async (t) => {
    const server = await RedisServer.start(t);
    const { outbox, sender, tenant } = await outboxOn(t, server);
    const acknowledged: number[] = [];
    let kills = 0;
    const killer = (async () => {
      for (; kills < 3; kills += 1) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        await server.kill();
        await server.start();
        await until("works again", () => outbox.stats(sender.id).problem === undefined);
      }
    })();
    for (let number = 0; kills < 3; number += 1) {
      await outbox.append(sender, [alertNo(number)]).then(
        () => acknowledged.push(number),
        () => new Promise((resolve) => setTimeout(resolve, 5)),
      );
    }
    await killer;
    await until("delivered", () => outbox.stats(sender.id).waiting + outbox.stats(sender.id).inFlight === 0);
    const delivered = new Set(tenant.accepted);
    assert.ok(acknowledged.length > 50, `${acknowledged.length} acknowledged`);
    assert.deepEqual(
      acknowledged.filter((number) => !delivered.has(number)),
      [],
    );
  });

  test("a standby takes over, and what it took in survives the first one's return", async (t) => {
    const server = await RedisServer.start(t);
    const first = await outboxOn(t, server, { lingerMs: 3_600_000 });
    await first.outbox.append(first.sender, alertNos(0, 10));
    // As if the first had been suspended for longer than its lease, and the standby came.
    await server.command((redis) => redis.del(`${PREFIX}owner`));
    const standby = await outboxOn(t, server, { lingerMs: 3_600_000 });
    assert.equal(standby.outbox.stats("node-a").waiting, 10);
    await standby.outbox.append(standby.sender, alertNos(10, 30));
    await until("stands by", () => first.outbox.stats("node-a").problem?.code === "STORE_LOCKED");
    await assert.rejects(first.outbox.append(first.sender, [alertNo(99)]), coded("OUTBOX_UNAVAILABLE"));
    await standby.outbox.close(GRACE_MS);
    await until("back", () => first.outbox.stats("node-a").problem === undefined);
    assert.equal(first.outbox.stats("node-a").waiting, 30);
    first.outbox.flush();
    await until("delivered", () => first.outbox.stats("node-a").delivered === 30);
    assert.deepEqual(first.tenant.accepted, numbers(0, 30));
    assert.equal(first.outbox.stats("node-a").lost, 0);
  });
});
