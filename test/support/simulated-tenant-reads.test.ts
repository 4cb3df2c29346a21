import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADVANCED_KEY } from "./simulated-tenant/keys";
import { column, filter, ReadsBench, START_MS } from "./simulated-tenant/reads-bench";
import type { SimulatedTenant } from "./simulated-tenant/tenant";

const V1 = "v1/alerts/get_alerts_multi_events";
const V2 = "v2/alerts/get_alerts_multi_events";
const PLAIN = "v1/alerts/get_alerts";
const CALLS = [V1, V2, PLAIN];
const ASCENDING = { field: "creation_time", keyword: "asc" };

const bench = new ReadsBench();
const ids = async (tenant: SimulatedTenant, path: string, data: Record<string, unknown> = {}): Promise<unknown[]> =>
  column(await bench.reply(tenant, path, data), "alerts", "alert_id");

/** Alert n happened at START + n and was stored the other way round. */
function fill(tenant: SimulatedTenant, count: number): void {
  for (let index = 1; index <= count; index += 1) {
    const [detectionMs, insertMs] = [START_MS + index, START_MS - index];
    tenant.world.addAlert({ detectionMs, insertMs, visibleAtMs: START_MS });
  }
}

describe("Simulated tenant, alerts: what is refused", () => {
  const withFilter = (...given: [unknown, unknown, unknown]): Record<string, unknown> => ({
    filters: [filter(...given)],
  });
  const refused: Record<string, [Record<string, unknown>, RegExp]> = {
    "a key of the answer as field: detection_timestamp": [
      withFilter("detection_timestamp", "gte", START_MS),
      /no field/,
    ],
    "a key of the answer as field: local_insert_ts": [withFilter("local_insert_ts", "gte", START_MS), /no field/],
    "a field of incidents": [withFilter("alert_sources", "in", ["XDR Agent"]), /no field/],
    "a field of Object.prototype": [withFilter("constructor", "in", ["x"]), /no field/],
    "another operator for a time": [withFilter("creation_time", "in", [START_MS]), /no operator/],
    "another operator for a list": [withFilter("severity", "eq", "low"), /no operator/],
    "gt instead of gte": [withFilter("server_creation_time", "gt", START_MS), /no operator/],
    "an operator of Object.prototype": [withFilter("severity", "toString", ["low"]), /no operator/],
    "no operator": [withFilter("severity", undefined, ["low"]), /no operator/],
    "a time as text": [withFilter("creation_time", "gte", String(START_MS)), /must be an integer/],
    "a time with a fraction": [withFilter("creation_time", "gte", START_MS + 0.5), /must be an integer/],
    "a time as list": [withFilter("creation_time", "lte", [START_MS]), /must be an integer/],
    "a text where a list belongs": [withFilter("alert_source", "in", "XDR Agent"), /array of strings/],
    "an empty list": [withFilter("alert_source", "in", []), /not empty/],
    "a list of numbers where texts belong": [withFilter("severity", "in", [1]), /array of strings/],
    "ids as texts": [withFilter("alert_id_list", "in", ["1"]), /array of integers/],
    "a severity in capitals": [withFilter("severity", "in", ["HIGH"]), /"HIGH" is not one of/],
    "filters that are no list": [{ filters: filter("severity", "in", ["low"]) }, /must be an array/],
    "a filter that is no object": [{ filters: ["severity"] }, /must be an object/],
    "an unknown key in a filter": [{ filters: [{ ...filter("severity", "in", ["low"]), or: true }] }, /unknown key/],
    "an unknown key in the request": [{ limit: 10 }, /unknown key/],
    "search_from as text": [{ search_from: "0" }, /search_from/],
    "a negative search_from": [{ search_from: -1, search_to: 9 }, /search_from/],
    "a search_to with a fraction": [{ search_to: 1.5 }, /search_to/],
    "search_to before search_from": [{ search_from: 10, search_to: 9 }, /not be before/],
    "a search_from beyond the default search_to": [{ search_from: 101 }, /not be before/],
    "search_to beyond 10,000": [{ search_from: 9_901, search_to: 10_001 }, /not be beyond 10000/],
    "sort by the time of insertion": [{ sort: { field: "server_creation_time", keyword: "asc" } }, /cannot sort/],
    "sort by a key of the answer": [{ sort: { field: "detection_timestamp", keyword: "asc" } }, /cannot sort/],
    "sort without a keyword": [{ sort: { field: "creation_time" } }, /keyword is required/],
    "a sort keyword in capitals": [{ sort: { field: "creation_time", keyword: "ASC" } }, /must be asc or desc/],
    "a sort that is no object": [{ sort: "creation_time" }, /must be an object/],
  };
  for (const [name, [data, expected]] of Object.entries(refused)) {
    test(name, async () => {
      const tenant = await bench.start();
      for (const path of CALLS) assert.match(await bench.refusal(tenant, path, data), expected);
    });
  }

  test("fields and severities that only one version has", async () => {
    const tenant = await bench.start();
    tenant.world.addAlert({ severity: "informational", externalId: "one" });
    const external = { filters: [filter("external_id_list", "in", ["one"])] };
    assert.deepEqual(await ids(tenant, V1, external), ["1"]);
    for (const path of [V2, PLAIN]) assert.match(await bench.refusal(tenant, path, external), /no field/);
    const informational = { filters: [filter("severity", "in", ["informational"])] };
    assert.deepEqual(await ids(tenant, V2, informational), ["1"]);
    for (const path of [V1, PLAIN]) assert.match(await bench.refusal(tenant, path, informational), /is not one of/);
  });

  test("no request_data, with 400", async () => {
    const tenant = await bench.start();
    for (const path of CALLS) assert.equal((await bench.ask(tenant, path, {}, { body: {} })).status, 400);
  });

  test("a key without the permission, with 403; a tenant with none of the licences, with 402", async () => {
    const permissions = ADVANCED_KEY.permissions.filter((permission) => permission !== "alerts_view");
    const tenant = await bench.start({ keys: [{ ...ADVANCED_KEY, permissions }] });
    for (const path of CALLS) assert.equal((await bench.ask(tenant, path)).status, 403);
    Object.assign(tenant.options, { keys: [ADVANCED_KEY], licences: ["pro-gb"] });
    for (const path of CALLS) assert.equal((await bench.ask(tenant, path)).status, 200);
    tenant.options.licences = [];
    for (const path of CALLS) assert.equal((await bench.ask(tenant, path)).status, 402);
  });
});

