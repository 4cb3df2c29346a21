import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import type { GcsClient } from "../../../nodes/lib/gcs/gcs-api";
import { TinyBucket } from "../../lib/gcs/tiny-bucket";
import { gzip } from "../../support/simulated-bucket/event-lines";
import { MemoryDisk } from "../../support/memory-store";
import { until } from "../../support/until";
import { ascending, numbered, range, start, world } from "./rig";

const DAY_MS = 86_400_000;
/** Objects that are kept in mind, at most. */
const MAX_WAITING = 10_000;

describe("a listing", () => {
  test("of an empty bucket is no trouble, however long it stays so; what comes after hours is read", async () => {
    const w = await world();
    const run = start(w);
    await until("it was listed", () => run.state.hasListed);
    for (let hour = 1; hour <= 3; hour += 1) {
      w.clock.offsetMs += 3_600_000;
      await run.again();
    }
    assert.deepEqual([run.troubles, run.notices, run.reports], [[], [], []]);
    w.bucket.put("a", gzip(numbered(2)));
    await run.again();
    assert.deepEqual(run.numbers, [1, 2]);
  });

  test("that fails half-way goes on with the same page; it is not complete before, and forgets nothing", async () => {
    const w = await world({ pageSize: 2 });
    for (const n of range(7)) w.bucket.put(`o${n}`, gzip(numbered(1, n)));
    const first = start(w);
    await first.reported(7);
    await first.close();
    w.bucket.put("o8", gzip(numbered(1, 8)));
    w.bucket.clearRequests();
    w.bucket.faults.add({ kind: "list", skip: 2, times: 3, status: 503 });
    const second = start(w);
    await second.troubled("XDR_SERVER_ERROR");
    assert.equal(second.state.hasListed, false);
    await second.reported(1);
    await second.atRest();
    assert.deepEqual(second.numbers, [8]);
    const tokens = w.bucket.requests.filter(({ kind }) => kind === "list").map(({ query }) => query["pageToken"]);
    assert.equal(tokens.length, 4 + 3);
    assert.ok(tokens[2] !== undefined);
    assert.equal(new Set(tokens.slice(2, 6)).size, 1);
    assert.equal(new Set(tokens).size, 4);
  });

  test("whose page token is refused goes on behind the last name, and nothing comes twice or is missing", async () => {
    const w = await world({ pageSize: 2 });
    for (const n of range(9)) w.bucket.put(`o${n}`, gzip(numbered(1, n)));
    w.bucket.faults.add({ kind: "list", skip: 1, rejectPageToken: true });
    const run = start(w);
    await run.reported(9);
    await run.again();
    assert.deepEqual(ascending(run.numbers), range(9));
    assert.equal(run.reports.length, 9);
    const renewed = w.bucket.requests.find(({ kind, query }) => kind === "list" && query["startOffset"] !== undefined);
    assert.deepEqual([renewed?.query["startOffset"], renewed?.query["pageToken"]], ["o4", undefined]);
    assert.deepEqual(run.troubles, []);
  });

  test("of 100,000 objects asks for its pages, keeps 10,000 in mind, and ends with the node", async () => {
    const w = await world({ anonymous: true });
    for (let n = 0; n < 100_000; n += 1)
      w.bucket.put(`o${String((n * 61_001) % 100_000).padStart(5, "0")}`, `{"n":${n}}`);
    const run = start(w, {
      authentication: { kind: "anonymous" },
      acknowledge: "message",
      maxUnacknowledged: 1,
      maxObjects: 1,
      timeoutMs: 60_000,
    });
    await until("it is listed", () => run.state.hasListed, 60_000);
    const listed = w.bucket.counts;
    assert.equal(listed.list, 100);
    // The one more waits to be acknowledged, with its place given to the next.
    assert.equal(run.mostWaiting, MAX_WAITING + 1);
    assert.ok(listed.media <= 2);
    const again = assert.rejects(run.reader.sync());
    await until("it is listed again", () => w.bucket.counts.list > 105, 60_000);
    await run.close();
    await again;
    const { list } = w.bucket.counts;
    assert.ok(list < 200, `${list}`);
    assert.equal(run.sent.length, 1);
  });

  test("of more objects than are kept in mind is made again by itself until all are read", async () => {
    const w = await world();
    const bucket = new TinyBucket();
    const count = MAX_WAITING + 500;
    for (let n = 1; n <= count; n += 1) bucket.put(`o${n}`, n);
    const run = start(w, { disk: new MemoryDisk(), client: clientOf(bucket), maxObjects: 32 });
    await run.reported(count);
    await run.atRest();
    assert.deepEqual(ascending(run.numbers), range(count));
    assert.deepEqual([run.reports.length, run.mostWaiting], [count, MAX_WAITING]);
    // Twice, 11 pages each, although the next listing is due in days only.
    assert.equal(bucket.calls.length, 22);
  });
});

/** Objects of one event, which has the number that their name ends with; over no network, as there are so many. */
function clientOf(bucket: TinyBucket): GcsClient {
  return {
    list: (request) => bucket.list(request),
    read: ({ name }) => {
      const content = Buffer.from(`{"n":${name.slice(1)}}`);
      const body = Readable.from([content]) as AsyncIterable<Buffer> & Readable;
      return Promise.resolve({ body, firstByte: 0, totalBytes: content.length, isAsStored: true });
    },
    bodyError: (thrown) => thrown as Error,
    clockSkewMs: undefined,
    close: () => Promise.resolve(),
  };
}

describe("an object that waits too long", () => {
  test("is told of when it is near the end of what the bucket keeps, once at each of two marks", async () => {
    const w = await world();
    w.bucket.put("a", gzip(numbered(3)), { createdMs: w.clock.now() });
    const run = start(w, { acknowledge: "message", maxUnacknowledged: 1 });
    await until("one is out", () => run.out.length === 1);
    const lookAfter = async (days: number): Promise<string[]> => {
      w.clock.offsetMs += days * DAY_MS;
      await run.reader.sync();
      await run.reader.sync();
      return run.notices.splice(0);
    };
    assert.deepEqual(await lookAfter(4), []);
    const [behind, ...more] = await lookAfter(0.3);
    assert.match(behind ?? "", /falling behind.* 4 days 7 hours old.* 7 days/);
    assert.deepEqual(more, []);
    assert.deepEqual(await lookAfter(1.8), []);
    const [lost] = await lookAfter(0.3);
    assert.match(lost ?? "", /about to be lost.* 6 days 9 hours old/);
    for (let at = 0; at < 3; at += 1) {
      await until("the next one", () => run.out.length > at);
      run.out[at]!();
    }
    await run.reported(1);
    assert.deepEqual(await lookAfter(5), []);
  });
});
