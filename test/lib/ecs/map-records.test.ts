import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { parseEcsOptions, type EcsOptions } from "../../../nodes/lib/ecs/ecs-options";
import { recordsMapper, type EcsResult, type MappedRecords } from "../../../nodes/lib/ecs/map-records";

const ALERTS = "panw_cortex_xdr.alerts";
const INCIDENTS = "panw_cortex_xdr.incidents";
const EVENTS = "panw_cortex_xdr.event";

const ALERT_V1 = { alert_id: "1", events: [{ event_id: "a" }, { event_id: "b" }] };
const ALERT_V2 = { alert_id: "2", event_id: ["a", "b"] };
const INCIDENT = { incident_id: 3, creation_time: 1_700_000_000_000 };
const EVENT = { event_type: "Process", event_id: "4", agent_id: "7f" };
const EMPTY_REPLY = { reply: { result_count: 0, total_count: 0, incidents: [] } };

/** Documents as far as these tests look into them. */
interface Seen {
  readonly event: { readonly kind: string; readonly id?: unknown; readonly original?: string };
  readonly tags?: readonly string[];
  readonly error?: { readonly message: readonly string[] };
  readonly source?: { readonly ip?: unknown };
  readonly panw_cortex?: { readonly xdr: Record<string, unknown> };
}

const seen = (result: EcsResult | undefined): Seen => result?.document as unknown as Seen;

const map = (payload: unknown, config: Partial<EcsOptions> = {}, rawLines?: unknown): MappedRecords =>
  recordsMapper(parseEcsOptions(config))(payload, rawLines);

/** The one result of a payload that is no list. */
function single(payload: unknown, config: Partial<EcsOptions> = {}, rawLines?: unknown): EcsResult {
  const { results, isList } = map(payload, config, rawLines);
  assert.equal(isList, false);
  assert.equal(results.length, 1);
  return results[0]!;
}

const kindsOf = ({ results }: MappedRecords): unknown[] => results.map(({ kind }) => kind);
const originalsOf = ({ results }: MappedRecords): unknown[] => results.map((result) => seen(result).event.original);

/** A document that tells why its record could not be mapped. */
function assertFailed(result: EcsResult | undefined, original?: string): void {
  assert.ok(result !== undefined);
  const { event, error, tags } = seen(result);
  assert.equal(event.kind, "pipeline_error");
  assert.ok(Array.isArray(error?.message) && error.message.length > 0);
  for (const message of error.message) assert.ok(typeof message === "string" && message.length > 0);
  assert.deepEqual(result.faults, error.message);
  assert.deepEqual(
    tags?.filter((tag) => tag === "preserve_original_event"),
    ["preserve_original_event"],
  );
  assert.equal(event.original, original);
  assert.deepEqual(JSON.parse(JSON.stringify(result.document)), result.document);
}

describe("the kind of a record", () => {
  test("is seen from the record", () => {
    const mapped = map([ALERT_V2, INCIDENT, EVENT, { ...ALERT_V1, events: { event_id: "a" } }]);
    assert.deepEqual(kindsOf(mapped), ["alert-v2", "incident", "event", "alert-v1"]);
    assert.deepEqual(
      mapped.results.map(({ dataset }) => dataset),
      [ALERTS, INCIDENTS, EVENTS, ALERTS],
    );
    assert.deepEqual(
      mapped.results.map((result) => seen(result).event.kind),
      ["alert", "alert", "event", "alert"],
    );
    assert.ok(mapped.results.every(({ faults }) => faults.length === 0));
    assert.deepEqual(
      mapped.results.map(({ id }) => typeof id),
      ["string", "string", "undefined", "string"],
    );
  });

  test("is unknown where no field tells it: the record still is a document", () => {
    const result = single({ endpoint_id: "x" });
    assert.deepEqual([result.kind, result.dataset, result.id], [undefined, undefined, undefined]);
    assertFailed(result, '{"endpoint_id":"x"}');
  });

  test("is the one that was chosen, whatever the record looks like", () => {
    const incident = single(EVENT, { kind: "incident" });
    assert.equal(incident.kind, "incident");
    assert.equal(incident.dataset, INCIDENTS);
    assertFailed(incident, JSON.stringify(EVENT));
    const event = single(ALERT_V1, { kind: "event" });
    assert.equal(event.kind, "event");
    assert.deepEqual(event.document, {
      ecs: { version: "8.11.0" },
      event: { kind: "event" },
      observer: { vendor: "Palo Alto Networks", product: "Cortex XDR" },
    });
    const alert = single({ incident_id: 3, severity: "high" }, { kind: "alert-v2" });
    assert.equal(alert.dataset, ALERTS);
    assert.deepEqual(alert.document, {
      ecs: { version: "8.11.0" },
      event: { kind: "alert", category: ["malware"], type: ["info"], severity: 4 },
      panw_cortex: { xdr: { incident_id: 3 } },
    });
    assert.deepEqual(kindsOf(map([ALERT_V2, INCIDENT, 5], { kind: "event" })), ["event", "event", "event"]);
  });

  test("of a chosen one holds for records without its marks", () => {
    assert.deepEqual(single({ endpoint_id: "x" }, { kind: "alert-v2" }).faults, []);
    assert.deepEqual(single({ agent_id: "x" }, { kind: "event" }).faults, []);
    const { results, isList } = map({ events: [{ event_id: "a" }, { event_id: "b" }] }, { kind: "alert-v1" });
    assert.deepEqual([results.length, isList], [2, true]);
  });
});