describe("Simulated tenant, alerts: filters", () => {
  test("filters on detection and on insertion, both ends included", async () => {
    const tenant = await bench.start();
    fill(tenant, 5);
    const cases: [string, string, number, string[]][] = [
      ["creation_time", "gte", START_MS + 4, ["4", "5"]],
      ["creation_time", "lte", START_MS + 2, ["1", "2"]],
      ["server_creation_time", "gte", START_MS - 2, ["1", "2"]],
      ["server_creation_time", "lte", START_MS - 4, ["4", "5"]],
    ];
    for (const path of CALLS) {
      for (const [field, operator, value, expected] of cases) {
        const data = { filters: [filter(field, operator, value)], sort: ASCENDING };
        assert.deepEqual(await ids(tenant, path, data), expected, `${path} ${field} ${operator}`);
      }
    }
  });

  test("takes seconds for milliseconds", async () => {
    const tenant = await bench.start();
    for (const offsetMs of [-1, 0, 1]) tenant.world.addAlert({ detectionMs: START_MS + offsetMs, insertMs: START_MS });
    const since = { filters: [filter("creation_time", "gte", START_MS / 1000)], sort: ASCENDING };
    assert.deepEqual(await ids(tenant, V2, since), ["2", "3"]);
    const until = { filters: [filter("creation_time", "lte", START_MS / 1000)], sort: ASCENDING };
    assert.deepEqual(await ids(tenant, V2, until), ["1", "2"]);
  });

  test("wants all filters to hold, and one value of each", async () => {
    const tenant = await bench.start();
    tenant.world.addAlert({ severity: "low", source: "XDR Agent" });
    tenant.world.addAlert({ severity: "high", source: "XDR Agent" });
    tenant.world.addAlert({ severity: "high", source: "PAN NGFW" });
    const severity = filter("severity", "in", ["high", "critical"]);
    const source = filter("alert_source", "in", ["XDR Agent", "XDR IOC"]);
    const some = filter("alert_id_list", "in", [3, 1]);
    assert.deepEqual(await ids(tenant, V2, { filters: [severity] }), ["2", "3"]);
    assert.deepEqual(await ids(tenant, V2, { filters: [severity, source] }), ["2"]);
    assert.deepEqual(await ids(tenant, V2, { filters: [severity, source, some] }), []);
    assert.deepEqual(await ids(tenant, V2, { filters: [some] }), ["1", "3"]);
  });
});

