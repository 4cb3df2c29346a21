import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { decodeState, encodeState, NO_FAULTS } from "../../../nodes/lib/gcs/object-state";
import { Progress, type LineSpan, type SavedProgress, type Span } from "../../../nodes/lib/gcs/progress";
import { integerIn, mulberry32, pick, shuffled } from "../../support/virtual-random";

/** Lines of ten bytes, all of them events. */
const lines = (first: number, last: number, bad = 0): LineSpan => ({
  first,
  last,
  events: last - first + 1 - bad,
  bad,
  endByte: last * 10,
});

const EMPTY: SavedProgress = { lines: 0, bytes: 0, events: 0, bad: 0, taken: [] };

describe("progress", () => {
  test("spans taken in order make the contiguous part grow", () => {
    const progress = new Progress();
    assert.deepEqual(progress.snapshot(), EMPTY);
    assert.equal(progress.isComplete, true);
    const first = progress.add(lines(1, 3));
    const second = progress.add(lines(4, 4, 1));
    assert.deepEqual(progress.added, { lines: 4, bytes: 40, events: 3, bad: 1 });
    assert.deepEqual([progress.isComplete, progress.spansOut], [false, 2]);
    progress.take(first);
    assert.deepEqual(progress.snapshot(), { lines: 3, bytes: 30, events: 3, bad: 0, taken: [] });
    progress.take(second);
    assert.deepEqual(progress.snapshot(), { lines: 4, bytes: 40, events: 3, bad: 1, taken: [] });
    assert.deepEqual([progress.isComplete, progress.spansOut], [true, 0]);
  });

  test("spans taken out of order are kept, neighbours as one", () => {
    const progress = new Progress();
    const spans = [lines(1, 2), lines(3, 4), lines(5, 6, 1), lines(7, 8), lines(9, 10)].map((each) =>
      progress.add(each),
    );
    const [first, second, third, , fifth] = spans as [Span, Span, Span, Span, Span];
    progress.take(third);
    progress.take(fifth);
    progress.take(second);
    assert.deepEqual(progress.snapshot(), {
      ...EMPTY,
      taken: [
        [3, 6, 3, 1, 60],
        [9, 10, 2, 0, 100],
      ],
    });
    assert.deepEqual(progress.taken, { lines: 6, events: 5, bad: 1 });
    progress.take(first);
    assert.deepEqual(progress.snapshot(), { lines: 6, bytes: 60, events: 5, bad: 1, taken: [[9, 10, 2, 0, 100]] });
    assert.equal(progress.isComplete, false);
  });

  test("a span keeps its numbers when it is taken, and counts once however often that is said", () => {
    const progress = new Progress();
    const span = progress.add(lines(1, 2));
    const next = progress.add(lines(3, 4));
    progress.take(span);
    progress.take(span);
    progress.take(next);
    assert.deepEqual([span.first, span.last, span.events, span.endByte], [1, 2, 2, 20]);
    assert.deepEqual(progress.taken, { lines: 4, events: 4, bad: 0 });
    assert.equal(progress.spansOut, 0);
  });

  test("lines that were taken before a restart are passed over", () => {
    const saved: SavedProgress = {
      ...EMPTY,
      lines: 2,
      bytes: 20,
      events: 2,
      taken: [
        [5, 6, 1, 1, 60],
        [9, 9, 1, 0, 90],
      ],
    };
    const progress = new Progress(saved);
    assert.deepEqual(progress.snapshot(), saved);
    assert.deepEqual(progress.added, { lines: 2, bytes: 20, events: 2, bad: 0 });
    assert.deepEqual(progress.taken, { lines: 5, events: 4, bad: 1 });
    assert.deepEqual(
      [2, 3, 4, 5, 6, 7, 8, 9, 10].map((line) => progress.takenAt(line)?.first),
      [undefined, undefined, undefined, 5, 5, undefined, undefined, 9, undefined],
    );
    progress.take(progress.add(lines(3, 4)));
    assert.deepEqual(progress.snapshot(), { lines: 6, bytes: 60, events: 5, bad: 1, taken: [[9, 9, 1, 0, 90]] });
    const passed = progress.takenAt(5)!;
    assert.deepEqual(passed, { first: 5, last: 6, events: 1, bad: 1, endByte: 60 });
    progress.take(progress.add(passed));
    assert.equal(progress.takenAt(5), undefined, "it was added");
    assert.deepEqual([progress.isComplete, progress.added.lines, progress.taken.lines], [true, 6, 7]);
    const gap = progress.add(lines(7, 8));
    assert.equal(progress.add(progress.takenAt(9)!).segment, undefined, "it is taken");
    assert.deepEqual(progress.snapshot(), { lines: 6, bytes: 60, events: 5, bad: 1, taken: [[9, 9, 1, 0, 90]] });
    progress.take(gap);
    assert.deepEqual(progress.snapshot(), { lines: 9, bytes: 90, events: 8, bad: 1, taken: [] });
    assert.deepEqual(progress.taken, { lines: 9, events: 8, bad: 1 });
  });

  test("saved lines that were read once more all the same count once", () => {
    const progress = new Progress({
      ...EMPTY,
      taken: [
        [3, 4, 2, 0, 40],
        [8, 9, 2, 0, 90],
      ],
    });
    const span = progress.add(lines(1, 3));
    assert.deepEqual(progress.taken, { lines: 2, events: 2, bad: 0 });
    assert.equal(progress.takenAt(4), undefined);
    progress.take(span);
    assert.deepEqual(progress.snapshot(), { lines: 3, bytes: 30, events: 3, bad: 0, taken: [[8, 9, 2, 0, 90]] });
  });

  test("refuses lines that do not follow", () => {
    const progress = new Progress();
    progress.add(lines(1, 4));
    for (const wrong of [
      lines(6, 7),
      lines(4, 7),
      lines(1, 4),
      { ...lines(5, 6), last: 3 },
      { ...lines(5, 6), endByte: 39 },
    ]) {
      assert.throws(() => progress.add(wrong), RangeError);
    }
    assert.equal(progress.added.lines, 4);
  });

  test("bytes without a line are no lines", () => {
    const progress = new Progress();
    const first = progress.add(lines(1, 1));
    const rest = progress.add({ first: 2, last: 1, events: 0, bad: 0, endByte: 17 });
    progress.take(rest);
    assert.deepEqual(progress.snapshot(), EMPTY);
    assert.deepEqual(decodeState(encodeState({ state: "open", progress: progress.snapshot(), faults: NO_FAULTS })), {
      state: "open",
      progress: EMPTY,
      faults: NO_FAULTS,
    });
    progress.take(first);
    assert.deepEqual(progress.snapshot(), { lines: 1, bytes: 17, events: 1, bad: 0, taken: [] });
  });

  for (let seed = 1; seed <= 40; seed += 1) {
    test(`agrees with a list of lines over restarts (seed ${seed})`, () => {
      const random = mulberry32(seed);
      const total = integerIn(random, 1, 120);
      /** What became of each line: taken, or not. */
      const taken = new Set<number>();
      const bad = new Set(Array.from({ length: total }, (_, at) => at + 1).filter(() => random() < 0.2));
      const spanOf = (first: number, last: number): LineSpan => {
        const wrong = [...bad].filter((line) => line >= first && line <= last).length;
        return lines(first, last, wrong);
      };
      let progress = new Progress();
      for (let run = 0; taken.size < total; run += 1) {
        assert.ok(run < 1000, "it comes to an end");
        const out: Span[] = [];
        for (let line = progress.added.lines + 1; line <= total && random() < 0.98; line = progress.added.lines + 1) {
          const passed = progress.takenAt(line);
          assert.equal(passed !== undefined, taken.has(line), `line ${line}`);
          if (passed !== undefined) {
            progress.take(progress.add(passed));
          } else {
            let last = line;
            while (last < total && !taken.has(last + 1) && random() < 0.6) last += 1;
            out.push(progress.add(spanOf(line, last)));
          }
          if (out.length > 0 && random() < 0.4) {
            const span = pick(random, out);
            progress.take(span);
            out.splice(out.indexOf(span), 1);
            for (let each = span.first; each <= span.last; each += 1) taken.add(each);
          }
          assert.equal(progress.spansOut, out.length);
          assert.equal(progress.taken.lines, taken.size);
          assert.equal(progress.taken.bad, [...taken].filter((each) => bad.has(each)).length);
        }
        const saved = progress.snapshot();
        let prefix = 0;
        while (taken.has(prefix + 1)) prefix += 1;
        assert.equal(saved.lines, prefix);
        assert.equal(saved.bytes, prefix * 10);
        const beyond = saved.taken.flatMap(([first, last]) => lineNumbers(first, last));
        assert.deepEqual(
          beyond,
          [...taken].filter((line) => line > prefix).sort((a, b) => a - b),
        );
        for (const [first, last, events, wrong, endByte] of saved.taken) {
          assert.deepEqual({ first, last, events, bad: wrong, endByte }, spanOf(first, last));
          assert.ok(!taken.has(first - 1) && !taken.has(last + 1), "neighbours are one");
        }
        const { state } = { state: decodeState(encodeState({ state: "open", progress: saved, faults: NO_FAULTS })) };
        assert.ok(state.state === "open");
        progress = new Progress(state.progress);
      }
    });
  }

  test("spans that are taken as they come are not remembered", () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const progress = new Progress();
    const heapAfter = (count: number): number => {
      for (let line = progress.added.lines + 1; line <= count; line += 1)
        progress.take(progress.add(lines(line, line)));
      gc();
      return process.memoryUsage().heapUsed;
    };
    // Each one that stayed would be some 80 bytes.
    const growth = -heapAfter(1000) + heapAfter(101_000);
    assert.ok(growth < 1_500_000, `grown by ${growth} bytes`);
    assert.equal(progress.snapshot().lines, 101_000);
  });

  test("100,000 spans out, taken in random order, leave nothing behind", () => {
    const count = 100_000;
    const progress = new Progress();
    const spans = Array.from({ length: count }, (_, at) => progress.add(lines(at + 1, at + 1)));
    const order = shuffled(mulberry32(7), spans);
    for (const span of order.slice(0, count / 2)) progress.take(span);
    assert.ok(progress.snapshot().taken.length <= count / 4 + 1000, "neighbours are one");
    for (const span of order.slice(count / 2)) progress.take(span);
    assert.deepEqual(progress.snapshot(), { lines: count, bytes: count * 10, events: count, bad: 0, taken: [] });
    assert.ok(spans.every(({ segment }) => segment === undefined));
  });
});

function lineNumbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