describe("alerts v1", () => {
  test("give a document for each event", () => {
    const { results, isList } = map(ALERT_V1);
    assert.equal(isList, true);
    assert.deepEqual(
      results.map((result) => seen(result).panw_cortex?.xdr),
      [
        { alert_id: "1", events: { event_id: "a" } },
        { alert_id: "1", events: { event_id: "b" } },
      ],
    );
    assert.equal(new Set(results.map(({ id }) => id)).size, 2);
  });

  test("are the same when their event came alone, in a list or not", () => {
    const listed = single({ ...ALERT_V1, events: [{ event_id: "a" }] });
    assert.deepEqual(listed, single({ ...ALERT_V1, events: { event_id: "a" } }));
  });

  test("without events give one document without event", () => {
    const result = single({ alert_id: "1", events: [] });
    assert.deepEqual(seen(result).panw_cortex?.xdr, { alert_id: "1" });
    assert.deepEqual(result.faults, []);
    assert.deepEqual([result.kind, result.id], ["alert-v1", single({ alert_id: "1", events: {} }).id]);
  });

  test("have their own event's text when the original is kept", () => {
    const originals = originalsOf(map(ALERT_V1, { preserveOriginal: true })).map(
      (text) => JSON.parse(String(text)) as unknown,
    );
    assert.deepEqual(originals, [
      { alert_id: "1", events: { event_id: "a" } },
      { alert_id: "1", events: { event_id: "b" } },
    ]);
  });

  test("with an odd event still give a document for each", () => {
    const { results } = map({ alert_id: "1", events: [null, 5, "text", [], [1], {}, { event_id: "a" }] });
    assert.equal(results.length, 7);
    assert.ok(results.every(({ kind }) => kind === "alert-v1"));
    assert.deepEqual(seen(results[6]).panw_cortex?.xdr, { alert_id: "1", events: { event_id: "a" } });
  });

  test("fail event by event", () => {
    const { results } = map({ alert_id: "1", events: [{ event_timestamp: "soon" }, { event_timestamp: 0 }] });
    assert.equal(seen(results[0]).event.kind, "pipeline_error");
    assert.equal(seen(results[1]).event.kind, "alert");
    assert.equal(results[1]?.document["@timestamp"], "1970-01-01T00:00:00.000Z");
  });

  test("are not taken apart as another kind", () => {
    assert.equal(map(ALERT_V1, { kind: "alert-v2" }).results.length, 1);
  });
});

test("alerts v2 with a bad field are alerts that tell of it", () => {
  const { document, faults, id } = single({ ...ALERT_V2, case_id: "x", name: "what happened" });
  assert.equal(faults.length, 1);
  assert.equal(typeof id, "string");
  assert.deepEqual(document, {
    ecs: { version: "8.11.0" },
    event: { kind: "alert", category: ["malware"], type: ["info"] },
    message: "what happened",
    error: { message: faults },
    panw_cortex: { xdr: ALERT_V2 },
  });
});

