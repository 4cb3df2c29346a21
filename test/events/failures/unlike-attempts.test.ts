import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { SimulatedBucket } from "../../support/simulated-bucket/bucket";
import { flipped } from "../../support/simulated-bucket/event-lines";
import { range, start, world } from "./rig";

/** What comes before all blocks of deflate data, and before each that is not compressed. Source: RFC 1952, 2.3; RFC 1951, 3.2.4. */
const GZIP_HEADER_BYTES = 10;
const BLOCK_HEADER_BYTES = 5;

/** Lines of numbered events, each of so many bytes. */
function lines(count: number, bytes: number): string {
  return range(count)
    .map((n) => `${JSON.stringify({ n }).padEnd(bytes - 1)}\n`)
    .join("");
}

/** Gzip data that are as long as what is in them says: in blocks that are not compressed. */
const packed = (text: string): Buffer => gzipSync(text, { level: 0 });

/** The same with a second block that cannot be one: its length and the complement of that do not fit. */
function broken(data: Buffer): Buffer {
  const blockBytes = data.readUInt16LE(GZIP_HEADER_BYTES + 1);
  return flipped(data, GZIP_HEADER_BYTES + BLOCK_HEADER_BYTES + blockBytes + 1);
}

/** An object that arrives otherwise each time it is read, the last one for ever. It has no checksum that would say so. */
function putUnlike(bucket: SimulatedBucket, ...attempts: readonly Buffer[]): void {
  let at = 0;
  const stream = (): Readable => {
    const data = attempts[Math.min(at, attempts.length - 1)];
    at += 1;
    return Readable.from([data]);
  };
  bucket.put("a", { sizeBytes: attempts[0]!.length, stream });
}

describe("an object of which each attempt gets other bytes", () => {
  test("is begun anew where what left before does not fit what arrives now", async () => {
    const w = await world();
    const whole = packed(lines(1000, 90));
    const other = packed(lines(900, 100));
    assert.equal(whole.length, other.length);
    // The first block arrives with other lines, and behind it nothing can be read.
    putUnlike(w.bucket, broken(other), whole);
    const run = start(w);
    await run.reported(1);
    assert.deepEqual(run.numbers.slice(-1000), range(1000));
    const before = run.events - 1000;
    assert.ok(before > 0 && before < 900, `${before} events of the first attempt`);
    const [report] = run.reports;
    assert.deepEqual([report!.lines, report!.events, report!.bad, report!.error], [1000, 1000, 0, undefined]);
    assert.equal(run.notices.length, 1);
  });

  test("is given up, with what left, where later ones come less far than the first", async () => {
    const w = await world();
    const whole = packed(lines(1500, 90));
    // First the checksum at the end is wrong, then a block in the middle.
    putUnlike(w.bucket, flipped(whole, whole.length - 6), broken(whole));
    const run = start(w);
    await run.reported(1);
    assert.deepEqual(run.numbers, range(1500));
    assert.deepEqual(run.codesOf("a"), ["GCS_OBJECT_DAMAGED"]);
    assert.deepEqual([run.bad, run.troubles], [[], []]);
  });
});
