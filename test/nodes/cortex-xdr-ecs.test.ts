import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ALERT_V1,
  ALERT_V2,
  AT,
  EMPTY_REPLY,
  EVENT,
  INCIDENT,
  startEcs,
  useEcsFlows,
  type EcsDocument,
} from "../support/ecs-flow";
import type { Received } from "../support/helper";
import { until } from "../support/until";

useEcsFlows();

describe("a record", () => {
  for (const [what, payload, ecs, look] of [
    [
      "a forwarded event",
      EVENT,
      { dataset: "panw_cortex_xdr.event", kind: "event" },
      (document: EcsDocument) => assert.equal(document.event.id, "e1"),
    ],
    [
      "an alert of version v2",
      ALERT_V2,
      { id: "VhwXRvLpVArvKqtOQB+ZuAVN1Cw=", dataset: "panw_cortex_xdr.alerts", kind: "alert-v2" },
      (document: EcsDocument) => assert.equal(document.message, "Beacon"),
    ],
    [
      "an alert of version v1 that was split",
      { ...ALERT_V1, events: { event_id: "e1", event_timestamp: AT } },
      { id: "bQruousJKWAOyaaIM7qn25vv2QA=", dataset: "panw_cortex_xdr.alerts", kind: "alert-v1" },
      (document: EcsDocument) => assert.equal(document.message, "Two"),
    ],
    [
      "an alert of version v1 with one event",
      { ...ALERT_V1, events: [{ event_id: "e1", event_timestamp: AT }] },
      { id: "bQruousJKWAOyaaIM7qn25vv2QA=", dataset: "panw_cortex_xdr.alerts", kind: "alert-v1" },
      (document: EcsDocument) => assert.equal(document.message, "Two"),
    ],
    [
      "an incident",
      INCIDENT,
      { id: "IWQ5nU7eaan/L2pLTz5zgLYtl/g=", dataset: "panw_cortex_xdr.incidents", kind: "incident" },
      (document: EcsDocument) => assert.equal(document.event.id, "77"),
    ],
  ] as const) {
    test(`${what} leaves as one document that says what it is`, async () => {
      const { send, sent, caught } = await startEcs();
      const given = structuredClone(payload);
      for (const form of [payload, JSON.stringify(payload), Buffer.from(JSON.stringify(payload))]) {
        await send({ payload: form });
        const msg = sent.at(-1)!;
        assert.deepEqual(msg["ecs"], ecs);
        assert.equal((msg.payload as EcsDocument).event.kind, payload === EVENT ? "event" : "alert");
        look(msg.payload as EcsDocument);
      }
      assert.deepEqual([sent.length, caught.length], [3, 0]);
      assert.deepEqual(payload, given, "the record itself stays as it is");
    });
  }

  test("leaves in its own message, with everything that this carried", async () => {
    const { send, sent, completed } = await startEcs();
    const [req, res] = [{ headers: {} }, {}];
    const more = {
      topic: "incidents",
      sync: "full",
      change: "updated",
      parts: { id: "p", index: 3 },
      object: { line: 9 },
    };
    const msg = { _msgid: "m1", payload: INCIDENT, raw: "the text", req, res, ecs: "old", ...more };
    await send(msg);
    const [left] = sent as [Received];
    assert.ok((left as object) === msg, "it is the same message");
    const { payload, ecs, ...rest } = left;
    assert.deepEqual(rest, { _msgid: "m1", raw: "the text", req, res, ...more });
    assert.ok(left["req"] === req && left["res"] === res);
    assert.equal((payload as EcsDocument)["@timestamp"], "2023-11-14T22:13:20.500Z");
    assert.equal((ecs as { kind: string }).kind, "incident");
    assert.deepEqual([completed.length, completed[0]?.["_msgid"]], [1, "m1"]);
  });
});

describe("several records", () => {
  test("leave as an array, in their order, with what is known of each beside it", async () => {
    const { send, sent, completed } = await startEcs();
    await send({ payload: [EVENT, JSON.stringify(ALERT_V2), Buffer.from(JSON.stringify(INCIDENT)), ALERT_V1, 7] });
    const [msg] = sent as [Received];
    const documents = msg.payload as EcsDocument[];
    const notes = msg["ecs"] as { id?: string; dataset?: string; kind?: string }[];
    assert.deepEqual(
      notes.map(({ kind, dataset }) => [kind, dataset?.replace("panw_cortex_xdr.", "")]),
      [
        ["event", "event"],
        ["alert-v2", "alerts"],
        ["incident", "incidents"],
        ["alert-v1", "alerts"],
        ["alert-v1", "alerts"],
        [undefined, undefined],
      ],
    );
    assert.deepEqual(Object.keys(notes[5]!), []);
    assert.deepEqual(
      documents.map(({ event }) => event.kind),
      ["event", "alert", "alert", "alert", "alert", "pipeline_error"],
    );
    const ids = notes.flatMap(({ id }) => id ?? []);
    assert.deepEqual([ids.length, new Set(ids).size], [4, 4]);
    assert.deepEqual([sent.length, completed.length], [1, 1]);
  });

  test("of one: an array came in, an array leaves", async () => {
    const { send, sent } = await startEcs();
    await send({ payload: [EVENT] });
    assert.equal((sent[0]?.payload as EcsDocument[]).length, 1);
    assert.equal((sent[0]?.["ecs"] as object[]).length, 1);
  });

  test("are what one alert of version v1 with several events becomes", async () => {
    const { send, sent } = await startEcs();
    await send({ payload: ALERT_V1, parts: { id: "p", index: 0 } });
    const [msg] = sent as [Received];
    assert.deepEqual(
      (msg.payload as EcsDocument[]).map(({ panw_cortex }) => panw_cortex?.xdr["events"]),
      [{ event_id: "e1" }, { event_id: "e2" }],
    );
    assert.equal((msg["ecs"] as object[]).length, 2);
    assert.deepEqual(msg["parts"], { id: "p", index: 0 });
  });

  test("of none leave as an empty array", async () => {
    const { send, sent, completed } = await startEcs();
    await send({ payload: [] });
    await send({ payload: [EMPTY_REPLY] });
    assert.deepEqual(
      sent.map(({ payload, ecs }) => [payload, ecs]),
      [
        [[], []],
        [[], []],
      ],
    );
    assert.equal(completed.length, 2);
  });
});

