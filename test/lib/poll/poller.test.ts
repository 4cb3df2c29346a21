import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import { Rig, TestClock } from "./rig";
import { alert, TinyTenant } from "./tiny-tenant";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

function rigWith(config: object = {}, tenant = new TinyTenant()): { tenant: TinyTenant; rig: Rig } {
  const rig = new Rig({ config, client: tenant, clock: new TestClock(NOW) });
  return { tenant, rig };
}

const span = (from: number, count: number): number[] => Array.from({ length: count }, (_none, index) => from + index);

describe("an incremental run of alerts", () => {
  test("sends what is there once, and nothing of it again", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = span(1, 230).map((id) => alert(id, NOW - MINUTE + id));
    const first = await rig.run();
    assert.equal(rig.take().length, 230);
    assert.equal(first.emitted, 230);
    assert.equal(first.received, first.emitted + first.duplicates + first.filtered);
    rig.clock.advance(MINUTE);
    tenant.rows.push(alert(231, NOW + 1000));
    const second = await rig.run();
    assert.deepEqual(rig.take(), ["new 231"]);
    assert.equal(second.emitted, 1);
    await rig.poller.close();
  });

  test("reaches back by lookbackHours first, and after a failed first run from the same moment", async () => {
    const { tenant, rig } = rigWith({ lookbackHours: 1 });
    tenant.rows = [alert(1, NOW - 61 * MINUTE), alert(2, NOW - 60 * MINUTE), alert(3, NOW - 59 * MINUTE)];
    tenant.before = (request) => {
      if (request === 1) throw new XdrError("XDR_SERVER_ERROR", "down", { status: 500 });
    };
    await rig.fail();
    rig.clock.advance(10 * MINUTE);
    await rig.run();
    assert.deepEqual(rig.take(), ["new 2", "new 3"]);
    await rig.poller.close();
  });

  test("finds a record that comes late, within the overlap", async () => {
    const { tenant, rig } = rigWith({ overlapSeconds: 900 });
    tenant.rows = [alert(1, NOW - 1000)];
    await rig.run();
    rig.take();
    rig.clock.advance(10 * MINUTE);
    tenant.rows.push(alert(2, NOW - 14 * MINUTE), alert(3, NOW + 9 * MINUTE));
    await rig.run();
    assert.deepEqual(rig.take(), ["new 2", "new 3"]);
    await rig.poller.close();
  });

  test("with no overlap, finds records of the very time that was read last", async () => {
    const { tenant, rig } = rigWith({ overlapSeconds: 0 });
    tenant.rows = [alert(1, NOW - 1000)];
    await rig.run();
    tenant.rows.push(alert(2, NOW - 1000));
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1", "new 2"]);
    await rig.poller.close();
  });

  test("goes on where it stopped after a restart, however long that took", async () => {
    const { tenant, rig } = rigWith({ lookbackHours: 1 });
    tenant.rows = [alert(1, NOW - 1000)];
    await rig.run();
    await rig.poller.close();
    rig.take();
    rig.clock.advance(48 * 60 * MINUTE);
    tenant.rows.push(alert(2, NOW + 5 * MINUTE), alert(3, NOW + 47 * 60 * MINUTE));
    rig.restart();
    await rig.run();
    assert.deepEqual(rig.take(), ["new 2", "new 3"]);
    await rig.poller.close();
  });

  test("sends the rest after an error on page 3", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = span(1, 450).map((id) => alert(id, NOW - MINUTE + id));
    tenant.before = (request) => {
      if (request === 3) throw new XdrError("XDR_SERVER_ERROR", "down", { status: 500 });
    };
    assert.equal((await rig.fail()).code, "XDR_SERVER_ERROR");
    assert.equal(rig.reports.at(-1)?.error?.code, "XDR_SERVER_ERROR");
    await rig.run();
    const sent = rig.take();
    assert.equal(sent.length, 450);
    assert.equal(new Set(sent).size, 450);
    await rig.poller.close();
  });

  test("sends nothing again when the checkpoint could not be written", async () => {
    for (const phase of ["before", "after"] as const) {
      const { tenant, rig } = rigWith();
      tenant.rows = span(1, 30).map((id) => alert(id, NOW - MINUTE + id));
      let writes = 0;
      rig.disk.onWrite = (now) => {
        // The first write makes the checkpoint, the second one follows the page.
        if (now === "before") writes += 1;
        if (now === phase && writes === 2) throw new XdrError("STORE_FAILED", "no space");
      };
      assert.equal((await rig.fail()).code, "STORE_FAILED");
      await rig.run();
      assert.equal(rig.take().length, 30, phase);
      await rig.poller.close();
    }
  });

  test("starts anew, once, when a list of known records cannot be read", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = [alert(1, NOW - 1000)];
    await rig.run();
    await rig.poller.close();
    for (const key of rig.disk.entries.keys()) if (key.includes("/h/")) rig.disk.entries.set(key, "[[");
    rig.restart();
    await rig.run();
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1", "new 1"]);
    assert.equal(rig.notices.length, 1);
    await rig.poller.close();
  });

  test("splits a window of 10,000 and more, and reads each record of it", async () => {
    const { tenant, rig } = rigWith();
    tenant.total = (matches) => Math.min(matches, 9999);
    tenant.rows = span(1, 25_000).map((id) => alert(id, NOW - 20 * 60 * MINUTE + id * 2000, NOW - 21 * 60 * MINUTE));
    await rig.run();
    const sent = rig.take();
    assert.equal(new Set(sent).size, 25_000);
    assert.equal(sent.length, 25_000);
    assert.ok(tenant.requests.every(({ request_data: data }) => data.search_to <= 10_000));
    await rig.poller.close();
  });

  test("splits between two milliseconds that both have records, and not within one", async () => {
    for (const stepMs of [1, 0]) {
      const { tenant, rig } = rigWith();
      tenant.total = (matches) => Math.min(matches, 9999);
      tenant.rows = span(1, 10_500).map((id) => alert(id, NOW - MINUTE + id * stepMs, NOW - 60 * MINUTE + id));
      tenant.before = (request) => assert.ok(request < 500, "it goes on asking");
      await rig.run();
      const sent = rig.take();
      assert.equal(sent.length, 10_500);
      assert.equal(new Set(sent).size, 10_500);
      await rig.poller.close();
    }
  });

  test("an empty window does not move the cursor to a time of our own clock", async () => {
    const { tenant, rig } = rigWith({ overlapSeconds: 0 });
    await rig.run();
    tenant.rows = [alert(1, NOW - 9 * MINUTE)];
    rig.clock.advance(MINUTE);
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1"]);
    await rig.poller.close();
  });

  test("asks two seconds beyond the present: the tenant's clock is only known to a second", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = [alert(1, NOW + 1900), alert(2, NOW + 5000)];
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1"]);
    await rig.poller.close();
  });

  test("remembers what the overlap goes on to reach, however short the look-back", async () => {
    const { tenant, rig } = rigWith({ lookbackHours: 0.01, overlapSeconds: 900 });
    await rig.run();
    tenant.rows = [alert(1, NOW + 30 * MINUTE)];
    for (let run = 0; run < 3; run += 1) {
      rig.clock.advance(60 * MINUTE);
      await rig.run();
    }
    // Late, and still inside the overlap.
    tenant.rows.push(alert(2, NOW + 20 * MINUTE));
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1", "new 2"]);
    await rig.poller.close();
  });

  test("a total that is far too high neither splits a window for ever nor hides a record", async () => {
    for (const rows of [0, 250]) {
      const { tenant, rig } = rigWith();
      tenant.total = () => 2_650_762;
      tenant.rows = span(1, rows).map((id) => alert(id, NOW - MINUTE + id));
      tenant.before = (request) => assert.ok(request < 200, "it goes on asking");
      await rig.run();
      assert.equal(new Set(rig.take()).size, rows);
      await rig.poller.close();
    }
  });

  for (const ties of [300, 10_800]) {
    test(`10,800 records without a total, ${ties} of one time of detection, stay below the ceiling`, async () => {
      const { tenant, rig } = rigWith();
      tenant.total = () => undefined;
      const detectMs = (id: number): number => NOW - 48 * 60 * MINUTE + (id <= ties ? 0 : id);
      tenant.rows = span(1, 10_800).map((id) => alert(id, NOW - 20 * 60 * MINUTE + id * 1000, detectMs(id)));
      tenant.before = () => {
        if (tenant.requests.at(-1)!.request_data.search_to <= 10_000) return;
        throw new XdrError("XDR_SERVER_ERROR", "too far back", { status: 500 });
      };
      await rig.run();
      const sent = rig.take();
      assert.equal(sent.length, 10_800);
      assert.equal(new Set(sent).size, 10_800);
      await rig.poller.close();
    });
  }

  test("a record without an id leaves once; one that comes twice too; a row that is no object is told and left out", async () => {
    const { tenant, rig } = rigWith();
    const strange = alert(2, NOW - 500, NOW - 1500, { severity: "SEV_999_NEW", surprise: { nested: true } });
    tenant.rows = [{ local_insert_ts: NOW - 1000, detection_timestamp: NOW - 2000, name: "odd" }, strange, strange];
    const callRaw = tenant.callRaw.bind(tenant);
    tenant.callRaw = async (request) => {
      const answer = await callRaw(request);
      (answer.value as { reply: { alerts: unknown[] } }).reply.alerts.unshift(null, "odd", 7);
      return answer;
    };
    await rig.run();
    await rig.run();
    assert.deepEqual(rig.take(), ["new ?", "new 2"]);
    assert.equal(rig.notices.length, 2, "once for each run");
    await rig.poller.close();
  });

  test("what is stored while pages are read is not passed by, though the first run does not know the tenant's clock", async () => {
    const tenant = new (class extends TinyTenant {
      override clockSkewMs: number | undefined = undefined;
    })();
    const { rig } = rigWith({ overlapSeconds: 0 }, tenant);
    const tenantNow = NOW - 10 * MINUTE;
    tenant.rows = span(1, 150).map((id) => alert(id, tenantNow - MINUTE + id));
    tenant.before = (request) => {
      tenant.clockSkewMs = tenantNow - NOW;
      // One belongs to the page that has been read, the other one to the page to come.
      if (request === 2) tenant.rows.push(alert(901, tenantNow + 100, tenantNow - 60 * MINUTE));
      if (request === 2) tenant.rows.push(alert(902, tenantNow + 200, tenantNow + 150));
    };
    await rig.run();
    rig.clock.advance(MINUTE);
    await rig.run();
    const sent = rig.take();
    assert.equal(sent.length, 152);
    assert.equal(new Set(sent).size, 152);
    await rig.poller.close();
  });

  test("the cursor stays with the tenant's own times when our clock is ahead", async () => {
    const { tenant, rig } = rigWith({ overlapSeconds: 0 });
    // The tenant's present is ten minutes before ours.
    tenant.rows = [alert(1, NOW - 10 * MINUTE)];
    await rig.run();
    tenant.rows.push(alert(2, NOW - 9 * MINUTE));
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1", "new 2"]);
    await rig.poller.close();
  });
});

