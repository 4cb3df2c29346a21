import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzip } from "../../support/simulated-bucket/event-lines";
import { until } from "../../support/until";
import { ascending, numbered, range, rangesOf, readsOf, start, wide, world } from "./rig";

const CREATED_MS = Date.UTC(2026, 8, 21);

describe("an object that changes while it is read", () => {
  test("overwritten: bytes of two versions never mix, and the new one is read from its start", async () => {
    const w = await world();
    const old = w.bucket.put("a", wide(2000));
    let fresh = old;
    w.bucket.faults.push(
      { kind: "media", endAfterBytes: 500_000 },
      { kind: "media", before: () => void (fresh = w.bucket.put("a", wide(2000, 10_001))) },
    );
    const run = start(w);
    await run.reported(1);
    await run.again();
    assert.deepEqual(
      run.reports.map(({ generation, error }) => [generation, error?.code]),
      [
        [old.generation, "GCS_OBJECT_REPLACED"],
        [fresh.generation, undefined],
      ],
    );
    const of = (generation: string): number[] =>
      run.sent.filter((each) => each.generation === generation).map(({ event }) => event["n"] as number);
    assert.deepEqual(of(old.generation), range(of(old.generation).length));
    assert.ok(of(old.generation).length > 300 && of(old.generation).length < 2000);
    assert.deepEqual(of(fresh.generation), range(2000, 10_001));
    assert.deepEqual(run.bad, []);
    for (const { query } of w.bucket.requests.filter(({ kind }) => kind === "media")) assert.ok(query["generation"]);
  });

  test("deleted before it was read: reported once, and not asked for again", async () => {
    const w = await world();
    w.bucket.put("a", gzip(numbered(5)));
    w.bucket.put("b", gzip(numbered(5, 11)));
    w.bucket.faults.add({ kind: "media", name: "a", before: () => void w.bucket.delete("a") });
    const run = start(w);
    await run.reported(2);
    await run.again();
    await run.again();
    assert.deepEqual([run.codesOf("a"), run.codesOf("b")], [["GCS_OBJECT_DELETED"], [undefined]]);
    assert.deepEqual(run.numbers, range(5, 11));
    assert.equal(readsOf(w.bucket, "a"), 1);
    assert.deepEqual(run.troubles, []);
  });

  test("deleted between two runs, when it was begun: the report says how far it came", async () => {
    const w = await world();
    w.bucket.put("a", gzip(numbered(50)));
    const first = start(w, { acknowledge: "message", maxUnacknowledged: 10 });
    await until("ten are out", () => first.out.length === 10);
    for (const giveBack of first.out) giveBack();
    await until("ten more are out", () => first.out.length === 20);
    await first.close();
    w.bucket.delete("a");
    const second = start(w);
    await second.reported(1);
    await second.again();
    assert.deepEqual(
      second.reports.map(({ lines, events, error }) => [lines, events, error?.code]),
      [[10, 10, "GCS_OBJECT_DELETED"]],
    );
    await second.close();
    const third = start(w);
    await third.again();
    assert.deepEqual(third.reports, []);
  });

  test("in its metadata only: that is no new version", async () => {
    const w = await world();
    w.bucket.put("a", gzip(numbered(3)));
    const run = start(w);
    await run.reported(1);
    w.bucket.touch("a");
    await run.again();
    assert.deepEqual([run.numbers, run.reports.length, readsOf(w.bucket, "a")], [range(3), 1, 1]);
  });
});

describe("an object that comes", () => {
  test("behind the page that the listing has reached is found by the next one", async () => {
    const w = await world({ pageSize: 2 });
    for (const [at, name] of ["d", "e", "f", "g"].entries()) w.bucket.put(name, gzip(numbered(1, at)));
    w.bucket.faults.add({ kind: "list", skip: 1, before: () => void w.bucket.put("a", gzip(numbered(1, 100))) });
    const run = start(w);
    await run.reported(4);
    await run.atRest();
    assert.deepEqual(ascending(run.numbers), range(4, 0));
    await run.again();
    assert.deepEqual(run.numbers.at(-1), 100);
    assert.equal(run.sent.length, 5);
  });

  test("with the time of others that are done is found, under any name, also after a restart", async () => {
    const w = await world();
    const put = (name: string, n: number): unknown =>
      w.bucket.put(name, gzip(numbered(1, n)), { createdMs: CREATED_MS, generation: String(n + 1) });
    for (const n of range(30)) put(`m${n}`, n);
    const first = start(w);
    await first.reported(30);
    put("a", 31);
    await first.again();
    await first.close();
    put("m1-", 32);
    put("z", 33);
    const second = start(w);
    await second.reported(2);
    await second.again();
    assert.deepEqual(ascending(first.numbers), range(31));
    assert.deepEqual(ascending(second.numbers), [32, 33]);
  });

  test("older than all that is done is found", async () => {
    const w = await world();
    w.bucket.put("m", gzip(numbered(1)), { createdMs: CREATED_MS });
    const run = start(w);
    await run.reported(1);
    w.bucket.put("a", gzip(numbered(1, 2)), { createdMs: CREATED_MS - 5 * 86_400_000 });
    await run.again();
    assert.deepEqual(run.numbers, [1, 2]);
  });
});

describe("names and generations", () => {
  test("of every kind are read, and taken for one another never", async () => {
    const w = await world();
    const names = [
      "100%",
      "100%25",
      "a#b",
      "a?b=c&d",
      "a b",
      "a+b",
      "ü/😀",
      "../up",
      "a//b",
      "/a",
      "a\\b",
      "internal/2026-09-21/x.json.gz",
      "internal/2026-09-21/x.json",
    ];
    for (const [at, name] of names.entries()) w.bucket.put(name, gzip(numbered(1, at)));
    w.bucket.put("folder/", "");
    w.bucket.put("full/", gzip(numbered(1, 99)));
    const run = start(w);
    await run.reported(names.length + 1);
    await run.again();
    await run.close();
    const next = start(w);
    await next.again();
    assert.deepEqual(next.reports, []);
    assert.deepEqual(
      run.sent.map(({ name, event }) => `${event["n"] as number} ${name}`).toSorted(),
      [...names.map((name, at) => `${at} ${name}`), "99 full/"].toSorted(),
    );
    assert.equal(run.reports.length, names.length + 1);
    assert.ok(w.bucket.requests.every(({ status }) => status < 400));
  });

  test("above 2^53 are two where they differ in the last digit", async () => {
    const w = await world();
    w.bucket.put("a", gzip(numbered(1, 1)), { generation: "9007199254740993000" });
    const run = start(w);
    await run.reported(1);
    w.bucket.put("a", gzip(numbered(1, 2)), { generation: "9007199254740993001" });
    await run.again();
    await run.close();
    w.bucket.put("a", gzip(numbered(1, 3)), { generation: "9007199254740993002" });
    const next = start(w);
    await next.reported(1);
    await next.again();
    assert.deepEqual(
      [...run.sent, ...next.sent].map(({ generation, event }) => [generation.slice(-4), event["n"]]),
      [
        ["3000", 1],
        ["3001", 2],
        ["3002", 3],
      ],
    );
    assert.deepEqual(rangesOf(w.bucket, "a"), [undefined, undefined, undefined]);
  });
});
