import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { eventLines, flipped, gzip, linesOf, ndjson, truncated } from "./simulated-bucket/event-lines";

type Event = Record<string, unknown>;
const parsed = (seed: number, count: number): Event[] =>
  [...eventLines(seed, count)].map((line) => JSON.parse(line) as Event);

describe("Event lines", () => {
  test("are the same for the same seed, and a longer run begins with a shorter one", () => {
    assert.deepEqual([...eventLines(7, 200)].slice(0, 50), [...eventLines(7, 50)]);
    assert.notDeepEqual([...eventLines(8, 50)], [...eventLines(7, 50)]);
  });

  test("have ids of their own, also over seeds", () => {
    const ids = [1, 2, 3, 2 ** 32 - 1].flatMap((seed) => parsed(seed, 1000)).map((event) => event["event_id"]);
    assert.equal(new Set(ids).size, 4000);
    assert.ok(ids.every((id) => typeof id === "string"));
  });

  test("have the sizes and the mix of real ones", () => {
    const lines = [...eventLines(1, 3000)];
    const bytes = lines.map((line) => Buffer.byteLength(line));
    const mean = bytes.reduce((sum, size) => sum + size, 0) / bytes.length;
    assert.ok(mean > 1300 && mean < 1800, `mean ${mean}`);
    assert.ok(Math.min(...bytes) < 900 && Math.max(...bytes) > 2300);
    const events = lines.map((line) => JSON.parse(line) as Event);
    assert.deepEqual([...new Set(events.map((event) => event["event_type"]))].sort(), [1, 2, 3, 4, 6]);
    const foreign = events.filter((event) => !("event_version" in event));
    assert.ok(foreign.length > 300 && foreign.length < 700, `${foreign.length} of foreign sensors`);
    assert.ok(foreign.every((event) => !("agent_version" in event) && Object.keys(event).length <= 19));
    assert.ok(lines.every((line) => !line.includes("\n")));
    // A reader that decodes chunks instead of lines breaks on these.
    assert.ok(lines.some((line) => Buffer.byteLength(line) > line.length));
  });

  test("become files, and broken ones", () => {
    const lines = [...eventLines(5, 20)];
    const file = gzip(ndjson(lines));
    assert.deepEqual(linesOf(file), lines);
    assert.ok(gunzipSync(file).toString().endsWith("}\n"));
    assert.throws(() => gunzipSync(truncated(file, file.length - 9)), { code: "Z_BUF_ERROR" });
    assert.deepEqual(truncated(file, -9), truncated(file, file.length - 9));
    const wrong = flipped(file, file.length - 6);
    assert.equal(wrong.length, file.length);
    assert.throws(() => gunzipSync(wrong), { code: "Z_DATA_ERROR" });
    assert.deepEqual(flipped(wrong, file.length - 6), file);
    assert.throws(() => flipped(file, file.length), RangeError);
  });
});
