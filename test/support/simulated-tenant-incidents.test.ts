import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADVANCED_KEY } from "./simulated-tenant/keys";
import { column, filter, ReadsBench, START_MS } from "./simulated-tenant/reads-bench";
import type { SimulatedTenant } from "./simulated-tenant/tenant";

const LIST = "v1/incidents/get_incidents";
const EXTRA = "v1/incidents/get_incident_extra_data";
const UPDATE = "v1/incidents/update_incident";

const bench = new ReadsBench();
const ids = async (tenant: SimulatedTenant, data: Record<string, unknown> = {}): Promise<unknown[]> =>
  column(await bench.reply(tenant, LIST, data), "incidents", "incident_id");
const where = (...filters: Record<string, unknown>[]): Record<string, unknown> => ({
  filters,
  sort: { field: "incident_id", keyword: "asc" },
});
const notFound = (status: number): unknown => ({
  reply: {
    err_code: status,
    err_msg: "An error occurred while processing XDR public API - Incident not found",
    err_extra: null,
  },
});

describe("Simulated tenant, get_incidents", () => {
  const refused: Record<string, [Record<string, unknown>, RegExp]> = {
    "an alert's field": [where(filter("alert_source", "in", ["XDR Agent"])), /no field/],
    "severity, which is none": [where(filter("severity", "in", ["high"])), /no field/],
    "incident_id, which has no operator": [where(filter("incident_id", "eq", "1001")), /no field/],
    "several statuses": [where(filter("status", "in", ["new"])), /no operator/],
    "a status list": [where(filter("status", "eq", ["new"])), /one status/],
    "an unknown status": [where(filter("status", "eq", "resolved")), /one status/],
    "an older spelling of a status": [where(filter("status", "neq", "resolved_duplicate_incident")), /one status/],
    "starred as text": [where(filter("starred", "eq", "true")), /true or false/],
    "ids as numbers": [where(filter("incident_id_list", "in", [1001])), /array of strings/],
    "a list for contains": [where(filter("description", "contains", ["x"])), /must be a string/],
    "a text for in": [where(filter("description", "in", "x")), /array of strings/],
    "a time as text": [where(filter("modification_time", "gte", "2026-01-01")), /must be an integer/],
    "sort without a field": [{ sort: { keyword: "asc" } }, /field is required/],
    "sort without a keyword": [{ sort: { field: "creation_time" } }, /keyword is required/],
    "sort by severity": [{ sort: { field: "severity", keyword: "asc" } }, /cannot sort/],
    "a sort keyword in capitals": [{ sort: { field: "creation_time", keyword: "DESC" } }, /must be asc or desc/],
    "search_to beyond 10,000": [{ search_from: 9_950, search_to: 10_050 }, /beyond 10000/],
  };
  for (const [name, [data, expected]] of Object.entries(refused)) {
    test(`refuses ${name}`, async () => {
      assert.match(await bench.refusal(await bench.start(), LIST, data), expected);
    });
  }

  test("filters on both times, ids, description, status and star", async () => {
    const tenant = await bench.start();
    const { world } = tenant;
    world.addIncident({ creationMs: START_MS - 30, modificationMs: START_MS - 1, starred: true });
    world.addIncident({ creationMs: START_MS - 20, modificationMs: START_MS - 2, status: "resolved_auto" });
    world.addIncident({ creationMs: START_MS - 10, modificationMs: START_MS - 3, manualDescription: "by hand" });
    const cases: [Record<string, unknown>, string[]][] = [
      [filter("creation_time", "gte", START_MS - 20), ["1002", "1003"]],
      [filter("modification_time", "lte", START_MS - 2), ["1002", "1003"]],
      [filter("modification_time", "gte", START_MS - 2), ["1001", "1002"]],
      [filter("incident_id_list", "in", ["1003", "1"]), ["1003"]],
      [filter("description", "contains", "by h"), ["1003"]],
      [filter("description", "in", ["by hand"]), ["1003"]],
      [filter("status", "eq", "NEW"), ["1001", "1003"]],
      [filter("status", "neq", "new"), ["1002"]],
      [filter("starred", "eq", true), ["1001"]],
      [filter("starred", "neq", true), ["1002", "1003"]],
    ];
    for (const [given, expected] of cases) {
      assert.deepEqual(await ids(tenant, where(given)), expected, JSON.stringify(given));
    }
    const both = where(filter("status", "eq", "new"), filter("starred", "eq", false));
    assert.deepEqual(await ids(tenant, both), ["1003"]);
  });

  test("sorts by creation, modification and the number of the id", async () => {
    const tenant = await bench.start();
    tenant.world.addIncident({ id: "9", creationMs: START_MS - 1, modificationMs: START_MS });
    tenant.world.addIncident({ id: "10", creationMs: START_MS - 3, modificationMs: START_MS - 1 });
    tenant.world.addIncident({ id: "100", creationMs: START_MS - 2, modificationMs: START_MS - 2 });
    const order = (field: string, keyword: string): Promise<unknown[]> => ids(tenant, { sort: { field, keyword } });
    assert.deepEqual(await order("incident_id", "asc"), ["9", "10", "100"]);
    assert.deepEqual(await order("creation_time", "asc"), ["10", "100", "9"]);
    assert.deepEqual(await order("modification_time", "desc"), ["9", "10", "100"]);
    assert.deepEqual(await ids(tenant), ["9", "100", "10"]);
  });

  test("knows alert_sources as live tenants do: one alone, none for several, 500 beside another", async () => {
    const tenant = await bench.start();
    tenant.world.addIncident({ sources: ["XDR Agent", "PAN NGFW"] });
    const [one, two] = [["PAN NGFW"], ["PAN NGFW", "XDR Agent"]].map((value) => filter("alert_sources", "in", value));
    const star = filter("starred", "eq", false);
    assert.deepEqual(await ids(tenant, { filters: [one] }), ["1001"]);
    assert.deepEqual(await ids(tenant, { filters: [two] }), []);
    assert.match(await bench.refusal(tenant, LIST, { filters: [one, star] }), /beside another filter/);
    tenant.options.alertSourcesQuirk = false;
    assert.deepEqual(await ids(tenant, { filters: [two] }), ["1001"]);
    assert.deepEqual(await ids(tenant, { filters: [one, star] }), ["1001"]);
  });

  test("gives all documented keys, counts alerts, and says 10,000 at most", async () => {
    const tenant = await bench.start({ incidentTotalCeiling: 1, restrictedIncidentIds: ["1001", "77"] });
    tenant.world.addIncident({ hosts: ["pc:0123"], alertCounts: { low: 2, high: 3, informational: 1 } });
    tenant.world.addIncident({ manualDescription: "by hand", hosts: null });
    const reply = await bench.reply(tenant, LIST, where());
    assert.deepEqual([reply.total_count, reply.result_count, reply["restricted_incident_ids"]], [1, 2, ["1001"]]);
    const [first = {}, second = {}] = reply["incidents"] as Record<string, unknown>[];
    const counts = ["alert_count", "low_severity_alert_count", "high_severity_alert_count", "med_severity_alert_count"];
    assert.deepEqual(
      counts.map((key) => first[key]),
      [6, 2, 3, 0],
    );
    assert.deepEqual([first["hosts"], first["host_count"], second["hosts"]], [null, 1, null]);
    assert.deepEqual([first["incident_name"], second["description"]], [null, "by hand"]);
    assert.equal(Object.keys(first).length, 39);
  });

  test("needs a permission and a licence of its own", async () => {
    const permissions = ["alerts_view", "endpoints_view", "incidents_edit"];
    const tenant = await bench.start({ keys: [{ ...ADVANCED_KEY, permissions }] });
    tenant.world.addIncident();
    const status = async (path: string, data = {}): Promise<number> => (await bench.ask(tenant, path, data)).status;
    const update = { incident_id: "1001", update_data: { notes: "x" } };
    assert.deepEqual([await status(LIST), await status(EXTRA), await status(UPDATE, update)], [403, 403, 200]);
    tenant.options.keys = [{ ...ADVANCED_KEY, permissions: ["incidents_view"] }];
    assert.deepEqual([await status(LIST), await status(UPDATE, update)], [200, 403]);
    tenant.options.licences = [];
    assert.deepEqual([await status(LIST), await status(EXTRA), await status(UPDATE)], [402, 402, 402]);
  });
});

