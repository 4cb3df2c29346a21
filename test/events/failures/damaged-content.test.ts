import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { flipped, gzip, truncated } from "../../support/simulated-bucket/event-lines";
import { until } from "../../support/until";
import { HastyClock, numbered, range, readsOf, start, wide, world } from "./rig";

/** Events whose text hardly compresses: half of the gzip data is half of the lines. */
function noisy(count: number, from = 1): string {
  let text = "";
  let noise = 1;
  for (let n = from; n < from + count; n += 1) {
    let fill = "";
    while (fill.length < 800) {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
      fill += noise.toString(36);
    }
    text += `${JSON.stringify({ n, fill })}\n`;
  }
  return text;
}

/** Does not come back from a wait of a second or more, so that nothing is read again. */
class PatientClock extends HastyClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return super.sleep(ms >= 1000 ? 1e9 : ms, signal);
  }
}

describe("gzip data that end too early", () => {
  test("give each complete line once, then the cut one, and are given up after three looks at the same place", async () => {
    const w = await world();
    const data = gzip(noisy(400));
    const { generation } = w.bucket.put("cut", truncated(data, data.length >> 1));
    w.bucket.put("fine", gzip(numbered(3)));
    const run = start(w);
    await run.reported(2);
    const good = run.sent.filter(({ name }) => name === "cut").map(({ event }) => event["n"]);
    assert.ok(good.length > 150 && good.length < 250, `${good.length}`);
    assert.deepEqual(good, range(good.length));
    assert.deepEqual(
      run.bad.map(({ line, error }) => [line, error.code]),
      [[good.length + 1, "GCS_LINE_CUT"]],
    );
    const [report] = run.reports.filter(({ name }) => name === "cut");
    assert.deepEqual([report!.lines, report!.events, report!.bad], [good.length + 1, good.length, 1]);
    assert.equal(report!.error!.code, "GCS_OBJECT_DAMAGED");
    assert.match(report!.error!.message, new RegExp(`"cut" \\(generation ${generation}\\).* ${good.length} events`));
    // Three attempts, and one look at whether the bucket has other bytes.
    assert.equal(readsOf(w.bucket, "cut"), 4);
    await run.again();
    await run.close();
    const next = start(w);
    await next.again();
    assert.deepEqual([next.sent.length, next.reports.length, readsOf(w.bucket, "cut")], [0, 0, 4]);
  });

  test("are read on from the last line after a restart in between, and looks before it count", async () => {
    const w = await world();
    const data = gzip(noisy(400));
    w.bucket.put("cut", truncated(data, data.length >> 1));
    const first = start(w, { clock: new PatientClock() });
    await until("it is waited for", () => first.state.waitingObjects === 1 && first.sent.length > 150);
    await first.close();
    assert.equal(readsOf(w.bucket, "cut"), 1);
    assert.deepEqual([first.reports, first.bad], [[], []]);
    const second = start(w);
    await second.reported(1);
    assert.equal(second.sent.length, 0);
    assert.deepEqual(
      second.bad.map(({ line }) => line),
      [first.sent.length + 1],
    );
    assert.equal(readsOf(w.bucket, "cut"), 4);
  });

  test("do so, too, when only the trailer is missing", async () => {
    const w = await world();
    const data = gzip(numbered(50));
    w.bucket.put("a", truncated(data, data.length - 4));
    const run = start(w);
    await run.reported(1);
    assert.deepEqual(run.numbers, range(50));
    assert.deepEqual([run.bad.length, run.codesOf("a")], [0, ["GCS_OBJECT_DAMAGED"]]);
  });
});

