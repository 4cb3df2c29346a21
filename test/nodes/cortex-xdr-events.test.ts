import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  eventsNode,
  numbered,
  numbersOf,
  placeOf,
  putLines,
  range,
  sinks,
  startEvents,
  surroundings,
  useSurroundings,
} from "../support/events-flow";
import { Probe, helper } from "../support/helper";
import { eventLines, gzip, ndjson, truncated } from "../support/simulated-bucket/event-lines";
import { until } from "../support/until";

useSurroundings();

/** Above 2^53: as a number it would lose its last digits. */
const LARGE_GENERATION = "9007199254740993001";

describe("events", () => {
  test("leave as the bucket has them, one a message, with their place", async () => {
    const lines = [...eventLines(1, 20)];
    const { name: bucket } = surroundings.bucket;
    surroundings.bucket.put("internal/ü b.gz", gzip(ndjson(lines)), { generation: LARGE_GENERATION });
    const { events, bad, objects, reported } = await startEvents();
    await reported(1);
    assert.deepEqual(
      events.messages.map(({ payload }) => payload),
      lines.map((line) => JSON.parse(line) as unknown),
    );
    for (const [index, message] of events.messages.entries()) {
      const line = index + 1;
      assert.deepEqual(Object.keys(message).sort(), ["_msgid", "kind", "object", "payload"]);
      const place = { bucket, name: "internal/ü b.gz", generation: LARGE_GENERATION, line, lastLine: line };
      assert.deepEqual(message["object"], place);
    }
    assert.equal(new Set(events.messages.map(({ _msgid }) => _msgid)).size, 20);
    assert.equal(bad.messages.length, 0);
    const bytes = Buffer.byteLength(ndjson(lines));
    const [{ payload, object }] = objects.messages as [{ payload: object; object: unknown }];
    assert.deepEqual(payload, { lines: 20, events: 20, bad: 0, bytes, storedBytes: gzip(ndjson(lines)).length });
    assert.deepEqual(object, { ...placeOf(events.messages[0]), line: 1, lastLine: 20 });
  });

  test("leave in arrays of batchSize; blank and bad lines count", async () => {
    putLines("a", `${numbered(2)}\n{"n":3}\nno json\n  \r\n{"n":4}\n\n{"n":5}`);
    const { events, bad, objects, reported } = await startEvents({ events: { batchSize: "2" } });
    await reported(1);
    assert.deepEqual(
      events.messages.map(({ payload }) => payload),
      [[{ n: 1 }, { n: 2 }], [{ n: 3 }, { n: 4 }], [{ n: 5 }]],
    );
    assert.deepEqual(
      events.messages.map((message) => [placeOf(message).line, placeOf(message).lastLine]),
      [
        [1, 2],
        [4, 7],
        [9, 9],
      ],
    );
    assert.deepEqual(
      bad.messages.map((message) => [placeOf(message).line, placeOf(message).lastLine]),
      [[5, 5]],
    );
    const { lines, events: count, bad: badCount } = objects.messages[0]!.payload as Record<string, number>;
    assert.deepEqual([lines, count, badCount], [9, 5, 1]);
  });

  test("have their lines as text beside them when rawLines is set", async () => {
    const line = '{"n": 1,"large":9007199254740993}';
    putLines("a", `${line}\r\n${line}\n`);
    const single = await startEvents({ events: { rawLines: true } });
    await single.reported(1);
    assert.deepEqual(
      single.events.messages.map(({ raw }) => raw),
      [line, line],
    );
    await helper.unload();
    putLines("b", `${line}\n${line}\n`);
    const batch = await startEvents({ events: { rawLines: true, batchSize: "10" } });
    await batch.reported(1);
    assert.deepEqual(batch.events.messages[0]!["raw"], [line, line]);
  });

  test("come from objects that are no gzip, too, and only from below the joined prefix", async () => {
    const { bucket } = surroundings;
    bucket.put("in/a-1", numbered(1, 1));
    bucket.put("in/a-2", numbered(1, 2));
    bucket.put("in/b-1", numbered(1, 3));
    bucket.put("out", numbered(1, 4));
    bucket.put("in/a-", numbered(1, 5));
    const path = { bucket: `gs://${bucket.name}/in/`, prefix: "a-" };
    const { events, reported, sync } = await startEvents({ events: path });
    await reported(3);
    await sync();
    assert.deepEqual(numbersOf(events.messages).sort(), [1, 2, 5]);
    assert.ok(events.messages.every((message) => placeOf(message).name.startsWith("in/a-")));
  });

  test("are read once, over listings and restarts; new objects and versions are found, whatever their names", async () => {
    putLines("m", numbered(3));
    const first = await startEvents();
    await first.reported(1);
    putLines("a", numbered(1, 11));
    surroundings.bucket.put("z", gzip(numbered(1, 12)), { createdMs: 1_000_000_000_000 });
    await first.sync();
    await first.reported(3);
    await first.sync();
    await helper.unload();
    const before = surroundings.bucket.counts.media;
    putLines("m", numbered(2, 21));
    const second = await startEvents();
    await second.reported(1);
    await second.sync();
    assert.deepEqual(numbersOf(first.events.messages).sort(), [1, 11, 12, 2, 3].sort());
    assert.deepEqual(numbersOf(second.events.messages), [21, 22]);
    assert.equal(surroundings.bucket.counts.media - before, 1);
  });

  test("of one bucket leave from each node that reads it", async () => {
    for (let number = 1; number <= 5; number += 1) putLines(`o${number}`, numbered(10, number * 10));
    const nodes = [eventsNode("n2", "2", { batchSize: "3" }), ...sinks("2")];
    const one = await startEvents({ nodes });
    const other = new Probe("events2");
    const otherObjects = new Probe("objects2");
    await one.reported(5);
    await until("the other one", () => otherObjects.messages.length === 5);
    for (const { messages } of [one.events, other]) {
      assert.deepEqual(
        numbersOf(messages).sort((a, b) => a - b),
        range(50, 10),
      );
    }
  });
});

