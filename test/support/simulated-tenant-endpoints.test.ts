import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADVANCED_KEY } from "./simulated-tenant/keys";
import { column, filter, ReadsBench, START_MS } from "./simulated-tenant/reads-bench";
import type { SimulatedTenant } from "./simulated-tenant/tenant";

const PAGED = "v1/endpoints/get_endpoint";
const ALL = "v1/endpoints/get_endpoints";

const bench = new ReadsBench();
const names = async (tenant: SimulatedTenant, data: Record<string, unknown> = {}): Promise<unknown[]> =>
  column(await bench.reply(tenant, PAGED, data), "endpoints", "endpoint_name");
const where = (...filters: Record<string, unknown>[]): Record<string, unknown> => ({
  filters,
  sort: { field: "first_seen", keyword: "ASC" },
});

describe("Simulated tenant, get_endpoint", () => {
  const refused: Record<string, [Record<string, unknown>, RegExp]> = {
    "a key of the answer": [where(filter("endpoint_id", "in", ["x"])), /no field/],
    "eq, which is listed but belongs to no field": [where(filter("endpoint_status", "eq", "lost")), /no operator/],
    "a status as answers write it": [where(filter("endpoint_status", "in", ["LOST"])), /"LOST" is not one of/],
    "an unknown platform": [where(filter("platform", "in", ["mac"])), /is not one of/],
    "an unknown isolation": [where(filter("isolate", "in", ["pending"])), /is not one of/],
    "an unknown scan status": [where(filter("scan_status", "in", ["done"])), /is not one of/],
    "a text where a list belongs": [where(filter("hostname", "in", "pc")), /array of strings/],
    "a time as text": [where(filter("last_seen", "gte", "1")), /must be an integer/],
    "a sort keyword in small letters": [{ sort: { field: "first_seen", keyword: "asc" } }, /must be ASC or DESC/],
    "sort by name": [{ sort: { field: "endpoint_name", keyword: "ASC" } }, /cannot sort/],
    "search_to before search_from": [{ search_from: 5, search_to: 4 }, /not be before/],
  };
  for (const [name, [data, expected]] of Object.entries(refused)) {
    test(`refuses ${name}`, async () => {
      assert.match(await bench.refusal(await bench.start(), PAGED, data), expected);
    });
  }

  test("filters on each documented field", async () => {
    const tenant = await bench.start();
    const { world } = tenant;
    const base = { firstSeenMs: START_MS - 100, visibleAtMs: START_MS };
    world.addEndpoint({ ...base, id: "a".repeat(32), name: "one", installationPackage: "gold", groups: ["g1", "g2"] });
    world.addEndpoint({
      ...{ firstSeenMs: START_MS - 50, lastSeenMs: START_MS - 10, visibleAtMs: START_MS, name: "two", alias: "deux" },
      ...{ ips: ["10.0.0.1", "10.0.0.2"], publicIp: "203.0.113.9", users: ["ana", "bo"], status: "lost" },
      ...{ platform: "linux", isolation: "isolated", scanStatus: "success" },
    });
    const cases: [string, string, unknown, string[]][] = [
      ["endpoint_id_list", "in", ["a".repeat(32)], ["one"]],
      ["dist_name", "in", ["gold"], ["one"]],
      ["group_name", "in", ["g2"], ["one"]],
      ["alias", "in", ["deux"], ["two"]],
      ["hostname", "in", ["two", "three"], ["two"]],
      ["username", "in", ["bo"], ["two"]],
      ["public_ip_list", "in", ["203.0.113.9"], ["two"]],
      ["ip_list", "in", ["10.0.0.2"], ["two"]],
      ["endpoint_status", "in", ["lost", "uninstalled"], ["two"]],
      ["platform", "in", ["windows"], ["one"]],
      ["isolate", "in", ["unisolated"], ["one"]],
      ["scan_status", "in", ["success"], ["two"]],
      ["first_seen", "gte", START_MS - 50, ["two"]],
      ["first_seen", "lte", START_MS - 51, ["one"]],
      ["last_seen", "lte", START_MS - 100, ["one"]],
      ["last_seen", "gte", START_MS / 1000 - 1, ["one", "two"]],
    ];
    for (const [field, operator, value, expected] of cases) {
      assert.deepEqual(await names(tenant, where(filter(field, operator, value))), expected, field);
    }
    const both = where(filter("platform", "in", ["linux"]), filter("hostname", "in", ["one"]));
    assert.deepEqual(await names(tenant, both), []);
  });

  test("pages at 100, newest first by default, and takes small letters only when lenient", async () => {
    const tenant = await bench.start();
    for (let index = 0; index < 101; index += 1) {
      tenant.world.addEndpoint({ firstSeenMs: START_MS - 1000 + index, name: `pc${index}` });
    }
    const reply = await bench.reply(tenant, PAGED);
    const found = column(reply, "endpoints", "endpoint_name");
    assert.deepEqual([reply.total_count, reply.result_count, found[0], found[99]], [101, 100, "pc100", "pc1"]);
    assert.deepEqual(await names(tenant, { search_from: 100, search_to: 200, sort: {} }), ["pc0"]);
    assert.equal((await names(tenant, { sort: { keyword: "ASC" } }))[0], "pc0");
    tenant.options.sortKeywordCase = "any";
    assert.equal((await names(tenant, { sort: { field: "last_seen", keyword: "asc" } }))[0], "pc0");
    assert.equal((await names(tenant, { sort: { field: "last_seen", keyword: "Desc" } }))[0], "pc100");
  });

  test("sorts by id and by the course of a scan", async () => {
    const tenant = await bench.start();
    for (const [name, id, scanStatus] of [
      ["one", "b", "success"],
      ["two", "c", "none"],
      ["three", "a", "in_progress"],
    ] as const) {
      tenant.world.addEndpoint({ name, id: id.repeat(32), scanStatus });
    }
    const order = (field: string): Promise<unknown[]> => names(tenant, { sort: { field, keyword: "ASC" } });
    assert.deepEqual(await order("endpoint_id"), ["three", "one", "two"]);
    assert.deepEqual(await order("scan_status"), ["two", "three", "one"]);
  });

  test("gives all documented keys, enums in capitals", async () => {
    const tenant = await bench.start();
    tenant.world.addEndpoint({ status: "disconnected", tags: ["lab", "finance"] });
    const [row = {}] = (await bench.reply(tenant, PAGED))["endpoints"] as Record<string, unknown>[];
    const keys = ["endpoint_status", "os_type", "is_isolated", "scan_status", "endpointTags", "domain"];
    assert.deepEqual(
      keys.map((key) => row[key]),
      ["DISCONNECTED", "AGENT_OS_WINDOWS", "AGENT_UNISOLATED", "SCAN_STATUS_NONE", "lab,finance", null],
    );
    assert.match(String(row["endpoint_id"]), /^[0-9a-f]{32}$/);
    assert.equal(Object.keys(row).length, 33);
    assert.deepEqual(JSON.parse(String(row["operational_status_description"])), []);
  });
});

