import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { dateOf, dateOfEpoch } from "../../../nodes/lib/ecs/dates";

const epochs: readonly (readonly [value: unknown, date: string])[] = [
  [0, "1970-01-01T00:00:00.000Z"],
  [1, "1970-01-01T00:00:00.001Z"],
  [1_700_000_000_000, "2023-11-14T22:13:20.000Z"],
  [1_700_000_000_500, "2023-11-14T22:13:20.500Z"],
  [951_782_400_000, "2000-02-29T00:00:00.000Z"],
  [-1, "1969-12-31T23:59:59.999Z"],
  [253_402_300_799_999, "9999-12-31T23:59:59.999Z"],
  ["0", "1970-01-01T00:00:00.000Z"],
  ["1700000000500", "2023-11-14T22:13:20.500Z"],
  ["0001700000000500", "2023-11-14T22:13:20.500Z"],
  // Digits are milliseconds, also where they look like a year or a day.
  ["2023", "1970-01-01T00:00:02.023Z"],
  ["20231114", "1970-01-01T05:37:11.114Z"],
  // Seconds are not guessed.
  [1_700_000_000, "1970-01-20T16:13:20.000Z"],
];

const isoTexts: readonly (readonly [text: string, date: string])[] = [
  ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000Z"],
  ["2023-11-14T22:13:20.5Z", "2023-11-14T22:13:20.500Z"],
  ["2023-11-14T22:13:20.05Z", "2023-11-14T22:13:20.050Z"],
  ["2023-11-14T22:13:20.123Z", "2023-11-14T22:13:20.123Z"],
  ["2023-11-14T22:13:20.1239Z", "2023-11-14T22:13:20.123Z"],
  ["2023-11-14T22:13:20.123456Z", "2023-11-14T22:13:20.123Z"],
  ["2023-11-14T22:13:20.999999999Z", "2023-11-14T22:13:20.999Z"],
  ["2023-11-14T22:13:20", "2023-11-14T22:13:20.000Z"],
  ["2023-11-14T22:13:20.25", "2023-11-14T22:13:20.250Z"],
  ["2023-11-14T22:13:20+00:00", "2023-11-14T22:13:20.000Z"],
  ["2023-11-14T22:13:20+05:30", "2023-11-14T16:43:20.000Z"],
  ["2023-11-14T22:13:20.125-03:30", "2023-11-15T01:43:20.125Z"],
  ["2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00.000Z"],
  ["2023-12-31T23:30:00-01:00", "2024-01-01T00:30:00.000Z"],
  ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"],
  ["2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00.000Z"],
  // Digits are cut off before 1970, too, and not rounded towards it.
  ["1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"],
  ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ["0099-06-01T00:00:00Z", "0099-06-01T00:00:00.000Z"],
  ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
];

/** No times in any reading of the published rules. */
const none: readonly unknown[] = [
  ...["", " ", "soon", "null", "1.5", "1e3", "0x10", "12 ", " 12", "12\n", "1_000", "١٢"],
  ...["2023-11-14T22:13:20Zx", "x2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z\n", "2023-11-14 22:13:20 UTC"],
  ...["2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z", "2023-02-30T00:00:00Z", "2023-02-29T00:00:00Z"],
  ...["2023-11-31T00:00:00Z", "2023-11-00T00:00:00Z", "2023-11-14T25:00:00Z", "2023-11-14T22:60:00Z"],
  ...["2023-11-14T22:13:61Z", "2023-11-14T22:13:20+25:00", "2023-11-14T22:13:20+01:60", "2023-11-14T22:13:20."],
  ...["14/11/2023", "Nov 14 2023 22:13:20", "Tue, 14 Nov 2023 22:13:20 GMT", "23-11-14T22:13:20Z"],
  ...[1.5, -0.5, NaN, Infinity, -Infinity, true, false, null, undefined],
  ...[[], [1_700_000_000_000], ["2023-11-14T22:13:20Z"], {}, { ms: 1 }, 1n, Symbol("x"), new Date(0), () => 0],
  ...[8_640_000_000_000_001, -8_640_000_000_000_001, 1e300, "9".repeat(16), "9".repeat(400)],
];

describe("times", () => {
  for (const [value, date] of epochs) {
    test(`${JSON.stringify(value)} is ${date}`, () => {
      assert.equal(dateOfEpoch(value), date);
      assert.equal(dateOf(value), date);
    });
  }

  for (const [text, date] of isoTexts) {
    test(`${text} is ${date}, but no number of milliseconds`, () => {
      assert.equal(dateOf(text), date);
      assert.equal(dateOfEpoch(text), undefined);
    });
  }

  test("an integer beyond what a clock can show is none", () => {
    assert.equal(dateOfEpoch(Number.MAX_SAFE_INTEGER), undefined);
    assert.equal(dateOf(Number.MIN_SAFE_INTEGER), undefined);
  });

  for (const [at, value] of none.entries()) {
    const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : typeof value;
    test(`none: ${at + 1}, ${shown}`, () => {
      assert.equal(dateOf(value), undefined);
      assert.equal(dateOfEpoch(value), undefined);
    });
  }

  test("a date text of a million characters takes no time", () => {
    const started = performance.now();
    for (const unit of ["1", "2023-11-14T", "+", "."]) dateOf(unit.repeat(1_000_000 / unit.length));
    assert.ok(performance.now() - started < 1_000);
  });
});
