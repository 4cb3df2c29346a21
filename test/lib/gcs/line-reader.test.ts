import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ContentFault } from "../../../nodes/lib/gcs/content-fault";
import { LineReader, type LineReaderOptions, type RawLine } from "../../../nodes/lib/gcs/line-reader";

interface SeenLine {
  readonly number: number;
  readonly endByte: number;
  readonly isTooLong: boolean;
  readonly isTerminated: boolean;
  /** Latin-1, so that all bytes are seen; the first 1,000 of a line that is too long. */
  readonly text: string;
}

function seen({ number, endByte, isTooLong, isTerminated, bytes, start, end }: RawLine): SeenLine {
  const text = bytes.toString("latin1", start, end);
  return { number, endByte, isTooLong, isTerminated, text: isTooLong ? text.slice(0, 1000) : text };
}

function read(chunks: readonly Buffer[], options: Partial<LineReaderOptions> = {}): SeenLine[] {
  const lines: SeenLine[] = [];
  const reader = new LineReader({ maxLineBytes: 1_000_000, ...options });
  for (const chunk of chunks) reader.push(chunk, (line) => lines.push(seen(line)));
  reader.end((line) => lines.push(seen(line)));
  assert.equal(reader.lines, (options.afterLine ?? 0) + lines.length);
  assert.equal(
    reader.bytes,
    chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  );
  return lines;
}

/** What it ought to be, the simple way. */
function naive(content: Buffer, maxLineBytes = 1_000_000): SeenLine[] {
  const pieces = content.toString("latin1").split("\n");
  const last = pieces.length - 1;
  let endByte = 0;
  const lines = pieces.map((piece, index) => {
    endByte += piece.length + (index < last ? 1 : 0);
    const unmarked = index === 0 && piece.startsWith("\xef\xbb\xbf") ? piece.slice(3) : piece;
    const text = unmarked.endsWith("\r") ? unmarked.slice(0, -1) : unmarked;
    const isTooLong = text.length > maxLineBytes;
    const isTerminated = index < last;
    return { number: index + 1, endByte, isTooLong, isTerminated, text: isTooLong ? text.slice(0, 1000) : text };
  });
  return pieces[last] === "" ? lines.slice(0, -1) : lines;
}

function cutAt(content: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => Math.min(place, content.length)), content.length].sort((a, b) => a - b);
  return ends.map((end, index) => content.subarray(ends[index - 1] ?? 0, end));
}

const texts = (lines: readonly SeenLine[]): string[] => lines.map(({ text }) => text);
const noLine = (line: RawLine): never => assert.fail(`line ${line.number}`);
const bytewise = (content: Buffer): Buffer[] => [...content].map((byte) => Buffer.from([byte]));

/** Bytes of which many mean something to the reader. */
const contents = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.oneof(
        {
          weight: 3,
          arbitrary: fc.constantFrom(
            ...["\n", "\r\n", "\r", "\r\r\n", "\ufeff", "é", "😀"].map((text) => Buffer.from(text)),
          ),
        },
        { weight: 2, arbitrary: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 6000 }).map((size) => Buffer.alloc(size, "x")) },
      ),
      { maxLength: 20 },
    ),
  )
  .map(([hasMark, parts]) => Buffer.concat([Buffer.from(hasMark ? "\ufeff" : ""), ...parts]));
const places = fc.array(fc.nat(9000), { maxLength: 30 });