describe("a bit that is flipped", () => {
  test("in the bucket: what comes before it leaves once, and the report says what may be wrong", async () => {
    const w = await world();
    const data = gzip(noisy(400));
    w.bucket.put("a", flipped(data, data.length >> 1));
    const run = start(w);
    await run.reported(1);
    const [report] = run.reports;
    assert.equal(report!.error!.code, "GCS_OBJECT_DAMAGED");
    assert.match(report!.error!.message, /the last of them may be wrong/);
    const intact = run.numbers.slice(0, 150);
    assert.deepEqual(intact, range(150));
    assert.equal(new Set(run.sent.map(({ line }) => line)).size, run.sent.length);
    const reads = readsOf(w.bucket, "a");
    await run.again();
    assert.equal(readsOf(w.bucket, "a"), reads);
  });

  for (const share of [0.37, 0.5, 0.8]) {
    test(`on the way, ${share * 100} % through: what has left may be wrong, and leaves again as the bucket has it`, async () => {
      const w = await world();
      const data = gzip(noisy(400));
      w.bucket.put("a", data);
      w.bucket.faults.add({ kind: "media", corruptAt: Math.floor(data.length * share) });
      const run = start(w);
      await run.reported(1);
      assert.deepEqual(run.numbers.slice(-400), range(400));
      const [report] = run.reports;
      assert.deepEqual([report!.lines, report!.events, report!.bad, report!.error], [400, 400, 0, undefined]);
      assert.equal(run.notices.length, 1);
      assert.match(run.notices[0]!, /"a".* arrived damaged.* leave again/);
      await run.again();
      assert.equal(run.reports.length, 1);
    });
  }

  test("on the way, before a restart: no line is missing after it", async () => {
    const w = await world();
    const data = gzip(noisy(400));
    w.bucket.put("a", data);
    w.bucket.faults.add({ kind: "media", corruptAt: data.length >> 1 });
    const first = start(w, { clock: new PatientClock() });
    await until("it is waited for", () => first.state.waitingObjects === 1 && first.sent.length > 150);
    await first.close();
    const second = start(w);
    await second.reported(1);
    assert.deepEqual(second.numbers.slice(-400), range(400));
  });

  test("on the way, however often: an object that is whole in the bucket is not given up", async () => {
    const w = await world();
    const data = gzip(noisy(40));
    w.bucket.put("a", data);
    // Three attempts, and a look at the bytes themselves, which are not those of the bucket; and all of that again.
    w.bucket.faults.add({ kind: "media", times: 8, corruptAt: data.length - 6 });
    const run = start(w);
    await run.reported(1);
    // What left of the first attempt was not known to be right: it leaves again.
    assert.deepEqual(run.numbers, [...range(40), ...range(40)]);
    assert.deepEqual([run.bad, run.codesOf("a")], [[], [undefined]]);
    assert.equal(readsOf(w.bucket, "a"), 10);
  });
});

describe("gzip data", () => {
  test("of several members are one object, lines that span two of them too", async () => {
    const w = await world();
    const text = numbered(100);
    const cut = text.indexOf('"n":50') + 3;
    w.bucket.put("a", Buffer.concat([gzip(text.slice(0, cut)), gzip(""), gzip(text.slice(cut))]));
    const run = start(w);
    await run.reported(1);
    assert.deepEqual(
      run.sent.map(({ line, event }) => [line, event["n"]]),
      range(100).map((n) => [n, n]),
    );
    assert.deepEqual(run.codesOf("a"), [undefined]);
    assert.equal(readsOf(w.bucket, "a"), 1);
  });

  test("with other bytes behind them count whole; that is said once, and nothing is read again", async () => {
    const w = await world();
    w.bucket.put("a", Buffer.concat([gzip(numbered(60)), Buffer.from("left over")]));
    w.bucket.put("padded", Buffer.concat([gzip(numbered(1)), Buffer.alloc(512)]));
    const run = start(w);
    await run.reported(2);
    await run.again();
    assert.equal(run.sent.filter(({ name }) => name === "a").length, 60);
    assert.deepEqual(run.codesOf("a"), ["GCS_TRAILING_BYTES"]);
    assert.deepEqual(run.codesOf("padded"), [undefined]);
    assert.equal(readsOf(w.bucket, "a"), 1);
  });

  test("inside gzip data are read, three layers are an error at once", async () => {
    const w = await world();
    w.bucket.put("two", gzipSync(gzipSync(numbered(5))));
    w.bucket.put("three", gzipSync(gzipSync(gzipSync(numbered(5)))));
    const run = start(w);
    await run.reported(2);
    assert.deepEqual([run.codesOf("two"), run.codesOf("three")], [[undefined], ["GCS_NESTED_TOO_DEEP"]]);
    assert.deepEqual(run.numbers, range(5));
    assert.equal(readsOf(w.bucket, "three"), 1);
  });
});

