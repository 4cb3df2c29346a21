import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ALERT_V2, EMPTY_REPLY, EVENT, startEcs, useEcsFlows, type EcsDocument } from "../support/ecs-flow";
import { until } from "../support/until";

/** Who sends a message to the next node. */
interface Sender {
  send: (message: unknown) => void;
}

useEcsFlows();

describe("the status", () => {
  test("goes from grey to green to yellow, at most once a second, and stays yellow", async () => {
    const { send, statuses } = await startEcs();
    assert.deepEqual(statuses(), [{ fill: "grey", shape: "ring", text: "cortex-xdr-ecs.status.sent" }]);
    for (let count = 0; count < 50; count += 1) await send({ payload: EVENT });
    await until("green", () => statuses().length === 2);
    assert.deepEqual(statuses()[1], { fill: "green", shape: "dot", text: "cortex-xdr-ecs.status.sent" });
    for (const payload of ["hello", EVENT, EVENT]) await send({ payload });
    await until("yellow", () => statuses().length === 3);
    assert.deepEqual(statuses()[2], { fill: "yellow", shape: "dot", text: "cortex-xdr-ecs.status.faulty" });
  });

  test("is of an alert v2 with a fault yellow, too, although that stays an alert", async () => {
    const { documentOf, statuses } = await startEcs();
    const document = await documentOf({ ...ALERT_V2, detection_timestamp: "yesterday" });
    assert.equal(document.event.kind, "alert");
    assert.equal(document.error?.message.length, 1);
    await until("yellow", () => statuses().at(-1)?.fill === "yellow");
  });

  test("ends when the node closes", async () => {
    const { node, send, sent, statuses } = await startEcs();
    await send({ payload: EVENT });
    const shown = statuses().length;
    const closing = node.close(false);
    // One that comes just now is still mapped.
    node.receive({ payload: EVENT });
    await closing;
    await until("mapped", () => sent.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    assert.equal(statuses().length, shown);
    await node.close(true);
    assert.deepEqual(statuses().at(-1), {});
  });
});

describe("a setting", () => {
  test("can fix the kind", async () => {
    const { send, sent } = await startEcs({ kind: "event" });
    await send({ payload: [{ nothing: 1 }, EMPTY_REPLY, "text"] });
    assert.deepEqual(
      (sent[0]?.["ecs"] as { kind?: string }[]).map(({ kind }) => kind),
      ["event", "event", "event"],
    );
  });

  test("keeps duplicates, and makes lists of single values", async () => {
    const plain = await startEcs();
    const without = await plain.documentOf(EVENT);
    assert.equal(without.source, undefined);
    assert.deepEqual(without.panw_cortex?.xdr["event"], { event_type: 2 });
    const { documentOf } = await startEcs({ preserveDuplicates: true, wrapSingles: "true" });
    const document = await documentOf(EVENT);
    assert.deepEqual(document.source, { ip: ["10.1.2.3"] });
    assert.deepEqual(document.tags, ["preserve_duplicate_custom_fields"]);
    const vendor = document.panw_cortex?.xdr["event"] as { action: object; event_timestamp: string };
    assert.deepEqual([vendor.action, vendor.event_timestamp], [{ local_ip: ["10.1.2.3"] }, "2026-09-21T14:15:23.456Z"]);
  });

  test("takes environment variables in every form", async () => {
    const variables = {
      ECS_TEST_KIND: "incident",
      ECS_TEST_VERSION: "v2",
      ECS_TEST_YES: "true",
      ECS_TEST_NO: "false",
    };
    Object.assign(process.env, variables);
    try {
      for (const [config, kind, tags] of [
        [{ kind: "${ECS_TEST_KIND}", preserveOriginal: "${ECS_TEST_YES}" }, "incident", ["preserve_original_event"]],
        [{ kind: "$(ECS_TEST_KIND)", preserveOriginal: "${ECS_TEST_NO}" }, "incident", undefined],
        [
          { kind: "alert-${ECS_TEST_VERSION}", preserveDuplicates: "$(ECS_TEST_YES)" },
          "alert-v2",
          ["preserve_duplicate_custom_fields"],
        ],
        [{ kind: "" }, "event", undefined],
      ] as const) {
        const { documentOf, sent } = await startEcs(config);
        const document = await documentOf({ ...EVENT, creation_time: null });
        assert.deepEqual([(sent[0]?.["ecs"] as { kind: string }).kind, document.tags], [kind, tags]);
      }
    } finally {
      for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
    }
  });

  for (const [what, config, message] of [
    ["a kind that there is not", { kind: "endpoint" }, /kind must be one of auto, alert-v1/],
    ["a variable that is not set", { kind: "${ECS_TEST_NOT_SET}" }, /kind needs .*ECS_TEST_NOT_SET/],
    ["a flag that is a variable that is not set", { wrapSingles: "$(ECS_TEST_NOT_SET)" }, /wrapSingles needs/],
    ["a flag that is none", { preserveOriginal: 5 }, /preserveOriginal must be true or false/],
  ] as const) {
    test(`that is bad: red, told once, each message refused: ${what}`, async () => {
      const { send, sent, caught, completed, statuses } = await startEcs(config);
      await until("told", () => caught.length === 1);
      for (const topic of ["a", "b"]) await send({ payload: EVENT, topic });
      assert.deepEqual(
        caught.map(({ topic, error }) => [topic, error?.code]),
        [
          [undefined, "XDR_CONFIG_INVALID"],
          ["a", "XDR_CONFIG_INVALID"],
          ["b", "XDR_CONFIG_INVALID"],
        ],
      );
      for (const { error } of caught) assert.match(error!.message, message);
      assert.deepEqual([sent.length, completed.length], [0, 0]);
      assert.deepEqual(statuses(), [{ fill: "red", shape: "ring", text: "cortex-xdr-ecs.status.config" }]);
    });
  }
});

describe("nothing is thrown", () => {
  test("by a message whose payload cannot be read", async () => {
    const { send, sent, caught, completed } = await startEcs();
    let reads = 0;
    await send({
      topic: "trap",
      get payload(): unknown {
        reads += 1;
        if (reads === 1) throw new Error("not to be read");
        return "a copy for Catch";
      },
    });
    await send({ payload: EVENT });
    assert.deepEqual(
      caught.map(({ topic, error }) => [topic, /not to be read/.test(error!.message)]),
      [["trap", true]],
    );
    assert.deepEqual([sent.length, completed.length], [1, 1]);
  });

  test("by one that Node-RED cannot even copy for Catch", async () => {
    const { send, caught, completed } = await startEcs();
    await send({
      get payload(): never {
        throw new Error("not to be read");
      },
    });
    assert.match(caught[0]!.error!.message, /not to be read/);
    assert.deepEqual([caught.length, completed.length], [1, 0]);
  });

  test("by a record with traps, either", async () => {
    const { send, sent, completed } = await startEcs();
    const trap = {
      alert_id: "1",
      get events(): never {
        throw new Error("not to be read");
      },
    };
    await send({ payload: [trap, EVENT] });
    assert.deepEqual(
      (sent[0]?.payload as EcsDocument[]).map(({ event }) => event.kind),
      ["pipeline_error", "event"],
    );
    assert.equal(completed.length, 1);
  });

  test("by a message that cannot be written", async () => {
    const { send, caught, completed } = await startEcs();
    await send(Object.freeze({ _msgid: "m1", payload: EVENT }));
    assert.deepEqual([caught.length, completed.length], [1, 0]);
  });

  test("when sending fails: then the message has failed, once", async () => {
    const { node, send, sent, caught, completed } = await startEcs();
    const sending = node as unknown as Sender;
    const { send: original } = sending;
    sending.send = () => {
      throw new Error("no way out");
    };
    await send({ payload: EVENT });
    sending.send = original;
    await send({ payload: EVENT });
    assert.deepEqual(
      caught.map(({ error }) => /no way out/.test(error!.message)),
      [true],
    );
    assert.deepEqual([sent.length, completed.length], [1, 1]);
  });

  test("by something else than an error, either", async () => {
    const { node, send, caught } = await startEcs();
    (node as unknown as Sender).send = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw "a text";
    };
    await send({ payload: EVENT });
    assert.match(caught[0]!.error!.message, /could not be mapped/);
  });
});