describe("Simulated tenant, get_incident_extra_data", () => {
  test("gives one incident with flat alerts and artifacts", async () => {
    const tenant = await bench.start();
    const { id } = tenant.world.addIncident({ alertCounts: {} });
    const event = { action_remote_ip: "198.51.100.20", action_file_sha256: "ab", action_local_port: 7 };
    for (const events of [[event, event], [event]]) {
      const alert = tenant.world.addAlert({ events, hostIps: ["192.0.2.1", "192.0.2.2"] });
      tenant.world.linkAlert(alert.id, id);
    }
    tenant.world.addAlert();
    const reply = await bench.reply(tenant, EXTRA, { incident_id: id, alerts_limit: 1 });
    const incident = reply["incident"] as Record<string, unknown>;
    assert.deepEqual([incident["incident_id"], incident["alert_count"]], ["1001", 2]);
    const { total_count: total, data } = reply["alerts"] as { total_count: number; data: Record<string, unknown>[] };
    assert.deepEqual([total, data.length], [2, 1]);
    const keys = [
      "alert_id",
      "host_ip",
      "case_id",
      "events_length",
      "action_local_port",
      "contains_featured_ip_address",
    ];
    assert.deepEqual(
      keys.map((key) => data[0]?.[key]),
      ["1", "192.0.2.1,192.0.2.2", 1001, 2, 7, "No"],
    );
    assert.ok(!("events" in (data[0] ?? {})) && !("contains_featured_ip" in (data[0] ?? {})));
    const artifacts = ["network_artifacts", "file_artifacts"].map(
      (key) => (reply[key] as { data: Record<string, unknown>[] }).data,
    );
    assert.deepEqual(
      [
        artifacts[0]?.[0]?.["network_remote_ip"],
        artifacts[0]?.[0]?.["alert_count"],
        artifacts[1]?.[0]?.["File_sha256"],
      ],
      ["198.51.100.20", 2, "ab"],
    );
  });

  test("refuses what is no id and no limit", async () => {
    const tenant = await bench.start();
    tenant.world.addIncident();
    for (const data of [{}, { incident_id: 1001 }, { incident_id: "" }, { incident_id: ["1001"] }]) {
      assert.match(await bench.refusal(tenant, EXTRA, data), /incident_id must be/);
    }
    assert.match(await bench.refusal(tenant, EXTRA, { incident_id: "1001", alerts_limit: "9" }), /alerts_limit/);
    assert.match(await bench.refusal(tenant, EXTRA, { incident_id: "1001", limit: 9 }), /unknown key/);
  });

  test("does not find an unknown incident, nor one that is not to be seen yet", async () => {
    const tenant = await bench.start();
    tenant.world.addIncident({ visibleAtMs: START_MS + 1 });
    const unknown = await bench.ask(tenant, EXTRA, { incident_id: "1001" });
    assert.deepEqual([unknown.status, unknown.json], [500, notFound(500)]);
    tenant.options.unknownIncidentStatus = 404;
    const documented = await bench.ask(tenant, EXTRA, { incident_id: "99" });
    assert.deepEqual([documented.status, documented.json], [404, notFound(404)]);
    bench.nowMs += 1;
    assert.equal((await bench.ask(tenant, EXTRA, { incident_id: "1001" })).status, 200);
  });

  test("takes 10 calls in any minute", async () => {
    const tenant = await bench.start({ retryAfter: "9" });
    tenant.world.addIncident();
    const statuses: number[] = [];
    const call = async (): Promise<void> =>
      void statuses.push((await bench.ask(tenant, EXTRA, { incident_id: "1001" })).status);
    for (let index = 0; index < 11; index += 1) await call();
    bench.nowMs += 59_999;
    const refused = await bench.ask(tenant, EXTRA, { incident_id: "1001" });
    bench.nowMs += 1;
    await call();
    assert.deepEqual(statuses, [...Array<number>(10).fill(200), 429, 200]);
    assert.deepEqual([refused.status, refused.headers["retry-after"]], [429, "9"]);
    assert.match(refused.text, /Rate limit exceeded: 10 requests per minute/);
    assert.equal((await bench.ask(tenant, LIST)).status, 200);
  });
});

