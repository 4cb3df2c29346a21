import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { helper, type Received } from "../support/helper";
import { addAlerts, startPoll, surroundings, useSurroundings } from "../support/poll-flow";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { until } from "../support/until";

useSurroundings();

const idsOf = (messages: readonly Received[], field = "alert_id"): string[] =>
  messages.map(({ payload }) => String((payload as Record<string, unknown>)[field]));

describe("what leaves", () => {
  test("alerts as the API returned them, one sequence a page, and a report of the run", async () => {
    const ids = addAlerts(3);
    const { items, runs, reports, statuses } = await startPoll();
    await until("all", () => items.messages.length === 3);
    assert.deepEqual(idsOf(items.messages).sort(), ids);
    const [first] = items.messages;
    assert.deepEqual(Object.keys(first!).sort(), ["_msgid", "change", "parts", "payload", "sync", "topic"]);
    assert.deepEqual([first!.topic, first!["sync"], first!["change"]], ["alerts", "incremental", "new"]);
    assert.ok("resolution_status" in (first!.payload as object));
    const parts = items.messages.map((message) => message["parts"] as Record<string, unknown>);
    assert.deepEqual(
      parts.map(({ type, count, index }) => [type, count, index]),
      [0, 1, 2].map((index) => ["array", 3, index]),
    );
    assert.equal(new Set(parts.map(({ id }) => id)).size, 1);
    assert.equal(new Set(items.messages.map((message) => message["_msgid"])).size, 3);
    const { resource, sync, emitted, received, removed, requests, error } = reports()[0]!;
    assert.deepEqual(
      [resource, sync, emitted, received, removed, requests, error],
      ["alerts", "incremental", 3, 3, 0, 1, undefined],
    );
    assert.equal(runs.messages[0]!.topic, "alerts");
    await until("green", () => statuses().at(-1)?.fill === "green");
    assert.match(statuses().at(-1)!.text!, /status\.sent · \d\d:\d\d$/);
  });

  test("each alert once, over runs and restarts", async () => {
    const before = addAlerts(150);
    const first = await startPoll();
    await until("all", () => first.items.messages.length === 150);
    assert.equal((await first.run())["emitted"], 0);
    await helper.unload();
    const later = addAlerts(2);
    const second = await startPoll();
    await until("the new ones", () => second.items.messages.length === 2);
    assert.equal((await second.run())["emitted"], 0);
    const all = [...idsOf(first.items.messages), ...idsOf(second.items.messages)];
    assert.deepEqual(all.sort(), [...before, ...later].sort());
  });

  test("alerts v1 split: one message for each event", async () => {
    addAlerts(1, { events: [{ n: 1 }, { n: 2 }, { n: 3 }] });
    const { items } = await startPoll({ poll: { apiVersion: "v1", splitEvents: true } });
    await until("all", () => items.messages.length === 3);
    const events = items.messages.map(({ payload }) => (payload as { events: { n: number } }).events);
    assert.deepEqual(
      events.map(({ n }) => n),
      [1, 2, 3],
    );
    assert.deepEqual(new Set(idsOf(items.messages)), new Set(["1"]));
    assert.deepEqual(
      items.messages.map((message) => (message["parts"] as { count: number }).count),
      [3, 3, 3],
    );
  });

  test("changed incidents with what they were before", async () => {
    const { id } = surroundings.tenant.world.addIncident({ status: "new" });
    const { items, runUntil } = await startPoll({ poll: { resource: "incidents" } });
    await runUntil("new", () => items.messages.length === 1);
    assert.ok(!("previous" in items.messages[0]!));
    surroundings.tenant.world.changeIncident(id, { status: "under_investigation" });
    await runUntil("changed", () => items.messages.length === 2);
    const { topic, change, previous, payload } = items.messages[1] as Received & { previous: Record<string, unknown> };
    assert.deepEqual([topic, change, previous["status"]], ["incidents", "updated", "new"]);
    assert.equal((payload as { status: string }).status, "under_investigation");
  });

  test("what a flow does to a message does not show in what the node remembers", async () => {
    for (let count = 0; count < 6; count += 1) surroundings.tenant.world.addIncident();
    const { items, runUntil } = await startPoll({ poll: { resource: "incidents" } });
    await runUntil("all", () => items.messages.length === 6);
    helper.getNode("items").on("input", (msg, _send, done) => {
      (msg.payload as Record<string, unknown>)["status"] = "changed by the flow";
      done();
    });
    // One new record among known ones: such a page is stored in another way than one that is all new.
    const { id } = surroundings.tenant.world.addIncident();
    await runUntil("one more", () => items.messages.length === 7);
    surroundings.tenant.world.changeIncident(id, { severity: "high" });
    await runUntil("the change", () => items.messages.length === 8);
    const previous = Object.keys(items.messages[7]!["previous"] as object);
    assert.deepEqual(previous.sort(), ["modification_time", "severity"]);
  });

  test("extra data of incidents as messages of their own", async () => {
    const { id } = surroundings.tenant.world.addIncident();
    const { items, runUntil } = await startPoll({ poll: { resource: "incidents", extraData: true } });
    await runUntil("both", () => items.messages.length === 2);
    const extra = items.messages.find(({ topic }) => topic === "incident_extra_data");
    assert.equal(extra?.["incidentId"], id);
    assert.ok("incident" in (extra.payload as object));
  });

  test("removed endpoints, by a full sync only", async () => {
    const [kept, gone] = [surroundings.tenant.world.addEndpoint(), surroundings.tenant.world.addEndpoint()];
    const { items, run } = await startPoll({ poll: { resource: "endpoints" } });
    await until("new", () => items.messages.length === 2);
    surroundings.tenant.world.removeEndpoint(gone.id);
    assert.deepEqual((await run())["removed"], 0);
    const full = await run("full");
    assert.deepEqual([full["sync"], full["removed"], full["from"]], ["full", 1, null]);
    await until("removed", () => items.messages.length === 3);
    const last = items.messages[2]!;
    assert.deepEqual([last["change"], last["sync"], idsOf([last], "endpoint_id")], ["removed", "full", [gone.id]]);
    assert.notEqual(kept.id, gone.id);
  });
});