test("an answer without records alone leaves nothing, and is done", async () => {
  const { send, sent, caught, completed, statuses } = await startEcs();
  for (const payload of [EMPTY_REPLY, JSON.stringify(EMPTY_REPLY)]) await send({ payload });
  assert.deepEqual([sent.length, caught.length, completed.length], [0, 0, 2]);
  // Nothing to show, either: it stays as it was.
  assert.equal(statuses().at(-1)?.fill, "grey");
  await send({ payload: [EMPTY_REPLY, INCIDENT] });
  assert.equal((sent[0]?.payload as EcsDocument[]).length, 1);
});

describe("the text of a record", () => {
  const KEPT = { preserveOriginal: true };

  test("is the payload's own, or what msg.raw has of it", async () => {
    const { documentOf, sent } = await startEcs(KEPT);
    const spaced = ` ${JSON.stringify(EVENT)}`;
    assert.equal((await documentOf(EVENT)).event.original, JSON.stringify(EVENT));
    assert.equal((await documentOf(spaced)).event.original, spaced);
    const raw = '{"event_id":"e1","big":9007199254740993}';
    const document = await documentOf({ event_id: "e1", big: 9007199254740992 }, { raw });
    assert.equal(document.event.original, raw);
    assert.deepEqual(document.tags, ["preserve_original_event"]);
    assert.equal(sent.at(-1)?.["raw"], raw);
  });

  test("of several is what msg.raw has at the same place", async () => {
    const { send, sent } = await startEcs(KEPT);
    const raw = ["first", "second"];
    await send({ payload: [EVENT, INCIDENT], raw });
    const documents = sent[0]?.payload as EcsDocument[];
    assert.deepEqual(
      documents.map(({ event }) => event.original),
      raw,
    );
    assert.equal(sent[0]?.["raw"], raw);
  });

  test("is not there unless it was asked for, or the record has faults", async () => {
    const { documentOf } = await startEcs();
    assert.equal((await documentOf(EVENT, { raw: "text" })).event.original, undefined);
    assert.equal((await documentOf({ ...EVENT, action_file_size: "x" }, { raw: "text" })).event.original, "text");
  });
});

describe("what cannot be mapped", () => {
  for (const [what, payload, ecs, message] of [
    ["text that is no JSON", "hello", {}, /expected an object/],
    ["nothing", null, {}, /expected an object/],
    ["a missing payload", undefined, {}, /expected an object/],
    ["a number", 7, {}, /expected an object/],
    ["an object of no known kind", { password: "SECRET" }, {}, /choose a kind/],
    [
      "an event with a bad size",
      { ...EVENT, action_file_size: "SECRET" },
      { dataset: "panw_cortex_xdr.event", kind: "event" },
      /action_file_size: expected an integer/,
    ],
  ] as const) {
    test(`leaves as a document that says so: ${what}`, async () => {
      const { send, sent, caught, completed, statuses } = await startEcs();
      await send({ payload, topic: "t" });
      const [msg] = sent as [Received];
      const document = msg.payload as EcsDocument;
      assert.match(document.error!.message.join(), message);
      assert.deepEqual([document.event.kind, msg.topic, msg["ecs"]], ["pipeline_error", "t", ecs]);
      assert.deepEqual([caught.length, completed.length], [0, 1]);
      await until("yellow", () => statuses().at(-1)?.fill === "yellow");
      assert.doesNotMatch(JSON.stringify([statuses(), document.error]), /SECRET/);
    });
  }

  test("spoils none of its neighbours", async () => {
    const { send, sent } = await startEcs();
    await send({ payload: ["hello", EVENT, null] });
    assert.deepEqual(
      (sent[0]?.payload as EcsDocument[]).map(({ event }) => event.kind),
      ["pipeline_error", "event", "pipeline_error"],
    );
  });
});
