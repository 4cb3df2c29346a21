import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzip } from "../../support/simulated-bucket/event-lines";
import { until } from "../../support/until";
import { numbered, range, readsOf, start, world } from "./rig";

const MEGABYTE = 1_000_000;
/** Lines of the large object, which is made of so many equal gzip members. */
const MEMBERS = 20;
const LINES_A_MEMBER = 7000;
const LINES = MEMBERS * LINES_A_MEMBER;
/** What reading may take at any time, whatever the size; the large object has 200 MB. */
const MAX_GROWTH_BYTES = 100 * MEGABYTE;

/** 200 MB of events that are a few hundred kilobytes when compressed. */
function largeObject(): Buffer {
  const line = `${JSON.stringify({ event_type: 1, fill: "z".repeat(1400) })}\n`;
  const member = gzip(line.repeat(LINES_A_MEMBER));
  return Buffer.concat(Array.from({ length: MEMBERS }, () => member));
}

/** Looks at the memory in use, and how far it has grown. */
class MemoryWatch {
  readonly #startBytes = inUse();
  mostBytes = 0;

  look(): void {
    this.mostBytes = Math.max(this.mostBytes, inUse() - this.#startBytes);
  }
}

function inUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe("a large object", () => {
  test("is read with little memory while others are read beside it, and on from the middle after a restart", async () => {
    const w = await world();
    w.bucket.put("large", largeObject(), { createdMs: 1_790_000_000_000 });
    const memory = new MemoryWatch();
    let looks = 0;
    let isHalf = false;
    const first = start(w, {
      batchSize: 500,
      maxObjects: 2,
      forget: true,
      onSend: ({ object }) => {
        if (object.name === "large" && (looks += 1) % 10 === 0) memory.look();
        isHalf = first.events > LINES / 2;
      },
    });
    await until("it is under way", () => first.events > 0);
    w.bucket.put("small", gzip(numbered(10)));
    await first.reader.sync();
    await first.reported(1);
    assert.deepEqual([first.codesOf("small"), first.codesOf("large")], [[undefined], []]);
    await until("half of it has left", () => isHalf, 60_000);
    await first.close();
    const second = start(w, { batchSize: 500, forget: true, onSend: () => memory.look() });
    await second.reported(1);
    assert.equal(first.events + second.events, LINES + 10);
    assert.deepEqual(
      second.reports.map(({ lines, events, error }) => [lines, events, error]),
      [[LINES, LINES, undefined]],
    );
    assert.ok(looks > 20);
    assert.ok(memory.mostBytes < MAX_GROWTH_BYTES, `${memory.mostBytes / MEGABYTE} MB`);
  });

  test("does not keep others waiting for ever: with one object at a time the rest follows it", async () => {
    const w = await world();
    w.bucket.put("large", largeObject(), { createdMs: 1_790_000_000_000 });
    w.bucket.put("next", gzip(numbered(3)), { createdMs: 1_790_000_001_000 });
    w.bucket.put("last", gzip(numbered(3)), { createdMs: 1_790_000_002_000 });
    const run = start(w, { batchSize: 10_000, maxObjects: 1, forget: true });
    await run.reported(3);
    assert.deepEqual(
      run.reports.map(({ name }) => name),
      ["large", "next", "last"],
    );
  });
});

describe("a small object that becomes huge", () => {
  test("is given up at the limit, when there is one: once, with an error, and after what came before", async () => {
    const w = await world();
    w.bucket.put("bomb", largeObject());
    const run = start(w, { maxObjectBytes: MEGABYTE });
    await run.reported(1);
    await run.again();
    const [report] = run.reports;
    assert.deepEqual([run.reports.length, report!.error?.code], [1, "GCS_OBJECT_TOO_LARGE"]);
    assert.match(report!.error!.message, /"bomb".* larger than "maxObjectBytes"/);
    assert.equal(report!.bytes <= MEGABYTE && report!.bytes > 0.9 * MEGABYTE, true);
    assert.equal(run.sent.length, report!.events);
    assert.ok(run.sent.length > 600 && run.sent.length < 720);
    assert.equal(readsOf(w.bucket, "bomb"), 1);
    await run.close();
    const next = start(w, { maxObjectBytes: MEGABYTE });
    await next.again();
    assert.deepEqual([next.reports, readsOf(w.bucket, "bomb")], [[], 1]);
  });

  test("of one line without an end is a bad line, in little memory, and nothing else", async () => {
    const w = await world();
    const member = gzip(Buffer.alloc(20 * MEGABYTE, "x"));
    w.bucket.put(
      "bomb",
      Buffer.concat([gzip(numbered(1)), ...range(15).map(() => member), gzip(`\n${numbered(1, 2)}`)]),
    );
    const memory = new MemoryWatch();
    const watching = setInterval(() => memory.look(), 5);
    const run = start(w);
    await run.reported(1).finally(() => clearInterval(watching));
    assert.deepEqual(run.numbers, [1, 2]);
    assert.deepEqual(
      run.bad.map(({ line, text, error }) => [line, text.length, error.code]),
      [[2, 1000, "GCS_LINE_TOO_LONG"]],
    );
    assert.equal(run.reports[0]!.lines, 3);
    assert.ok(memory.mostBytes < MAX_GROWTH_BYTES, `${memory.mostBytes / MEGABYTE} MB`);
  });

  test("is read to its end without a limit", async () => {
    const w = await world();
    w.bucket.put("bomb", gzip("\n".repeat(10 * MEGABYTE)));
    const run = start(w);
    await run.reported(1);
    const { lines, bytes, storedBytes, error } = run.reports[0]!;
    assert.deepEqual([lines, bytes, error], [10 * MEGABYTE, 10 * MEGABYTE, undefined]);
    assert.ok(storedBytes < bytes / 500);
  });
});
