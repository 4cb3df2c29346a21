import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ECS_KINDS, type EcsKind } from "../../../nodes/lib/ecs/ecs-kinds";
import type { EcsOptions } from "../../../nodes/lib/ecs/ecs-options";
import { recordsMapper, type EcsResult, type RecordsMapper } from "../../../nodes/lib/ecs/map-records";
import { TABLES } from "../../../nodes/lib/ecs/tables/tables";

type Kind = EcsOptions["kind"];

const KINDS: readonly Kind[] = ["auto", ...ECS_KINDS];
const PROTOTYPE_NAMES = ["__proto__", "constructor", "prototype"];
const EVENT_MARKS = ["event_type", "event_sub_type", "event_timestamp", "event_id"];

/** All kinds, with all ways to set the flags. */
const SETTINGS: readonly EcsOptions[] = KINDS.flatMap((kind) =>
  Array.from({ length: 8 }, (_each, bits) => ({
    kind,
    preserveOriginal: bits % 2 > 0,
    preserveDuplicates: bits % 4 > 1,
    wrapSingles: bits > 3,
  })),
);
const MAPPERS = new Map(SETTINGS.map((options) => [options, recordsMapper(options)]));
const mapperFor = (options: EcsOptions): RecordsMapper => MAPPERS.get(options)!;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a JSON text says, or the text itself where it is none. */
function readText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** How many documents a record has to give, and of which kind. */
function expectedOf(given: unknown, chosen: Kind): readonly [count: number, kind: EcsKind | undefined] {
  const record = readText(given);
  const kind = chosen === "auto" ? undefined : chosen;
  if (!isObject(record)) return [1, kind];
  const own = kind ?? seenKind(record);
  const { reply } = record;
  if (own !== "event" && isObject(reply) && reply["result_count"] === 0) return [0, own];
  const events = Object.hasOwn(record, "events") ? record["events"] : undefined;
  return [own === "alert-v1" && Array.isArray(events) ? Math.max(1, events.length) : 1, own];
}

function seenKind(record: object): EcsKind | undefined {
  const has = (name: string): boolean => Object.hasOwn(record, name);
  if (has("alert_id")) return has("events") ? "alert-v1" : "alert-v2";
  return has("incident_id") ? "incident" : EVENT_MARKS.some(has) ? "event" : undefined;
}

/** All objects and lists of a value, each as often as it can be reached; their names are looked at on the way. */
function partsOf(value: unknown, parts: object[] = []): object[] {
  if (typeof value !== "object" || value === null) return parts;
  parts.push(value);
  for (const name of Object.getOwnPropertyNames(value)) partsOf((value as Record<string, unknown>)[name], parts);
  return parts;
}

function deepFreeze<T>(value: T): T {
  for (const part of partsOf(value)) Object.freeze(part);
  return value;
}

const globalNames = (): string =>
  [Object.prototype, Array.prototype, Function.prototype, String.prototype]
    .map((prototype) => Object.getOwnPropertyNames(prototype).join())
    .join("\n");
const GLOBAL_NAMES = globalNames();

/** All that holds for the documents of a payload, whatever it is. */
function check(payload: unknown, options: EcsOptions): void {
  const before = structuredClone(payload);
  const { results, isList } = mapperFor(options)(deepFreeze(payload));
  assert.deepEqual(payload, before);

  const given = readText(payload);
  const expected = (Array.isArray(given) ? (given as unknown[]) : [given]).map((each) =>
    expectedOf(each, options.kind),
  );
  assert.deepEqual(
    results.map(({ kind }) => kind),
    expected.flatMap(([count, kind]) => new Array<EcsKind | undefined>(count).fill(kind)),
  );
  assert.equal(isList, Array.isArray(given) || results.length > 1);

  const parts = results.flatMap(({ document, faults }) => [...partsOf(document), faults]);
  assert.equal(new Set(parts).size, parts.length, "an object is in two places");
  const inputs = new Set(partsOf(payload));
  assert.ok(!parts.some((part) => inputs.has(part)), "an object of the record is in a document");
  assert.ok(!parts.some((part) => PROTOTYPE_NAMES.some((name) => Object.hasOwn(part, name))), "a prototype's name");
  assert.equal(globalNames(), GLOBAL_NAMES);
  for (const result of results) checkOne(result, options);
}

function checkOne(
  { document, faults, id, kind }: EcsResult,
  { preserveOriginal, preserveDuplicates }: EcsOptions,
): void {
  assert.deepEqual(JSON.parse(JSON.stringify(document)), document);
  const {
    event,
    error,
    tags = [],
  } = document as unknown as {
    readonly event: { readonly kind: string; readonly original?: string };
    readonly error?: { readonly message: readonly string[] };
    readonly tags?: readonly string[];
  };
  assert.deepEqual(error?.message ?? [], faults);
  const isFailed = event.kind === "pipeline_error";
  // Alerts of v2 tell what they have dropped, and are alerts all the same.
  if (kind !== "alert-v2") assert.equal(isFailed, faults.length > 0);
  if (!isFailed) assert.equal(event.kind, kind === "event" ? "event" : "alert");
  assert.equal(typeof event.original, isFailed || preserveOriginal ? "string" : "undefined");
  assert.equal(new Set(tags).size, tags.length, "a tag comes twice");
  if (isFailed || preserveOriginal) assert.ok(tags.includes("preserve_original_event"));
  if (!isFailed && preserveDuplicates) assert.ok(tags.includes("preserve_duplicate_custom_fields"));
  if (id !== undefined) assert.match(id, /^[A-Za-z0-9+/]{27}=$/);
  if (kind === "event" || kind === undefined) assert.equal(id, undefined);
}

/** JSON makes no objects without a prototype. */
const PLAIN = { noNullPrototype: true } as const;

