import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { goodAlert, update } from "./simulated-tenant/caller";
import { column, filter, ReadsBench, START_MS } from "./simulated-tenant/reads-bench";
import { TenantState } from "./simulated-tenant/state";
import { defaultOptions } from "./simulated-tenant/options";
import { Schedule } from "./simulated-tenant/world/schedule";
import type { SimulatedTenant } from "./simulated-tenant/tenant";
import { World, type WorldEvent } from "./simulated-tenant/world/world";
import { mulberry32, shuffled } from "./virtual-random";

const V1 = "v1/alerts/get_alerts_multi_events";
const INCIDENTS = "v1/incidents/get_incidents";
const INSERT = "/public_api/v1/alerts/insert_parsed_alerts";

const bench = new ReadsBench();
const names = async (tenant: SimulatedTenant, data: Record<string, unknown> = {}): Promise<unknown[]> =>
  column(await bench.reply(tenant, V1, data), "alerts", "name");

describe("Simulated tenant, its world", () => {
  test("shows an alert from a moment on, although it was stored before", async () => {
    const tenant = await bench.start();
    tenant.world.addAlert({ name: "late", insertMs: START_MS - 500, visibleAtMs: START_MS + 100 });
    tenant.world.addAlert({ name: "prompt", insertMs: START_MS - 400 });
    const since = { filters: [filter("server_creation_time", "gte", START_MS - 500)] };
    bench.nowMs = START_MS + 99;
    assert.deepEqual(await names(tenant, since), ["prompt"]);
    bench.nowMs = START_MS + 100;
    assert.deepEqual(await names(tenant, since), ["prompt", "late"]);
    const reply = await bench.reply(tenant, V1, since);
    assert.deepEqual(column(reply, "alerts", "local_insert_ts"), [START_MS - 400, START_MS - 500]);
  });

  test("shows incidents and endpoints from a moment on, too", async () => {
    const tenant = await bench.start();
    tenant.world.addIncident({ visibleAtMs: START_MS + 1 });
    tenant.world.addEndpoint({ visibleAtMs: START_MS + 1 });
    const counts = async (): Promise<unknown[]> => [
      (await bench.reply(tenant, INCIDENTS)).total_count,
      (await bench.reply(tenant, "v1/endpoints/get_endpoint")).total_count,
    ];
    assert.deepEqual(await counts(), [0, 0]);
    bench.nowMs += 1;
    assert.deepEqual(await counts(), [1, 1]);
  });

  test("runs what is scheduled before the first request at or after its time, at that very time", async () => {
    const tenant = await bench.start();
    const { world } = tenant;
    const events: WorldEvent[] = [];
    world.onEvent = (event) => events.push(event);
    world.schedule(START_MS + 20, () => world.addAlert({ name: "second" }));
    world.schedule(START_MS + 10, () => {
      world.addAlert({ name: "first" });
      world.schedule(START_MS + 15, () => world.changeAlert(1, { name: "changed" }));
    });
    bench.nowMs = START_MS + 9;
    assert.deepEqual(await names(tenant), []);
    assert.deepEqual(world.scheduled, { count: 2, nextAtMs: START_MS + 10, lastAtMs: START_MS + 20 });
    bench.nowMs = START_MS + 5000;
    assert.deepEqual(await names(tenant), ["second", "changed"]);
    assert.deepEqual(
      events.map(({ atMs, kind, change, id }) => [atMs - START_MS, kind, change, id]),
      [
        [10, "alert", "added", "1"],
        [15, "alert", "changed", "1"],
        [20, "alert", "added", "2"],
      ],
    );
    assert.equal(world.alerts.get(1)?.insertMs, START_MS + 10);
    assert.equal(world.alerts.get(1)?.modifiedMs, START_MS + 15);
  });

  test("changes and removes records; a changed incident is always modified later than before", () => {
    const world = new World(() => START_MS);
    const { id } = world.addIncident({ creationMs: START_MS - 9 });
    const times = [
      world.changeIncident(id, { notes: "1" }),
      world.changeIncident(id, { notes: "2" }),
      world.driftIncident(id, START_MS - 3),
      world.changeIncident(id, { status: "resolved_auto", modificationMs: START_MS + 50 }),
      world.changeIncident(id, { status: "new" }),
    ].map((row) => [row.modificationMs - START_MS, row.creationMs - START_MS, row.resolvedMs, row.notes]);
    assert.deepEqual(times, [
      [0, -9, null, "1"],
      [1, -9, null, "2"],
      [1, -3, null, "2"],
      [50, -3, START_MS, "2"],
      [51, -3, null, "2"],
    ]);
    const alert = world.addAlert({ severity: "high" });
    world.linkAlert(alert.id, id);
    assert.deepEqual(world.incidents.get(id)?.alertCounts, { medium: 1, high: 1 });
    assert.equal(world.alerts.get(alert.id)?.incidentId, id);
    const endpoint = world.addEndpoint();
    assert.equal(world.changeEndpoint(endpoint.id, { status: "lost" }).status, "lost");
    world.removeAlert(alert.id);
    world.removeIncident(id);
    world.removeEndpoint(endpoint.id);
    assert.deepEqual([world.alerts.size, world.incidents.size, world.endpoints.size], [0, 0, 0]);
    assert.throws(() => world.removeAlert(alert.id), /no alert 1/);
    assert.throws(() => world.changeIncident(id, {}), /no incident 1001/);
  });

  test("gives ids of its own beside those of the test, each once", () => {
    const world = new World(() => START_MS);
    world.addAlert({ id: 50 });
    assert.deepEqual(
      [world.addAlert().id, world.addIncident({ id: "2000" }).id, world.addIncident().id],
      [51, "2000", "2001"],
    );
    assert.throws(() => world.addAlert({ id: 50 }), /already/);
  });

  test("sees every change in the next answer, in the order that is asked for", async () => {
    const tenant = await bench.start();
    const sort = { field: "creation_time", keyword: "asc" };
    tenant.world.addAlert({ name: "b", detectionMs: START_MS - 5 });
    assert.deepEqual(await names(tenant, { sort }), ["b"]);
    tenant.world.addAlert({ name: "a", detectionMs: START_MS - 6 });
    assert.deepEqual(await names(tenant, { sort }), ["a", "b"]);
    tenant.world.changeAlert(2, { name: "c", detectionMs: START_MS - 4 });
    assert.deepEqual(await names(tenant, { sort }), ["b", "c"]);
    tenant.world.removeAlert(1);
    assert.deepEqual(await names(tenant, { sort }), ["c"]);
  });
});