describe("lists", () => {
  test("stay lists, whatever they hold", () => {
    assert.deepEqual(map([]), { results: [], isList: true });
    assert.deepEqual([map([EVENT]).results.length, map([EVENT]).isList], [1, true]);
    assert.deepEqual(map([EMPTY_REPLY]), { results: [], isList: true });
    assert.deepEqual(map("[]"), { results: [], isList: true });
    assert.equal(map(JSON.stringify([EVENT])).isList, true);
    assert.equal(map(Buffer.from(JSON.stringify([EVENT]))).isList, true);
  });

  test("keep the order of records and of their events", () => {
    const mapped = map([INCIDENT, ALERT_V1, EMPTY_REPLY, EVENT, "no JSON", ALERT_V2]);
    assert.deepEqual(kindsOf(mapped), ["incident", "alert-v1", "alert-v1", "event", undefined, "alert-v2"]);
    assert.deepEqual(
      mapped.results.map((result) => seen(result).event.id),
      [3, undefined, undefined, "4", undefined, undefined],
    );
  });

  test("hold records, their JSON text and bytes of it", () => {
    const mapped = map([JSON.stringify(INCIDENT), Buffer.from(JSON.stringify(EVENT)), ALERT_V2]);
    assert.deepEqual(mapped.results, map([INCIDENT, EVENT, ALERT_V2]).results);
  });

  test("in a list are no records", () => {
    const { results } = map([[EVENT], JSON.stringify([EVENT])]);
    assertFailed(results[0], JSON.stringify([EVENT]));
    assertFailed(results[1], JSON.stringify([EVENT]));
    assert.equal(results.length, 2);
  });

  test("with a record that fails lose no other", () => {
    const { results } = map([EVENT, { creation_time: "soon", incident_id: 1 }, null, INCIDENT]);
    assert.deepEqual(
      results.map((result) => seen(result).event.kind),
      ["event", "pipeline_error", "pipeline_error", "alert"],
    );
  });
});

describe("empty replies", () => {
  test("give no document", () => {
    for (const payload of [EMPTY_REPLY, { reply: { result_count: 0 } }, JSON.stringify(EMPTY_REPLY)])
      for (const kind of ["auto", "alert-v1", "alert-v2", "incident"] as const)
        assert.deepEqual(map(payload, { kind }), { results: [], isList: false });
  });

  test("are records to the events", () => assert.equal(single(EMPTY_REPLY, { kind: "event" }).kind, "event"));

  test("are only those without results", () => {
    for (const reply of [{ result_count: 1 }, { result_count: "x" }, {}, null, 0, [], "0"])
      assertFailed(single({ reply }), JSON.stringify({ reply }));
  });
});

describe("payloads that are text", () => {
  const text = ' {"event_type": "Process", "event_id": "4" ,"agent_id":"7f"}\n';
  for (const [what, payload] of [
    ["text", text],
    ["bytes", Buffer.from(text)],
  ] as const) {
    test(`${what} of a record is the record, and its original as it came`, () => {
      assert.deepEqual(single(payload), single(EVENT));
      assert.equal(seen(single(payload, { preserveOriginal: true })).event.original, text);
    });
  }

  test("keep the digits that a number loses", () => {
    const exact = '{"incident_id":12345678901234567890,"creation_time":null}';
    assert.equal(seen(single(exact, { preserveOriginal: true })).event.original, exact);
  });

  test("without JSON are documents that hold the text", () => {
    for (const payload of ["", " ", "no JSON", '{"alert_id":', "{}}", "\u0000", "'"]) {
      assertFailed(single(payload), payload);
      assertFailed(single(Buffer.from(payload)), payload);
    }
  });

  test("with JSON that is no object are documents that hold the text", () => {
    for (const payload of ["5", "null", "true", '"text"', '"{\\"alert_id\\":1}"'])
      assertFailed(single(payload), payload);
  });

  test("of a record that nests 10,000 deep are documents that hold the text", () => {
    for (const [head, tail] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      const payload = `{"alert_id":"1","x":${head.repeat(10_000)}0${tail.repeat(10_000)}}`;
      assertFailed(single(payload), payload);
    }
  });
});

