import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { alertOf, fixture, rejectOf } from "./bodies";

describe("bodies that http in has parsed", () => {
  test("brackets in a URL, which the form parser nests, lose nothing of the record", () => {
    // As its parser, qs, makes it of `...---annex---"host/x?a[b][c]=1&a[b][d]=2&a[e]=3&a[e]=4"`.
    const head =
      '{"src":"10.1.1.1","subtype":"url","severity":"critical","action":"drop","dst":"203.0.113.80"}---annex---"host/x?a';
    const { alert, panos, parse } = alertOf({
      [head]: { b: { c: "1" } },
      a: { b: { d: "2" }, e: ["3", '4"'] },
    });
    assert.equal(panos["misc"], "host/x?a[b][c]=1&a[b][d]=2&a[e]=3&a[e]=4");
    assert.deepEqual([alert.severity, alert.action_status], ["High", "Blocked"]);
    assert.match(parse.warnings.join(), /skip body parsing/);
  });

  test("nesting without end is no trouble", () => {
    let value: unknown = "x";
    for (let depth = 0; depth < 100_000; depth += 1) value = { a: value };
    assert.equal(rejectOf({ "{": value }).code, "PANOS_BODY_PARSED");
  });

  for (const name of ["threat.cef", "threat.leef", "threat.csv", "strata.cef"]) {
    test(`${name} is put together again`, () => {
      const whole = fixture(name);
      const parts = whole.split("&").map((part) => {
        const at = part.indexOf("=");
        return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
      });
      const { alert, parse } = alertOf(Object.fromEntries(parts));
      assert.deepEqual(alert, alertOf(whole).alert);
      assert.match(parse.warnings.join(), /skip body parsing/);
    });
  }

  test("a compressed body that was read as text says what to tick", () => {
    const reject = rejectOf(gzipSync('{"src":"10.1.1.1","subtype":"url"}').toString("utf8"));
    assert.deepEqual([reject.code, reject.statusCode], ["PANOS_BODY_PARSED", 400]);
    assert.match(reject.message, /skip body parsing/);
  });
});
