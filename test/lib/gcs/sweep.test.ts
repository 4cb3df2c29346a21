import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ListPage } from "../../../nodes/lib/gcs/gcs-api";
import { Ledger } from "../../../nodes/lib/gcs/ledger";
import { NO_FAULTS, type ObjectState, type OpenState } from "../../../nodes/lib/gcs/object-state";
import type { ObjectName } from "../../../nodes/lib/gcs/reader-api";
import { Sweep, type SweepPorts, type SweepResult } from "../../../nodes/lib/gcs/sweep";
import { MemoryDisk } from "../../support/memory-store";
import { byBytes, failure, idOf, NAMES, TinyBucket } from "./tiny-bucket";

const OPEN: OpenState = {
  state: "open",
  progress: { lines: 3, bytes: 30, events: 3, bad: 0, taken: [] },
  faults: NO_FAULTS,
};

/** A bucket, what is known of it, and what the last sweep told. */
class Rig {
  readonly bucket = new TinyBucket();
  readonly disk = new MemoryDisk();
  readonly closing = new AbortController();
  ledger = new Ledger(() => Promise.resolve(this.disk.open()), "bucket");
  readonly active = new Set<string>();
  /** `name#generation`, with " open" when it came with a state. */
  found: string[] = [];
  gone: string[] = [];

  sweep(ports: Partial<SweepPorts> = {}): Sweep {
    return new Sweep({
      client: this.bucket,
      ledger: this.ledger,
      bucket: "bucket",
      prefix: "",
      start: "all",
      signal: this.closing.signal,
      isActive: (object) => this.active.has(idOf(object)),
      onFound: (version, state) => this.found.push(idOf(version) + (state === undefined ? "" : ` ${state.state}`)),
      onGone: (object, reason, state) => this.gone.push(`${idOf(object)} ${reason} ${state.progress.lines}`),
      ...ports,
    });
  }

  /** Runs one sweep to its end. @returns what was found, in order */
  async run(ports: Partial<SweepPorts> = {}): Promise<{ found: string[]; gone: string[]; result: SweepResult }> {
    this.found = [];
    this.gone = [];
    const result = await this.sweep(ports).run();
    return { found: this.found, gone: this.gone, result };
  }

  know(object: ObjectName, state: ObjectState | ObjectState["state"]): Promise<void> {
    const known = typeof state === "string" ? (state === "open" ? OPEN : { state }) : state;
    return this.ledger.write([{ object, state: known }]);
  }

  /** What is known: `name#generation state`. */
  async known(): Promise<string[]> {
    const lines: string[] = [];
    await this.ledger.read({ prefix: "" }, (entries) => {
      lines.push(...entries.map(({ object, state }) => `${idOf(object)} ${state?.state}`));
      return undefined;
    });
    return lines;
  }

  starts(): (string | undefined)[] {
    return this.bucket.calls.map(({ startOffset }) => startOffset);
  }
}