describe("Simulated tenant, alerts: paging and order", () => {
  test("gives the newest detections by default, 100 of them", async () => {
    const tenant = await bench.start();
    fill(tenant, 103);
    for (const path of CALLS) {
      const reply = await bench.reply(tenant, path);
      assert.deepEqual([reply.total_count, reply.result_count], [103, 100]);
      const found = column(reply, "alerts", "alert_id");
      assert.deepEqual([found.length, found[0], found[99]], [100, "103", "4"]);
    }
  });

  test("leaves search_to out, caps at 100 rows, and ends with a short page", async () => {
    const tenant = await bench.start();
    fill(tenant, 103);
    const page = (from: number, to: number): Promise<unknown[]> =>
      ids(tenant, V2, { search_from: from, search_to: to, sort: ASCENDING });
    assert.deepEqual(await page(0, 3), ["1", "2", "3"]);
    assert.deepEqual(await page(100, 200), ["101", "102", "103"]);
    assert.deepEqual(await page(103, 203), []);
    assert.deepEqual(await page(7, 7), []);
    const long = await page(1, 1000);
    assert.deepEqual([long.length, long[0], long[99]], [100, "2", "101"]);
    tenant.options.oversizedPage = "refuse";
    assert.match(await bench.refusal(tenant, V2, { search_to: 101 }), /more than 100/);
  });

  test("sorts by severity, lowest first when ascending, and needs the keyword only", async () => {
    const tenant = await bench.start();
    for (const severity of ["high", "informational", "critical", "low", "medium"] as const) {
      tenant.world.addAlert({ severity, detectionMs: START_MS - tenant.world.alerts.size });
    }
    const order = async (sort: unknown): Promise<unknown> => (await ids(tenant, V2, { sort })).join("");
    assert.equal(await order({ field: "severity", keyword: "asc" }), "24513");
    assert.equal(await order({ field: "severity", keyword: "desc" }), "31542");
    assert.equal(await order({ keyword: "asc" }), "54321");
  });

  test("takes search_to up to the offset that is set, and no further", async () => {
    const tenant = await bench.start({ maxOffset: 300 });
    fill(tenant, 301);
    assert.deepEqual((await ids(tenant, V2, { search_from: 200, search_to: 300, sort: ASCENDING })).length, 100);
    assert.match(await bench.refusal(tenant, V2, { search_from: 300, search_to: 301 }), /beyond 300/);
  });

  test("says 9,999 from 10,000 matches on, the truth below, and whatever it is told to", async () => {
    const tenant = await bench.start();
    fill(tenant, 9_999);
    const total = async (): Promise<unknown> => (await bench.reply(tenant, V2, { search_to: 1 })).total_count;
    assert.equal(await total(), 9_999);
    fill(tenant, 1);
    assert.equal(await total(), 9_999);
    tenant.options.alertTotalCeiling = Infinity;
    assert.equal(await total(), 10_000);
    tenant.options.totalCount = (matches, route) => `${matches} of ${route}`;
    assert.equal(await total(), "10000 of get_alerts_multi_events_v2");
    tenant.options.totalCount = () => undefined;
    assert.equal(await total(), undefined);
  });
});

