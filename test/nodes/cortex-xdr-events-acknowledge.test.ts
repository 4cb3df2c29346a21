import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import {
  numbered,
  numbersOf,
  putLines,
  range,
  startEvents,
  surroundings,
  useSurroundings,
} from "../support/events-flow";
import { helper, type Received } from "../support/helper";
import { checksumsOf } from "../support/simulated-bucket/bucket";
import { until } from "../support/until";
import { mulberry32 } from "../support/virtual-random";

useSurroundings();

const MIB = 1024 * 1024;
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);

/** Waits until a number has not grown for a while. */
async function settled(what: string, value: () => number): Promise<number> {
  let last = -1;
  let since = performance.now();
  await until(what, () => {
    const now = value();
    if (now !== last) since = performance.now();
    last = now;
    return now > 0 && performance.now() - since > 500;
  });
  return last;
}

describe("acknowledgements", () => {
  test("may come in any order; the report comes when all are back", async () => {
    putLines("a", `${numbered(4)}no json\n`);
    const { events, bad, objects, acknowledge, reported, completed } = await startEvents({
      events: { acknowledge: "message" },
    });
    await until("all", () => events.messages.length === 4 && bad.messages.length === 1);
    for (const index of [2, 0, 3]) acknowledge(events.messages[index]!);
    await until("taken", () => completed.messages.length === 3);
    assert.equal(await settled("nothing more", () => completed.messages.length), 3);
    assert.equal(objects.messages.length, 0);
    acknowledge(events.messages[1]!);
    await reported(1);
    const { events: count, bad: wrong, error } = objects.messages[0]!.payload as Record<string, number>;
    assert.deepEqual([count, wrong, error], [4, 1, undefined]);
  });

  test("that nobody waits for are ignored, whatever they are", async () => {
    putLines("a", numbered(2));
    const { events, bad, objects, caught, completed, tell, acknowledge, reported } = await startEvents({
      events: { acknowledge: "message" },
    });
    await until("both", () => events.messages.length === 2);
    const [first, second] = events.messages as [Received, Received];
    acknowledge(first);
    // Once more, and what was never sent.
    const ids = [first["_msgid"], "unknown", "__proto__", "constructor", "", 7, null, ["x"], { toString: 1 }];
    for (const _msgid of ids) tell({ topic: "ack", _msgid });
    await until("done", () => completed.messages.length === 1 + ids.length);
    assert.deepEqual([objects.messages.length, bad.messages.length, caught.messages.length], [0, 0, 0]);
    acknowledge(second);
    await reported(1);
  });

  test("are done without effect in emit mode", async () => {
    putLines("a", numbered(1));
    const { events, completed, caught, acknowledge, reported } = await startEvents();
    await reported(1);
    acknowledge(events.messages[0]!);
    await until("done", () => completed.messages.length === 1);
    assert.equal(caught.messages.length, 0);
  });

  test("count one by one: after a restart only what is missing comes again", async () => {
    putLines("a", numbered(9));
    const settings = { events: { acknowledge: "message" } };
    const first = await startEvents(settings);
    await until("all", () => first.events.messages.length === 9);
    const back = [2, 3, 7];
    for (const index of back) first.acknowledge(first.events.messages[index]!);
    await until("taken", () => first.completed.messages.length === 3);
    await helper.unload();
    assert.equal(first.objects.messages.length, 0);
    const second = await startEvents(settings);
    await until("the others", () => second.events.messages.length === 6);
    assert.deepEqual(numbersOf(second.events.messages), [1, 2, 5, 6, 7, 9]);
    for (const message of second.events.messages) second.acknowledge(message);
    await second.reported(1);
    assert.equal((second.objects.messages[0]!.payload as { events: number }).events, 9);
    await helper.unload();
    const third = await startEvents(settings);
    await third.sync();
    assert.deepEqual([third.events.messages.length, third.objects.messages.length], [0, 0]);
  });

  for (const { batchSize, limit } of [
    { batchSize: 1, limit: 7 },
    { batchSize: 3, limit: 7 },
    { batchSize: 10, limit: 7 },
  ]) {
    test(`batchSize ${batchSize}, maxUnacknowledged ${limit}: never more out, and all of it in the end`, async () => {
      const random = mulberry32(batchSize);
      for (let number = 0; number < 4; number += 1) putLines(`o${number}`, numbered(25, number * 25));
      const { events, acknowledge, reported } = await startEvents({
        events: { acknowledge: "message", batchSize, maxUnacknowledged: String(limit), maxObjects: "3" },
      });
      // One batch may be larger than what may be out: then it is out alone.
      const most = Math.max(limit, batchSize);
      await until("a full window", () => numbersOf(events.messages).length > most - batchSize);
      const out: Received[] = [];
      for (let seen = 0, returned = 0; returned < 100;) {
        await until("events", () => events.messages.length > seen || out.length > 0);
        out.push(...events.messages.slice(seen));
        seen = events.messages.length;
        assert.ok(numbersOf(out).length <= most, `${numbersOf(out).length} out`);
        for (let count = Math.floor(random() * (out.length + 1)); count > 0; count -= 1) {
          const [message] = out.splice(Math.floor(random() * out.length), 1) as [Received];
          returned += numbersOf([message]).length;
          acknowledge(message);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      await reported(4);
      assert.deepEqual(sorted(numbersOf(events.messages)), range(100, 0));
    });
  }
});

test("a flow that returns nothing stops the download", async () => {
  const sizeBytes = 64 * MIB;
  // One line of 1 KiB, again and again.
  const chunk = Buffer.from(`${JSON.stringify({ n: 1, text: "x".repeat(1023 - 17) })}\n`.repeat(1024));
  assert.equal(chunk.length, MIB);
  const stream = (): Readable => Readable.from(Array.from({ length: sizeBytes / MIB }, () => chunk));
  surroundings.bucket.put("large", { sizeBytes, stream, ...(await checksumsOf(stream())) });
  const { events, objects, acknowledge } = await startEvents({
    events: { acknowledge: "message", maxUnacknowledged: "100" },
  });
  await until("a window", () => events.messages.length === 100);
  const sentBytes = await settled("the download", () => surroundings.bucket.counts.mediaBytes);
  // What the sockets of both sides hold.
  assert.ok(sentBytes < sizeBytes / 4, `${sentBytes} bytes were sent`);
  assert.deepEqual([events.messages.length, objects.messages.length], [100, 0]);
  for (const message of events.messages.slice()) acknowledge(message);
  await until("the next window", () => events.messages.length === 200);
  // It went on with the same answer.
  assert.equal(surroundings.bucket.counts.media, 1);
});
