import { describe, test } from "node:test";
import { inspect } from "node:util";
import { assertDocument, assertFaulty, vendorField } from "./event-cases";

const shown = (value: unknown): string => inspect(value, { breakLength: Infinity });

/** Times that are accepted, with what becomes of them. */
const DATES: readonly (readonly [given: unknown, date: string])[] = [
  [1_700_000_000_123, "2023-11-14T22:13:20.123Z"],
  [0, "1970-01-01T00:00:00.000Z"],
  [-1, "1969-12-31T23:59:59.999Z"],
  ["1700000000123", "2023-11-14T22:13:20.123Z"],
  ["0", "1970-01-01T00:00:00.000Z"],
  // Digits are milliseconds, also where they look like a year or a day.
  ["2024", "1970-01-01T00:00:02.024Z"],
  ["20240102", "1970-01-01T05:37:20.102Z"],
  ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"],
  ["2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z"],
  ["2026-01-02T03:04:05.6", "2026-01-02T03:04:05.600Z"],
  ["2026-01-02T03:04:05.67Z", "2026-01-02T03:04:05.670Z"],
  ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"],
  ["2026-01-02T03:04:05.6789Z", "2026-01-02T03:04:05.678Z"],
  ["2026-01-02T03:04:05.999999Z", "2026-01-02T03:04:05.999Z"],
  ["2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123Z"],
  ["2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z"],
  ["2026-01-02T03:04:05.6789-05:30", "2026-01-02T08:34:05.678Z"],
  ["2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"],
  ["2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000Z"],
  ["2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05.000Z"],
  ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ["2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
  ["1960-01-02T03:04:05.678Z", "1960-01-02T03:04:05.678Z"],
];

/** What is no time. */
const NO_DATES: readonly unknown[] = [
  "2026-02-30T00:00:00Z",
  "2026-02-29T00:00:00Z",
  "2100-02-29T00:00:00Z",
  "2026-04-31T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-00-01T00:00:00Z",
  "2026-01-00T00:00:00Z",
  "2026-01-32T00:00:00Z",
  "2026-01-02T25:00:00Z",
  "2026-01-02T03:60:00Z",
  "2026-01-02T03:04:61Z",
  "2026-01-02T03:04:05.Z",
  "2026-01-02T03:04:05 Z",
  "Jan 2 2026 03:04:05",
  "02.01.2026",
  "yesterday",
  "12.5",
  "0x10",
  "1e3",
  " ",
  12.5,
  1e300,
  true,
  false,
  {},
];

describe("date of an event", () => {
  for (const [given, date] of DATES) {
    test(`${shown(given)} becomes ${date}`, () => {
      assertDocument({ action_boot_time: given }, vendorField("action.boot_time", date));
      assertDocument({ action_file_mod_time: given }, { file: { mtime: date } });
    });
  }
  for (const given of NO_DATES) {
    test(`${shown(given)} is refused, and the mapping goes on`, () => {
      const record = { action_boot_time: given, action_file_mod_time: given, event_type: 1 };
      assertFaulty(record, ["action_boot_time", "action_file_mod_time"], vendorField("event_type", 1));
    });
  }
  test("null and empty text are skipped", () => {
    assertDocument({ action_boot_time: null, action_file_mod_time: "" }, {});
    assertDocument({ action_boot_time: "", action_file_mod_time: null }, {});
  });
});

describe("time of an event", () => {
  for (const [given, date] of DATES) {
    test(`${shown(given)} becomes ${date}`, () => assertDocument({ event_timestamp: given }, { "@timestamp": date }));
  }
  for (const given of NO_DATES) {
    test(`${shown(given)} is refused, and the mapping goes on`, () => {
      assertFaulty({ event_timestamp: given, event_type: 1 }, ["event_timestamp"], vendorField("event_type", 1));
    });
  }
  for (const given of [null, "", undefined, []]) {
    test(`${shown(given)} gives none, and none is invented`, () => {
      assertDocument({ event_timestamp: given, event_type: 1 }, vendorField("event_type", 1));
    });
  }
});

describe("times of an event in a list", () => {
  for (const [given, time] of [
    [["2026-01-02T03:04:05Z"], "2026-01-02T03:04:05Z"],
    [["2026-01-02T03:04:05+02:00", "2026-01-02T03:04:06Z"], "2026-01-02T03:04:05+02:00"],
    [["2026-01-02T03:04:05.123456Z", 1_700_000_000_123], "2026-01-02T03:04:05.123456Z"],
    [["1700000000123"], "1700000000123"],
    [[1_700_000_000_123, "2026-01-02T03:04:05Z"], 1_700_000_000_123],
  ] as const) {
    test(`the first one stays as it is: ${shown(given)}`, () => {
      assertDocument({ event_timestamp: given }, { "@timestamp": time });
    });
  }
  test("bad ones after the first are left out", () => {
    const record = { event_timestamp: ["2026-01-02T03:04:05Z", "bad", "2026-01-02T03:04:06Z", 12.5] };
    const document = { "@timestamp": "2026-01-02T03:04:05Z" };
    assertFaulty(record, ["event_timestamp", "event_timestamp"], document);
    const held = vendorField("event_timestamp", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"]);
    const full = { ...document, ...held };
    assertFaulty(record, ["event_timestamp", "event_timestamp"], full, { preserveDuplicates: true });
  });
  for (const [given, time] of [
    [["bad", "2026-01-02T03:04:05Z"], "2026-01-02T03:04:05.000Z"],
    [["bad", "2026-01-02T03:04:05Z", "2026-01-02T05:04:06.5+01:00"], "2026-01-02T04:04:06.500Z"],
    [["bad", 1_700_000_000_123], "2023-11-14T22:13:20.123Z"],
    [["2026-02-30T00:00:00Z", "1700000000123"], "2023-11-14T22:13:20.123Z"],
  ] as const) {
    test(`after a bad first one the last good one counts: ${shown(given)}`, () => {
      assertFaulty({ event_timestamp: given }, ["event_timestamp"], { "@timestamp": time });
    });
  }
  test("the last good one counts, also before a bad last one", () => {
    const record = { event_timestamp: ["bad", "2026-01-02T03:04:05Z", "worse"] };
    const document = { "@timestamp": "2026-01-02T03:04:05.000Z" };
    assertFaulty(record, ["event_timestamp", "event_timestamp"], document);
  });
  test("bad ones alone give no time", () => {
    assertFaulty({ event_timestamp: ["bad", "worse"] }, ["event_timestamp", "event_timestamp"], {});
  });
});