describe("LineReader", () => {
  test("gives the same lines however the bytes are cut into chunks", () => {
    fc.assert(
      fc.property(contents, places, fc.integer({ min: 1, max: 5000 }), (content, cuts, maxLineBytes) => {
        const expected = naive(content, maxLineBytes);
        assert.deepEqual(read(cutAt(content, cuts), { maxLineBytes }), expected);
        assert.deepEqual(read(bytewise(content), { maxLineBytes }), expected);
      }),
      { numRuns: 300 },
    );
  });

  test("goes on after any line as if it had read what came before", () => {
    fc.assert(
      fc.property(contents, places, fc.nat(20), (content, cuts, pick) => {
        const lines = naive(content);
        const from = lines[pick % Math.max(1, lines.length)];
        fc.pre(from !== undefined);
        const rest = read(cutAt(content, cuts), { afterLine: from.number, skipBytes: from.endByte });
        assert.deepEqual(rest, lines.slice(from.number));
      }),
      { numRuns: 300 },
    );
  });

  test("knows numbers, offsets and ends", () => {
    const content = Buffer.from("\ufeff{}\r\n\n\r\nab\r\r\nlast");
    const expected = [
      { number: 1, endByte: 7, isTooLong: false, isTerminated: true, text: "{}" },
      { number: 2, endByte: 8, isTooLong: false, isTerminated: true, text: "" },
      { number: 3, endByte: 10, isTooLong: false, isTerminated: true, text: "" },
      { number: 4, endByte: 15, isTooLong: false, isTerminated: true, text: "ab\r" },
      { number: 5, endByte: 19, isTooLong: false, isTerminated: false, text: "last" },
    ];
    assert.deepEqual(read([content]), expected);
    assert.deepEqual(read(bytewise(content)), expected);
  });

  test("takes a byte order mark off at the start of the object only", () => {
    assert.deepEqual(texts(read([Buffer.from("a\n\ufeffb\n")])), ["a", "\xef\xbb\xbfb"]);
    const options = { afterLine: 1, skipBytes: 2 };
    assert.deepEqual(texts(read([Buffer.from("a\n"), Buffer.from("\ufeffb\n")], options)), ["\xef\xbb\xbfb"]);
  });

  test("an empty object has no lines", () => {
    assert.deepEqual(read([]), []);
    assert.deepEqual(read([Buffer.alloc(0)]), []);
  });

  test("counts neither byte order mark nor carriage return for a line's length", () => {
    const content = Buffer.from(`\ufeff${"x".repeat(5000)}\r\n${"y".repeat(5001)}\r\n`);
    for (const chunks of [[content], bytewise(content)]) {
      const lines = read(chunks, { maxLineBytes: 5000 });
      assert.deepEqual(
        lines.map(({ isTooLong, text }) => [isTooLong, text.length]),
        [
          [false, 5000],
          [true, 1000],
        ],
      );
    }
  });

  test("says how much of the next line is there", () => {
    const reader = new LineReader({ maxLineBytes: 3 });
    const pending = ["", "abcd", "ef", "\ng", "\n"].map((text) => {
      reader.push(Buffer.from(text), () => undefined);
      return [reader.pendingBytes, reader.bytes];
    });
    assert.deepEqual(pending, [
      [0, 0],
      [4, 4],
      [6, 6],
      [1, 8],
      [0, 9],
    ]);
  });

  test("counts the bytes that are passed over", () => {
    const reader = new LineReader({ maxLineBytes: 100, afterLine: 2, skipBytes: 10 });
    reader.push(Buffer.from("1234"), noLine);
    assert.deepEqual([reader.bytes, reader.lines, reader.pendingBytes], [4, 2, 0]);
  });

  test("holds of a line that is too long no more than its limit, and reads on behind it", () => {
    const chunk = Buffer.alloc(65_536, "x");
    const lines: SeenLine[] = [];
    const reader = new LineReader({ maxLineBytes: 100_000 });
    const held = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 2000; count += 1) reader.push(chunk, noLine);
    assert.equal(reader.pendingBytes, 131_072_000);
    assert.ok(process.memoryUsage().arrayBuffers - held < 20_000_000);
    reader.push(Buffer.from("\r\n{}\n"), (line) => lines.push(seen(line)));
    assert.deepEqual(
      lines.map(({ number, endByte, isTooLong, text }) => [number, endByte, isTooLong, text]),
      [
        [1, 131_072_002, true, "x".repeat(1000)],
        [2, 131_072_005, false, "{}"],
      ],
    );
  });

  test("copies a long line in small chunks a few times at most", (context) => {
    let copiedBytes = 0;
    const { copy } = Buffer.prototype as { copy: (this: Buffer, ...args: Parameters<Buffer["copy"]>) => number };
    context.mock.method(Buffer.prototype, "copy", function (this: Buffer, ...args: Parameters<Buffer["copy"]>): number {
      const copied = copy.apply(this, args);
      copiedBytes += copied;
      return copied;
    });
    const lineBytes = 10_000_000;
    const chunks = Array.from({ length: lineBytes / 10_000 }, () => Buffer.alloc(10_000, "x"));
    const [line] = read(chunks, { maxLineBytes: 16_777_216 });
    assert.equal(line?.text.length, lineBytes);
    assert.ok(copiedBytes >= lineBytes && copiedBytes <= 4 * lineBytes, `${copiedBytes} bytes copied`);
  });

  describe("refuses a place to begin at", () => {
    const isMisfit = (error: unknown): boolean => error instanceof ContentFault && error.kind === "damaged";

    for (const cuts of [[], [3], [2], [1, 4]]) {
      test(`in the middle of a line, cut at ${cuts.join(", ")}`, () => {
        const chunks = cutAt(Buffer.from("ab\ncd\n"), cuts);
        for (const skipBytes of [1, 2, 4, 5]) assert.throws(() => read(chunks, { afterLine: 1, skipBytes }), isMisfit);
        assert.deepEqual(texts(read(chunks, { afterLine: 1, skipBytes: 3 })), ["cd"]);
      });
    }

    test("behind the end of the object", () => {
      assert.throws(() => read([Buffer.from("ab\n")], { afterLine: 9, skipBytes: 4 }), isMisfit);
    });

    test("but not the end of a last line without newline", () => {
      assert.deepEqual(read([Buffer.from("ab\ncd"), Buffer.alloc(0)], { afterLine: 2, skipBytes: 5 }), []);
    });
  });
});