/** JSON has no negative zero that would come back. */
const positive = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_name, each: unknown) => (each === 0 ? 0 : each))) as unknown;

const json = fc.jsonValue({ maxDepth: 3 }).map(positive);

const ODD_TEXTS = [
  "",
  " ",
  "0",
  "-1",
  "true",
  "192.0.2.7",
  "fe80::1",
  "a\\b",
  "lee@example.com",
  "T1 - A",
  "x:y",
  "low",
];
const scalar = fc.oneof(
  fc.constantFrom<unknown>(...ODD_TEXTS, "2026-01-02T03:04:05Z", "1700000000000", "eth0-192.0.2.7", "aa:bb.cc,dd"),
  fc.constantFrom<unknown>(0, -1, 1.5, 443, 1_700_000_000_000, 1e300, true, false, null),
);
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 3, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom("ipv4", "ipv6", "a", "toJSON", "length", "0"), scalar, PLAIN) },
  { weight: 2, arbitrary: json },
);

/** Names of the fields that a kind's table reads; the last ones lie in the event of an alert. */
const namesOf = (kind: EcsKind): readonly (readonly [name: string, inner: string | undefined])[] =>
  TABLES[kind].rows
    .filter(({ from }) => from === "record")
    .map(({ source }) => source.replace("*", "any").split("."))
    .map(([name = "", inner]) => [name, inner]);

/** A record with a choice of a kind's fields, and whatever values. */
function recordOf(kind: EcsKind): fc.Arbitrary<Record<string, unknown>> {
  const names = namesOf(kind);
  const some = (of: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
    fc.dictionary(fc.constantFrom("other", "events", "reply", ...of), value, { ...PLAIN, maxKeys: 12 });
  const outer = some(names.filter(([, inner]) => inner === undefined).map(([name]) => name));
  if (kind !== "alert-v1") return marked(kind, outer);
  const event = fc.oneof(some(names.flatMap(([, inner]) => inner ?? [])), value);
  const events = fc.oneof(event, fc.array(event, { maxLength: 3 }));
  return marked(
    kind,
    fc.tuple(outer, events).map(([alert, each]) => ({ ...alert, events: each })),
  );
}

const MARKS: Readonly<Record<EcsKind, object>> = {
  "alert-v1": { alert_id: "1" },
  "alert-v2": { alert_id: "1" },
  incident: { incident_id: "1", creation_time: 0 },
  event: { event_id: "1" },
};

/** Most records have what tells their kind. */
function marked(kind: EcsKind, record: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(record, fc.integer({ min: 0, max: 4 }))
    .map(([each, dice]) => (dice > 0 ? { ...MARKS[kind], ...each } : each));
}

const anyRecord = fc.oneof(...ECS_KINDS.map(recordOf));
const anyOptions = fc.constantFrom(...SETTINGS);

/** A record with names of prototypes at some depth, as `JSON.parse` makes them: own fields like others. */
const poisoned = fc
  .tuple(anyRecord, fc.constantFrom(...PROTOTYPE_NAMES), json, fc.constantFrom("top", "events", "host", "tags", "list"))
  .map(([record, name, inner, place]) => {
    const poison = `{${JSON.stringify(name)}:${JSON.stringify({ polluted: inner, event_type: "x" })}}`;
    const rest = JSON.stringify(record).slice(0, -1);
    const comma = rest === "{" ? "" : ",";
    if (place === "top") return JSON.parse(`${rest}${comma}${poison.slice(1)}`) as unknown;
    const field = place === "list" ? '"events"' : JSON.stringify(place);
    return JSON.parse(`${rest}${comma}${field}:${place === "list" ? `[${poison}]` : poison}}`) as unknown;
  });

describe("the documents of any payload", () => {
  const always = <T>(
    payload: fc.Arbitrary<T>,
    numRuns: number,
    holds: (payload: T, options: EcsOptions) => void,
  ): void => fc.assert(fc.property(payload, anyOptions, holds), { numRuns });

  test("of JSON", () => always(fc.jsonValue().map(positive), 400, check));

  for (const kind of ECS_KINDS) test(`of records with the fields of ${kind}`, () => always(recordOf(kind), 600, check));

  test("of lists of records of all kinds", () =>
    always(fc.array(fc.oneof(anyRecord, json), { maxLength: 4 }), 250, check));

  test("of JSON text and bytes are those of what it says", () =>
    always(fc.oneof(anyRecord, json), 300, (record, options) => {
      const text = JSON.stringify(record);
      check(text, options);
      const fromText = mapperFor(options)(text);
      assert.deepEqual(mapperFor(options)(Buffer.from(text)), fromText);
      // Text inside JSON text is no record, while text alone may be one; and alerts v1 are taken apart in both.
      if (typeof record !== "string") assert.deepEqual(mapperFor(options)(record), fromText);
    }));

  test("of records with names of prototypes", () =>
    always(poisoned, 500, (record, options) => {
      check(record, options);
      check([record], options);
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    }));

  test("of the same record are the same", () =>
    always(anyRecord, 250, (record, options) => {
      const map = mapperFor(options);
      assert.deepEqual(map(record), map(structuredClone(record)));
    }));

  test("may be changed without changing the record or the next document", () =>
    always(anyRecord, 250, (record, options) => {
      const map = mapperFor(options);
      const [before, expected] = [structuredClone(record), structuredClone(map(record))];
      for (const { document } of map(record).results) for (const part of partsOf(document)) spoil(part);
      assert.deepEqual(record, before);
      assert.deepEqual(map(record), expected);
    }));
});

function spoil(part: object): void {
  if (Array.isArray(part)) part.length = 0;
  else for (const name of Object.keys(part)) Reflect.deleteProperty(part, name);
  Object.assign(part, { spoiled: true });
}
