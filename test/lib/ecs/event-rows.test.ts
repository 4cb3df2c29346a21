import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { read } from "../../../nodes/lib/ecs/document";
import { TABLES } from "../../../nodes/lib/ecs/tables/tables";
import { assertFaulty, casesOf, EVENT_BASE, mapped, refusedBy, type EventRow } from "./event-cases";
import { AGENT_ROWS } from "./event-cases-agent";
import { FILE_ROWS } from "./event-cases-files";
import { MODULE_ROWS } from "./event-cases-modules";
import { PROCESS_ROWS } from "./event-cases-process";
import { REGISTRY_ROWS } from "./event-cases-registry";
import { TOGETHER } from "./event-cases-together";
import { testRows } from "./row-cases";

/** In the order of the published mapping, which decides the order inside lists. */
const ROWS: readonly EventRow[] = [...FILE_ROWS, ...MODULE_ROWS, ...PROCESS_ROWS, ...REGISTRY_ROWS, ...AGENT_ROWS];

testRows({
  kind: "event",
  base: EVENT_BASE,
  cases: [...ROWS.flatMap((row) => casesOf(row)), ...TOGETHER],
  stays: [],
  least: {},
});

describe("the table of event", () => {
  const listed = TABLES.event.rows.filter(({ from }) => from === "record");
  const namesOf = (rows: readonly { readonly source: string }[]): string[] => rows.map(({ source }) => source);

  test("has the 149 fields of the published mapping, in its order", () => {
    assert.equal(new Set(namesOf(listed)).size, 149);
    assert.deepEqual(namesOf(listed), namesOf(ROWS));
  });

  test("has 61 duplicates", () => {
    const duplicates = namesOf(listed.filter(({ isDuplicate }) => isDuplicate));
    assert.equal(new Set(duplicates).size, 61);
    assert.deepEqual(duplicates, namesOf(ROWS.filter(({ isDuplicate }) => isDuplicate)));
  });
});

describe("the conversions of event", () => {
  for (const row of ROWS) {
    for (const refused of refusedBy(row)) {
      test(`${row.source}, ${row.conversion}, refuses ${JSON.stringify(refused)}`, () => {
        const record = { [row.source]: refused };
        assertFaulty(record, [row.source], {});
        assertFaulty(record, [row.source], {}, { preserveDuplicates: true });
        for (const value of ["yesterday", "2026", "yes", "12.5", "0x1G", "many", "300.1.1.1", "192.0.2.1"]) {
          assert.ok(!mapped(record).faults.join().includes(value), "the value is in the message");
        }
      });
    }
  }

  const MIXED = [{ name: "x" }, [1, 2.5, "3"], 0, false, " ", "0x1F", "TRUE", "2026-01-02T03:04:05Z"];
  for (const { source, vendor } of ROWS.filter(({ conversion }) => conversion === "moved")) {
    test(`${source} moves whatever it is`, () => {
      for (const value of [...MIXED, MIXED]) {
        const { document, faults } = mapped({ [source]: value }, { preserveDuplicates: true });
        assert.deepEqual(faults, []);
        assert.deepEqual(read(document, ["panw_cortex", "xdr", "event", ...vendor.split(".")]), value);
      }
    });
  }
});
