import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RetentionWatch } from "../../../nodes/lib/gcs/retention-watch";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 8, 21);

describe("retention watch", () => {
  /** What is said when the oldest object has these ages, hours, one after the other. 7 days are 168 hours. */
  function said(...agesHours: readonly (number | undefined)[]): (string | undefined)[] {
    const watch = new RetentionWatch();
    return agesHours.map((hours) => {
      const createdMs = hours === undefined ? undefined : NOW_MS - hours * HOUR_MS;
      return watch.check(createdMs, NOW_MS)?.split(/[ :]/)[0];
    });
  }

  test("speaks at 60 % of 7 days, and at 90 %, once each", () => {
    assert.deepEqual(said(0, 100.7, 100.8, 101, 151, 151.2, 152, 400), [
      ...[undefined, undefined, "The", undefined, undefined],
      ...["Events", undefined, undefined],
    ]);
  });

  test("speaks again when the age has fallen below in between", () => {
    assert.deepEqual(said(120, 100, 120), ["The", undefined, "The"]);
    assert.deepEqual(said(160, 140, 160), ["Events", undefined, "Events"]);
    assert.deepEqual(said(160, undefined, 120, 160), ["Events", undefined, "The", "Events"]);
  });

  test("says how old it is and what to do", () => {
    const sentence = new RetentionWatch().check(NOW_MS - (5 * 24 + 7) * HOUR_MS - 5000, NOW_MS);
    assert.match(sentence ?? "", /5 days 7 hours old.*7 days.*Read more objects at once/);
  });

  test("an object of the future is young", () => assert.deepEqual(said(-500), [undefined]));
});
