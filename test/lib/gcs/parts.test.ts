import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PartBuilder } from "../../../nodes/lib/gcs/parts";
import type { BadLine } from "../../../nodes/lib/gcs/reader-api";

const BYTES = 10;
const bad = (line: number): BadLine => ({
  kind: "bad",
  line,
  text: "x",
  error: { code: "GCS_LINE_NOT_JSON", message: "" },
});

/** Builds from lines of ten bytes each: `e` an event, `b` a bad one, ` ` a blank one, `p` one that was taken before. */
function built(lines: string, { batchSize = 1, rawLines = false } = {}): PartBuilder {
  const builder = new PartBuilder({ batchSize, rawLines });
  for (const [at, kind] of Array.from(lines).entries()) {
    const line = at + 1;
    const endByte = line * BYTES;
    if (kind === "e") builder.event(line, endByte, { line }, `raw ${line}`);
    if (kind === "b") builder.bad(endByte, bad(line));
    if (kind === "p") builder.passed({ first: line, last: line, events: 1, bad: 0, endByte }, endByte - BYTES);
  }
  return builder;
}

/** Parts in short: events with their lines, and up to where all lines have left with a part. */
function short(builder: PartBuilder): string[] {
  return builder.take().map((part) => {
    if (part.kind === "passed") return `passed ${part.lines.first} from byte ${part.startByte}`;
    const end = `${part.endLine}/${part.endByte}`;
    if (part.kind === "bad") return `bad ${part.line}${part.isWhole ? ` through ${end}` : ""}`;
    return `${part.line}-${part.lastLine} (${part.events.length}) through ${end}`;
  });
}

describe("what lines become", () => {
  test("batches, which begin and end with an event", () => {
    const builder = built("e  ee eee", { batchSize: 3 });
    assert.deepEqual(short(builder), ["1-5 (3) through 5/50", "7-9 (3) through 9/90"]);
    assert.deepEqual(short(builder), []);
    const rest = built("eee ee", { batchSize: 4 });
    assert.deepEqual(short(rest), ["1-5 (4) through 5/50"]);
    rest.flush();
    rest.flush();
    assert.deepEqual(short(rest), ["6-6 (1) through 6/60"]);
  });

  test("a bad line leaves at once; everything up to it only when no batch was begun above it", () => {
    assert.deepEqual(short(built("beb", { batchSize: 1 })), [
      "bad 1 through 1/10",
      "2-2 (1) through 2/20",
      "bad 3 through 3/30",
    ]);
    assert.deepEqual(short(built("be beb", { batchSize: 3 })), ["bad 1 through 1/10", "bad 4", "bad 6"]);
  });

  test("a batch takes the bad lines with it that have left since its last event", () => {
    const builder = built("eeb b", { batchSize: 5 });
    builder.flush();
    assert.deepEqual(short(builder), ["bad 3", "bad 5", "1-2 (2) through 5/50"]);
    assert.deepEqual(short(built("eb e", { batchSize: 2 })), ["bad 2", "1-4 (2) through 4/40"]);
  });

  test("lines that were taken before end the batch above them", () => {
    assert.deepEqual(short(built("eebpe", { batchSize: 3 })), [
      "bad 3",
      "1-2 (2) through 3/30",
      "passed 4 from byte 30",
    ]);
  });

  test("the lines as they were, when asked for", () => {
    const [first, second] = built("eee", { batchSize: 2, rawLines: true }).take();
    assert.deepEqual(first?.kind === "events" && [first.raw, first.events], [
      ["raw 1", "raw 2"],
      [{ line: 1 }, { line: 2 }],
    ]);
    assert.equal(second, undefined);
    const [without] = built("e").take();
    assert.equal(without?.kind === "events" && without.raw, undefined);
  });
});