describe("Simulated tenant, get_endpoints", () => {
  test("gives all at once, as a bare list, for {}, for request_data and for no body", async () => {
    const tenant = await bench.start();
    for (let index = 0; index < 101; index += 1) tenant.world.addEndpoint({ tags: ["lab"] });
    tenant.world.addEndpoint({ visibleAtMs: START_MS + 1 });
    const noType = { "content-type": undefined };
    for (const options of [{ body: {} }, { body: { request_data: {} } }, { body: "", headers: noType }]) {
      const answer = await bench.ask(tenant, ALL, {}, options);
      const { reply } = answer.json as { reply: Record<string, unknown>[] };
      assert.deepEqual([answer.status, reply.length], [200, 101]);
      assert.deepEqual(
        [reply[0]?.["agent_status"], reply[0]?.["tags"]],
        ["CONNECTED", { server_tags: [], endpoint_tags: ["lab"] }],
      );
      assert.equal(Object.keys(reply[0] ?? {}).length, 9);
    }
    assert.equal((await bench.ask(tenant, ALL, {}, { body: "no JSON" })).status, 400);
    assert.equal((await bench.ask(tenant, ALL, {}, { body: { request_data: [] } })).status, 400);
  });

  test("needs a permission, and a licence that has endpoints", async () => {
    const tenant = await bench.start({ keys: [{ ...ADVANCED_KEY, permissions: ["alerts_view", "incidents_view"] }] });
    const statuses = async (): Promise<number[]> => [
      (await bench.ask(tenant, ALL)).status,
      (await bench.ask(tenant, PAGED)).status,
    ];
    assert.deepEqual(await statuses(), [403, 403]);
    Object.assign(tenant.options, { keys: [ADVANCED_KEY], licences: ["prevent"] });
    assert.deepEqual(await statuses(), [200, 200]);
    tenant.options.licences = ["pro-gb"];
    assert.deepEqual(await statuses(), [402, 402]);
  });
});
