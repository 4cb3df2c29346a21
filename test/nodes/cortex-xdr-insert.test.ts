import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Probe, builtNode, helper, placed, useUserDir } from "../support/helper";
import { alertNo, alertNos } from "../support/outbox-bench";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { until } from "../support/until";

const NODES = [builtNode("cortex-xdr-tenant"), builtNode("cortex-xdr-insert")];

interface Settings {
  tenant?: object;
  insert?: object;
  key?: string;
}

describe("cortex-xdr-insert", () => {
  let tenant: SimulatedTenant;
  let userDir: string;

  beforeEach(async () => {
    userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-insert-"));
    tenant = await SimulatedTenant.start({ requestsPerSecond: Infinity, merge: false });
    useUserDir(userDir);
  });
  afterEach(async () => {
    await helper.unload();
    await tenant.stop();
    rmSync(userDir, { recursive: true, force: true, maxRetries: 5 });
  });

  async function start({ tenant: tenantConfig = {}, insert = {}, key = ADVANCED_KEY.secret }: Settings = {}) {
    const flow = [
      { id: "tab", type: "tab", label: "test" },
      { id: "t1", type: "cortex-xdr-tenant", host: tenant.url, keyType: "advanced", ...tenantConfig },
      {
        id: "n1",
        type: "cortex-xdr-insert",
        z: "tab",
        tenant: "t1",
        lingerMs: "0",
        wires: [["answer"], ["delivered"], ["dead"]],
        ...insert,
      },
      { id: "answer", type: "helper", z: "tab" },
      { id: "delivered", type: "helper", z: "tab" },
      { id: "dead", type: "helper", z: "tab" },
      { id: "catch", type: "catch", z: "tab", scope: null, wires: [["caught"]] },
      { id: "caught", type: "helper", z: "tab" },
      { id: "complete", type: "complete", z: "tab", scope: ["n1"], wires: [["completed"]] },
      { id: "completed", type: "helper", z: "tab" },
    ];
    await helper.load(NODES, placed(flow), { t1: { keyId: ADVANCED_KEY.id, key } });
    const node = helper.getNode("n1");
    const probes = {
      answer: new Probe("answer"),
      delivered: new Probe("delivered"),
      dead: new Probe("dead"),
      caught: new Probe("caught"),
      completed: new Probe("completed"),
    };
    const ask = async (msg: Record<string, unknown>) => {
      const before = probes.answer.messages.length;
      node.receive(msg);
      await until("answered", () => probes.answer.messages.length > before);
      return probes.answer.messages[before]!;
    };
    // The store opens in the background.
    await until(
      "open",
      async () => ((await ask({ topic: "stats" })).payload as { problem?: object }).problem === undefined,
    );
    const counted = probes.completed.messages.length;
    const statuses = (): { fill?: string; text?: string }[] =>
      (node.status as unknown as { args: { fill?: string; text?: string }[][] }).args.map(([status]) => status ?? {});
    return { node, ...probes, ask, statuses, counted };
  }

  test("answers 200 and an empty payload, delivers, and tells both", async () => {
    const { ask, delivered, completed, counted } = await start();
    const answer = await ask({ payload: alertNo(1), keep: "me" });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.payload, "");
    assert.equal(answer["keep"], "me");
    assert.deepEqual({ ...(answer["xdr"] as object), waiting: 0 }, { accepted: 1, refused: 0, waiting: 0 });
    await until("delivered", () => delivered.messages.length === 1);
    const { count, attempt, alerts, firstQueuedAt } = delivered.messages[0]!.payload as Record<string, unknown>;
    assert.deepEqual([count, attempt, (alerts as unknown[]).length, typeof firstQueuedAt], [1, 1, 1, "number"]);
    assert.deepEqual(tenant.alerts[0]?.alert, alertNo(1));
    await until("completed", () => completed.messages.length > counted);
  });

  test("takes arrays of more alerts than an update holds", async () => {
    const { ask } = await start();
    const answer = await ask({ payload: alertNos(0, 500) });
    assert.equal((answer["xdr"] as { accepted: number }).accepted, 500);
    await until("delivered", () => tenant.alerts.length === 500);
  });

  for (const [what, payload, field] of [
    ["text", "hello", undefined],
    ["nothing", undefined, undefined],
    ["null", null, undefined],
    ["an alert with severity Critical", { ...alertNo(1), severity: "Critical" }, "severity"],
    ["an alert without a name", { ...alertNo(1), alert_name: "" }, "alert_name"],
    ["a port that is text", { ...alertNo(1), local_port: "443" }, "local_port"],
    ["a time in seconds", { ...alertNo(1), event_timestamp: 1_767_225_600 }, "event_timestamp"],
    ["an unknown field", { ...alertNo(1), hostname: "x" }, "hostname"],
    ["an address that is none", { ...alertNo(1), remote_ip: "host.example.net" }, "remote_ip"],
  ] as const) {
    test(`answers 400 and names the field: ${what}`, async () => {
      const { ask, caught } = await start();
      const answer = await ask({ payload });
      assert.equal(answer.statusCode, 400);
      assert.equal(answer.error?.code, "XDR_ALERT_INVALID");
      assert.equal(answer.error["field"], field);
      await until("caught", () => caught.messages.length === 1);
      assert.equal(caught.messages[0]!.error?.code, "XDR_ALERT_INVALID");
      assert.equal(tenant.requests.length, 0);
    });
  }

  test("refuses invalid elements one by one, lists them, and keeps the others", async () => {
    const { ask } = await start();
    const answer = await ask({ payload: [alertNo(1), "noise", alertNo(2), { ...alertNo(3), severity: "high" }] });
    assert.equal(answer.statusCode, 200);
    const { accepted, refused, errors } = answer["xdr"] as {
      accepted: number;
      refused: number;
      errors: { index: number }[];
    };
    assert.deepEqual([accepted, refused, errors.map(({ index }) => index)], [2, 2, [1, 3]]);
    await until("delivered", () => tenant.alerts.length === 2);
  });

  test("full outbox: 503 with Retry-After, all or nothing for an array", async () => {
    tenant.faults.add({ route: "*", kind: "status", status: 503, times: Infinity });
    const { ask } = await start({ insert: { maxQueued: "10" } });
    assert.equal((await ask({ payload: alertNos(0, 8) })).statusCode, 200);
    const answer = await ask({ payload: alertNos(8, 11) });
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.error?.code, "OUTBOX_FULL");
    assert.match(answer.headers!["Retry-After"]!, /^\d+$/);
    assert.deepEqual(answer["xdr"], {
      accepted: 0,
      refused: 3,
      waiting: (answer["xdr"] as { waiting: number }).waiting,
    });
    assert.equal((await ask({ payload: alertNos(8, 10) })).statusCode, 200);
  });

  test("dead letters leave on output 3 and are replayed and discarded on command", async () => {
    const undo = tenant.poison((alert) => alert["alert_name"] === "alert 7");
    const { ask, dead } = await start();
    await ask({ payload: alertNos(0, 20) });
    await until("dead", () => dead.messages.length === 1);
    assert.deepEqual(dead.messages[0]!.payload, alertNo(7));
    const { code, status, attempts, message } = dead.messages[0]!.error!;
    assert.deepEqual([code, status, typeof message], ["XDR_REJECTED", 400, "string"]);
    assert.ok(Number(attempts) >= 1);
    await until("others delivered", () => tenant.alerts.length === 19);
    undo();
    assert.deepEqual((await ask({ topic: "replay" })).payload, { replayed: 1 });
    await until("delivered", () => tenant.alerts.length === 20);
    assert.deepEqual((await ask({ topic: "discard" })).payload, { discarded: 0 });
  });

  test("stats add up and hold no secret", async () => {
    const { ask } = await start();
    await ask({ payload: [...alertNos(0, 5), "noise"] });
    await until("delivered", () => tenant.alerts.length === 5);
    const answer = await ask({ topic: "stats" });
    const stats = answer.payload as Record<string, number>;
    assert.equal(answer.statusCode, 200);
    assert.equal(stats["received"], 6);
    assert.equal(stats["refused"], 1);
    const sum = ["delivered", "waiting", "inFlight", "dead", "refused"].reduce((total, key) => total + stats[key]!, 0);
    assert.equal(sum, 6);
    assert.ok(!JSON.stringify(answer).includes(ADVANCED_KEY.secret));
  });

  test("a topic that is no command is no command", async () => {
    const { ask } = await start();
    const unreadable = {
      toString: () => {
        throw new Error("boom");
      },
    };
    for (const topic of ["constructor", "toString", "Stats", "firewall/alerts", ["discard"], unreadable]) {
      assert.equal((await ask({ topic, payload: alertNo(1) })).payload, "");
    }
    await until("delivered", () => tenant.alerts.length === 6);
  });

  test("wrong key: red status that says why, one report, everything kept, delivered after the key is put right", async () => {
    const { ask, statuses, caught } = await start({ key: "WRONG" });
    await ask({ payload: alertNos(0, 5) });
    await until("red", () => statuses().some(({ fill, text }) => fill === "red" && /unauthorized/.test(text ?? "")));
    await until("caught", () => caught.messages.length === 1);
    const answer = await ask({ topic: "stats" });
    assert.equal((answer.payload as { trouble: { code: string } }).trouble.code, "XDR_UNAUTHORIZED");
    await ask({ payload: alertNos(5, 10) });
    assert.equal(caught.messages.length, 1);
    await helper.unload();
    useUserDir(userDir);
    await start();
    await until("delivered", () => tenant.alerts.length === 10);
  });

  for (const [what, settings] of [
    ["no tenant chosen", { insert: { tenant: "" } }],
    ["a tenant that is gone", { insert: { tenant: "nowhere" } }],
    ["updateSize 61", { insert: { updateSize: "61" } }],
    ["maxQueued that is no number", { insert: { maxQueued: "many" } }],
  ] as const) {
    test(`${what}: red status, each message answered 503 and caught`, async () => {
      const flow = [
        { id: "tab", type: "tab", label: "test" },
        { id: "t1", type: "cortex-xdr-tenant", host: tenant.url, keyType: "advanced" },
        { id: "n1", type: "cortex-xdr-insert", z: "tab", tenant: "t1", wires: [["answer"]], ...settings.insert },
        { id: "answer", type: "helper", z: "tab" },
        { id: "catch", type: "catch", z: "tab", scope: null, wires: [["caught"]] },
        { id: "caught", type: "helper", z: "tab" },
      ];
      await helper.load(NODES, placed(flow), { t1: { keyId: ADVANCED_KEY.id, key: ADVANCED_KEY.secret } });
      const [answer, caught] = [new Probe("answer"), new Probe("caught")];
      helper.getNode("n1").receive({ payload: alertNo(1) });
      await until("answered", () => answer.messages.length === 1);
      assert.equal(answer.messages[0]!.statusCode, 503);
      await until("caught", () => caught.messages.some(({ error }) => error?.code === "XDR_CONFIG_INVALID"));
    });
  }

  test("a tenant without a key: alerts are kept, status is red", async () => {
    const { ask, statuses } = await start({ key: "" });
    assert.equal((await ask({ payload: alertNo(1) })).statusCode, 200);
    await until("red", () => statuses().some(({ fill }) => fill === "red"));
    assert.equal(tenant.requests.length, 0);
  });

  test("closes within 5 s while the tenant hangs, and nothing is lost", async () => {
    tenant.faults.add({ route: "*", kind: "hang", times: Infinity });
    const { ask } = await start();
    await ask({ payload: alertNos(0, 5) });
    await until("under way", () => tenant.connections.open > 0);
    const started = performance.now();
    await helper.unload();
    assert.ok(performance.now() - started < 5_500);
    tenant.faults.clear();
    useUserDir(userDir);
    await start();
    await until("delivered", () => tenant.alerts.length === 5);
  });

  test("the key is in no file below the user directory", async () => {
    const { ask } = await start();
    await ask({ payload: alertNos(0, 5) });
    await until("delivered", () => tenant.alerts.length === 5);
    const files = readdirSync(userDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(files.length > 0);
    for (const file of files) {
      const content = readFileSync(join(file.parentPath, file.name), "latin1");
      assert.ok(!content.includes(ADVANCED_KEY.secret), file.name);
    }
  });
});