describe("Simulated tenant, alerts: shape", () => {
  const address = { action_remote_ip: "198.51.100.20", user_name: null };
  const event = { event_type: "Network Event", event_timestamp: START_MS, ...address };
  const draft = {
    events: [event, { event_type: "File Event", event_timestamp: START_MS + 1 }],
    detectionMs: START_MS - 5,
    insertMs: START_MS,
    status: "resolved_other",
    tags: ["DOM:Security"],
    incidentId: "88",
  } as const;
  const one = async (tenant: SimulatedTenant, path: string): Promise<Record<string, unknown>> => {
    const { alerts } = await bench.reply(tenant, path);
    return (alerts as Record<string, unknown>[])[0] ?? {};
  };

  test("nests events in v1 and get_alerts, with every documented key, null when unknown", async () => {
    const tenant = await bench.start();
    tenant.world.addAlert(draft);
    for (const [path, flag, keys] of [
      [V1, "NO", 41],
      [PLAIN, false, 40],
    ] as const) {
      const alert = await one(tenant, path);
      const events = alert["events"] as Record<string, unknown>[];
      assert.deepEqual(
        [alert["alert_id"], alert["detection_timestamp"], alert["local_insert_ts"], alert["contains_featured_ip"]],
        ["1", START_MS - 5, START_MS, flag],
      );
      assert.equal(Object.keys(alert).length, keys);
      assert.deepEqual([alert["mac"], alert["bioc_indicator"], alert["agent_fqdn"]], [null, null, null]);
      assert.deepEqual(
        events.map((row) => [row["event_type"], row["action_remote_ip"], row["fw_app_id"], Object.keys(row).length]),
        [
          ["Network Event", "198.51.100.20", null, 90],
          ["File Event", null, null, 90],
        ],
      );
      for (const key of ["case_id", "resolution_status", "tags", "action_remote_ip"]) assert.ok(!(key in alert), key);
    }
  });

  test("is flat in v2, with lists of the events' fields", async () => {
    const tenant = await bench.start();
    tenant.world.addAlert(draft);
    bench.nowMs += 7;
    tenant.world.changeAlert(1, { severity: "low" });
    const alert = await one(tenant, V2);
    assert.ok(!("events" in alert));
    assert.equal(Object.keys(alert).length, 154);
    assert.deepEqual(
      ["event_type", "event_timestamp", "action_remote_ip", "fw_app_id", "user_name"].map((key) => alert[key]),
      [["Network Event", "File Event"], [START_MS, START_MS + 1], ["198.51.100.20", null], null, null],
    );
    assert.deepEqual(
      ["alert_id", "case_id", "tags", "resolution_status", "last_modified_ts", "severity"].map((key) => alert[key]),
      ["1", 88, ["DOM:Security"], "STATUS_070_RESOLVED_OTHER", START_MS + 7, "low"],
    );
    assert.deepEqual([alert["contains_featured_ip"], alert["cloud_provider"]], [["NO"], null]);
    tenant.world.changeAlert(1, { status: "new", incidentId: null });
    const changed = await one(tenant, V2);
    assert.deepEqual([changed["resolution_status"], changed["case_id"]], ["STATUS_010_NEW", null]);
  });

  test("leaves excluded alerts out of get_alerts, and marks them elsewhere", async () => {
    const tenant = await bench.start();
    tenant.world.addAlert();
    tenant.world.addAlert({ isExcluded: true });
    assert.deepEqual(await ids(tenant, PLAIN), ["1"]);
    for (const path of [V1, V2]) {
      const reply = await bench.reply(tenant, path);
      assert.deepEqual(column(reply, "alerts", "is_whitelisted"), [false, true]);
    }
  });
});