describe('start "now"', () => {
  test("skips what was there, also after a restart, and reads what comes later", async () => {
    putLines("a", numbered(1, 1));
    putLines("m", numbered(1, 2));
    const first = await startEvents({ events: { start: "now" } });
    await first.sync();
    putLines("b", numbered(1, 3));
    await first.sync();
    await first.reported(1);
    await helper.unload();
    putLines("0", numbered(1, 4));
    putLines("m", numbered(1, 5));
    const second = await startEvents({ events: { start: "now" } });
    await second.reported(2);
    await second.sync();
    assert.deepEqual(numbersOf(first.events.messages), [3]);
    assert.deepEqual(numbersOf(second.events.messages).sort(), [4, 5]);
    assert.equal(second.objects.messages.length, 2);
  });
});

describe("bad lines", () => {
  test("leave with their beginning, their place and what is wrong, and the object goes on", async () => {
    const long = "x".repeat(3000);
    const lines = [`{"n":1}`, long, "", "7", "null", `[{"n":2}]`, `"text"`, `{"n":`, `{"n":3}`, `{"n":4`];
    putLines("a", lines.join("\n"));
    const { events, bad, objects, reported } = await startEvents({ events: { maxLineBytes: "100" } });
    await reported(1);
    assert.deepEqual(numbersOf(events.messages), [1, 3]);
    assert.deepEqual(
      bad.messages.map(({ payload, error, ...rest }) => [placeOf(rest).line, payload, error?.code]),
      [
        [2, long.slice(0, 1000), "GCS_LINE_TOO_LONG"],
        [4, "7", "GCS_LINE_NOT_OBJECT"],
        [5, "null", "GCS_LINE_NOT_OBJECT"],
        [6, `[{"n":2}]`, "GCS_LINE_NOT_OBJECT"],
        [7, `"text"`, "GCS_LINE_NOT_OBJECT"],
        [8, `{"n":`, "GCS_LINE_NOT_JSON"],
        [10, `{"n":4`, "GCS_LINE_NOT_JSON"],
      ],
    );
    for (const message of bad.messages) {
      assert.deepEqual(Object.keys(message).sort(), ["_msgid", "error", "object", "payload"]);
      assert.deepEqual(Object.keys(message.error!).sort(), ["code", "message"]);
      assert.ok(message.error!.message.length > 10);
    }
    const { lines: count, events: good, bad: wrong, error } = objects.messages[0]!.payload as Record<string, number>;
    assert.deepEqual([count, good, wrong, error], [10, 2, 7, undefined]);
  });
});

