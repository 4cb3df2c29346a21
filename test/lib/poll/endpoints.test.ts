import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import { Rig, TestClock } from "./rig";
import { TinyTenant, type Row } from "./tiny-tenant";

const NOW = 1_800_000_000_000;

function rigWith(config: object = {}): { tenant: TinyTenant; rig: Rig } {
  const tenant = new TinyTenant();
  tenant.listName = "endpoints";
  const rig = new Rig({ config: { resource: "endpoints", ...config }, client: tenant, clock: new TestClock(NOW) });
  return { tenant, rig };
}

describe("endpoints", () => {
  const endpoint = (id: string, more: Row = {}): Row => ({
    endpoint_id: id,
    endpoint_name: `pc-${id}`,
    first_seen: NOW - 86_400_000,
    last_seen: NOW - 1000,
    endpoint_status: "CONNECTED",
    ...more,
  });

  test("an increment sends what is new or changed apart from last_seen", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = [endpoint("a"), endpoint("b")];
    const report = await rig.run();
    assert.deepEqual([report.from, report.to], [null, null]);
    assert.deepEqual(rig.take(), ["new a", "new b"]);
    tenant.rows[0]!["last_seen"] = NOW;
    Object.assign(tenant.rows[1]!, { last_seen: NOW, endpoint_status: "DISCONNECTED" });
    tenant.rows.push(endpoint("c"));
    await rig.run();
    assert.deepEqual(rig.items[0]?.previous, { last_seen: NOW - 1000, endpoint_status: "CONNECTED" });
    assert.deepEqual(rig.take(), ["updated b", "new c"]);
    await rig.poller.close();
  });

  test("the same fields in another order are no change", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = [endpoint("a")];
    await rig.run();
    tenant.rows = [Object.fromEntries(Object.entries(endpoint("a", { last_seen: NOW })).toReversed())];
    await rig.run();
    assert.deepEqual(rig.take(), ["new a"]);
    await rig.poller.close();
  });

  test("tags match any, however the tenant writes them; without filter all pass", async () => {
    const { tenant, rig } = rigWith({ tags: ["Servers", "dmz"] });
    tenant.rows = [
      endpoint("a", { tags: { server_tags: ["servers"], endpoint_tags: [] } }),
      endpoint("b", { endpointTags: "office, DMZ" }),
      endpoint("c", { tags: { server_tags: [], endpoint_tags: ["office"] } }),
      endpoint("d", { endpointTags: null }),
    ];
    const report = await rig.run();
    assert.deepEqual(rig.take(), ["new a", "new b"]);
    assert.equal(report.filtered, 2);
    await rig.poller.close();
  });

  test("more than 10,000, many of one time: the second reading ends where an offset may not reach", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = Array.from({ length: 10_400 }, (_none, index) =>
      endpoint(`e${index}`, { first_seen: NOW - Math.max(0, index - 250) }),
    );
    tenant.before = () => {
      if (tenant.requests.at(-1)!.request_data.search_to <= 10_000) return;
      throw new XdrError("XDR_SERVER_ERROR", "too far back", { status: 500 });
    };
    await rig.run();
    assert.equal(new Set(rig.take()).size, 10_400);
    await rig.poller.close();
  });

  test("reads thousands, and a full sync reports the one that went", async () => {
    const { tenant, rig } = rigWith();
    tenant.rows = Array.from({ length: 1234 }, (_none, index) =>
      endpoint(`e${index}`, { first_seen: NOW - (index % 7) }),
    );
    await rig.run();
    assert.equal(new Set(rig.take()).size, 1234);
    tenant.rows.splice(500, 1);
    await rig.run();
    assert.deepEqual(rig.take(), []);
    await rig.run("full");
    assert.deepEqual(rig.take(), ["removed e500"]);
    await rig.poller.close();
  });
});