describe("Simulated tenant, update_incident", () => {
  const update = (update_data: unknown, incident_id: unknown = "1001"): Record<string, unknown> => ({
    incident_id,
    update_data,
  });

  test("changes what it is told to, in any case of letters, and moves the modification", async () => {
    const tenant = await bench.start();
    tenant.world.addIncident();
    bench.nowMs += 5;
    const answer = await bench.ask(
      tenant,
      UPDATE,
      update({
        status: "RESOLVED_THREAT_HANDLED",
        resolve_comment: "done",
        assigned_user_mail: "analyst@example.com",
        manual_severity: "high",
        notes: "n",
        some_custom_field: 7,
        comment: { comment_action: "add", value: "c" },
      }),
    );
    assert.deepEqual([answer.status, answer.json], [200, { reply: true }]);
    const { modificationMs, status, resolvedMs, resolveComment, assigneeMail, manualSeverity, notes } =
      tenant.world.incidents.get("1001") ?? assert.fail();
    assert.deepEqual(
      [modificationMs, status, resolvedMs, resolveComment, assigneeMail, manualSeverity, notes],
      [START_MS + 5, "resolved_threat_handled", START_MS + 5, "done", "analyst@example.com", "high", "n"],
    );
    await bench.ask(tenant, UPDATE, update({ assigned_user_mail: "none", manual_severity: "" }));
    const cleared = tenant.world.incidents.get("1001");
    assert.deepEqual([cleared?.assigneeMail, cleared?.manualSeverity], [null, null]);
    assert.equal(cleared?.modificationMs, START_MS + 6);
  });

  test("refuses strangers, comments on what is open, unknown values and ids, and changes nothing", async () => {
    const tenant = await bench.start();
    tenant.world.addIncident();
    const before = tenant.world.incidents.get("1001");
    const refused: [unknown, RegExp][] = [
      [update({ assigned_user_mail: "stranger@example.com" }), /stranger@example\.com/],
      [update({ resolve_comment: "x" }), /resolved incidents/],
      [update({ resolve_comment: "x", status: "under_investigation" }), /resolved incidents/],
      [update({ status: "resolved" }), /status must be one of/],
      [update({ status: 3 }), /must be a string/],
      [update({ manual_severity: "urgent" }), /manual_severity must be one of/],
      [update({ comment: "x" }), /comment must be/],
      [update(undefined), /update_data must be an object/],
      [update({}, 1001), /incident_id must be/],
    ];
    for (const [data, expected] of refused) {
      assert.match(await bench.refusal(tenant, UPDATE, data as Record<string, unknown>), expected);
    }
    const unknown = await bench.ask(tenant, UPDATE, update({ notes: "x" }, "99"));
    assert.deepEqual([unknown.status, unknown.json], [500, notFound(500)]);
    assert.equal(tenant.world.incidents.get("1001"), before);
  });
});