describe("reports", () => {
  const codesOf = (messages: Probe["messages"]): unknown[] =>
    messages.map((message) => [
      placeOf(message).name,
      (message.payload as { error?: { code: string } }).error?.code,
      (message.payload as { lines: number }).lines,
    ]);

  test("come of empty objects, without an error and without lines", async () => {
    surroundings.bucket.put("empty", "");
    surroundings.bucket.put("blank", gzipSync(""));
    surroundings.bucket.put("folder/", "");
    const { events, bad, objects, reported, sync } = await startEvents();
    await reported(2);
    await sync();
    assert.deepEqual(codesOf(objects.messages).sort(), [
      ["blank", undefined, 0],
      ["empty", undefined, 0],
    ]);
    for (const message of objects.messages) {
      assert.deepEqual([placeOf(message).line, placeOf(message).lastLine], [0, 0]);
    }
    assert.deepEqual([events.messages.length, bad.messages.length], [0, 0]);
  });

  test("come of damaged objects once, after what is good has left once", async () => {
    const data = gzip(ndjson([...eventLines(3, 200)]));
    surroundings.bucket.put("cut", truncated(data, data.length >> 1));
    putLines("fine", numbered(2));
    const { events, bad, objects, reported, sync } = await startEvents();
    await reported(2);
    await sync();
    assert.deepEqual(
      codesOf(objects.messages).map((each) => (each as unknown[]).slice(0, 2)),
      [
        ["fine", undefined],
        ["cut", "GCS_OBJECT_DAMAGED"],
      ],
    );
    const good = events.messages.filter((message) => placeOf(message).name === "cut").map(({ object }) => object);
    assert.deepEqual(
      good.map((place) => (place as { line: number }).line),
      range(good.length),
    );
    assert.ok(good.length > 50);
    assert.deepEqual(
      bad.messages.map(({ error, ...rest }) => [placeOf(rest).line, error?.code]),
      [[good.length + 1, "GCS_LINE_CUT"]],
    );
    const { message } = (objects.messages[1]!.payload as { error: { message: string } }).error;
    assert.match(message, new RegExp(`"cut".* cut short: ${good.length} events of ${good.length + 1} lines`));
  });

  test("come of objects that are too large or compressed too often, at once", async () => {
    putLines("large", numbered(100));
    surroundings.bucket.put("nested", gzipSync(gzipSync(gzipSync(numbered(1)))));
    const { events, objects, reported } = await startEvents({ events: { maxObjectBytes: "90" } });
    await reported(2);
    assert.deepEqual(
      codesOf(objects.messages)
        .map((each) => (each as unknown[]).slice(0, 2))
        .sort(),
      [
        ["large", "GCS_OBJECT_TOO_LARGE"],
        ["nested", "GCS_NESTED_TOO_DEEP"],
      ],
    );
    assert.ok(events.messages.length < 100);
  });

  test("come of an object that was overwritten while it was read, and then of its new version", async () => {
    const { bucket } = surroundings;
    const old = bucket.put("a", ndjson([...eventLines(4, 2000)]));
    bucket.faults.push(
      { kind: "media", resetAfterBytes: 500_000 },
      { kind: "media", before: () => void bucket.put("a", numbered(2)) },
    );
    const { events, objects, reported, sync } = await startEvents();
    await reported(1);
    await sync();
    await reported(2);
    const [replaced, done] = objects.messages;
    assert.equal((replaced!.payload as { error: { code: string } }).error.code, "GCS_OBJECT_REPLACED");
    assert.equal(placeOf(replaced).generation, old.generation);
    assert.notEqual(placeOf(done).generation, old.generation);
    assert.deepEqual(numbersOf(events.messages.slice(-2)), [1, 2]);
    const { events: left } = replaced!.payload as { events: number };
    assert.ok(left > 0 && left < 2000);
    assert.equal(events.messages.length, left + 2);
  });

  test("come of an object that was deleted after it was listed", async () => {
    const { bucket } = surroundings;
    bucket.put("a", numbered(1));
    bucket.faults.add({ kind: "media", before: () => void bucket.delete("a") });
    const { events, objects, reported, sync } = await startEvents();
    await reported(1);
    await sync();
    assert.deepEqual(codesOf(objects.messages), [["a", "GCS_OBJECT_DELETED", 0]]);
    assert.equal(events.messages.length, 0);
  });
});
