import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { constants, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { ContentFault, type CompressedSpan } from "../../../nodes/lib/gcs/content-fault";
import { plainBytes } from "../../../nodes/lib/gcs/plain-bytes";
import { until } from "../../support/until";

/** A source that tells what was read of it. */
class Source {
  given = 0;
  isEnded = false;
  readonly #chunks: readonly Buffer[];
  readonly #failure: Error | undefined;

  constructor(chunks: readonly Buffer[], failure?: Error) {
    this.#chunks = chunks;
    this.#failure = failure;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (const chunk of this.#chunks) {
        this.given += 1;
        yield Promise.resolve(chunk);
      }
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      this.isEnded = true;
    }
  }
}

interface Read {
  readonly plain: Buffer;
  readonly trailingBytes: boolean;
  readonly error: unknown;
}

async function read(source: AsyncIterable<Buffer>, maxBytes = Infinity, careful?: CompressedSpan): Promise<Read> {
  const chunks: Buffer[] = [];
  const notes = { trailingBytes: false };
  let error: unknown;
  try {
    for await (const chunk of plainBytes(source, { maxBytes, careful }, notes)) chunks.push(chunk);
  } catch (thrown) {
    error = thrown;
  }
  return { plain: Buffer.concat(chunks), trailingBytes: notes.trailingBytes, error };
}

function inChunks(content: Buffer, sizeBytes: number): Source {
  const chunks: Buffer[] = [];
  for (let at = 0; at < content.length; at += sizeBytes) chunks.push(content.subarray(at, at + sizeBytes));
  return new Source(chunks);
}

function kindOf({ error }: Read): string | undefined {
  if (error === undefined) return undefined;
  assert.ok(error instanceof ContentFault, inspect(error));
  return error.kind;
}

/** Lines that do not compress to nothing. */
function lines(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_none, n) => Buffer.from(`{"n":${n},"x":"${hex(40)}"}\n`)));
}

const hex = (sizeBytes: number): string => randomBytes(sizeBytes).toString("hex");
const SMALL = lines(50);
const LARGE = lines(20_000);
const GARBAGE = Buffer.from("what is this");
const CHUNKS = [1, 7, 1000, 65_536, Infinity];

