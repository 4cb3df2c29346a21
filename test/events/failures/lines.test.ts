import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { kindOf } from "../../../nodes/lib/gcs/event-kind";
import { gzip } from "../../support/simulated-bucket/event-lines";
import { numbered, range, start, world, type Run, type Settings } from "./rig";

/** Reads one object to its end. */
async function read(content: string | Buffer, settings: Settings = {}): Promise<Run> {
  const w = await world();
  w.bucket.put("a", gzip(content));
  const run = start(w, settings);
  await run.reported(1);
  await run.again();
  assert.equal(run.reports.length, 1);
  return run;
}

const placesOf = (run: Run): [unknown, number][] => run.sent.map(({ event, line }) => [event["n"], line]);
const badOf = (run: Run): [number, string][] => run.bad.map(({ line, error }) => [line, error.code]);
const totals = ({ reports: [report] }: Run): unknown[] => [report!.lines, report!.events, report!.bad, report!.error];

describe("blank lines", () => {
  test("are passed over and counted", async () => {
    const run = await read(`\n\r\n  \t\n{"n":1}\n\n{"n":2}\n   \n`);
    assert.deepEqual(placesOf(run), [
      [1, 4],
      [2, 6],
    ]);
    assert.deepEqual(totals(run), [7, 2, 0, undefined]);
  });

  test("alone make an object without events that is done", async () => {
    const run = await read("\n".repeat(1000));
    assert.deepEqual([run.sent, run.bad], [[], []]);
    assert.deepEqual(totals(run), [1000, 0, 0, undefined]);
  });
});

describe("lines that are no events", () => {
  test("without JSON leave with object, line and beginning, and the next line is read", async () => {
    const long = "no json ".repeat(500);
    const run = await read(`{"n":1}\n${long}\n{"n":3}\n`);
    assert.deepEqual(placesOf(run), [
      [1, 1],
      [3, 3],
    ]);
    assert.deepEqual(badOf(run), [[2, "GCS_LINE_NOT_JSON"]]);
    assert.deepEqual([run.bad[0]!.name, run.bad[0]!.text], ["a", long.slice(0, 1000)]);
    assert.deepEqual(totals(run), [3, 2, 1, undefined]);
  });

  test("of JSON that is no object are bad, too: arrays are not taken apart", async () => {
    const run = await read(`[{"n":1},{"n":2}]\nnull\n7\ntrue\n"text"\n{"n":6}`);
    assert.deepEqual(placesOf(run), [[6, 6]]);
    assert.deepEqual(
      badOf(run),
      range(5).map((line) => [line, "GCS_LINE_NOT_OBJECT"]),
    );
  });

  test("many of them in a batch do not get lost, and no event with them", async () => {
    const lines = range(3000).map((n) => (n % 7 === 0 ? `{"n":${n}` : `{"n":${n}}`));
    const run = await read(lines.join("\n"), { batchSize: 500 });
    assert.deepEqual(
      run.numbers,
      range(3000).filter((n) => n % 7 !== 0),
    );
    assert.deepEqual(
      run.bad.map(({ line }) => line),
      range(3000).filter((n) => n % 7 === 0),
    );
  });
});

describe("the end of an object", () => {
  test("without a newline ends a line all the same", async () => {
    const run = await read(`{"n":1}\n{"n":2}`);
    assert.deepEqual(run.numbers, [1, 2]);
    assert.deepEqual(totals(run), [2, 2, 0, undefined]);
  });

  test("in the middle of a line makes that one bad, and the object is done", async () => {
    const run = await read(`{"n":1}\n{"n":`);
    assert.deepEqual(run.numbers, [1]);
    assert.deepEqual(badOf(run), [[2, "GCS_LINE_NOT_JSON"]]);
    assert.deepEqual(totals(run), [2, 1, 1, undefined]);
  });
});