describe("an object that is no gzip data", () => {
  test("is read as text whatever its metadata say, and on from the line where it was left", async () => {
    const w = await world();
    const options = { contentType: "application/gzip" };
    w.bucket.put("plain.json.gz", wide(2000), options);
    let isFull = false;
    const first = start(w, {
      acknowledge: "message",
      maxUnacknowledged: 100,
      onSend: () => void (isFull = first.out.length >= 600),
    });
    await until("some", () => {
      if (!isFull) for (const giveBack of first.out.slice(-100)) giveBack();
      return isFull;
    });
    await first.close();
    const second = start(w);
    await second.reported(1);
    assert.deepEqual([...new Set([...first.numbers, ...second.numbers])], range(2000));
    assert.ok(second.numbers[0]! > 400, `${second.numbers[0]}`);
    assert.ok(second.numbers[0]! <= first.numbers.length + 1);
  });
});

describe("an empty object", () => {
  test("of no bytes is done at once, and is no error", async () => {
    const w = await world();
    w.bucket.put("none", "");
    w.bucket.put("none.gz", gzip(""));
    const run = start(w);
    await run.reported(2);
    await run.again();
    await run.close();
    const next = start(w);
    await next.again();
    assert.deepEqual(
      [...run.reports, ...next.reports].map(({ lines, events, bad, bytes, error }) => [
        lines,
        events,
        bad,
        bytes,
        error,
      ]),
      Array(2).fill([0, 0, 0, 0, undefined]),
    );
    assert.ok(readsOf(w.bucket, "none") <= 1 && readsOf(w.bucket, "none.gz") === 1);
  });
});

describe("an object that the service decompresses by itself", () => {
  const stored = { contentEncoding: "gzip", contentType: "application/json" };

  test("is read, and on behind a break without asking for a part", async () => {
    const w = await world();
    w.bucket.put("a", gzip(noisy(1000)), stored);
    w.bucket.faults.push(
      { kind: "media", transcode: true, endAfterBytes: 300_000, noLength: true },
      { kind: "media", transcode: true, times: 100 },
    );
    const run = start(w);
    await run.reported(1);
    assert.deepEqual(run.numbers, range(1000));
    assert.deepEqual(run.codesOf("a"), [undefined]);
  });

  test("and then not any more is begun anew, and no line leaves twice", async () => {
    const w = await world();
    w.bucket.put("a", gzip(noisy(1000)), stored);
    w.bucket.faults.add({ kind: "media", transcode: true, resetAfterBytes: 300_000 });
    const run = start(w);
    await run.reported(1);
    assert.deepEqual(run.numbers, range(1000));
    assert.deepEqual(run.codesOf("a"), [undefined]);
  });

  test("is given up when it is damaged: its checksum is not that of what arrives", async () => {
    const w = await world();
    w.bucket.put("a", gzip(truncated(gzip(noisy(40)), 8000)), stored);
    w.bucket.faults.add({ kind: "media", transcode: true, times: 1000 });
    const run = start(w);
    await run.reported(1);
    assert.deepEqual(run.codesOf("a"), ["GCS_OBJECT_DAMAGED"]);
    assert.ok(readsOf(w.bucket, "a") <= 12, `${readsOf(w.bucket, "a")} reads`);
  });
});
