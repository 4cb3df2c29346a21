import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { resolveLocal, zoneOf } from "../../../nodes/lib/pan-os/zone";
import { alertWith, ARRIVAL_MS } from "./bodies";

const MADRID = { timezone: "Europe/Madrid" };
const at = (changes: object, config: object = {}, arrivalMs = ARRIVAL_MS): [number, string] => {
  const { alert, parse } = alertWith(changes, config, arrivalMs);
  return [alert.event_timestamp, parse.warnings.join()];
};

describe("event time", () => {
  test("case 39: in the repeated hour the reading nearest to the arrival counts, else the earlier", () => {
    const log = { time_generated: "2025/10/26 02:30:00" };
    const [early, late] = [1_761_438_600_000, 1_761_442_200_000];
    assert.equal(at(log, MADRID, early + 2_000)[0], early);
    assert.equal(at(log, MADRID, late + 2_000)[0], late);
    assert.equal(at(log, MADRID, late + 25 * 3_600_000)[0], early);
    assert.equal(at(log, MADRID, late + 23 * 3_600_000)[0], late);
  });

  test("case 40: a time in the hour that was left out is read with the offset before it, and flagged", () => {
    const [time, warnings] = at({ time_generated: "2025/03/30 02:30:00" }, MADRID);
    assert.equal(time, 1_743_298_200_000);
    assert.match(warnings, /time zone/);
  });

  test("case 41: zones that are no whole hours", () => {
    const known: [string, number][] = [
      ["Asia/Kolkata", 1_741_063_960_000],
      ["+05:30", 1_741_063_960_000],
      ["Asia/Kathmandu", 1_741_063_060_000],
      ["Europe/Madrid", 1_741_080_160_000],
      ["-0330", 1_741_096_360_000],
      ["UTC", 1_741_083_760_000],
    ];
    for (const [timezone, expected] of known) assert.equal(at({}, { timezone })[0], expected, timezone);
  });

  test("known offsets around changes of many zones", () => {
    const offset = (zone: string, time: string): number => (zoneOf(zone)?.offsetAt(Date.parse(time)) ?? NaN) / 60_000;
    assert.equal(offset("America/New_York", "2025-03-09T06:59:59Z"), -300);
    assert.equal(offset("America/New_York", "2025-03-09T07:00:00Z"), -240);
    assert.equal(offset("Australia/Lord_Howe", "2025-04-05T14:59:00Z"), 660);
    assert.equal(offset("Australia/Lord_Howe", "2025-04-05T15:00:00Z"), 630);
    assert.equal(offset("America/St_Johns", "2025-07-01T00:00:00Z"), -150);
    assert.equal(zoneOf("Mars/Base"), undefined);
    assert.equal(zoneOf("+19:00"), undefined);
    const local = Date.UTC(2025, 3, 6, 1, 45);
    assert.equal(resolveLocal(local, zoneOf("Australia/Lord_Howe")!, 0).epochMs, local - 660 * 60_000);
  });

  test("case 42: a high-resolution time of epoch zero is ignored", () => {
    assert.equal(at({ high_res_timestamp: "1970-01-01T10:00:00.000+10:00" })[0], Date.UTC(2025, 2, 4, 10, 22, 40));
  });

  test("case 43: high-resolution times in every spelling", () => {
    const known: [string, number][] = [
      ["2025-03-04T10:22:41.318+01:00", 1_741_080_161_318],
      ["2025-03-04T10:22:41+01:00", 1_741_080_161_000],
      ["2025-03-04T09:22:41.318456Z", 1_741_080_161_318],
      ["2025-03-04T11:22:41.3+0200", 1_741_080_161_300],
    ];
    for (const [high_res_timestamp, expected] of known) assert.equal(at({ high_res_timestamp }, MADRID)[0], expected);
  });

  test("case 44: the CEF time is in the zone it names, else in the configured one", () => {
    const cef = (text: string): number => at({ time_generated: "", cef_time: text }, MADRID)[0];
    assert.equal(cef("Mar  4 2025 09:22:41 GMT"), 1_741_080_161_000);
    assert.equal(cef("Mar 4 2025 09:22:41 GMT"), 1_741_080_161_000);
    assert.equal(cef("Mar 04 2025 09:22:41"), 1_741_076_561_000);
    assert.equal(at({ cef_time: "Mar  4 2025 09:22:41 GMT" }, { timezone: "Asia/Tokyo" })[0], 1_741_080_161_000);
  });

  test("case 45: times that are none are replaced by the arrival, with a warning", () => {
    for (const time_generated of [
      "04/03/2025",
      "2025/13/01 00:00:00",
      "2025/02/30 00:00:00",
      "0000/00/00 00:00:00",
      "2025/03/04 24:00:00",
      "25/03/04 10:22:40",
      "",
      "$time_generated",
      "1999/01/01 00:00:00",
    ]) {
      const [time, warnings] = at({ time_generated });
      assert.equal(time, ARRIVAL_MS, time_generated);
      assert.match(warnings, /arrival/);
    }
    assert.equal(at({ time_generated: "", receive_time: "2025/03/04 10:22:41" })[0], Date.UTC(2025, 2, 4, 10, 22, 41));
    assert.equal(at({ time_generated: "1741080161" })[0], 1_741_080_161_000);
    assert.equal(at({ time_generated: "1741080161318" })[0], 1_741_080_161_318);
    assert.equal(at({ time_generated: "2024/02/29 00:00:00" })[0], Date.UTC(2024, 1, 29));
  });

  test("a high-resolution time without a zone is read in the configured one when there is no other", () => {
    const log = { time_generated: "", high_res_timestamp: "2025-03-04T10:22:40.318" };
    assert.equal(at(log, MADRID)[0], 1_741_080_160_318);
    assert.equal(at({ ...log, time_generated: "2025/03/04 10:22:39" }, MADRID)[0], 1_741_080_159_000);
  });

  test("a time that is whole hours from the arrival is kept, with a warning about the zone", () => {
    const [time, warnings] = at({ time_generated: "2025/03/04 11:22:40" });
    assert.equal(time, Date.UTC(2025, 2, 4, 11, 22, 40));
    assert.match(warnings, /1 h from the arrival/);
  });

  test("ten thousand zone names and hours leave no more than the caches hold", () => {
    for (let hour = 0; hour < 10_000; hour += 1) zoneOf("Europe/Madrid")?.offsetAt(hour * 3_600_000);
    for (let name = 0; name < 1_000; name += 1) zoneOf(`No/Zone${name}`);
    assert.equal(at({}, MADRID)[0], 1_741_080_160_000);
  });
});
