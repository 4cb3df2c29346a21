import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { documentId } from "../../../nodes/lib/ecs/document-id";
import type { EcsKind } from "../../../nodes/lib/ecs/ecs-kinds";
import { mapperOf } from "../../../nodes/lib/ecs/mapper";

/** Hash of a byte stream written as hexadecimal digits; blanks are for the eye. */
const digest = (hex: string): string =>
  createHash("sha1")
    .update(Buffer.from(hex.replaceAll(" ", ""), "hex"))
    .digest("base64");

const hexOf = (text: string): string => Buffer.from(text, "utf8").toString("hex");

const idOf = (value: unknown): string | undefined => documentId({ value }, ["value"]);

const CREATED = 1_700_000_000_000;
const CHANGED = 1_700_000_000_500;

describe("a document's id", () => {
  test("is the published one for the published example", () => {
    const record = { modification_time: CHANGED, incident_id: "77", creation_time: CREATED, status: "new" };
    const id = documentId(record, ["creation_time", "incident_id", "modification_time"]);
    assert.equal(id, "IWQ5nU7eaan/L2pLTz5zgLYtl/g=");
    assert.equal(id, digest("000068e5cf8b01000000373700f469e5cf8b010000"));
  });

  const values: readonly (readonly [what: string, value: unknown, hex: string])[] = [
    ["text", "77", "00 3737"],
    ["empty text", "", "00"],
    ["text of two and more bytes a character", "é€😀", "00 c3a9 e282ac f09f9880"],
    ["digits as text", "5", "00 35"],
    ["a zero", 0, "00 00000000"],
    ["a small integer", 5, "00 05000000"],
    ["a negative integer", -1, "00 ffffffff"],
    ["the largest integer of 32 bits", 2_147_483_647, "00 ffffff7f"],
    ["the smallest integer of 32 bits", -2_147_483_648, "00 00000080"],
    ["one above the largest of 32 bits", 2_147_483_648, "00 0000008000000000"],
    ["one below the smallest of 32 bits", -2_147_483_649, "00 ffffff7fffffffff"],
    ["an unsigned integer of 32 bits", 4_294_967_295, "00 ffffffff00000000"],
    ["a time in milliseconds", CREATED, "00 0068e5cf8b010000"],
    ["the largest exact integer", Number.MAX_SAFE_INTEGER, "00 ffffffffffff1f00"],
    ["the smallest exact integer", Number.MIN_SAFE_INTEGER, "00 010000000000e0ff"],
    ["an integer of 62 bits", 2 ** 62, "00 0000000000000040"],
    ["a floating number", 1.5, "00 000000000000f83f"],
    ["a negative floating number", -0.1, "00 9a9999999999b9bf"],
    ["true", true, "00 01"],
    ["false", false, "00 02"],
    ["a list of one", ["77"], "00 3737"],
    ["a list, in its order", ["b", "a", 1, true], "00 62 00 61 00 01000000 00 01"],
    ["lists in a list", [["b"], [["a"]]], "00 62 00 61"],
    ["a list with nulls", [null, "a", null], "00 61"],
    ["an object, by its names", { b: 1, a: "x" }, `00 61 00 78 00 62 00 01000000`],
    ["names with capitals first, digits before both", { b: "", B: "", "10": "", "9": "" }, names("10", "9", "B", "b")],
    ["names of which one begins as the other", { ab: "", a: "" }, names("a", "ab")],
    ["objects in lists and objects", { b: [{ d: 2, c: false }] }, "00 62 00 63 00 02 00 64 00 02000000"],
  ];
  for (const [what, value, hex] of values) {
    test(`holds ${what}`, () => assert.equal(idOf(value), digest(hex)));
  }

  test("has no bound between two values but the zero byte", () => {
    const fields = ["a", "b"];
    assert.equal(documentId({ a: "x", b: "y" }, fields), digest(`00 ${hexOf("x")} 00 ${hexOf("y")}`));
    assert.notEqual(documentId({ a: "x", b: "y" }, fields), documentId({ a: "xy" }, fields));
  });

  test("takes the fields in the order asked for, and those that lie in objects", () => {
    const record = { c: { d: "y" }, a: "x" };
    assert.equal(documentId(record, ["a", "c.d"]), digest("00 78 00 79"));
    assert.equal(documentId(record, ["c.d", "a"]), digest("00 79 00 78"));
    assert.equal(documentId({ a: "x", "c.d": "y" }, ["a", "c.d"]), digest("00 78"));
  });

  test("leaves out what is missing or null", () => {
    assert.equal(documentId({ a: null, b: "y" }, ["a", "b", "c", "d.e"]), digest("00 79"));
    assert.equal(documentId({ d: null, b: "y" }, ["b", "d.e"]), digest("00 79"));
    assert.equal(documentId({ d: "text", b: "y" }, ["b", "d.e"]), digest("00 79"));
  });

  test("is none when all are missing or null", () => {
    assert.equal(documentId({}, ["a", "b"]), undefined);
    assert.equal(documentId({ a: null, b: undefined, c: { e: 1 } }, ["a", "b", "c.d"]), undefined);
    assert.equal(documentId({ a: "x" }, []), undefined);
  });

  test("has 28 characters of standard base64, with padding", () => {
    const ids = Array.from({ length: 200 }, (_each, index) => idOf(index) ?? "");
    for (const id of ids) assert.match(id, /^[A-Za-z0-9+/]{27}=$/);
    assert.ok(ids.some((id) => id.includes("+")) && ids.some((id) => id.includes("/")));
    assert.equal(new Set(ids).size, ids.length);
  });

  test("does not change the record", () => {
    const record = { value: { b: [2, 1], a: null } };
    idOf(record.value);
    assert.deepEqual(record, { value: { b: [2, 1], a: null } });
  });
});