describe("originals", () => {
  test("are the record's JSON, with the tag, and only where asked for", () => {
    for (const record of [ALERT_V2, INCIDENT, EVENT]) {
      const { event, tags } = seen(single(record, { preserveOriginal: true }));
      assert.deepEqual(tags, ["preserve_original_event"]);
      assert.equal(event.original, JSON.stringify(record));
      const plain = seen(single(record));
      assert.deepEqual([plain.tags, plain.event.original], [undefined, undefined]);
    }
  });

  test("are not repeated in tags", () => {
    const tags = ["preserve_original_event", "a"];
    assert.deepEqual(seen(single({ ...INCIDENT, tags }, { preserveOriginal: true })).tags, tags);
    assertFailed(single({ incident_id: 1 }, { preserveOriginal: true }), '{"incident_id":1}');
    assertFailed(single(5, { preserveOriginal: true }), "5");
  });

  test("are the raw line of each record", () => {
    const lines = ['{"event_id": "4"}', '{"event_id" :"5"}'];
    const payload = [{ event_id: "4" }, { event_id: "5" }];
    assert.deepEqual(originalsOf(map(payload, { preserveOriginal: true }, lines)), lines);
    assert.equal(seen(single(payload[0], { preserveOriginal: true }, lines[0])).event.original, lines[0]);
    assertFailed(single(null, {}, "null "), "null ");
  });

  test("are the records' own where the raw lines do not fit", () => {
    const payload = [{ event_id: "4" }, { event_id: "5" }];
    const own = payload.map((record) => JSON.stringify(record));
    for (const lines of [[], ["x"], ["x", "y", "z"], [1, null], {}, null, 5, undefined])
      assert.deepEqual(originalsOf(map(payload, { preserveOriginal: true }, lines)), own);
    for (const line of [5, null, {}])
      assert.equal(seen(single(payload[0], { preserveOriginal: true }, line)).event.original, own[0]);
  });

  test("stay with their record when another one is left out or taken apart", () => {
    const lines = ["empty", "incident", "alert", "event"];
    const originals = originalsOf(map([EMPTY_REPLY, INCIDENT, ALERT_V1, EVENT], { preserveOriginal: true }, lines));
    assert.equal(originals.length, 4);
    assert.deepEqual([originals[0], originals[3]], ["incident", "event"]);
  });
});

describe("other options", () => {
  test("duplicates stay, with the tag, and alerts v1 lose them all the same", () => {
    const config = { preserveDuplicates: true };
    const tags = ["preserve_duplicate_custom_fields"];
    const incident = seen(single({ ...INCIDENT, severity: "low" }, config));
    assert.deepEqual([incident.tags, incident.panw_cortex?.xdr["severity"]], [tags, "low"]);
    const alert = seen(single({ ...ALERT_V2, severity: "low" }, config));
    assert.deepEqual([alert.tags, alert.panw_cortex?.xdr["severity"]], [tags, "low"]);
    const event = seen(single(EVENT, config));
    assert.deepEqual(
      [event.tags, event.panw_cortex?.xdr["event"]],
      [tags, { agent: { id: "7f" }, event_id: "4", event_type: "Process" }],
    );
    const first = seen(single({ alert_id: "1", severity: "low", events: {} }, config));
    assert.deepEqual([first.tags, first.panw_cortex?.xdr], [tags, { alert_id: "1" }]);
  });

  test("single addresses of events reach their fields only when they are taken for lists", () => {
    const record = { ...EVENT, action_local_ip: "192.0.2.7" };
    assert.equal(seen(single(record)).source, undefined);
    assert.deepEqual(seen(single(record, { wrapSingles: true })).source, { ip: ["192.0.2.7"] });
  });
});