describe("acknowledgements", () => {
  test("hold the next page until each message is back, in any order", async () => {
    addAlerts(150);
    const { items, runs, reports, statuses, acknowledge, tell } = await startPoll(
      { poll: { acknowledge: "message" } },
      false,
    );
    await until("a page", () => items.messages.length === 100);
    await until("the status", () => /status\.waiting/.test(statuses().at(-1)?.text ?? ""));
    assert.deepEqual([statuses().at(-1)?.fill, statuses().at(-1)?.shape], ["blue", "ring"]);
    tell({ topic: "ack", _msgid: "unknown" });
    for (const message of items.messages.slice(1).reverse()) acknowledge(message);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual([items.messages.length, runs.messages.length], [100, 0]);
    acknowledge(items.messages[0]!);
    await until("the next page", () => items.messages.length === 150);
    for (const message of items.messages.slice(100)) acknowledge(message);
    await until("the report", () => runs.messages.length === 1);
    assert.equal(reports()[0]!["emitted"], 150);
  });

  test("count one by one: after a restart only what is missing comes again", async () => {
    const ids = addAlerts(5);
    const first = await startPoll({ poll: { acknowledge: "message" } }, false);
    await until("a page", () => first.items.messages.length === 5);
    const [one, two] = [first.items.messages[1]!, first.items.messages[3]!];
    const counted = first.completed.messages.length;
    first.acknowledge(one);
    first.acknowledge(two);
    await until("taken", () => first.completed.messages.length === counted + 2);
    await helper.unload();
    assert.equal(first.runs.messages.length, 0);
    const second = await startPoll({ poll: { acknowledge: "message" } }, false);
    await until("the others", () => second.items.messages.length === 3);
    const back = idsOf([one, two]);
    assert.deepEqual(idsOf(second.items.messages).sort(), ids.filter((id) => !back.includes(id)).sort());
  });

  test("are ignored where nobody waits for them", async () => {
    const { completed, caught, acknowledge } = await startPoll();
    acknowledge({ _msgid: "any" });
    await until("done", () => completed.messages.length === 1);
    assert.equal(caught.messages.length, 0);
  });
});

test("the key is in no file below the user directory", async () => {
  addAlerts(3);
  const { items } = await startPoll();
  await until("all", () => items.messages.length === 3);
  await helper.unload();
  const files = readdirSync(surroundings.userDir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  assert.ok(files.length > 0);
  for (const file of files) {
    const content = readFileSync(join(file.parentPath, file.name), "latin1");
    assert.ok(!content.includes(ADVANCED_KEY.secret), file.name);
  }
});
