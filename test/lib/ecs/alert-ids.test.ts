import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import type { EcsKind } from "../../../nodes/lib/ecs/ecs-kinds";
import { mapperOf } from "../../../nodes/lib/ecs/mapper";

const PLAIN = { preserveOriginal: false, preserveDuplicates: false, wrapSingles: false } as const;

/** SHA-1 of the values as base64: a zero byte before each single one. */
function hashOf(...values: readonly unknown[]): string {
  return createHash("sha1")
    .update(Buffer.concat(values.map(bytesOf)))
    .digest("base64");
}

function bytesOf(value: unknown): Buffer {
  if (Array.isArray(value)) return Buffer.concat((value as unknown[]).map(bytesOf));
  if (typeof value === "string") return Buffer.from(`\0${value}`, "utf8");
  if (typeof value === "boolean") return Buffer.from([0, value ? 1 : 2]);
  const bytes = new DataView(new ArrayBuffer(9));
  if (!Number.isInteger(value)) bytes.setFloat64(1, value as number, true);
  else if (value === ((value as number) | 0)) return Buffer.from([0, ...new Uint8Array(Int32Array.of(value).buffer)]);
  else bytes.setBigInt64(1, BigInt(value as number), true);
  return Buffer.from(bytes.buffer);
}

const TIME = 1_700_000_000_000;

describe("the id of an alert's document", () => {
  test("is made as in the published example", () => {
    assert.equal(bytesOf([TIME, "77", TIME + 500]).toString("hex"), "000068e5cf8b01000000373700f469e5cf8b010000");
    assert.equal(hashOf(TIME, "77", TIME + 500), "IWQ5nU7eaan/L2pLTz5zgLYtl/g=");
  });

  const idOf = (kind: EcsKind, record: object): string | undefined => mapperOf(kind, PLAIN)(record).id;

  for (const [what, record, values] of [
    [
      "all fields in their order",
      { alert_id: "42", events: { event_type: "Größe", event_timestamp: TIME, event_id: "e1" } },
      ["42", "e1", TIME, "Größe"],
    ],
    ["the time as digits", { alert_id: "42", events: { event_timestamp: String(TIME) } }, ["42", String(TIME)]],
    ["no nulls", { alert_id: "42", events: { event_type: null, event_timestamp: TIME } }, ["42", TIME]],
    ["no empty texts", { alert_id: "", events: { event_type: "t", event_id: "" } }, ["t"]],
    ["the alert alone", { alert_id: "42", events: null }, ["42"]],
    [
      "numbers of 32 bits",
      { alert_id: 2 ** 31 - 1, events: { event_id: -(2 ** 31), event_type: 0 } },
      [2 ** 31 - 1, -(2 ** 31), 0],
    ],
    ["larger numbers", { alert_id: 2 ** 31, events: { event_id: -(2 ** 31) - 1 } }, [2 ** 31, -(2 ** 31) - 1]],
    ["broken numbers and flags", { alert_id: 1.5, events: { event_id: true, event_type: false } }, [1.5, true, false]],
    [
      "no field but its own",
      { alert_id: "42", event_id: "no", event_type: "no", events: { user_name: "lee" } },
      ["42"],
    ],
  ] as const) {
    test(`has ${what}, in v1`, () => assert.equal(idOf("alert-v1", record), hashOf(...values)));
  }

  for (const [what, record, values] of [
    [
      "all fields in their order",
      { event_type: ["t", "t"], event_timestamp: [TIME, TIME + 1], event_id: ["e1", "e2"], alert_id: "42" },
      ["42", "e1", "e2", TIME, TIME + 1, "t", "t"],
    ],
    [
      "single values",
      { alert_id: "42", event_id: "e1", event_timestamp: TIME, event_type: "t" },
      ["42", "e1", TIME, "t"],
    ],
    [
      "no nulls inside lists",
      { alert_id: "42", event_id: [null, "e2", ""], event_timestamp: [TIME, null] },
      ["42", "e2", TIME],
    ],
    ["no missing fields", { event_type: ["t"] }, ["t"]],
    ["members by name", { alert_id: "42", event_id: [{ b: 1, a: "x" }] }, ["42", "a", "x", "b", 1]],
    ["no field but its own", { alert_id: "42", events: { event_id: "no" } }, ["42"]],
  ] as const) {
    test(`has ${what}, in v2`, () => assert.equal(idOf("alert-v2", record), hashOf(...values)));
  }

  test("is none without any of the fields", () => {
    assert.equal(idOf("alert-v1", { name: "A", alert_id: null, events: { event_id: "", fw_rule: "x" } }), undefined);
    assert.equal(idOf("alert-v2", { name: "A", event_id: [null], event_type: [] }), undefined);
  });

  test("is the same where the mapping stops", () => {
    const record = { alert_id: "42", events: { event_timestamp: "bad", event_id: "e1" } };
    assert.equal(idOf("alert-v1", record), hashOf("42", "e1", "bad"));
  });
});