describe("what is no JSON", () => {
  const cyclic: Record<string, unknown> = { alert_id: "1" };
  cyclic["self"] = cyclic;
  const cyclicList: unknown[] = [];
  cyclicList.push(cyclicList);
  const throwing = (name: string, marks: object): object =>
    Object.defineProperty({ ...marks }, name, {
      enumerable: true,
      get: () => {
        throw new Error("not for you");
      },
    });
  const deep = (): object => {
    let record: object = {};
    for (let level = 0; level < 10_000; level += 1) record = level % 2 === 0 ? { x: record } : [record];
    return record;
  };
  const refusing = { ownKeys: refuse, get: refuse, has: refuse, getOwnPropertyDescriptor: refuse };

  const failing: readonly (readonly [what: string, payload: unknown])[] = [
    ["undefined", undefined],
    ["a function", () => 0],
    ["a symbol", Symbol("x")],
    ["an object with a cycle", cyclic],
    ["a list with a cycle, as a field", { alert_id: "1", x: cyclicList }],
    ["an object that nests 10,000 deep", { alert_id: "1", x: deep() }],
    ["a field of an event that nests 10,000 deep", { event_type: "1", agent_os_type: deep() }],
    ["an incident that nests 10,000 deep", { creation_time: null, incident_id: "1", x: deep() }],
    ["an alert whose event nests 10,000 deep", { alert_id: "1", events: { x: deep() } }],
    ["a getter that throws, of an alert", throwing("name", { alert_id: "1" })],
    ["a getter that throws, of an incident", throwing("name", { incident_id: "1", creation_time: null })],
    ["a getter that throws, of an event", throwing("agent_id", { event_type: "1" })],
    ["a getter that throws where the events are", throwing("events", { alert_id: "1" })],
    ["a getter that throws where the reply is", throwing("reply", { alert_id: "1" })],
    ["a getter that throws in the reply", { alert_id: "1", reply: throwing("result_count", {}) }],
    ["a getter that throws beside a list of events", throwing("name", { alert_id: "1", events: [{}] })],
    ["a toJSON that throws", { alert_id: "1", x: { toJSON: refuse } }],
    ["an object that refuses everything", new Proxy({}, refusing)],
  ];
  for (const [what, payload] of failing) {
    test(`${what} gives a document that says so`, () => {
      for (const kind of ["auto", "alert-v1"] as const) {
        const { results } = map(payload, { kind });
        assert.equal(results.length, 1);
        if (kind === "auto") assertFailed(results[0], seen(results[0]).event.original);
      }
    });

    test(`${what} in a list, too`, () => {
      const { results, isList } = map([INCIDENT, payload, EVENT]);
      assert.deepEqual([results.length, isList], [3, true]);
      assert.deepEqual([results[0]?.kind, results[2]?.kind], ["incident", "event"]);
    });
  }

  const described: readonly (readonly [what: string, payload: unknown, original: string | undefined])[] = [
    ["null", null, "null"],
    ["a number", 5, "5"],
    ["a number that is none", NaN, "null"],
    ["a flag", false, "false"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ["a map", new Map([["alert_id", "1"]]), "{}"],
    ["a set", new Set([1]), "{}"],
    ["an error", new Error("x"), "{}"],
    ["an expression", /x/, "{}"],
    ["an object without a prototype", Object.create(null), "{}"],
  ];
  for (const [what, payload, original] of described)
    test(`${what} gives a document with its text`, () => assertFailed(single(payload), original));

  test("a big integer gives a document", () => assertFailed(single(5n), seen(single(5n)).event.original));

  test("parts of a record that JSON cannot hold never keep the rest of it from being mapped", () => {
    const odd = { big: 12_345_678_901_234_567_890n, none: undefined, run: () => 0, sign: Symbol("x"), at: new Date(0) };
    for (const record of [
      { ...ALERT_V2, ...odd, map: new Map([[1, 2]]), nan: NaN },
      { ...INCIDENT, ...odd },
    ]) {
      const result = single(record, { preserveOriginal: true });
      assert.deepEqual(result.faults, []);
      assert.deepEqual(JSON.parse(JSON.stringify(result.document)), result.document);
    }
  });

  test("an event's field that is or holds what JSON cannot leaves a document that is JSON", () => {
    const plain = [1n, () => 0, Symbol("x"), new Date(0), new Map(), NaN, Infinity, Object.create(null) as unknown];
    const names = ["agent_id", "action_local_ip", "event_timestamp", "action_username", "agent_interface_map"];
    const more = ["event_sub_type", "action_file_size", "action_file_md5", "os_actor_local_port", "agent_hostname"];
    for (const odd of [...plain, cyclic, deep()]) {
      const forms = [odd, [odd], [[odd]], { ipv4: [odd] }, [{ ipv4: [odd] }]];
      const isBroken = (name: string): boolean =>
        forms.some((form) => !isJson(single({ event_type: "x", [name]: form }).document));
      assert.deepEqual([...names, ...more].filter(isBroken), [], typeof odd);
    }
  });
});

/** Whether a value is the same after it was written as JSON and read back. */
function isJson(value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    return false;
  }
}

function refuse(): never {
  throw new Error("refused");
}
