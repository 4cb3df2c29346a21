import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EcsOptions } from "../../../nodes/lib/ecs/ecs-options";
import { recordsMapper, type EcsResult } from "../../../nodes/lib/ecs/map-records";

/** What is looked at in documents here. */
interface Document {
  readonly event: { readonly kind: string; readonly action?: string };
  readonly error?: { readonly message: readonly string[] };
  readonly related: Readonly<Record<string, readonly string[]>>;
  readonly host: { readonly mac: unknown };
  readonly user: { readonly name: unknown };
  readonly "@timestamp"?: unknown;
  readonly panw_cortex: { readonly xdr: { readonly event: Readonly<Record<string, unknown>> } };
}

function mapped(payload: unknown, options: Partial<EcsOptions> = {}): readonly EcsResult[] {
  const all = {
    kind: "auto",
    preserveOriginal: false,
    preserveDuplicates: false,
    wrapSingles: false,
    ...options,
  } as const;
  return recordsMapper(all)(payload).results;
}

function documentOf(record: unknown, options?: Partial<EcsOptions>): Document {
  const [result] = mapped(record, options);
  assert.ok(result !== undefined);
  return result.document as unknown as Document;
}

describe("records that want too much", () => {
  test("a list of 100,000 different values is gathered, each once", () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `file-${index}`);
    const addresses = names.map((_name, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
    const { related } = documentOf({ event_type: 1, action_local_ip: [...addresses, ...addresses] });
    assert.deepEqual(related["ip"], addresses);
  });

  test("an alert v1 whose events and lists would multiply becomes one document that says so", () => {
    const long = Array.from({ length: 20_000 }, (_, index) => index);
    const events = Array.from({ length: 20_000 }, () => ({ event_id: "e" }));
    const results = mapped({ alert_id: "1", long, events });
    assert.deepEqual(
      results.map(({ kind, dataset, faults }) => [kind, dataset, faults.length]),
      [["alert-v1", "panw_cortex_xdr.alerts", 1]],
    );
    assert.equal(mapped({ alert_id: "1", events: events.slice(0, 5_000) }).length, 5_000);
    assert.equal(mapped({ alert_id: "1", long, events: events.slice(0, 1) }).length, 1);
  });

  test("an alert v1 that holds itself ends, too", () => {
    const alert: Record<string, unknown> = { alert_id: "1", events: [1, 2] };
    Object.assign(alert, { first: alert, second: [alert, alert] });
    assert.equal((mapped(alert)[0]?.document as unknown as Document).event.kind, "pipeline_error");
  });

  test("a hundred bad values are told one by one, and that there are more", () => {
    const { error } = documentOf({ event_type: 1, action_local_port: Array.from({ length: 300 }, () => "x") });
    assert.equal(error?.message.length, 101);
    assert.match(error.message.at(-1) ?? "", /^Further values/);
  });

  test("what an object throws when it is read is not repeated", () => {
    const thrower = {
      get inside(): never {
        throw new Error("secret of the record");
      },
    };
    for (const record of [
      { alert_id: 1, name: thrower },
      { incident_id: 1, creation_time: 1, hosts: thrower },
      { event_type: 1, agent_id: thrower },
    ]) {
      assert.doesNotMatch(JSON.stringify(documentOf(record).error), /secret/);
    }
  });
});

describe("values at the edge", () => {
  const kept = (record: object): Readonly<Record<string, unknown>> =>
    documentOf({ event_type: 1, ...record }, { preserveDuplicates: true }).panw_cortex.xdr.event;

  test("null in a list of texts is none", () => {
    assert.deepEqual(kept({ event_sub_type: ["a", null] })["event_sub_type"], ["a"]);
  });

  test("the first time of a list is the first that is there", () => {
    for (const nothing of [null, ""]) {
      const document = documentOf({ event_timestamp: [nothing, "2026-01-02T03:04:05Z"] });
      assert.deepEqual([document["@timestamp"], document.event.kind], ["2026-01-02T03:04:05Z", "event"]);
    }
  });

  test("times outside the years of four digits are none", () => {
    for (const time of [253_402_300_800_000, -62_167_219_200_001, "9999-12-31T23:59:59-01:00"]) {
      const document = documentOf({ event_timestamp: time });
      assert.deepEqual([document["@timestamp"], document.event.kind], [undefined, "pipeline_error"], String(time));
    }
    assert.equal(documentOf({ event_timestamp: 253_402_300_799_999 })["@timestamp"], "9999-12-31T23:59:59.999Z");
    assert.equal(documentOf({ event_timestamp: -62_167_219_200_000 })["@timestamp"], "0000-01-01T00:00:00.000Z");
  });

  test("integers that 64 bits do not hold are none, however they are written", () => {
    const of = (value: unknown): unknown =>
      (kept({ action_total_upload: value })["action"] as Record<string, unknown> | undefined)?.["total_upload"];
    for (const value of [2 ** 63, "9223372036854775807", "+0x1f", "0X1F", "1".repeat(65), "0x", ""]) {
      assert.equal(of(value), undefined, String(value));
    }
    assert.deepEqual([of("000000000000000000000012"), of("-0x1F"), of(-(2 ** 63))], [12, -31, -(2 ** 63)]);
  });

  test("a value that is no number counts as missing", () => {
    const record = { event_type: 1, action_username: "A" };
    assert.deepEqual(documentOf({ ...record, os_actor_primary_username: NaN }).user.name, ["A"]);
    assert.deepEqual(documentOf({ ...record, os_actor_primary_username: null }).user.name, ["A"]);
  });

  test("only the white space of ASCII parts the words of an action", () => {
    const action = (text: string): unknown => documentOf({ event_sub_type: text }).event.action;
    assert.deepEqual([action(" A \t\n B  "), action("A\u00a0B")], ["-a-b", "a\u00a0b"]);
  });

  test("empty parts of a text of MAC addresses are none", () => {
    assert.deepEqual(documentOf({ alert_id: 1, events: [], mac: "aa:bb,,cc:dd," }).host.mac, ["AA-BB", "CC-DD"]);
  });

  test("JSON text may begin with a byte order mark", () => {
    assert.equal(documentOf(Buffer.from('\ufeff{"event_type":1}')).event.kind, "event");
  });
});