describe("Simulated tenant, schedule", () => {
  test("takes 2,000 things out in the order of time, those of one moment as they came (seed 9)", () => {
    const random = mulberry32(9);
    const schedule = new Schedule();
    const wanted = Array.from({ length: 2000 }, (_, index) => ({ atMs: Math.floor(index / 4), index }));
    const found: { atMs: number; index: number }[] = [];
    // Shuffled by moment, so that things of one moment keep their order.
    for (const atMs of shuffled(random, [...new Set(wanted.map((entry) => entry.atMs))])) {
      for (const entry of wanted.filter((one) => one.atMs === atMs)) schedule.add(atMs, () => found.push(entry));
    }
    assert.equal(schedule.takeDue(-1), undefined);
    for (let due = schedule.takeDue(499); due !== undefined; due = schedule.takeDue(499)) due.action();
    assert.deepEqual(found, wanted);
    assert.deepEqual([schedule.size, schedule.nextAtMs], [0, undefined]);
  });
});

describe("Simulated tenant, reading back what was inserted", () => {
  const insert = async (tenant: SimulatedTenant, body: unknown): Promise<void> => {
    const answer = await bench.ask(tenant, "", {}, { path: INSERT, body });
    assert.equal(answer.status, 200);
  };

  test("gives an inserted alert, and an incident for it", async () => {
    const tenant = await bench.start();
    await insert(tenant, update(1));
    const reply = await bench.reply(tenant, V1);
    const [alert = {}] = reply["alerts"] as Record<string, unknown>[];
    const keys = ["name", "severity", "source", "description", "detection_timestamp", "local_insert_ts", "action"];
    assert.deepEqual(
      keys.map((key) => alert[key]),
      [
        ...["Test alert", "medium", "Palo Alto Networks - PAN-OS", "made by a test", 1_767_225_600_123, START_MS],
        "BLOCKED",
      ],
    );
    const [event = {}] = alert["events"] as Record<string, unknown>[];
    assert.deepEqual(
      ["action_local_ip", "action_local_port", "action_remote_ip", "action_remote_port"].map((key) => event[key]),
      ["192.0.2.15", 51_522, "198.51.100.20", 443],
    );
    const incidents = await bench.reply(tenant, INCIDENTS);
    assert.deepEqual(column(incidents, "incidents", "incident_sources"), [["Palo Alto Networks - PAN-OS"]]);
    const v2 = await bench.reply(tenant, "v2/alerts/get_alerts_multi_events");
    assert.deepEqual(column(v2, "alerts", "case_id").map(String), column(incidents, "incidents", "incident_id"));
  });

  test("gives it only after the delay", async () => {
    const tenant = await bench.start({ readBackDelayMs: ({ severity }) => (severity === "High" ? 7_000 : 0) });
    await insert(tenant, { request_data: { alerts: [goodAlert({ alert_name: "a", severity: "High" }), goodAlert()] } });
    bench.nowMs += 6_999;
    assert.deepEqual(await names(tenant), ["Test alert"]);
    assert.equal((await bench.reply(tenant, INCIDENTS)).total_count, 1);
    bench.nowMs += 1;
    assert.deepEqual((await names(tenant)).toSorted(), ["Test alert", "a"]);
    assert.equal((await bench.reply(tenant, INCIDENTS)).total_count, 2);
  });

  test("merges later alerts of one name into it, which modifies the incident; or keeps each", async () => {
    const tenant = await bench.start();
    await insert(tenant, update(1));
    assert.equal((await bench.reply(tenant, V1)).total_count, 1);
    bench.nowMs += 100;
    await insert(tenant, update(2, { severity: "High", event_timestamp: START_MS + 50 }));
    const { world } = tenant;
    const [alert] = [...world.alerts.values()];
    const [incident] = [...world.incidents.values()];
    assert.deepEqual([world.alerts.size, world.incidents.size], [1, 1]);
    assert.deepEqual(
      [alert?.severity, alert?.detectionMs, alert?.insertMs, alert?.modifiedMs, alert?.fields["attempt_counter"]],
      ["high", START_MS + 50, START_MS, START_MS + 100, 3],
    );
    assert.deepEqual(
      [incident?.severity, incident?.creationMs, incident?.modificationMs],
      ["high", START_MS, START_MS + 100],
    );
    tenant.options.merge = false;
    await insert(tenant, update(2));
    assert.equal(world.alerts.size, 3);
  });

  test("leaves alone what a test has removed", async () => {
    const tenant = await bench.start();
    await insert(tenant, update(1));
    const [id] = [...tenant.world.alerts.keys()];
    tenant.world.removeAlert(id ?? assert.fail());
    await insert(tenant, update(1));
    assert.deepEqual(await names(tenant), []);
  });

  test("makes no rows until somebody reads", () => {
    const state = new TenantState({ ...defaultOptions(), now: () => START_MS, merge: false });
    let made = 0;
    state.world.onEvent = () => (made += 1);
    for (let index = 0; index < 20_000; index += 1) state.accept(goodAlert({ alert_name: `n${index}` }), START_MS, 1);
    assert.equal(made, 0);
    assert.equal(state.world.alerts.size, 20_000);
    assert.equal(made, 40_000);
  });
});
