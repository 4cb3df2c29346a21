import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { column, ReadsBench, START_MS } from "./simulated-tenant/reads-bench";
import type { SimulatedTenant } from "./simulated-tenant/tenant";

const V2 = "v2/alerts/get_alerts_multi_events";
const ASCENDING = { field: "creation_time", keyword: "asc" };

const bench = new ReadsBench();
const ids = async (tenant: SimulatedTenant, data: Record<string, unknown> = { sort: ASCENDING }): Promise<string> =>
  column(await bench.reply(tenant, V2, data), "alerts", "alert_id").join(" ");

/** Alerts 1-9 at one moment, 10 before and 11 after it. */
function ties(tenant: SimulatedTenant): void {
  for (let index = 1; index <= 9; index += 1) tenant.world.addAlert({ detectionMs: START_MS - 50 });
  tenant.world.addAlert({ detectionMs: START_MS - 51 });
  tenant.world.addAlert({ detectionMs: START_MS - 49 });
}

describe("Simulated tenant, adversity of reads", () => {
  test("keeps ties in order, or shuffles them anew for every request, and nothing but them", async () => {
    const tenant = await bench.start();
    ties(tenant);
    assert.equal(await ids(tenant), "10 1 2 3 4 5 6 7 8 9 11");
    assert.equal(await ids(tenant, { sort: { ...ASCENDING, keyword: "desc" } }), "11 1 2 3 4 5 6 7 8 9 10");
    tenant.options.ties = "shuffled";
    const seen = [await ids(tenant), await ids(tenant), await ids(tenant)];
    assert.equal(new Set(seen).size, 3);
    for (const order of seen) {
      assert.match(order, /^10 .* 11$/);
      assert.equal(new Set(order.split(" ")).size, 11);
    }
  });

  test("shuffles the same way for the same seed", async () => {
    const [one, same, other] = [await start(5), await start(5), await start(6)];
    const order = async (tenant: SimulatedTenant): Promise<string> => `${await ids(tenant)}, ${await ids(tenant)}`;
    const first = await order(one);
    assert.equal(await order(same), first);
    assert.notEqual(await order(other), first);

    async function start(seed: number): Promise<SimulatedTenant> {
      const tenant = await bench.start({ seed, ties: "shuffled" });
      ties(tenant);
      return tenant;
    }
  });

  test("ignores sort: newest first, whatever is asked, or in no order at all", async () => {
    const tenant = await bench.start({ sorting: "default" });
    ties(tenant);
    assert.match(await ids(tenant), /^11 .* 10$/);
    assert.match(await bench.refusal(tenant, V2, { sort: { field: "nothing", keyword: "asc" } }), /cannot sort/);
    tenant.options.sorting = "none";
    const seen = [await ids(tenant), await ids(tenant), await ids(tenant), await ids(tenant)];
    assert.equal(new Set(seen).size, 4);
    assert.ok(seen.some((order) => !/^10 .* 11$/.test(order)));
  });

  test("ignores paging: always the first 100 rows", async () => {
    const tenant = await bench.start({ paging: "ignored" });
    for (let index = 0; index < 150; index += 1) tenant.world.addAlert({ detectionMs: START_MS - 1000 + index });
    const page = await bench.reply(tenant, V2, { search_from: 100, search_to: 110, sort: ASCENDING });
    const found = column(page, "alerts", "alert_id");
    assert.deepEqual([page.result_count, found.length, found[0]], [100, 100, "1"]);
  });

  test("adds keys that nobody documented", async () => {
    const tenant = await bench.start({ extraKeys: true });
    tenant.world.addAlert();
    tenant.world.addEndpoint();
    const { id } = tenant.world.addIncident();
    const replies = [
      (await bench.reply(tenant, V2))["alerts"],
      (await bench.reply(tenant, "v1/incidents/get_incidents"))["incidents"],
      (await bench.reply(tenant, "v1/endpoints/get_endpoint"))["endpoints"],
      await bench.reply(tenant, "v1/endpoints/get_endpoints"),
      [(await bench.reply(tenant, "v1/incidents/get_incident_extra_data", { incident_id: id }))["incident"]],
    ] as Record<string, unknown>[][];
    for (const rows of replies) assert.equal(rows[0]?.["zz_undocumented_text"], "from a newer release");
  });

  test("lets a test change a row, or put anything in its place", async () => {
    const tenant = await bench.start();
    for (let index = 0; index < 3; index += 1) tenant.world.addAlert();
    tenant.world.addIncident();
    tenant.options.decorate = (row, route) => {
      if (route !== "get_alerts_multi_events_v2") return row;
      if (row["alert_id"] === "1") return "no object";
      return row["alert_id"] === "2" ? { ...row, severity: null } : row;
    };
    const rows = (await bench.reply(tenant, V2))["alerts"] as (Record<string, unknown> | string)[];
    assert.deepEqual(
      rows.map((row) => (typeof row === "string" ? row : row["severity"])),
      ["no object", null, "medium"],
    );
    const incidents = await bench.reply(tenant, "v1/incidents/get_incidents");
    assert.deepEqual(column(incidents, "incidents", "severity"), ["medium"]);
  });

  test("lets a test change the world between two pages", async () => {
    const tenant = await bench.start();
    for (let index = 0; index < 4; index += 1) tenant.world.addAlert({ detectionMs: START_MS - 10 + index });
    const times: number[] = [];
    tenant.options.beforeRequest = ({ id, route }, nowMs) => {
      times.push(nowMs);
      if (id === 2 && route?.name === "get_alerts_multi_events_v2") tenant.world.removeAlert(1);
    };
    const page = (from: number): Promise<string> =>
      ids(tenant, { search_from: from, search_to: from + 2, sort: ASCENDING });
    assert.equal(await page(0), "1 2");
    bench.nowMs += 3;
    assert.equal(await page(2), "4");
    assert.deepEqual(times, [START_MS, START_MS + 3]);
  });

  test("plays faults on a read call by its name, and records it", async () => {
    const tenant = await bench.start();
    tenant.faults.add({ route: "get_alerts_multi_events_v2", kind: "status", status: 503 });
    assert.equal((await bench.ask(tenant, "v1/alerts/get_alerts_multi_events")).status, 200);
    assert.equal((await bench.ask(tenant, V2)).status, 503);
    assert.equal((await bench.ask(tenant, V2)).status, 200);
    assert.deepEqual(
      tenant.requests.map(({ route, why }) => [route, why]),
      [
        ["get_alerts_multi_events", "0 of 0"],
        ["get_alerts_multi_events_v2", "fault: status"],
        ["get_alerts_multi_events_v2", "0 of 0"],
      ],
    );
  });
});
