import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { jsonBody, seedBody, USUAL } from "../lib/pan-os/bodies";
import { builtNode, helper, placed, Probe, useUserDir, type Received } from "../support/helper";
import { until } from "../support/until";

const NODES = [builtNode("pan-os-alert")];
const BASIC = (password: string): string => `Basic ${Buffer.from(`fw:${password}`).toString("base64")}`;

describe("pan-os-alert", () => {
  let userDir: string;
  before(() => {
    userDir = mkdtempSync(join(tmpdir(), "pan-os-alert-"));
    useUserDir(userDir);
  });
  afterEach(() => helper.unload());
  after(() => rmSync(userDir, { recursive: true, force: true, maxRetries: 5 }));

  async function start(config: object = {}, psk?: string) {
    const flow = [
      { id: "tab", type: "tab", label: "test" },
      { id: "n1", type: "pan-os-alert", z: "tab", wires: [["alerts"], ["rejected"]], ...config },
      { id: "alerts", type: "helper", z: "tab" },
      { id: "rejected", type: "helper", z: "tab" },
      { id: "catch", type: "catch", z: "tab", scope: null, wires: [["caught"]] },
      { id: "caught", type: "helper", z: "tab" },
      { id: "complete", type: "complete", z: "tab", scope: ["n1"], wires: [["completed"]] },
      { id: "completed", type: "helper", z: "tab" },
    ];
    await helper.load(NODES, placed(flow), psk === undefined ? {} : { n1: { psk } });
    const [alerts, rejected, caught, completed] = ["alerts", "rejected", "caught", "completed"].map(
      (id) => new Probe(id),
    );
    return {
      alerts: alerts!.messages,
      rejected: rejected!.messages,
      caught: caught!.messages,
      completed: completed!.messages,
      /** Sends a message and waits until the node is done with it. */
      send: async (msg: object): Promise<void> => {
        const seen = completed!.messages.length + caught!.messages.length;
        helper.getNode("n1").receive(msg as never);
        await until("the node is done", () => completed!.messages.length + caught!.messages.length === seen + 1);
      },
    };
  }

  test("an alert leaves on output 1 with its record and notes, and keeps what the message carried", async () => {
    const { send, alerts, rejected } = await start();
    const req = { headers: {} };
    await send({ payload: Buffer.from(seedBody()), topic: "t", req, res: {} });
    assert.equal(rejected.length, 0);
    const [msg] = alerts as [Received];
    assert.deepEqual(
      { name: (msg.payload as { alert_name: string }).alert_name, topic: msg.topic, same: msg["req"] === req },
      { name: "Sample C2 Beacon", topic: "t", same: true },
    );
    assert.equal((msg["panos"] as Record<string, string>)["serial"], "019901000123");
    assert.deepEqual(msg["parse"], { format: "json-annex", repairs: [], warnings: [] });
  });

  test("a bad body leaves on output 2 with the answer for the sender", async () => {
    const { send, alerts, rejected } = await start();
    await send({ payload: "hello", req: { headers: { authorization: "Basic secret" } }, res: {} });
    assert.equal(alerts.length, 0);
    const [msg] = rejected as [Received];
    assert.deepEqual([msg.statusCode, msg.error?.code, msg["input"]], [400, "PANOS_FORMAT_UNKNOWN", "hello"]);
    assert.deepEqual(msg.payload, msg.error);
    assert.doesNotMatch(JSON.stringify([msg["input"], msg.error, msg.payload]), /secret/);
  });

  test("a test log and a filtered record are answered with 200 and nothing else", async () => {
    const { send, rejected } = await start({ minSeverity: "high" });
    await send({ payload: jsonBody({ severity: "low" }) });
    await send({ payload: '{"src":"$src","sport":$sport}' });
    assert.deepEqual(
      rejected.map(({ statusCode, payload, error }) => [statusCode, payload, error?.code]),
      [
        [200, "", "PANOS_FILTERED"],
        [200, "", "PANOS_TEST_LOG"],
      ],
    );
  });

  test("a body above maxBytes is answered with 413", async () => {
    const { send, rejected } = await start({ maxBytes: "100" });
    await send({ payload: Buffer.alloc(101, "x") });
    assert.equal(rejected[0]?.statusCode, 413);
  });

  test("a batch leaves as one array with the request, its bad records one by one without it", async () => {
    const { send, alerts, rejected } = await start();
    await send({ payload: [{ ...USUAL }, "junk", { ...USUAL, dport: 81 }, 42], req: { headers: {} }, res: {} });
    assert.equal(alerts.length, 1);
    assert.deepEqual(
      (alerts[0]?.payload as { remote_port: number }[]).map((alert) => alert.remote_port),
      [80, 81],
    );
    assert.equal((alerts[0]?.["panos"] as unknown[]).length, 2);
    assert.ok(alerts[0]?.["res"] !== undefined);
    assert.deepEqual(
      rejected.map((msg) => [msg.error?.["index"], msg["input"], msg.statusCode, "req" in msg, "res" in msg]),
      [
        [1, "junk", 400, false, false],
        [3, 42, 400, false, false],
      ],
    );
  });

  test("a batch without a good record: the first bad one carries the request and all errors", async () => {
    const { send, alerts, rejected } = await start();
    await send({ payload: ["junk", 42], req: { headers: {} }, res: {} });
    assert.equal(alerts.length, 0);
    assert.deepEqual(
      rejected.map((msg) => ["res" in msg, msg.statusCode, msg.error?.["index"]]),
      [
        [true, 400, 0],
        [false, 400, 1],
      ],
    );
    assert.equal((rejected[0]?.payload as { errors: unknown[] }).errors.length, 2);
  });

  test("a batch that was filtered whole is answered with 200", async () => {
    const { send, rejected } = await start({ minSeverity: "high" });
    await send({
      payload: [
        { ...USUAL, severity: "low" },
        { ...USUAL, severity: "low" },
      ],
      res: {},
    });
    assert.deepEqual([rejected[0]?.statusCode, rejected[0]?.payload, rejected.length], [200, "", 2]);
  });

  test("case 67: with a shared key only the right header gets in, and no header is 401", async () => {
    const { send, alerts, rejected } = await start({}, "s3cret");
    for (const authorization of ["s3cret", BASIC("s3cret")])
      await send({ payload: seedBody(), req: { headers: { authorization } } });
    assert.equal(alerts.length, 2);
    for (const headers of [{ authorization: BASIC("wrong") }, {}])
      await send({ payload: seedBody(), req: { headers } });
    await send({ payload: seedBody() });
    assert.equal(alerts.length, 2);
    assert.deepEqual(
      rejected.map(({ statusCode, error }) => [statusCode, error?.code]),
      Array(3).fill([401, "PANOS_UNAUTHORIZED"]),
    );
    assert.equal(rejected[0]?.headers?.["WWW-Authenticate"], 'Basic realm="pan-os"');
  });

  test("without a shared key credentials do not matter", async () => {
    const { send, alerts } = await start();
    await send({ payload: seedBody(), req: { headers: { authorization: BASIC("any") } } });
    assert.equal(alerts.length, 1);
  });

  test("a broken configuration answers 503 and tells Catch, and lets nothing through", async () => {
    for (const [config, psk] of [
      [{ timezone: "Mars/Base" }, undefined],
      [{}, "${PAN_OS_ALERT_TEST_UNSET}"],
    ] as const) {
      const { send, alerts, rejected, caught } = await start(config, psk);
      await send({ payload: seedBody(), req: { headers: { authorization: "${PAN_OS_ALERT_TEST_UNSET}" } }, res: {} });
      assert.equal(alerts.length, 0);
      assert.deepEqual([rejected[0]?.statusCode, rejected[0]?.error?.code], [503, "XDR_CONFIG_INVALID"]);
      assert.equal(caught.at(-1)?.error?.code, "XDR_CONFIG_INVALID");
      await helper.unload();
    }
  });

  test("environment variables work inside properties and the key", async () => {
    process.env["PAN_OS_ALERT_TEST_WORD"] = "Edge";
    const { send, alerts } = await start({ product: "fw-${PAN_OS_ALERT_TEST_WORD}" }, "x-${PAN_OS_ALERT_TEST_WORD}");
    await send({ payload: seedBody(), req: { headers: { authorization: "x-Edge" } } });
    delete process.env["PAN_OS_ALERT_TEST_WORD"];
    assert.equal((alerts[0]?.payload as { product: string }).product, "fw-Edge");
  });
});