describe("sweep", () => {
  test("finds everything in the order of the bytes, page by page, and again until it is done", async () => {
    const rig = new Rig();
    const ids = NAMES.map((name) => idOf(rig.bucket.put(name)));
    const sorted = ids.toSorted((a, b) => byBytes(a.split("#")[0]!, b.split("#")[0]!));
    rig.bucket.pageSize = () => 3;
    for (let round = 0; round < 2; round += 1) {
      const { found, gone, result } = await rig.run();
      assert.deepEqual(found.toSorted(), sorted.toSorted());
      assert.deepEqual(gone, []);
      const pages = Math.ceil(NAMES.length / 3);
      assert.deepEqual(result, { pages, objects: NAMES.length, newObjects: NAMES.length, unreadable: 0 });
    }
    assert.equal(rig.bucket.calls.length, 2 * Math.ceil(NAMES.length / 3));
  });

  test("passes by what is done or dead, and gives an open one with its state", async () => {
    const rig = new Rig();
    const [a, b, c, d] = [rig.bucket.put("a"), rig.bucket.put("b"), rig.bucket.put("c"), rig.bucket.put("d")];
    await rig.know(a, "done");
    await rig.know(b, "dead");
    await rig.know(c, "open");
    const states: (OpenState | undefined)[] = [];
    const { found, result } = await rig.run();
    assert.deepEqual(found, [`${idOf(c)} open`, idOf(d)]);
    assert.deepEqual(result, { pages: 1, objects: 4, newObjects: 1, unreadable: 0 });
    await rig.run({ onFound: (_, state) => states.push(state) });
    assert.deepEqual(states, [OPEN, undefined]);
  });

  test("a replaced object is another one; its old version is told when it was begun, else forgotten", async () => {
    const rig = new Rig();
    for (const state of ["open", "done"] as const) {
      const old = rig.bucket.put(state);
      await rig.know(old, state);
      await rig.know({ name: state, generation: "99999999999999999" }, state);
    }
    const fresh = ["open", "done"].map((name) => rig.bucket.put(name));
    const { found, gone } = await rig.run();
    assert.deepEqual(found.toSorted(), fresh.map(idOf).toSorted());
    assert.deepEqual(
      gone.map((each) => each.replace(/#\d+/, "")),
      ["open replaced 3", "open replaced 3"],
      "whether the digits of the new version sort before or behind",
    );
    assert.deepEqual(
      (await rig.known()).map((each) => each.replace(/#\d+/, "")),
      ["open open", "open open"],
      "it is deleted by whoever was told",
    );
  });

  test("what is not listed any more is forgotten, or told when it was begun, wherever it stood", async () => {
    const rig = new Rig();
    for (const name of ["b", "d", "f"]) await rig.know(rig.bucket.put(name), "done");
    for (const name of ["a", "b", "b/", "c", "ee", "z"]) {
      await rig.know({ name, generation: "1" }, "open");
      await rig.know({ name, generation: "2" }, "skipped");
      await rig.know({ name, generation: "3" }, "dead");
      await rig.know({ name, generation: "4" }, "done");
    }
    rig.bucket.pageSize = () => 1;
    const { found, gone } = await rig.run();
    assert.deepEqual(found, []);
    assert.deepEqual(gone, [
      ...["a#1 deleted 3", "b#1 replaced 3", "b/#1 deleted 3", "c#1 deleted 3", "ee#1 deleted 3", "z#1 deleted 3"],
    ]);
    assert.deepEqual(
      (await rig.known()).filter((each) => !each.endsWith("open")).map((each) => each.replace(/#.*/, "")),
      ["b", "d", "f"],
    );
  });

  test("leaves alone what is active: listed or not", async () => {
    const rig = new Rig();
    const listed = rig.bucket.put("a");
    const begun = rig.bucket.put("b");
    await rig.know(begun, "open");
    const gone = { name: "c", generation: "1" };
    await rig.know(gone, "open");
    const finished = { name: "d", generation: "1" };
    await rig.know(finished, "done");
    for (const each of [listed, begun, gone, finished]) rig.active.add(idOf(each));
    for (const start of ["all", "now"] as const) {
      assert.deepEqual((await rig.run({ start })).found, []);
      assert.deepEqual(rig.gone, []);
      assert.equal((await rig.known()).length, 3);
    }
  });

  test("looks at its prefix only", async () => {
    const rig = new Rig();
    for (const name of NAMES) rig.bucket.put(name);
    await rig.know({ name: "a", generation: "1" }, "done");
    await rig.know({ name: "a/zzz", generation: "1" }, "done");
    await rig.know({ name: "a0", generation: "1" }, "open");
    const { found, gone } = await rig.run({ prefix: "a/" });
    assert.deepEqual(
      found.map((id) => id.replace(/#.*/, "")),
      ["a/", "a/b", "a/b/c"],
    );
    assert.deepEqual([gone, await rig.known()], [[], ["a#1 done", "a0#1 open"]]);
  });

  test("an empty page is no end, and says nothing of names", async () => {
    const rig = new Rig();
    await rig.know({ name: "a", generation: "1" }, "open");
    for (const name of ["b", "c"]) rig.bucket.put(name);
    const sizes = [0, 1, 0, 0, 1, 0];
    rig.bucket.pageSize = () => sizes.shift() ?? 1000;
    const { found, gone, result } = await rig.run();
    assert.deepEqual(
      found.map((id) => id[0]),
      ["b", "c"],
    );
    assert.deepEqual([gone, result.pages], [["a#1 deleted 3"], 5]);
  });

  test("folder markers move the range on", async () => {
    const rig = new Rig();
    rig.bucket.markers.add("m/");
    await rig.know({ name: "b", generation: "1" }, "done");
    rig.bucket.put("z");
    rig.bucket.pageSize = () => 1;
    rig.bucket.onList = (phase, { pageToken }) => {
      if (phase === "before" && pageToken !== undefined) throw failure("XDR_SERVER_ERROR");
    };
    await assert.rejects(rig.run(), { code: "XDR_SERVER_ERROR" });
    assert.deepEqual(await rig.known(), []);
  });

  test("an empty bucket forgets everything; a failing listing nothing", async () => {
    const rig = new Rig();
    await rig.know({ name: "b", generation: "1" }, "done");
    rig.bucket.onList = () => {
      throw failure("GCS_BUCKET_NOT_FOUND");
    };
    await assert.rejects(rig.run(), { code: "GCS_BUCKET_NOT_FOUND" });
    assert.deepEqual(await rig.known(), ["b#1 done"]);
    rig.bucket.onList = () => undefined;
    assert.deepEqual((await rig.run()).result, { pages: 1, objects: 0, newObjects: 0, unreadable: 0 });
    assert.deepEqual(await rig.known(), []);
  });

  test("after a failure it goes on with the page that failed", async () => {
    const rig = new Rig();
    for (const name of ["a", "b", "c"]) rig.bucket.put(name);
    rig.bucket.pageSize = () => 1;
    let failures = 2;
    rig.bucket.onList = (phase, { pageToken }) => {
      if (phase === "before" && pageToken?.includes('"b"') === true && failures-- > 0)
        throw failure("XDR_SERVER_ERROR");
    };
    const sweep = rig.sweep();
    await assert.rejects(sweep.run(), { code: "XDR_SERVER_ERROR" });
    await assert.rejects(sweep.run(), { code: "XDR_SERVER_ERROR" });
    assert.deepEqual(await sweep.run(), { pages: 3, objects: 3, newObjects: 3, unreadable: 0 });
    assert.equal(rig.found.length, 3);
    const tokens = rig.bucket.calls.map(({ pageToken }) => pageToken);
    assert.deepEqual([tokens.length, tokens[3], tokens[4]], [5, tokens[2], tokens[2]]);
  });

  test("after a failed write it asks for the page again", async () => {
    const rig = new Rig();
    for (const name of ["a", "c"]) rig.bucket.put(name);
    await rig.know({ name: "b", generation: "1" }, "done");
    rig.disk.onWrite = () => {
      throw failure("STORE_FAILED");
    };
    const sweep = rig.sweep();
    await assert.rejects(sweep.run(), { code: "STORE_FAILED" });
    rig.disk.onWrite = () => undefined;
    await sweep.run();
    assert.deepEqual([await rig.known(), rig.bucket.calls.length], [[], 2]);
  });

  test("a refused page token makes it go on behind the last name", async () => {
    const rig = new Rig();
    for (const name of ["a", "b", "\u{1F600}", "d"]) rig.bucket.put(name);
    rig.bucket.pageSize = () => 2;
    rig.bucket.onList = (phase) => {
      if (phase === "after" && rig.bucket.calls.length === 1) rig.bucket.epoch += 1;
    };
    const { found, result } = await rig.run();
    assert.deepEqual(
      found.map((id) => id.replace(/#.*/, "")),
      ["a", "b", "d", "\u{1F600}"],
    );
    assert.deepEqual(rig.starts(), [undefined, undefined, "b", "b"]);
    assert.deepEqual(result, { pages: 3, objects: 4, newObjects: 4, unreadable: 0 });
  });

  test("each token that is refused costs one request more", async () => {
    const rig = new Rig();
    for (const name of ["a", "b", "c", "d"]) rig.bucket.put(name);
    rig.bucket.pageSize = () => 1;
    rig.bucket.onList = (phase, { pageToken }) => {
      if (phase === "after" && pageToken === undefined) rig.bucket.epoch += 1;
    };
    rig.bucket.pageSize = () => (rig.bucket.calls.at(-1)?.startOffset === undefined ? 1 : 2);
    const { found } = await rig.run();
    assert.deepEqual(
      found.map((id) => id[0]),
      ["a", "b", "c", "d"],
    );
    assert.deepEqual(rig.starts(), [undefined, undefined, "a", "a", "b", "b", "c"]);
  });

  test("a token that is refused without a page in between is an error, and tried again by the next run", async () => {
    const rig = new Rig();
    for (const name of ["a", "b", "c"]) rig.bucket.put(name);
    rig.bucket.pageSize = () => 1;
    rig.bucket.onList = (phase) => {
      if (phase === "after") rig.bucket.epoch += 1;
    };
    const sweep = rig.sweep();
    await assert.rejects(sweep.run(), { code: "GCS_PAGE_TOKEN_REJECTED" });
    assert.ok(rig.bucket.calls.length < 6);
    rig.bucket.onList = () => undefined;
    await sweep.run();
    assert.deepEqual(
      rig.found.map((id) => id[0]),
      ["a", "b", "c"],
    );
  });

  test("a service that cannot begin at a name is listed from its start, and nothing is told twice", async () => {
    const rig = new Rig();
    for (const name of ["a", "b", "c", "d"]) rig.bucket.put(name);
    rig.bucket.pageSize = () => 2;
    let isRefused = false;
    const { found } = await rig.run({
      client: {
        list: (request) => {
          if (request.pageToken !== undefined && !isRefused) {
            isRefused = true;
            return Promise.reject(failure("GCS_PAGE_TOKEN_REJECTED"));
          }
          return rig.bucket.list({ ...request, startOffset: undefined });
        },
      },
    });
    assert.deepEqual(
      found.map((id) => id[0]),
      ["a", "b", "c", "d"],
    );
  });

  describe("a listing that cannot be merged is an error, and deletes nothing", () => {
    const versionOf = (name: string) => ({ name, generation: "1", sizeBytes: 1, createdMs: 0 });
    const pageOf = (names: readonly string[], nextPageToken?: string): ListPage => ({
      objects: names.map(versionOf),
      lastName: names.at(-1),
      nextPageToken,
    });
    const cases: readonly (readonly [string, readonly ListPage[]])[] = [
      ["out of order", [pageOf(["b", "a"])]],
      ["the same twice", [pageOf(["b", "b"])]],
      ["in the order of UTF-16", [pageOf(["\u{1F600}", "\uFF5E"])]],
      ["back again", [pageOf(["b", "c"], "1"), pageOf(["a", "d"])]],
      ["the same page again and again", [pageOf(["a"], "1"), pageOf(["b"], "1")]],
    ];
    for (const [what, pages] of cases) {
      test(what, async () => {
        const rig = new Rig();
        await rig.know({ name: "zz", generation: "1" }, "open");
        let at = 0;
        const list = (): Promise<ListPage> => Promise.resolve(pages[Math.min(at++, pages.length - 1)]!);
        const sweep = rig.sweep({ client: { list } });
        await assert.rejects(sweep.run(), { code: "XDR_RESPONSE_INVALID" });
        assert.deepEqual([rig.gone, await rig.known()], [[], ["zz#1 open"]]);
        assert.equal(at, pages.length);
      });
    }

    test("it begins anew after that", async () => {
      const rig = new Rig();
      const pages = [pageOf(["b"], "1"), pageOf(["a", "c"]), pageOf(["a", "b", "c"])];
      const tokens: (string | undefined)[] = [];
      const sweep = rig.sweep({
        client: {
          list: ({ pageToken }) => {
            tokens.push(pageToken);
            return Promise.resolve(pages.shift()!);
          },
        },
      });
      await assert.rejects(sweep.run(), { code: "XDR_RESPONSE_INVALID" });
      assert.deepEqual(await sweep.run(), { pages: 1, objects: 3, newObjects: 3, unreadable: 0 });
      assert.deepEqual(tokens, [undefined, "1", undefined]);
    });
  });

  test("ends when the node closes, before anything is told", async () => {
    const rig = new Rig();
    for (const name of ["a", "b"]) rig.bucket.put(name);
    rig.bucket.pageSize = () => 1;
    rig.bucket.onList = (phase) => {
      if (phase === "after" && rig.bucket.calls.length === 2) rig.closing.abort();
    };
    await assert.rejects(rig.run(), { code: "XDR_CANCELLED" });
    assert.deepEqual(
      rig.found.map((id) => id[0]),
      ["a"],
    );
    await assert.rejects(rig.run(), { code: "XDR_CANCELLED" });
    assert.equal(rig.bucket.calls.length, 2);
  });

  test("an entry that cannot be read is as if there were none", async () => {
    const rig = new Rig();
    const listed = rig.bucket.put("a");
    await rig.know(listed, "done");
    await rig.know({ name: "b", generation: "1" }, "open");
    for (const key of rig.disk.entries.keys()) rig.disk.entries.set(key, "[broken");
    const { found, gone, result } = await rig.run();
    assert.deepEqual([found, gone, result.unreadable], [[idOf(listed)], [], 2]);
    assert.deepEqual(await rig.known(), [`${idOf(listed)} undefined`]);
  });

  test("an object that is finished while its entry is looked for is not found again", async () => {
    const rig = new Rig();
    const version = rig.bucket.put("a");
    rig.active.add(idOf(version));
    // The store has looked already when the end of the object gets there.
    const slow = new Ledger(() => {
      const store = rig.disk.open();
      return Promise.resolve({
        ...{ get: (key) => store.get(key), write: (changes) => store.write(changes), close: () => store.close() },
        read: async (range) => {
          const rows = await store.read(range);
          if (rig.active.size > 0) await slow.write([{ object: version, state: { state: "done" } }]);
          rig.active.clear();
          return rows;
        },
      });
    }, "bucket");
    const { found } = await rig.run({ ledger: slow });
    assert.deepEqual([found, rig.active.size], [[], 0]);
  });

  test("10,000 known objects cost their pages, and nothing is found or written", async () => {
    const rig = new Rig();
    const versions = Array.from({ length: 10_000 }, (_, at) => rig.bucket.put(`internal/${at}`));
    await rig.ledger.write(versions.map((object) => ({ object, state: { state: "done" } })));
    await rig.run();
    const { writes } = rig.disk;
    rig.bucket.calls = [];
    const { found, gone, result } = await rig.run();
    assert.deepEqual([found, gone, rig.disk.writes - writes], [[], [], 0]);
    assert.deepEqual([rig.bucket.calls.length, result.pages, result.objects], [10, 10, 10_000]);
  });
});
