import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { Outbox, Sender } from "../../../nodes/lib/outbox/outbox";
import { systemClock } from "../../../nodes/lib/clock";
import { XdrError } from "../../../nodes/lib/errors";
import { tempFolder } from "../../support/temp-folder";
import { until } from "../../support/until";
import {
  ScriptedTenant,
  alertNo,
  alertNos,
  openOutbox,
  recordingSender,
  rejected,
  serverError,
} from "../../support/outbox-bench";

const GRACE_MS = 1_000;

/** Counters must add up whenever anybody looks. */
function assertAddsUp(outbox: Outbox, sender: Sender): void {
  const { received, delivered, waiting, inFlight, dead, refused } = outbox.stats(sender.id);
  assert.equal(received, delivered + waiting + inFlight + dead + refused);
}

async function setUp(
  t: TestContext,
  settings: Partial<Sender> = {},
  quota: { quotaAlerts?: number; quotaWindowMs?: number } = {},
) {
  const folder = tempFolder(t);
  const tenant = new ScriptedTenant();
  const setup = await openOutbox({ folder, tenant, ...quota }, settings);
  t.after(() => setup.outbox.close(GRACE_MS));
  return { folder, tenant, ...setup };
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe("outbox", () => {
  test("delivers in order, in updates of at most updateSize (relay defect 6)", async (t) => {
    const { outbox, sender, tenant, delivered } = await setUp(t, { updateSize: 50 });
    await outbox.append(sender, alertNos(0, 120));
    await until("all delivered", () => tenant.accepted.length === 120);
    assert.deepEqual(tenant.accepted, numbers(0, 120));
    assert.deepEqual(
      tenant.requests.map((request) => request.numbers.length),
      [50, 50, 20],
    );
    await until("reported", () => delivered.length === 3);
    assert.deepEqual(
      delivered.map(({ count, attempt }) => [count, attempt]),
      [
        [50, 1],
        [50, 1],
        [20, 1],
      ],
    );
    assertAddsUp(outbox, sender);
  });

  test("waits lingerMs for a fuller update, and flush ends the wait", async (t) => {
    const { outbox, sender, tenant } = await setUp(t, { lingerMs: 3_600_000 });
    await outbox.append(sender, alertNos(0, 10));
    await outbox.append(sender, alertNos(10, 20));
    assert.equal(tenant.requests.length, 0);
    outbox.flush();
    await until("delivered", () => tenant.accepted.length === 20);
    assert.deepEqual(tenant.accepted, numbers(0, 20));
  });

  test("a clock that is set back does not hold up an update", async (t) => {
    let setBackMs = 0;
    const clock = { ...systemClock, now: () => Date.now() - setBackMs };
    const tenant = new ScriptedTenant();
    const { outbox, sender } = await openOutbox({ folder: tempFolder(t), tenant, clock }, { lingerMs: 200 });
    t.after(() => outbox.close(GRACE_MS));
    await outbox.append(sender, [alertNo(1)]);
    setBackMs = 3_600_000;
    await until("delivered", () => tenant.accepted.length === 1, 2_000);
  });

  test("a full update does not linger", async (t) => {
    const { outbox, sender, tenant } = await setUp(t, { lingerMs: 3_600_000 });
    await outbox.append(sender, alertNos(0, 70));
    await until("60 delivered", () => tenant.accepted.length === 60);
    assert.equal(outbox.stats(sender.id).waiting, 10);
  });

  test("survives a close: what waits is delivered by the next one, counters go on", async (t) => {
    const { folder, outbox, sender, tenant } = await setUp(t);
    tenant.answer = () => {
      throw serverError(503);
    };
    outbox.refused(sender, 3);
    await outbox.append(sender, alertNos(0, 100));
    await outbox.close(GRACE_MS);
    const next = new ScriptedTenant();
    const again = await openOutbox({ folder, tenant: next });
    t.after(() => again.outbox.close(GRACE_MS));
    await until("all delivered", () => next.accepted.length === 100);
    assert.deepEqual(next.accepted, numbers(0, 100));
    await until("settled", () => again.outbox.stats(sender.id).delivered === 100);
    assert.equal(again.outbox.stats(sender.id).received, 103);
    assert.equal(again.outbox.stats(sender.id).lost, 0);
    assertAddsUp(again.outbox, sender);
  });

  test("answers OUTBOX_FULL beyond maxQueued and keeps nothing of that message", async (t) => {
    const { outbox, sender, tenant } = await setUp(t, { maxQueued: 100, lingerMs: 3_600_000, updateSize: 60 });
    tenant.answer = () => new Promise(() => undefined);
    await outbox.append(sender, alertNos(0, 95));
    await assert.rejects(
      outbox.append(sender, alertNos(95, 101)),
      (error) => error instanceof XdrError && error.code === "OUTBOX_FULL" && error.retryAfterMs === 30_000,
    );
    await outbox.append(sender, alertNos(95, 100));
    const { received, refused, waiting, inFlight } = outbox.stats(sender.id);
    assert.deepEqual([received, refused, waiting + inFlight], [106, 6, 100]);
    assertAddsUp(outbox, sender);
    tenant.answer = () => undefined;
  });

  test("waits while the tenant is held back: no request, no share of the quota; a close does not wait for it", async (t) => {
    const { folder, outbox, sender, tenant } = await setUp(t);
    tenant.heldMs = 3_600_000;
    await outbox.append(sender, alertNos(0, 10));
    outbox.flush();
    await systemClock.sleep(50);
    const { waiting, inFlight, quota } = outbox.stats(sender.id);
    assert.deepEqual([tenant.requests.length, waiting, inFlight, quota.spent], [0, 10, 0, 0]);
    assertAddsUp(outbox, sender);
    const startedMs = performance.now();
    await outbox.close(GRACE_MS);
    assert.ok(performance.now() - startedMs < GRACE_MS / 2);
    const next = new ScriptedTenant();
    next.heldMs = 5_000;
    const again = await openOutbox({ folder, tenant: next });
    t.after(() => again.outbox.close(GRACE_MS));
    next.heldMs = 0;
    await until("delivered", () => next.accepted.length === 10);
  });

  for (const status of [502, 503, 504, 408]) {
    test(`retries a ${status} for ever and in order, without splitting (relay defect 7)`, async (t) => {
      const { outbox, sender, tenant } = await setUp(t);
      tenant.answer = (_numbers, request) => {
        if (request <= 5) throw serverError(status);
      };
      await outbox.append(sender, alertNos(0, 60));
      await until("delivered", () => tenant.accepted.length === 60);
      assert.deepEqual(
        tenant.requests.map((request) => request.numbers.length),
        [60, 60, 60, 60, 60, 60],
      );
    });
  }

  test("sends the update of a lost answer again: its alerts arrive twice, none is missing", async (t) => {
    const { outbox, sender, tenant } = await setUp(t);
    tenant.answer = (batch, request) => {
      if (request === 1) {
        tenant.accepted.push(...batch);
        throw new XdrError("XDR_CONNECTION_LOST", "Lost.", { outcome: "unknown" });
      }
    };
    await outbox.append(sender, alertNos(0, 60));
    await until("delivered", () => tenant.accepted.length === 120);
    assert.deepEqual(tenant.accepted, [...numbers(0, 60), ...numbers(0, 60)]);
  });

  for (const code of ["XDR_UNAUTHORIZED", "XDR_LICENCE_MISSING", "XDR_FORBIDDEN"] as const) {
    test(`keeps everything and says why on ${code}; flush tries at once`, async (t) => {
      const { outbox, sender, tenant } = await setUp(t);
      tenant.answer = () => {
        throw new XdrError(code, "No.", { outcome: "refused" });
      };
      await outbox.append(sender, alertNos(0, 60));
      await until("trouble is shown", () => outbox.stats(sender.id).trouble !== undefined);
      assert.equal(outbox.stats(sender.id).trouble?.error.code, code);
      assert.equal(outbox.stats(sender.id).trouble?.action, "locked-out");
      tenant.answer = () => undefined;
      outbox.flush();
      await until("delivered", () => tenant.accepted.length === 60);
      await until("all is well", () => outbox.stats(sender.id).trouble === undefined);
    });
  }

  for (const poison of [0, 1, 14, 29, 30, 44, 59]) {
    for (const [kind, refusal] of [
      ["400", rejected],
      ["500", () => serverError(500)],
    ] as const) {
      test(`finds the poison at ${poison} of 60 (${kind}) in at most 12 requests`, async (t) => {
        const { outbox, sender, tenant, dead } = await setUp(t);
        tenant.answer = (batch) => {
          if (batch.includes(poison)) throw refusal();
        };
        await outbox.append(sender, alertNos(0, 60));
        await until("settled", () => dead.length === 1 && tenant.accepted.length === 59);
        assert.equal(dead[0]?.number, poison);
        assert.ok(tenant.requests.length <= 12, `${tenant.requests.length} requests`);
        assert.deepEqual(
          [...tenant.accepted].sort((a, b) => a - b),
          numbers(0, 60).filter((n) => n !== poison),
        );
        await until("counted", () => outbox.stats(sender.id).delivered === 59);
        assertAddsUp(outbox, sender);
      });
    }
  }

  test("several poison alerts cost themselves only", async (t) => {
    const { outbox, sender, tenant, dead } = await setUp(t);
    const poison = new Set([3, 4, 61, 179]);
    tenant.answer = (batch) => {
      if (batch.some((number) => poison.has(number))) throw serverError(500);
    };
    await outbox.append(sender, alertNos(0, 180));
    await until("settled", () => dead.length === 4 && tenant.accepted.length === 176);
    assert.deepEqual(
      dead.map(({ number }) => number),
      [3, 4, 61, 179],
    );
  });

  test("an outage that answers 500 to everything buries nothing", async (t) => {
    const { outbox, sender, tenant, dead } = await setUp(t);
    tenant.answer = (_batch, request) => {
      if (request <= 14) throw serverError(500);
    };
    await outbox.append(sender, alertNos(0, 180));
    await until("delivered", () => tenant.accepted.length === 180, 60_000);
    assert.deepEqual(dead, []);
    assert.deepEqual(
      [...tenant.accepted].sort((a, b) => a - b),
      numbers(0, 180),
    );
  });

  test("a lone alert that always gets 500 waits for a witness", async (t) => {
    const { outbox, sender, tenant, dead } = await setUp(t);
    tenant.answer = (batch) => {
      if (batch.includes(0)) throw serverError(500);
    };
    await outbox.append(sender, [alertNo(0)]);
    await until("tried often", () => tenant.requests.length >= 5);
    assert.deepEqual(dead, []);
    await outbox.append(sender, [alertNo(1)]);
    await until("buried", () => dead.length === 1);
    assert.deepEqual(tenant.accepted, [1]);
  });

  test("dead letters are replayed on command, over a restart too", async (t) => {
    const { folder, outbox, sender, tenant, dead } = await setUp(t);
    tenant.answer = (batch) => {
      if (batch.includes(7)) throw rejected();
    };
    await outbox.append(sender, alertNos(0, 60));
    await until("buried", () => dead.length === 1 && outbox.stats(sender.id).delivered === 59);
    assert.equal(outbox.stats(sender.id).deadKept, 1);
    await outbox.close(GRACE_MS);
    const next = new ScriptedTenant();
    const again = await openOutbox({ folder, tenant: next });
    t.after(() => again.outbox.close(GRACE_MS));
    assert.equal(await again.outbox.replay(again.sender), 1);
    await until("delivered", () => again.outbox.stats(sender.id).delivered === 60);
    assert.deepEqual(next.accepted, [7]);
    const { dead: deadCount, deadKept, received } = again.outbox.stats(sender.id);
    assert.deepEqual([deadCount, deadKept, received], [0, 0, 60]);
  });

  test("discard deletes dead letters and counts them on", async (t) => {
    const { outbox, sender, tenant, dead } = await setUp(t);
    tenant.answer = () => {
      throw rejected();
    };
    await outbox.append(sender, alertNos(0, 3));
    await until("buried", () => dead.length === 3);
    assert.equal(await outbox.discard(sender), 3);
    assert.equal(outbox.stats(sender.id).deadKept, 0);
    assert.equal(outbox.stats(sender.id).dead, 3);
    assertAddsUp(outbox, sender);
    assert.equal(await outbox.replay(sender), 0);
  });

  test("two insert nodes share the queue; each hears of its own alerts", async (t) => {
    const { outbox, sender, tenant, delivered } = await setUp(t, { lingerMs: 60_000 });
    const other = recordingSender({ id: "node-b", lingerMs: 60_000 });
    outbox.register(other.sender);
    await Promise.all([outbox.append(sender, alertNos(0, 5)), outbox.append(other.sender, alertNos(5, 10))]);
    outbox.flush();
    await until("delivered", () => tenant.accepted.length === 10);
    assert.deepEqual(tenant.accepted, numbers(0, 10));
    await until("told", () => delivered.length === 1 && other.delivered.length === 1);
    assert.equal(other.delivered[0]?.alerts[0]?.alert_name, "alert 5");
    assertAddsUp(outbox, sender);
    assertAddsUp(outbox, other.sender);
  });

  test("alerts of an insert node that is gone are still delivered", async (t) => {
    const { outbox, sender, tenant } = await setUp(t, { lingerMs: 60_000 });
    await outbox.append(sender, alertNos(0, 5));
    outbox.deregister(sender);
    outbox.flush();
    await until("delivered", () => tenant.accepted.length === 5);
  });

  test("close waits for the answer under way: nothing is sent twice", async (t) => {
    const { folder, outbox, sender, tenant } = await setUp(t);
    let answer = (): void => undefined;
    tenant.answer = () => new Promise<void>((resolve) => (answer = resolve));
    await outbox.append(sender, alertNos(0, 60));
    await until("under way", () => tenant.requests.length === 1);
    const closed = outbox.close(GRACE_MS);
    answer();
    await closed;
    const again = await openOutbox({ folder, tenant: new ScriptedTenant() });
    t.after(() => again.outbox.close(GRACE_MS));
    assert.equal(again.outbox.stats(sender.id).waiting, 0);
    assert.equal(again.outbox.stats(sender.id).delivered, 60);
  });

  test("refuses while closing and after", async (t) => {
    const { outbox, sender } = await setUp(t);
    const closed = outbox.close(GRACE_MS);
    const unavailable = (error: unknown): boolean => error instanceof XdrError && error.code === "OUTBOX_UNAVAILABLE";
    await assert.rejects(outbox.append(sender, [alertNo(1)]), unavailable);
    await closed;
    await assert.rejects(outbox.append(sender, [alertNo(1)]), unavailable);
    assertAddsUp(outbox, sender);
  });
});
