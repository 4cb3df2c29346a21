import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseEventsOptions } from "../../../nodes/lib/gcs/events-options";

const DEFAULTS = {
  bucket: "bucket",
  prefix: "",
  intervalMs: 60_000,
  start: "all",
  batchSize: 1,
  maxObjects: 2,
  acknowledge: "emit",
  maxUnacknowledged: 1000,
  timeoutMs: 60_000,
  maxLineBytes: 16_777_216,
  maxObjectBytes: 0,
  rawLines: false,
};

describe("events options", () => {
  test("everything but the bucket has a default, also where the field was left empty", () => {
    assert.deepEqual(parseEventsOptions({ bucket: "bucket" }), DEFAULTS);
    const empty = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, ""]));
    const emptied = { ...empty, intervalSeconds: " ", timeoutSeconds: null, prefix: null };
    assert.deepEqual(parseEventsOptions({ ...emptied, bucket: "bucket" }), DEFAULTS);
  });

  test("takes every property, numbers as text too, and leaves out what it does not know", () => {
    const texts = { bucket: "gs://bucket", intervalSeconds: "1", start: "now", batchSize: "500", maxObjects: "32" };
    const others = { acknowledge: "message", maxUnacknowledged: 100_000, timeoutSeconds: "0600", maxLineBytes: 1024 };
    const parsed = parseEventsOptions({ ...texts, ...others, maxObjectBytes: "1e9", rawLines: "true", wires: [] });
    assert.deepEqual(parsed, {
      ...DEFAULTS,
      intervalMs: 1000,
      start: "now",
      batchSize: 500,
      maxObjects: 32,
      acknowledge: "message",
      maxUnacknowledged: 100_000,
      timeoutMs: 600_000,
      maxLineBytes: 1024,
      maxObjectBytes: 1_000_000_000,
      rawLines: true,
    });
  });

  test("joins the prefix to that of the storage path, both as they are", () => {
    const prefixOf = (bucket: string, prefix: string): string => parseEventsOptions({ bucket, prefix }).prefix;
    assert.equal(prefixOf("bucket", "internal/"), "internal/");
    assert.equal(prefixOf("gs://bucket/internal/", "2026-"), "internal/2026-");
    assert.equal(prefixOf("gs://bucket/internal", "/x y "), "internal/x y ");
  });

  const refused: readonly (readonly [config: object, field: string])[] = [
    [{}, "bucket"],
    [{ bucket: "Not A Bucket" }, "bucket"],
    [{ bucket: 7 }, "bucket"],
    [{ bucket: "bucket", prefix: 7 }, "prefix"],
    [{ bucket: "bucket", intervalSeconds: 0 }, "intervalSeconds"],
    [{ bucket: "bucket", intervalSeconds: 86_401 }, "intervalSeconds"],
    [{ bucket: "bucket", intervalSeconds: "soon" }, "intervalSeconds"],
    [{ bucket: "bucket", start: "yesterday" }, "start"],
    [{ bucket: "bucket", batchSize: 0 }, "batchSize"],
    [{ bucket: "bucket", batchSize: 1.5 }, "batchSize"],
    [{ bucket: "bucket", batchSize: 10_001 }, "batchSize"],
    [{ bucket: "bucket", maxObjects: 33 }, "maxObjects"],
    [{ bucket: "bucket", acknowledge: "never" }, "acknowledge"],
    [{ bucket: "bucket", maxUnacknowledged: 100_001 }, "maxUnacknowledged"],
    [{ bucket: "bucket", timeoutSeconds: 601 }, "timeoutSeconds"],
    [{ bucket: "bucket", maxLineBytes: 268_435_457 }, "maxLineBytes"],
    [{ bucket: "bucket", maxObjectBytes: -1 }, "maxObjectBytes"],
    [{ bucket: "bucket", rawLines: 1 }, "rawLines"],
  ];
  for (const [config, field] of refused) {
    test(`refuses ${JSON.stringify(config)}`, () => {
      assert.throws(() => parseEventsOptions(config), {
        code: "XDR_CONFIG_INVALID",
        field,
        message: new RegExp(field),
      });
    });
  }
});
