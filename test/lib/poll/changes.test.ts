import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import { Rig, TestClock } from "./rig";
import { alert, TinyTenant, type Row } from "./tiny-tenant";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

function rigWith(listName: string, config: object = {}): { tenant: TinyTenant; rig: Rig } {
  const tenant = new TinyTenant();
  tenant.listName = listName;
  const rig = new Rig({ config: { resource: listName, ...config }, client: tenant, clock: new TestClock(NOW) });
  return { tenant, rig };
}

const incident = (id: number, modifiedMs: number, more: Row = {}): Row => ({
  incident_id: String(id),
  creation_time: NOW - 3_600_000,
  modification_time: modifiedMs,
  status: "new",
  severity: "high",
  ...more,
});

describe("changed incidents", () => {
  test("several changes between two runs leave once, with the last state and exactly what changed", async () => {
    const { tenant, rig } = rigWith("incidents");
    tenant.rows = [incident(1, NOW - 5000), incident(2, NOW - 4000)];
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1", "new 2"]);
    rig.clock.advance(MINUTE);
    Object.assign(tenant.rows[0]!, { severity: "low", modification_time: NOW + 1000 });
    Object.assign(tenant.rows[0]!, {
      severity: "medium",
      status: "under_investigation",
      modification_time: NOW + 2000,
    });
    await rig.run();
    const item = rig.items[0]!;
    assert.deepEqual(item.previous, { severity: "high", status: "new", modification_time: NOW - 5000 });
    assert.equal(item.record["severity"], "medium");
    assert.deepEqual(rig.take(), ["updated 1"]);
    await rig.run();
    assert.deepEqual(rig.take(), []);
    await rig.poller.close();
  });

  test("a field that is new has an undefined old value", async () => {
    const { tenant, rig } = rigWith("incidents");
    tenant.rows = [incident(1, NOW - 5000)];
    await rig.run();
    Object.assign(tenant.rows[0]!, { modification_time: NOW - 1000, notes: "look" });
    await rig.run();
    assert.deepEqual(rig.items.at(-1)?.previous, { modification_time: NOW - 5000, notes: undefined });
    await rig.poller.close();
  });

  test("nothing leaves again when the store fails to read between the message and the checkpoint", async () => {
    const { tenant, rig } = rigWith("incidents");
    tenant.rows = [incident(1, NOW - 5000), incident(2, NOW - 4000)];
    await rig.run();
    rig.take();
    tenant.rows[0]!["modification_time"] = NOW - 1000;
    rig.emit = () => {
      rig.disk.onRead = () => {
        rig.disk.onRead = () => undefined;
        throw new XdrError("STORE_FAILED", "connection lost");
      };
      return Promise.resolve("all");
    };
    assert.equal((await rig.fail()).code, "STORE_FAILED");
    await rig.run();
    await rig.run();
    assert.deepEqual(rig.take(), ["updated 1"]);
    await rig.poller.close();
  });

  test("fields with names of the language are fields", async () => {
    const { tenant, rig } = rigWith("incidents");
    tenant.rows = [incident(1, NOW - 5000)];
    await rig.run();
    const odd = JSON.parse('{"constructor": "x", "__proto__": {"y": 1}}') as Row;
    tenant.rows[0] = Object.fromEntries(Object.entries(incident(1, NOW - 1000)).concat(Object.entries(odd)));
    await rig.run();
    assert.deepEqual(Object.entries(rig.items.at(-1)!.previous!), [
      ["modification_time", NOW - 5000],
      ["constructor", undefined],
      ["__proto__", undefined],
    ]);
    await rig.poller.close();
  });

  test("a creation time that drifts is no change", async () => {
    const { tenant, rig } = rigWith("incidents");
    tenant.rows = [incident(1, NOW - 5000)];
    await rig.run();
    rig.take();
    tenant.rows[0]!["creation_time"] = NOW - 1;
    await rig.run("full");
    await rig.run();
    assert.deepEqual(rig.take(), []);
    await rig.poller.close();
  });

  test("the first sight of an old incident is new; one that changes days later is updated", async () => {
    const { tenant, rig } = rigWith("incidents", { lookbackHours: 1 });
    tenant.rows = [incident(1, NOW - 1000), incident(2, NOW - 90 * MINUTE)];
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1"]);
    rig.clock.advance(5 * 24 * 60 * MINUTE);
    const later = rig.clock.now() - 1000;
    for (const row of tenant.rows) Object.assign(row, { modification_time: later, status: "under_investigation" });
    await rig.run();
    assert.deepEqual(rig.take(), ["updated 1", "new 2"]);
    await rig.poller.close();
  });

  test("an incident is remembered beyond look-back and overlap", async () => {
    const { tenant, rig } = rigWith("incidents", { lookbackHours: 1, overlapSeconds: 60 });
    tenant.rows = [incident(1, NOW - 1000)];
    await rig.run();
    for (const days of [50, 100]) {
      rig.clock.advance(50 * 24 * 60 * MINUTE);
      tenant.rows.push(incident(days, rig.clock.now() - 5000));
      await rig.run();
    }
    tenant.rows[0]!["modification_time"] = rig.clock.now() - 1000;
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1", "new 50", "new 100", "updated 1"]);
    await rig.poller.close();
  });

  test("a page of changes is read again when the store failed before it could leave, after the tenant had failed too", async () => {
    const { tenant, rig } = rigWith("incidents");
    tenant.rows = Array.from({ length: 150 }, (_none, index) => incident(index + 1, NOW - MINUTE + index));
    await rig.run();
    await rig.poller.close();
    rig.take();
    for (const [index, row] of tenant.rows.entries()) row["modification_time"] = NOW - 1000 + index;
    rig.restart();
    const first = tenant.requests.length + 1;
    tenant.before = (request) => {
      if (request === first + 1) throw new XdrError("XDR_SERVER_ERROR", "down", { status: 500 });
      if (request !== first + 2) return;
      rig.disk.onRead = () => {
        rig.disk.onRead = () => undefined;
        throw new XdrError("STORE_FAILED", "connection lost");
      };
    };
    assert.equal((await rig.fail()).code, "XDR_SERVER_ERROR");
    assert.equal((await rig.fail()).code, "STORE_FAILED");
    await rig.run();
    const sent = rig.take();
    assert.equal(sent.length, 150);
    assert.equal(new Set(sent).size, 150);
    await rig.poller.close();
  });

  test("changes are found over a restart", async () => {
    const { tenant, rig } = rigWith("incidents");
    tenant.rows = [incident(1, NOW - 5000, { hosts: ["a:1"] })];
    await rig.run();
    await rig.poller.close();
    rig.take();
    Object.assign(tenant.rows[0]!, { modification_time: NOW - 1000, hosts: ["a:1", "b:2"] });
    rig.restart();
    await rig.run();
    assert.deepEqual(rig.items[0]?.previous, { modification_time: NOW - 5000, hosts: ["a:1"] });
    await rig.poller.close();
  });

  test("one that stops matching the filter is silent until a full sync removes it", async () => {
    const { tenant, rig } = rigWith("incidents", { statuses: ["New", "Under Investigation"] });
    tenant.rows = [incident(1, NOW - 5000), incident(2, NOW - 5000, { status: "resolved_other" })];
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1"]);
    Object.assign(tenant.rows[0]!, { status: "resolved_true_positive", modification_time: NOW - 1000 });
    await rig.run();
    assert.deepEqual(rig.take(), []);
    const report = await rig.run("full");
    assert.equal(rig.items[0]?.record["status"], "new", "the last known record");
    assert.deepEqual(rig.take(), ["removed 1"]);
    assert.equal(report.removed, 1);
    await rig.run("full");
    await rig.run();
    assert.deepEqual(rig.take(), []);
    await rig.poller.close();
  });

  test("extra data are wished for once for each that left, and survive a restart", async () => {
    const { tenant, rig } = rigWith("incidents", { extraData: true });
    tenant.rows = [incident(1, NOW - 5000), incident(2, NOW - 4000)];
    const callRaw = tenant.callRaw.bind(tenant);
    tenant.callRaw = (request) => {
      if (!request.path.endsWith("get_incident_extra_data")) return callRaw(request);
      return Promise.resolve({ value: { reply: { incident: {} } }, body: Buffer.from(""), encoding: "identity" });
    };
    await rig.run();
    while (rig.extras.length < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(rig.extras, ["1", "2"]);
    await rig.poller.close();
    rig.restart();
    await rig.run();
    await rig.poller.close();
    assert.deepEqual(rig.extras, ["1", "2"]);
  });
});

describe("a full sync", () => {
  test("reports what vanished, once, with the last known record; an incremental run never does", async () => {
    const { tenant, rig } = rigWith("alerts", { apiVersion: "v2" });
    tenant.rows = Array.from({ length: 250 }, (_none, index) => alert(index + 1, NOW - MINUTE + index));
    await rig.run();
    rig.take();
    const gone = tenant.rows.filter((row) => Number(row["alert_id"]) % 50 === 0);
    tenant.rows = tenant.rows.filter((row) => !gone.includes(row));
    await rig.run();
    assert.deepEqual(rig.take(), []);
    const report = await rig.run("full");
    assert.deepEqual(
      rig.items.map(({ record }) => record),
      gone,
    );
    assert.deepEqual(rig.take(), ["removed 50", "removed 100", "removed 150", "removed 200", "removed 250"]);
    assert.equal(report.removed, 5);
    assert.equal(report.emitted, 0);
    await rig.run("full");
    assert.deepEqual(rig.take(), []);
    await rig.poller.close();
  });

  test("finds the changes of alerts that no increment looks for", async () => {
    const { tenant, rig } = rigWith("alerts");
    tenant.rows = [alert(1, NOW - 5000, NOW - 6000, { resolution_status: "STATUS_010_NEW" }), alert(2, NOW - 4000)];
    await rig.run();
    tenant.rows[0]!["resolution_status"] = "STATUS_020_UNDER_INVESTIGATION";
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1", "new 2"]);
    await rig.run("full");
    assert.deepEqual(rig.items[0]?.previous, { resolution_status: "STATUS_010_NEW" });
    assert.deepEqual(rig.take(), ["updated 1"]);
    await rig.poller.close();
  });

  test("takes a resolved alert for removed, reopened for new; one that was resolved at first sight is not removed", async () => {
    const { tenant, rig } = rigWith("alerts");
    tenant.rows = [
      alert(1, NOW - 5000, NOW - 6000, { resolution_status: "STATUS_010_NEW" }),
      alert(2, NOW - 5000, NOW - 5500, { resolution_status: "STATUS_040_RESOLVED_KNOWN_ISSUE" }),
    ];
    await rig.run();
    assert.deepEqual(rig.take(), ["new 1", "new 2"]);
    tenant.rows[0]!["resolution_status"] = "STATUS_070_RESOLVED_OTHER";
    await rig.run("full");
    assert.deepEqual(rig.take(), ["removed 1"]);
    await rig.run("full");
    assert.deepEqual(rig.take(), []);
    tenant.rows[0]!["resolution_status"] = "STATUS_010_NEW";
    await rig.run("full");
    assert.deepEqual(rig.take(), ["new 1"]);
    await rig.poller.close();
  });

  test("an incident resolved between two full syncs leaves as updated, then as removed, once", async () => {
    const { tenant, rig } = rigWith("incidents");
    // The second one is resolved when it is seen first, and opened again.
    tenant.rows = [incident(1, NOW - 5000), incident(2, NOW - 4000, { status: "resolved_other" })];
    await rig.run();
    await rig.run("full");
    assert.deepEqual(rig.take(), ["new 1", "new 2"]);
    for (const [at, status] of ["under_investigation", "resolved_true_positive"].entries()) {
      for (const row of tenant.rows) Object.assign(row, { status, modification_time: NOW - 3000 + at });
      await rig.run();
      assert.deepEqual(rig.take(), ["updated 1", "updated 2"]);
    }
    await rig.run("full");
    await rig.run("full");
    assert.deepEqual(rig.take(), ["removed 1", "removed 2"]);
    await rig.poller.close();
  });

  test("a resolved record that then stops matching the filter is not removed twice", async () => {
    const { tenant, rig } = rigWith("incidents", { severities: ["high"] });
    tenant.rows = [incident(1, NOW - 5000)];
    await rig.run();
    Object.assign(tenant.rows[0]!, { status: "resolved_other", modification_time: NOW - 4000 });
    await rig.run("full");
    Object.assign(tenant.rows[0]!, { severity: "low", modification_time: NOW - 3000 });
    await rig.run("full");
    assert.deepEqual(rig.take(), ["new 1", "removed 1"]);
    await rig.poller.close();
  });

  test("a filter that names resolved records keeps them", async () => {
    const { tenant, rig } = rigWith("incidents", { statuses: ["new", "resolved_*"] });
    tenant.rows = [incident(1, NOW - 5000)];
    await rig.run();
    Object.assign(tenant.rows[0]!, { status: "resolved_other", modification_time: NOW - 4000 });
    await rig.run("full");
    assert.deepEqual(rig.take(), ["new 1", "updated 1"]);
    await rig.poller.close();
  });

  test("does not take an incident for removed that changes while the pages are read", async () => {
    const { tenant, rig } = rigWith("incidents");
    tenant.rows = Array.from({ length: 150 }, (_none, index) => incident(index + 1, NOW - MINUTE + index));
    await rig.run();
    rig.take();
    const asked = tenant.requests.length;
    tenant.before = (request) => {
      // Moves from the second page to behind the window.
      if (request === asked + 2) Object.assign(tenant.rows[149]!, { modification_time: NOW + 5000, status: "closed" });
    };
    await rig.run("full");
    assert.deepEqual(rig.take(), []);
    rig.clock.advance(MINUTE);
    await rig.run();
    assert.deepEqual(rig.take(), ["updated 150"]);
    await rig.poller.close();
  });

  test("reaches back to where the last run stopped, when that is further than the look-back", async () => {
    const { tenant, rig } = rigWith("alerts", { lookbackHours: 1 });
    tenant.rows = [alert(1, NOW - 1000)];
    await rig.run();
    rig.clock.advance(300 * MINUTE);
    tenant.rows.push(alert(2, NOW + MINUTE), alert(3, NOW + 299 * MINUTE));
    await rig.run("full");
    assert.deepEqual(rig.take(), ["new 1", "new 2", "new 3"]);
    await rig.poller.close();
  });

  test("reports what vanished long ago, too: what no increment needs any more is read from disk", async () => {
    const { tenant, rig } = rigWith("alerts");
    tenant.rows = [alert(1, NOW - 600 * MINUTE), alert(2, NOW - 1000)];
    await rig.run();
    tenant.rows.shift();
    await rig.run("full");
    assert.deepEqual(rig.take(), ["new 1", "new 2", "removed 1"]);
    await rig.poller.close();
  });

  test("asks by name for nothing that it has seen", async () => {
    const { tenant, rig } = rigWith("alerts");
    tenant.rows = Array.from({ length: 50 }, (_none, index) => alert(index + 1, NOW - MINUTE + index));
    await rig.run();
    const report = await rig.run("full");
    assert.equal(report.requests, 1);
    await rig.poller.close();
  });

  test("leaves records before the look-back alone", async () => {
    const { tenant, rig } = rigWith("incidents", { lookbackHours: 1 });
    tenant.rows = [incident(1, NOW - 1000), incident(2, NOW - 2000)];
    await rig.run();
    rig.take();
    rig.clock.advance(120 * MINUTE);
    tenant.rows = [incident(3, rig.clock.now() - 1000)];
    await rig.run();
    await rig.run("full");
    assert.deepEqual(rig.take(), ["new 3"]);
    await rig.poller.close();
  });

  test("runs by itself every fullSyncDays, and after a failure until it went well", async () => {
    const { tenant, rig } = rigWith("alerts", { fullSyncDays: 2 });
    tenant.rows = [alert(1, NOW - 1000)];
    assert.equal((await rig.run()).sync, "full");
    rig.clock.advance(60 * MINUTE);
    assert.equal((await rig.run()).sync, "incremental");
    rig.clock.advance(47 * 60 * MINUTE);
    assert.equal((await rig.run()).sync, "full");
    await rig.poller.close();
    rig.restart();
    assert.equal((await rig.run()).sync, "incremental");
    await rig.poller.close();
  });
});