/** Names with empty texts for values. */
function names(...each: readonly string[]): string {
  return each.map((name) => `00 ${hexOf(name)} 00`).join("");
}

const NOTHING_KEPT = { preserveOriginal: false, preserveDuplicates: false, wrapSingles: false };
const mappedId = (kind: EcsKind, record: object): string | undefined => mapperOf(kind, NOTHING_KEPT)(record).id;

describe("the id of each stream", () => {
  const int = (value: number): string => `00 ${value.toString(16).padStart(2, "0")}000000`;
  const text = (value: string): string => `00 ${hexOf(value)}`;
  const time = "00 0068e5cf8b010000";

  test("alerts v1: the alert, and its event's id, time and type", () => {
    const events = { event_type: "Process", event_timestamp: CREATED, event_id: 9 };
    const expected = digest(text("31") + int(9) + time + text("Process"));
    assert.equal(mappedId("alert-v1", { events, alert_id: "31" }), expected);
    assert.equal(mappedId("alert-v1", { events, alert_id: "31", severity: "low", name: "n" }), expected);
    assert.equal(mappedId("alert-v1", { alert_id: "31" }), digest(text("31")));
    assert.equal(mappedId("alert-v1", { alert_id: "31", event_id: 9, event_type: "x" }), digest(text("31")));
    assert.notEqual(mappedId("alert-v1", { events: { ...events, event_id: 8 }, alert_id: "31" }), expected);
  });

  test("alerts v2: the alert, and its events' ids, times and types, list by list", () => {
    const record = {
      event_type: ["Process", "File"],
      event_timestamp: [CREATED, CREATED],
      event_id: [9, "10"],
      alert_id: "31",
    };
    const hex = text("31") + int(9) + text("10") + time + time + text("Process") + text("File");
    assert.equal(mappedId("alert-v2", record), digest(hex));
    assert.equal(mappedId("alert-v2", { alert_id: 31 }), digest(int(31)));
    assert.equal(mappedId("alert-v2", { event_type: "Process", alert_id: null }), digest(text("Process")));
  });

  test("alerts: what is empty has gone before", () => {
    for (const kind of ["alert-v1", "alert-v2"] as const)
      assert.equal(mappedId(kind, { alert_id: "", name: "n" }), undefined);
    assert.equal(mappedId("alert-v2", { alert_id: "31", event_id: ["", null, []] }), digest(text("31")));
    assert.equal(mappedId("alert-v1", { alert_id: "31", events: { event_id: "" } }), digest(text("31")));
  });

  test("incidents: creation, incident, change; what is empty goes only later", () => {
    const record = { creation_time: CREATED, incident_id: 77, modification_time: null };
    assert.equal(mappedId("incident", record), digest(time + int(77)));
    assert.equal(mappedId("incident", { creation_time: null, incident_id: "" }), digest("00"));
    assert.equal(mappedId("incident", { creation_time: `${CREATED}` }), digest(text(`${CREATED}`)));
  });

  test("a record that could not be mapped for a later field has its id all the same", () => {
    assert.equal(mappedId("incident", { creation_time: "soon", incident_id: "77" }), digest(text("soon") + text("77")));
    const alert = { alert_id: "31", detection_timestamp: "soon" };
    assert.equal(mappedId("alert-v1", alert), digest(text("31")));
    assert.equal(mappedId("alert-v2", alert), digest(text("31")));
  });

  test("events have none", () => {
    assert.equal(mappedId("event", { event_id: "9", event_type: "x", alert_id: "31", incident_id: "77" }), undefined);
  });
});