/** What Node makes of cut data when it is told not to mind. */
function asMuchAs(cut: Buffer): Buffer {
  return gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** A member with every optional part of the header. Source: RFC 1952, section 2.3. */
function withLongHeader(member: Buffer): Buffer {
  const head = Buffer.from(member.subarray(0, 10));
  head[3] = 0x1f;
  const parts = [head, Buffer.from([3, 0]), Buffer.from("abc"), Buffer.from("name\0a comment\0"), Buffer.from([1, 2])];
  return Buffer.concat([...parts, member.subarray(10)]);
}

describe("plainBytes", () => {
  const whole: Record<string, readonly [stored: Buffer, plain: Buffer]> = {
    nothing: [Buffer.alloc(0), Buffer.alloc(0)],
    "plain text": [SMALL, SMALL],
    "a single byte": [Buffer.from("\n"), Buffer.from("\n")],
    "the first byte of gzip alone": [Buffer.from([0x1f]), Buffer.from([0x1f])],
    gzip: [gzipSync(SMALL), SMALL],
    "gzip of nothing": [gzipSync(""), Buffer.alloc(0)],
    "gzip with a long header": [withLongHeader(gzipSync(SMALL)), SMALL],
    "several members": [
      Buffer.concat([gzipSync("a"), gzipSync(""), withLongHeader(gzipSync(SMALL))]),
      Buffer.concat([Buffer.from("a"), SMALL]),
    ],
    "members of which each is gzip": [gzipSync(Buffer.concat([gzipSync("a"), gzipSync("b")])), Buffer.from("ab")],
    "a member and zeros": [Buffer.concat([gzipSync(SMALL), Buffer.alloc(3000)]), SMALL],
    "gzip in gzip": [gzipSync(gzipSync(SMALL)), SMALL],
  };
  for (const [what, [stored, plain]] of Object.entries(whole)) {
    test(`reads ${what}, in chunks of any size`, async () => {
      for (const size of CHUNKS) {
        const source = inChunks(stored, size);
        const found = await read(source);
        assert.equal(found.error, undefined);
        assert.ok(found.plain.equals(plain), `chunks of ${size}`);
        assert.equal(found.trailingBytes, false);
        assert.equal(source.isEnded, true);
      }
    });
  }

  test("reads much", async () => {
    const packed = gzipSync(LARGE);
    for (const [stored, plain] of [
      [LARGE, LARGE],
      [packed, LARGE],
      [Buffer.concat([packed, packed]), Buffer.concat([LARGE, LARGE])],
    ] as const) {
      const found = await read(inChunks(stored, 65_536));
      assert.equal(found.error, undefined);
      assert.ok(found.plain.equals(plain));
    }
  });

  test("gives back any members of anything, in any chunks", async () => {
    const members = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(members, fc.integer({ min: 1, max: 400 }), fc.boolean(), async (contents, size, isTwice) => {
        const plain = Buffer.concat(contents);
        fc.pre(plain[0] !== 0x1f);
        const once = Buffer.concat(contents.map((content) => gzipSync(content)));
        const found = await read(inChunks(isTwice ? gzipSync(once) : once, size));
        assert.equal(found.error, undefined);
        assert.ok(found.plain.equals(plain));
      }),
      { numRuns: 60 },
    );
  });

  for (const [what, plain] of Object.entries({ little: SMALL, much: LARGE })) {
    test(`gives all of ${what} data that other bytes follow, and says so`, async () => {
      for (const trailer of [GARBAGE, Buffer.from([0x1f]), Buffer.concat([Buffer.alloc(70_000), GARBAGE])]) {
        for (const stored of [gzipSync(plain), gzipSync(gzipSync(plain))]) {
          const source = inChunks(Buffer.concat([stored, trailer]), 65_536);
          const found = await read(source);
          assert.deepEqual([found.error, found.trailingBytes], [undefined, true]);
          assert.ok(found.plain.equals(plain));
          assert.equal(source.isEnded, true);
        }
      }
      const inside = await read(inChunks(gzipSync(Buffer.concat([gzipSync(plain), GARBAGE])), 1000));
      assert.deepEqual([inside.error, inside.trailingBytes], [undefined, true]);
      assert.ok(inside.plain.equals(plain));
    });
  }

  test("gives all that is there of cut data, wherever they are cut", async () => {
    const members = [gzipSync(SMALL), gzipSync(SMALL)];
    const first = members[0]!.length;
    const stored = Buffer.concat(members);
    for (let end = 2; end < stored.length; end += end > first - 12 && end < first + 20 ? 1 : 131) {
      if (end === first || end === first + 1) continue;
      const found = await read(inChunks(stored.subarray(0, end), 500));
      assert.equal(kindOf(found), "cut", `cut at ${end}`);
      const expected = end > first + 10 || end < first ? asMuchAs(stored.subarray(0, end)) : SMALL;
      assert.ok(found.plain.equals(expected), `cut at ${end}`);
    }
  });

  test("gives all that is there of cut data when there is much", async () => {
    const stored = gzipSync(LARGE);
    for (const left of [1, 8, 9, 10, 100_000]) {
      const cut = stored.subarray(0, stored.length - left);
      const found = await read(inChunks(cut, 65_536));
      assert.equal(kindOf(found), "cut");
      assert.ok(found.plain.equals(asMuchAs(cut)));
    }
  });

  test("loses nothing of what a slow reader has not read yet when an error comes", async () => {
    const packed = gzipSync(LARGE.subarray(0, 300_000));
    const cut = packed.subarray(0, packed.length - 20);
    const failure = new Error("mine");
    const chunks = Array.from({ length: Math.ceil(cut.length / 1000) }, (_none, n) =>
      cut.subarray(n * 1000, n * 1000 + 1000),
    );
    for (const source of [new Source(chunks), new Source(chunks, failure)]) {
      let bytes = 0;
      const reading = (async () => {
        for await (const chunk of plainBytes(source, { maxBytes: Infinity }, { trailingBytes: false })) {
          bytes += chunk.length;
          for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      await assert.rejects(reading, (error) => error === failure || error instanceof ContentFault);
      assert.equal(bytes, asMuchAs(cut).length);
    }
  });

  test("calls data damaged whose checksum or length is another, after all of them", async () => {
    for (const fromEnd of [1, 4, 5, 8]) {
      const stored = gzipSync(LARGE);
      stored[stored.length - fromEnd]! ^= 0x10;
      const found = await read(inChunks(stored, 65_536));
      assert.equal(kindOf(found), "damaged");
      assert.ok(found.plain.equals(LARGE));
    }
  });

  test("calls a damaged header damage, not trailing bytes, in each member", async () => {
    for (const [at, value] of [
      [2, 7],
      [3, 0x20],
      [3, 0x80],
    ] as const) {
      const bad = gzipSync(SMALL);
      bad[at] = value;
      assert.equal(kindOf(await read(inChunks(bad, 100))), "damaged");
      const second = await read(inChunks(Buffer.concat([gzipSync(SMALL), bad]), 100));
      assert.deepEqual([kindOf(second), second.trailingBytes], ["damaged", false]);
      assert.ok(second.plain.equals(SMALL));
    }
  });

  describe("with care", () => {
    /** A reserved block type right in the middle: whatever comes before is good. Source: RFC 1951, section 3.2.3. */
    const before = lines(700);
    const broken = (): Buffer => {
      const good = gzipSync(before, { level: 0 });
      // Stored blocks: the first byte of the second one says what it is.
      const secondBlock = 10 + 5 + good.readUInt16LE(11);
      good[secondBlock]! |= 0x06;
      return good;
    };
    const goodBytes = broken().readUInt16LE(11);

    for (const [what, stored, layer] of [
      ["stored data", broken(), 1],
      ["data compressed twice", gzipSync(broken()), 2],
    ] as const) {
      test(`gives all output before a damage, in ${what}`, async () => {
        for (const size of [1000, 65_536, Infinity]) {
          let span: CompressedSpan | undefined;
          let found: Read | undefined;
          for (let attempt = 1; attempt <= 4; attempt += 1) {
            found = await read(inChunks(stored, size), Infinity, span);
            assert.equal(kindOf(found), "damaged");
            ({ span } = found.error as ContentFault);
            assert.equal(span?.layer, layer);
          }
          assert.ok(found?.plain.equals(before.subarray(0, goodBytes)), `${found?.plain.length} of ${goodBytes}`);
          assert.equal(span && span.toByte - span.fromByte, 1);
        }
      });
    }

    test("reads on behind the place when the damage is gone", async () => {
      const stored = gzipSync(SMALL);
      for (const span of [
        { layer: 1, fromByte: 100, toByte: 300 },
        { layer: 1, fromByte: 0, toByte: 1_000_000 },
        { layer: 2, fromByte: 100, toByte: 300 },
      ]) {
        const found = await read(inChunks(stored, 250), Infinity, span);
        assert.equal(found.error, undefined);
        assert.ok(found.plain.equals(SMALL));
      }
    });
  });

  test("gives nothing wrong before it notices a damage in small data", async () => {
    const stored = gzipSync(SMALL);
    for (let at = 10; at < stored.length; at += 41) {
      const damaged = Buffer.from(stored);
      damaged[at]! ^= 0x5a;
      const found = await read(inChunks(damaged, 65_536));
      assert.ok(["damaged", "cut"].includes(kindOf(found) ?? ""), `byte ${at}`);
    }
  });

  test("refuses three layers", async () => {
    const found = await read(inChunks(gzipSync(gzipSync(gzipSync(SMALL))), 100));
    assert.equal(kindOf(found), "nested");
    assert.equal(found.plain.length, 0);
  });

  test("stops at the largest size, plain or not, and ends the source", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    for (const stored of [LARGE, gzipSync(LARGE), gzipSync(gzipSync(LARGE)), bomb]) {
      const source = inChunks(stored, 1000);
      const found = await read(source, 100_000);
      assert.equal(kindOf(found), "too-large");
      assert.equal(found.plain.length, 100_000);
      assert.ok(stored === bomb || found.plain.equals(LARGE.subarray(0, 100_000)));
      assert.equal(source.isEnded, true);
      assert.ok(source.given < stored.length / 1000);
    }
    assert.equal((await read(inChunks(gzipSync(SMALL), 100), SMALL.length)).error, undefined);
    assert.equal(kindOf(await read(inChunks(gzipSync(SMALL), 100), SMALL.length - 1)), "too-large");
  });

  test("passes the source's error on as it is, after all that came before", async () => {
    const failure = new Error("mine");
    const stored = gzipSync(LARGE);
    for (const [chunks, plain] of [
      [[], Buffer.alloc(0)],
      [[SMALL], SMALL],
      [[stored.subarray(0, 5)], Buffer.alloc(0)],
      [[stored.subarray(0, stored.length - 8)], LARGE],
      [[stored.subarray(0, stored.length - 4)], LARGE],
      [[stored], LARGE],
    ] as const) {
      const found = await read(new Source(chunks, failure));
      assert.equal(found.error, failure);
      assert.ok(found.plain.equals(plain));
    }
  });

  describe("reads the source only as fast as it is read itself", () => {
    for (const [what, stored] of Object.entries({
      gzip: gzipSync(LARGE),
      twice: gzipSync(gzipSync(LARGE)),
      plain: LARGE,
    })) {
      test(what, async () => {
        const source = inChunks(stored, 4096);
        const plain = plainBytes(source, { maxBytes: Infinity }, { trailingBytes: false });
        let bytes = 0;
        for await (const chunk of plain) {
          bytes += chunk.length;
          await new Promise((resolve) => setImmediate(resolve));
          await new Promise((resolve) => setImmediate(resolve));
          // Where it is, give or take what deflate and 256 KiB hold back.
          const expected = (bytes / LARGE.length) * stored.length;
          assert.ok(source.given * 4096 <= expected + 200_000, `${source.given * 4096} read at ${expected}`);
          if (bytes > LARGE.length / 2) break;
        }
        await until("the source is ended", () => source.isEnded);
        assert.ok(source.given * 4096 < stored.length * 0.8);
      });
    }

    test("and not before it is", async () => {
      const source = inChunks(gzipSync(LARGE), 4096);
      const plain = plainBytes(source, { maxBytes: Infinity }, { trailingBytes: false });
      await plain.return();
      assert.equal(source.given, 0);
    });
  });

  test("ends a source that never gives its next chunk, without waiting for it", async () => {
    let isReturned = false;
    const stored = gzipSync(LARGE).subarray(0, 100_000);
    const chunks = [stored];
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          const value = chunks.shift();
          return value === undefined ? new Promise<never>(() => undefined) : Promise.resolve({ done: false, value });
        },
        return: () => {
          isReturned = true;
          return new Promise<never>(() => undefined);
        },
      }),
    };
    const found = await read(source, 100_000);
    assert.equal(kindOf(found), "too-large");
    assert.equal(isReturned, true);
  });
});
