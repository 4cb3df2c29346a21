import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { parseJsonExact } from "../../../nodes/lib/pan-os/json";
import { parsePanosOptions } from "../../../nodes/lib/pan-os/options";
import { parsePanos } from "../../../nodes/lib/pan-os/parse";
import { xdrAlertSchema } from "../../../nodes/lib/tenant/alert-schema";
import { ARRIVAL_MS, fixture, jsonBody, seedBody, pointsOf } from "./bodies";
import { assertLinear } from "./linear";

const OPTIONS = [
  parsePanosOptions({}),
  parsePanosOptions({ orientation: "auto", timezone: "Europe/Madrid", alertNameSuffix: "endpoints" }),
];
const FIXTURES = ["threat.csv", "traffic.csv", "threat.cef", "threat.leef", "strata.json", "strata.cef"].map(fixture);
const BODIES = [seedBody(), jsonBody(), "PANXDR/2\nsrc=10.0.0.1\nseverity=high\nmisc=x", ...FIXTURES];

/** Whatever comes in, what goes out is a full account of it in alerts that the tenant takes. */
function check(input: unknown): void {
  for (const options of OPTIONS) {
    const { alerts, rejects } = parsePanos(input, options, ARRIVAL_MS);
    assert.ok(alerts.length + rejects.length > 0);
    for (const { alert } of alerts) {
      xdrAlertSchema.parse(alert);
      assert.ok(pointsOf(alert.alert_description).length <= 2000);
    }
  }
}

describe("any input", () => {
  test("bytes never throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => check(Buffer.from(bytes))),
      { numRuns: 500 },
    );
  });

  test("JSON-like values never throw", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
        check,
      ),
      { numRuns: 500 },
    );
  });

  test("damaged bodies never throw, and give alerts that the tenant takes", () => {
    const damage = fc.tuple(
      fc.constantFrom(...BODIES),
      fc.nat(2000),
      fc.nat(40),
      fc.string({ unit: fc.constantFrom(...pointsOf('"\\{}[],:=|;\n\r\0$é😀\ud800a1-')), maxLength: 12 }),
    );
    fc.assert(
      fc.property(damage, ([body, start, length, put]) => {
        const from = start % body.length;
        const damaged = body.slice(0, from) + put + body.slice(from + length);
        check(damaged);
        check(Buffer.from(damaged));
      }),
      { numRuns: 1500 },
    );
  });

  test("parseJsonExact reads what JSON.parse reads, and nothing else", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const exact = parseJsonExact(text);
        assert.ok(exact !== undefined);
        if (!/\d{16}|[eE]|-0/.test(text))
          assert.deepEqual(JSON.parse(JSON.stringify(exact.value)), firstKeys(text, exact.duplicates));
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...pointsOf('{}[]",:\\ue0123-.+tfn lrsa\n')), maxLength: 14 }),
        (text) => {
          let isJson = true;
          try {
            JSON.parse(text);
          } catch {
            isJson = false;
          }
          assert.equal(parseJsonExact(text) !== undefined, isJson);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("deep nesting ends early instead of overflowing the stack", () => {
    for (const text of ["[".repeat(200_000), '{"a":'.repeat(200_000), `[${"[".repeat(5000)}${"]".repeat(5000)}]`])
      check(text);
  });
});

/** Duplicate keys are the one thing that is read differently, and fast-check's objects have none. */
function firstKeys(text: string, duplicates: string[]): unknown {
  assert.deepEqual(duplicates, []);
  return JSON.parse(text);
}

describe("case 53: hostile text takes linear time", () => {
  const run = (text: string): unknown => parsePanos(text, OPTIONS[1]!, ARRIVAL_MS);
  const UNITS = [
    '"',
    "\\",
    "(",
    "{",
    "[",
    "=",
    "|",
    ",",
    "'",
    " ",
    "}",
    "\n{",
    "},{",
    '{"',
    '{"a":"\\"} {',
    '","src":"',
    '{"src":1,',
    "$",
    "\0",
    "-",
    "1,2025/03/04 ",
    "CEF:",
    "src=a ",
    `---annex---`,
  ];
  for (const unit of UNITS) {
    test(`${JSON.stringify(unit)} alone, in a value, and after the annex marker`, () => {
      assertLinear(run, unit);
      for (const [head, tail] of [
        ['{"src":"10.0.0.1","misc":"', '"}'],
        ['{"src":"10.0.0.1"}\n---annex---\n', ""],
        ["[", "]"],
        ["PANXDR/2\nrule=", "\nmisc=x"],
        ["// ", ""],
      ] as const) {
        assertLinear((text) => run(head + text + tail), unit);
      }
    });
  }
});
