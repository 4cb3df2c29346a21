import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { helper } from "../support/helper";
import { addAlerts, startPoll, surroundings, useSurroundings } from "../support/poll-flow";
import { until } from "../support/until";

useSurroundings();

interface SuperTest {
  post(path: string): Promise<Answer> & { send(body: object): Promise<Answer> };
}
interface Answer {
  status: number;
  body: unknown;
}
const request = (): SuperTest => (helper as unknown as { request(): SuperTest }).request();

const logged = (level: number): string[] =>
  helper
    .log()
    .args.map(([entry]) => entry as { level: number; msg: unknown; type?: string })
    .filter((entry) => entry.level === level && entry.type === "cortex-xdr-poll")
    .map((entry) => String(entry.msg));

describe("messages that come in", () => {
  test("are done when the run they asked for has ended", async () => {
    const { completed, run } = await startPoll();
    surroundings.tenant.faults.add({ route: "*", kind: "slow", ms: 200 });
    const asked = run();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(completed.messages.length, 0);
    await asked;
    await until("done", () => completed.messages.length === 1);
  });

  test("reach Catch when their run fails: once, with the code", async () => {
    const { caught, completed, run } = await startPoll();
    surroundings.tenant.faults.add({ route: "*", kind: "status", status: 500, times: Infinity });
    const { error } = await run();
    assert.equal(error?.code, "XDR_SERVER_ERROR");
    await until("caught", () => caught.messages.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(
      caught.messages.map((message) => message.error?.code),
      ["XDR_SERVER_ERROR"],
    );
    assert.equal(caught.messages[0]!.topic, "sync");
    assert.equal(completed.messages.length, 0);
  });

  test("of another topic are refused, naming the topics", async () => {
    const { tell, caught } = await startPoll();
    const unreadable = {
      toString: () => {
        throw new Error("boom");
      },
    };
    const topics = [undefined, "Sync", "constructor", ["sync"], 7, unreadable];
    for (const topic of topics) tell({ topic });
    await until("caught", () => caught.messages.length === topics.length);
    for (const { error } of caught.messages) {
      assert.equal(error?.code, "XDR_CONFIG_INVALID");
      assert.match(error.message, /"sync", "full" or "ack"/);
    }
    assert.equal(surroundings.tenant.requests.length, 1);
  });
});

describe("troubles", () => {
  test("are caught once, reported for each run, yellow, and over with one line in the log", async () => {
    surroundings.tenant.faults.add({ route: "*", kind: "status", status: 500, times: 3 });
    const { caught, reports, statuses } = await startPoll({ poll: { intervalSeconds: "1" } }, false);
    await until("over", () => reports().some(({ error }) => error === undefined), 20_000);
    assert.deepEqual(
      reports()
        .slice(0, 4)
        .map(({ error }) => error?.code),
      ["XDR_SERVER_ERROR", "XDR_SERVER_ERROR", "XDR_SERVER_ERROR", undefined],
    );
    await until("logged", () => logged(40).length > 0);
    assert.deepEqual(logged(40), ["Polling works again."]);
    assert.deepEqual(
      caught.messages.map(({ error }) => error?.code),
      ["XDR_SERVER_ERROR"],
    );
    assert.ok(statuses().some(({ fill, text }) => fill === "yellow" && /retrying · \d\d:\d\d:\d\d$/.test(text ?? "")));
    await until("green", () => statuses().at(-1)?.fill === "green");
  });

  test("of the key are red", async () => {
    const { statuses, caught } = await startPoll({ key: "WRONG" });
    await until("red", () => statuses().some(({ fill, text }) => fill === "red" && /unauthorized/.test(text ?? "")));
    await until("caught", () => caught.messages.length === 1);
    assert.equal(caught.messages[0]!.error?.code, "XDR_UNAUTHORIZED");
  });

  test("do not keep it from closing within 5 s, and nothing is sent any more", async () => {
    addAlerts(1);
    surroundings.tenant.faults.add({ route: "*", kind: "hang", times: Infinity });
    const { items, runs } = await startPoll({}, false);
    await until("under way", () => surroundings.tenant.connections.open > 0);
    const started = performance.now();
    await helper.unload();
    assert.ok(performance.now() - started < 5_000);
    assert.deepEqual([items.messages.length, runs.messages.length], [0, 0]);
  });
});

describe("settings", () => {
  for (const [what, settings, message, text] of [
    ["no tenant", { poll: { tenant: "" } }, /tenant/i, /no-tenant/],
    ["a tenant that is gone", { poll: { tenant: "nowhere" } }, /tenant/i, /no-tenant/],
    ["a tenant without a key", { key: "" }, /key/i, /credentials/],
    ["an interval of 0", { poll: { intervalSeconds: "0" } }, /intervalSeconds/, /config/],
    ["a resource that there is not", { poll: { resource: "cases" } }, /resource/, /config/],
    ["statuses for alerts v1", { poll: { apiVersion: "v1", statuses: ["new"] } }, /statuses.*v1/, /config/],
    [
      "a variable that is not set",
      { poll: { severities: ["${NOT_SET_AT_ALL}"] } },
      /severities.*NOT_SET_AT_ALL/,
      /config/,
    ],
  ] as const) {
    test(`${what}: red, told once, no polling, each message refused`, async () => {
      addAlerts(1);
      const { tell, statuses, caught } = await startPoll(settings, false);
      tell({ topic: "sync" });
      tell({ topic: "ack" });
      await until("caught", () => caught.messages.length >= 2);
      for (const { error } of caught.messages) assert.match(error!.message, message);
      const last = statuses().at(-1);
      assert.equal(last?.fill, "red");
      assert.match(last.text ?? "", text);
      assert.equal(surroundings.tenant.requests.length, 0);
      assert.equal(logged(20).length, 3 - caught.messages.length);
    });
  }

  test("take environment variables in every form", async () => {
    Object.assign(process.env, {
      POLL_TEST_N: "72",
      POLL_TEST_S: "high, critical",
      POLL_TEST_R: "alerts",
      POLL_TEST_B: "IOC",
    });
    addAlerts(1, { severity: "high", source: "XDR IOC" });
    addAlerts(1, { severity: "critical", source: "XDR BIOC" });
    addAlerts(1, { severity: "low", source: "XDR IOC" });
    addAlerts(1, { severity: "high", source: "PAN NGFW" });
    const { items } = await startPoll({
      poll: {
        resource: "${POLL_TEST_R}",
        lookbackHours: "${POLL_TEST_N}",
        intervalSeconds: "36${POLL_TEST_N}",
        severities: ["${POLL_TEST_S}"],
        sources: ["XDR ${POLL_TEST_B}", "XDR B${POLL_TEST_B}"],
      },
    });
    await until("two", () => items.messages.length === 2);
    const ids = items.messages.map(({ payload }) => (payload as { alert_id: string }).alert_id);
    assert.deepEqual(ids.sort(), ["1", "2"]);
  });
});

describe("the sync route", () => {
  const ask = (id: string, body: unknown) =>
    request()
      .post(`/cortex-xdr-poll/${id}/sync`)
      .send(body as object);

  test("asks for a run and answers at once", async () => {
    const { runs } = await startPoll();
    surroundings.tenant.faults.add({ route: "*", kind: "hang" });
    for (const sync of ["incremental", "full"]) {
      const { status, body } = await ask("n1", { sync });
      assert.deepEqual([status, body], [202, { ok: true, sync }]);
    }
    assert.equal(runs.messages.length, 1);
  });

  test("starts a full sync", async () => {
    const { runs, reports } = await startPoll();
    await ask("n1", { sync: "full" });
    await until("a full sync", () => runs.messages.length === 2);
    assert.equal(reports()[1]!["sync"], "full");
  });

  test("answers for nodes that are not there, and for bodies that are none", async () => {
    await startPoll();
    for (const id of ["n2", "t1", "items", "__proto__", "constructor", "%2e%2e%2f", "x".repeat(4000), "%00"]) {
      const { status, body } = await ask(id, { sync: "full" });
      assert.deepEqual([status, (body as { ok: boolean }).ok], [404, false], id);
    }
    for (const body of [{}, [], { sync: "all" }, { sync: ["full"] }, { sync: null }, { sync: { toString: 1 } }]) {
      assert.equal((await ask("n1", body)).status, 400);
    }
    assert.equal((await request().post("/cortex-xdr-poll/n1/sync")).status, 400);
    assert.equal((await request().post("/cortex-xdr-poll/%E0%A4%A/sync").send({ sync: "full" })).status, 400);
  });

  test("tells why a node cannot run", async () => {
    await startPoll({ poll: { tenant: "" } }, false);
    const { status, body } = await ask("n1", { sync: "full" });
    assert.equal(status, 409);
    assert.equal((body as { code: string }).code, "XDR_CONFIG_INVALID");
  });
});