describe("closing", () => {
  test("a page that was not taken leaves again after the restart, one that was does not", async () => {
    const { tenant, rig } = rigWith({ acknowledge: "message" });
    tenant.rows = span(1, 150).map((id) => alert(id, NOW - MINUTE + id));
    let pages = 0;
    rig.emit = (page, closing) => {
      pages += 1;
      if (pages === 1) return Promise.resolve("all");
      return new Promise((resolve) => closing.addEventListener("abort", () => resolve(new Set([0, 1]))));
    };
    const run = rig.run().catch((error: unknown) => error);
    while (pages < 2) await new Promise((resolve) => setImmediate(resolve));
    await rig.poller.close();
    assert.equal(((await run) as XdrError).code, "XDR_CANCELLED");
    const [firstPage, secondPage] = rig.pages.map(({ items }) => items.length);
    rig.take();
    rig.restart();
    rig.emit = () => Promise.resolve("all");
    await rig.run();
    assert.equal(rig.take().length, 150 - firstPage! - 2);
    assert.ok(secondPage! > 2);
    await rig.poller.close();
  });

  test("the cursor does not move behind a last page of which only a part was taken", async () => {
    const { tenant, rig } = rigWith({ acknowledge: "message", overlapSeconds: 0 });
    tenant.rows = span(1, 5).map((id) => alert(id, NOW - MINUTE + id));
    rig.emit = (_page, closing) =>
      new Promise((resolve) => closing.addEventListener("abort", () => resolve(new Set([1, 4]))));
    const run = rig.run().catch((error: unknown) => error);
    while (rig.pages.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await rig.poller.close();
    await run;
    rig.take();
    rig.restart();
    rig.emit = () => Promise.resolve("all");
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1", "new 3", "new 4"]);
    await rig.poller.close();
  });

  test("no report, no state and no message after it", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = [alert(1, NOW - 1000)];
    await rig.run();
    const before = [rig.reports.length, rig.states.length];
    await rig.poller.close();
    assert.equal((await rig.fail()).code, "XDR_CANCELLED");
    assert.deepEqual([rig.reports.length, rig.states.length], before);
  });
});

describe("a change of what is polled", () => {
  for (const change of [{ severities: ["high"] }, { resource: "incidents" }, { apiVersion: "v1" }]) {
    test(`${JSON.stringify(change)} starts a new checkpoint and says so`, async () => {
      const { tenant, rig } = rigWith();
      tenant.rows = [alert(1, NOW - 1000)];
      await rig.run();
      await rig.poller.close();
      assert.deepEqual(rig.notices, []);
      rig.restart(change);
      if ("resource" in change) tenant.listName = "incidents";
      await rig.run();
      assert.match(rig.notices.join(), /starts anew/);
      await rig.poller.close();
    });
  }

  test("interval, overlap and acknowledge do not", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = [alert(1, NOW - 1000)];
    await rig.run();
    await rig.poller.close();
    rig.restart({ intervalSeconds: 5, overlapSeconds: 3600, lookbackHours: 48, acknowledge: "message" });
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1"]);
    assert.deepEqual(rig.notices, []);
    await rig.poller.close();
  });
});