describe("the bytes of a line", () => {
  test("may end with a carriage return, which is no part of it", async () => {
    const run = await read(`{"n":1}\r\n{"n":2}\r\n`, { rawLines: true });
    assert.deepEqual(
      run.sent.map(({ raw }) => raw),
      ['{"n":1}', '{"n":2}'],
    );
  });

  test("may begin with a byte order mark, at the start of the object", async () => {
    const run = await read(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(numbered(3))]), {
      rawLines: true,
    });
    assert.deepEqual(run.numbers, [1, 2, 3]);
    assert.equal(run.sent[0]!.raw, '{"n":1}');
    assert.deepEqual(run.bad, []);
  });

  test("may have characters that fall on both sides of any border", async () => {
    // Seven bytes of three characters, again and again: some lie across each border of 64 or 256 KiB.
    const text = "äß😀€".repeat(20_000);
    const lines = range(6).map((n) => JSON.stringify({ n, text: "x".repeat(n) + text }));
    for (const content of [gzip(lines.join("\n")), Buffer.from(lines.join("\n"))]) {
      const w = await world();
      w.bucket.put("a", content);
      const run = start(w);
      await run.reported(1);
      assert.deepEqual(run.numbers, range(6));
      for (const { event } of run.sent) assert.ok((event["text"] as string).endsWith(text));
      assert.deepEqual(run.bad, []);
    }
  });

  test("may be ten million", async () => {
    const fill = "y".repeat(10_000_000);
    const run = await read(`{"n":1}\n{"n":2,"fill":"${fill}"}\n{"n":3}\n`);
    assert.deepEqual(run.numbers, [1, 2, 3]);
    assert.equal((run.sent[1]!.event["fill"] as string).length, fill.length);
  });

  test("may not be more than allowed: such a line is bad, and the next one is read", async () => {
    const run = await read(`{"n":1}\n{"n":2,"fill":"${"y".repeat(5_000_000)}"}\n{"n":3}\n`, { maxLineBytes: 100_000 });
    assert.deepEqual(placesOf(run), [
      [1, 1],
      [3, 3],
    ]);
    assert.deepEqual(badOf(run), [[2, "GCS_LINE_TOO_LONG"]]);
    assert.equal(run.bad[0]!.text.length, 1000);
  });
});

describe("events", () => {
  test("with numbers that JSON rounds come with the line as it was", async () => {
    const line = '{"n":9007199254740993123,"m":1.10}';
    const run = await read(`${line}\n`, { rawLines: true });
    assert.equal(run.sent[0]!.raw, line);
    assert.notEqual(String(run.numbers[0]), "9007199254740993123");
  });

  test("with keys that JavaScript has a meaning for keep them, and change nothing else", async () => {
    const lines = [
      '{"__proto__":{"polluted":true},"n":1}',
      '{"constructor":{"prototype":{"polluted":true}},"n":2}',
      '{"toString":1,"hasOwnProperty":2,"n":3}',
      '{"a":{"__proto__":{"polluted":true}},"n":4}',
    ];
    const run = await read(lines.join("\n"), { batchSize: 10 });
    assert.deepEqual(
      run.sent.map(({ event }) => JSON.stringify(event)),
      lines,
    );
    assert.ok(Object.hasOwn(run.sent[0]!.event, "__proto__"));
    assert.equal(Object.getPrototypeOf(run.sent[0]!.event), Object.prototype);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  });

  test("that the service sends again in another object leave again, from their own place", async () => {
    const w = await world();
    const text = '{"agent_id":"a1","event_id":"AAAB"}\n{"agent_id":"a1","event_id":"AAAC"}\n';
    w.bucket.put("a", gzip(text));
    const run = start(w);
    await run.reported(1);
    w.bucket.put("late", gzip(text));
    await run.again();
    assert.deepEqual(
      run.sent.map(({ name, line, event }) => [name, line, event["event_id"]]),
      [
        ["a", 1, "AAAB"],
        ["a", 2, "AAAC"],
        ["late", 1, "AAAB"],
        ["late", 2, "AAAC"],
      ],
    );
  });

  test("of endpoints and logs of other products in one object leave as they are, and can be told apart", async () => {
    const rows = [
      { event_type: 1, event_id: "AAAB", agent_id: "a1", unknown_field: [{ deep: null }] },
      { _vendor: "PANW", _product: "NGFW", _time: "2026-09-21T00:00:00Z", _reception_time: "1790000000000" },
      { event_type: 99, event_sub_type: "text", event_id: ["in an array"] },
      {},
    ];
    const run = await read(rows.map((row) => JSON.stringify(row)).join("\n"));
    const events = run.sent.map(({ event }) => event);
    assert.deepEqual(events, rows);
    assert.deepEqual(
      events.map((event) => kindOf([event])),
      ["endpoint", "log", "endpoint", "endpoint"],
    );
    assert.equal(kindOf(events), "mixed");
  });
});
