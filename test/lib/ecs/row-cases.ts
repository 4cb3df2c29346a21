import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { EcsKind } from "../../../nodes/lib/ecs/ecs-kinds";
import { mapperOf } from "../../../nodes/lib/ecs/mapper";
import type { Row } from "../../../nodes/lib/ecs/row";
import type { Table } from "../../../nodes/lib/ecs/table";
import { TABLES } from "../../../nodes/lib/ecs/tables/tables";

/** A record and the whole document that it must become. */
export interface RowCase {
  readonly what: string;
  readonly record: Readonly<Record<string, unknown>>;
  /** Without what all documents of the kind have ({@link RowCases.base}). */
  readonly document: object;
  readonly preserveDuplicates?: true;
}

/** The expectations of one kind, written down from the published mapping and not from the tables. */
export interface RowCases {
  readonly kind: EcsKind;
  /** Merged below every expected document. */
  readonly base: object;
  readonly cases: readonly RowCase[];
  /** Fields that have no rule and stay as they came; the table lists them all the same. `*` ends a family of names. */
  readonly stays: readonly string[];
  /** The least that a record must have to be mapped. */
  readonly least: Readonly<Record<string, unknown>>;
}

const NOTHING_KEPT = { preserveOriginal: false, preserveDuplicates: false, wrapSingles: false } as const;

/** The document that a table makes of a case, and the one that it should make. */
type Play = (one: RowCase) => { readonly actual: object; readonly expected: unknown };

function player({ kind, base }: RowCases, table: Table): Play {
  const kept = mapperOf(kind, { ...NOTHING_KEPT, preserveDuplicates: true }, table);
  const usual = mapperOf(kind, NOTHING_KEPT, table);
  return ({ record, document, preserveDuplicates }) => {
    const map = preserveDuplicates === true ? kept : usual;
    return { actual: map(structuredClone(record)).document, expected: merged(base, document) };
  };
}

/** Which fields the table lists as staying that do not, and the other way round. */
function stayMistakes({ stays }: RowCases, table: Table): string[] {
  // A table that lists the vendor's fields has a rule for each of its rows: they get there by it.
  const plain = table.vendorFields === "all" ? table.rows.filter(isPlain) : [];
  const listed = plain.map(({ source }) => source);
  return [
    ...stays.filter((name) => !listed.includes(name)).map((name) => `${name} is not listed`),
    ...listed.filter((name) => !stays.includes(name)).map((name) => `${name} is listed`),
  ];
}

/** A row without any rule. */
function isPlain({ from, convert, copies, isDuplicate }: Row): boolean {
  return from === "record" && copies.length === 0 && !isDuplicate && isIdentity(convert);
}

function isIdentity(convert: Row["convert"]): boolean {
  const probes = [{}, ["1"], "x", "1", 1, true];
  return probes.every((probe) => convert(probe, () => undefined) === probe);
}

/** Objects are merged, anything else is replaced. */
function merged(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above ?? below;
  const result: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) result[name] = merged(below[name], value);
  return result;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A record that holds one field more, which may lie inside an object. */
function withField({ kind, least }: RowCases, name: string, value: unknown): Record<string, unknown> {
  const [first = "", second] = name.replace("*", "anything").split(".");
  assert.ok(second === undefined || kind === "alert-v1");
  return { ...least, [first]: second === undefined ? value : { [second]: value } };
}

/** Plays the cases, and plays them again for each row with the table that lacks it: then one must fail. */
export function testRows(expected: RowCases): void {
  const table = TABLES[expected.kind];
  const { kind, cases, stays } = expected;
  describe(`the rows of ${kind}`, () => {
    const play = player(expected, table);
    for (const each of cases) {
      test(each.what, () => {
        const { actual, expected: document } = play(each);
        assert.deepEqual(actual, document);
      });
    }
    test("list all fields that stay, and no others", () => assert.deepEqual(stayMistakes(expected, table), []));
    for (const name of stays) {
      test(`${name} stays as it came`, () => {
        const record = withField(expected, name, ["1", { x: 0 }]);
        const { document, faults } = mapperOf(kind, NOTHING_KEPT, table)(record);
        assert.deepEqual(faults, []);
        const vendor = (document as { panw_cortex: { xdr: Record<string, unknown> } }).panw_cortex.xdr;
        const [first = "", second] = name.replace("*", "anything").split(".");
        const found = second === undefined ? vendor[first] : (vendor[first] as Record<string, unknown>)[second];
        assert.deepEqual(found, ["1", { x: 0 }]);
      });
    }
    for (const [at, { source }] of table.rows.entries()) {
      test(`are all needed: ${at + 1}, ${source}`, () => {
        const without = { ...table, rows: table.rows.filter((_row, index) => index !== at) };
        const playWithout = player(expected, without);
        const isMissed = cases.some((each) => {
          const { actual, expected: document } = playWithout(each);
          return !isDeepStrictEqual(actual, document);
        });
        assert.ok(isMissed || stayMistakes(expected, without).length > 0, `${source} can go, and no case fails`);
      });
    }
  });
}
