import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseEventLine, type EventLine } from "../../../nodes/lib/gcs/event-line";
import { LineReader } from "../../../nodes/lib/gcs/line-reader";

/** The first line of what an object may hold. */
function lineOf(content: string | Buffer, { isCut = false, maxLineBytes = 1_000_000 } = {}): EventLine {
  const found: EventLine[] = [];
  const reader = new LineReader({ maxLineBytes });
  const onLine = (line: Parameters<typeof parseEventLine>[0]): void => void found.push(parseEventLine(line, isCut));
  reader.push(Buffer.from(content), onLine);
  reader.end(onLine);
  const [first] = found;
  assert.ok(first);
  return first;
}

function badOf(content: string | Buffer, options?: Parameters<typeof lineOf>[1]): Extract<EventLine, { kind: "bad" }> {
  const line = lineOf(content, options);
  if (line.kind !== "bad") assert.fail(`${line.kind} instead of bad`);
  return line;
}

describe("parseEventLine", () => {
  for (const content of ['{"a":1}', ' {"a":1}\t', '{"a":1}\r', '\ufeff{"a":1}']) {
    test(`reads ${JSON.stringify(content)} as an event`, () => {
      const line = lineOf(content);
      assert.deepEqual(line.kind === "event" && line.event, { a: 1 });
    });
  }

  test("gives an event's text as it was, digits above 2^53 too", () => {
    const line = lineOf('{"id": 9007199254740993}\r\n');
    assert.equal(line.kind === "event" && line.text, '{"id": 9007199254740993}');
  });

  test("keeps __proto__ and constructor as own properties, and no prototype changes", () => {
    const line = lineOf('{"__proto__":{"polluted":1},"constructor":2}');
    assert.ok(line.kind === "event");
    assert.deepEqual(Object.keys(line.event), ["__proto__", "constructor"]);
    assert.equal(Object.getPrototypeOf(line.event), Object.prototype);
    assert.equal((line.event as { polluted?: unknown }).polluted, undefined);
  });

  for (const content of ["", " ", "\t \t", "\r", "\r\r", "  \r", "\ufeff", "\ufeff \t"]) {
    test(`takes ${JSON.stringify(content)} for blank`, () => {
      assert.equal(lineOf(`${content}\n`).kind, "blank");
    });
  }

  const noObjects = { "[{}]": "an array", "12": "a number", '"{}"': "a string", null: "null", true: "a boolean" };
  for (const [content, what] of Object.entries(noObjects)) {
    test(`says that ${content} is ${what}`, () => {
      const { error, text } = badOf(content);
      assert.deepEqual([error.code, text], ["GCS_LINE_NOT_OBJECT", content]);
      assert.match(error.message, new RegExp(`^The line is ${what}: `));
    });
  }

  for (const content of ["secret", '{"secret":', '{"secret":1} secret', "{secret}", "\ufffdsecret", "\u00a0", "\f"]) {
    test(`says that ${JSON.stringify(content)} is no JSON, and nothing of what it is`, () => {
      const { error, text } = badOf(content);
      assert.deepEqual([error.code, text], ["GCS_LINE_NOT_JSON", content]);
      assert.match(error.message, /^The line is no JSON(?:\.|: it ends before .*\.| from character \d+ on\.)$/);
    });
  }

  test("names the place where that is known", () => {
    assert.equal(badOf('{"a":1 "b":2}').error.message, "The line is no JSON from character 8 on.");
    assert.match(badOf('{"a":').error.message, /it ends before/);
  });

  test("does not take what a line says of itself for that place", () => {
    assert.doesNotMatch(badOf('{"a":x at position 4}').error.message, /character/);
  });

  test("replaces what is no UTF-8", () => {
    const line = lineOf(Buffer.from([...Buffer.from('{"a":"'), 0xff, 0x41, 0xc3, ...Buffer.from('"}')]));
    assert.deepEqual(line.kind === "event" && line.event, { a: "\ufffdA\ufffd" });
    assert.equal(badOf(Buffer.from([0x41, 0xff])).text, "A\ufffd");
  });

  for (const character of ["x", "é", "€", "😀"]) {
    test(`shows 1,000 characters like ${character} of a bad line`, () => {
      for (const count of [999, 1000, 1001, 5000]) {
        const whole = `[${character.repeat(count - 1)}`;
        assert.equal(badOf(whole).text, Array.from(whole).slice(0, 1000).join(""));
        assert.equal(badOf(whole, { maxLineBytes: 7 }).text, Array.from(whole).slice(0, 1000).join(""));
      }
    });
  }

  test("says that a line is too long, without parsing it", () => {
    assert.equal(badOf('{"a":1}', { maxLineBytes: 6 }).error.code, "GCS_LINE_TOO_LONG");
    assert.equal(lineOf('{"a":1}', { maxLineBytes: 7 }).kind, "event");
  });

  test("the last line of a cut object is an event if it is one, else cut", () => {
    assert.equal(lineOf('{"a":1}', { isCut: true }).kind, "event");
    for (const content of ['{"a":1', "12", "nul"]) {
      const { error, text } = badOf(content, { isCut: true });
      assert.deepEqual([error.code, text], ["GCS_LINE_CUT", content]);
    }
    assert.equal(lineOf(" ", { isCut: true }).kind, "blank");
  });
});
