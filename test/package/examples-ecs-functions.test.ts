import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Script } from "node:vm";
import { examples } from "./support/examples";

/** A function of example 12, with the tab's variables. */
function functionOf(name: string): (msg: object) => unknown {
  const nodes = examples().find(({ file }) => file.startsWith("12"))?.nodes ?? [];
  const code = String(nodes.find((one) => one.type === "function" && one["name"] === name)?.["func"]);
  const variables = nodes[0]?.["env"] as readonly { name: string; value: string }[];
  const values = new Map(variables.map((one) => [one.name, one.value]));
  const outside = new Map([
    ["ELASTIC_URL", "https://elastic.example:9200"],
    ["ELASTIC_API_KEY", "key"],
  ]);
  const env = { get: (variable: string) => values.get(variable) ?? outside.get(variable) };
  const node = { status: () => undefined, warn: () => undefined };
  const made = new Script(`(function (msg, env, node) {\n${code}\n})`).runInThisContext() as (
    ...args: readonly unknown[]
  ) => unknown;
  return (msg) => made(msg, env, node);
}

void describe("the functions of example 12", () => {
  interface Lines {
    readonly payload: { readonly id: string; readonly lines: readonly string[] };
  }
  interface Judged {
    readonly documents: readonly string[];
    readonly again: readonly string[];
    readonly refused: readonly { readonly status: number; readonly error?: { readonly reason: string } }[];
    readonly most: number;
  }
  const judge = (statusCode: number | string, answer: object | string, documents: readonly string[]): Judged => {
    const payload = typeof answer === "string" ? answer : JSON.stringify(answer);
    const msg = { statusCode, payload, documents: [...documents, "rest"], count: documents.length, most: 8 };
    return functionOf("taken?")(msg) as Judged;
  };
  const items = (...statuses: readonly number[]): object => ({
    errors: true,
    items: statuses.map((status) => ({ create: { status, error: { type: "any", reason: `reason ${status}` } } })),
  });
  const ERROR = { error: { type: "any", reason: "why" }, status: 400 };

  void test("make two lines of each document of a message, and none of what is gone", () => {
    const ecs = [{ id: "x", dataset: "panw_cortex_xdr.alerts", kind: "alert-v1" }, {}];
    const payload = [{ "@timestamp": "2026-01-31T00:00:00.000Z", message: "a\nb" }, { message: "c" }];
    const made = functionOf("bulk lines")({ _msgid: "m", payload, ecs }) as Lines;
    const [first, second] = made.payload.lines.map((text) => text.split("\n").slice(0, -1));
    assert.equal(made.payload.id, "m");
    assert.deepEqual(first, [
      '{"create":{"_index":"logs-panw_cortex_xdr.alerts-default","_id":"x"}}',
      JSON.stringify(payload[0]),
    ]);
    assert.equal(second?.[0], '{"create":{"_index":"logs-generic-default"}}');
    assert.match(second[1] ?? "", /^\{"@timestamp":"\d{4}-[^"]+Z","message":"c"\}$/);
    const gone = functionOf("bulk lines")({ _msgid: "m", payload: {}, ecs: {}, change: "removed" }) as Lines;
    assert.deepEqual([...gone.payload.lines], []);
  });

  void test("send 500 documents at once, and 5,000,000 characters, but each document that is larger alone", () => {
    const counts = (documents: readonly string[], most = 500): number => {
      const [msg] = functionOf("next request")({ documents, most }) as [{ count: number; payload: string }];
      assert.equal(msg.payload, documents.slice(0, msg.count).join(""));
      return msg.count;
    };
    const large = "x".repeat(2_000_000);
    assert.equal(counts(Array.from({ length: 1200 }, () => "a")), 500);
    assert.equal(counts(["a", "b", "c"], 2), 2);
    assert.equal(counts(["a", "b"]), 2);
    assert.equal(counts([large, large, large]), 2);
    assert.equal(counts([large.repeat(3), "a"]), 1);
    const done = functionOf("next request")({ documents: [], most: 1 }) as readonly unknown[];
    assert.equal(done[0], null);
  });

  void test("take 201 and 409 for taken, send again what is nobody's fault or can be put right, and refuse the rest", () => {
    const statuses = [201, 409, 429, 503, 400, 401, 403, 404, 413];
    const { documents, again, refused } = judge(200, items(...statuses), statuses.map(String));
    assert.deepEqual([...documents], ["rest"]);
    assert.deepEqual([...again], ["429", "503", "401", "403", "404"]);
    assert.deepEqual(
      refused.map(({ status, error }) => [status, error?.reason]),
      [
        [400, "reason 400"],
        [413, "reason 413"],
      ],
    );
  });

  void test("send all again after an answer that tells nothing of the documents", () => {
    const answers: readonly [number | string, object | string][] = [
      ["ECONNREFUSED", "Error: connect ECONNREFUSED"],
      [400, "<html>The plain HTTP request was sent to HTTPS port</html>"],
      ...([401, 403, 404, 429, 500, 503] as const).map((status) => [status, ERROR] as [number, object]),
      [200, "<html>Sign in</html>"],
      [200, items(201)],
      [200, "null"],
    ];
    for (const [status, answer] of answers) {
      const { documents, again, refused } = judge(status, answer, ["a", "b"]);
      assert.deepEqual([[...documents], [...again], [...refused]], [["rest"], ["a", "b"], []], String(status));
    }
  });

  void test("halve a request that is refused as a whole until the document is found", () => {
    for (const [status, answer] of [
      [400, ERROR],
      [413, ""],
    ] as const) {
      const halved = judge(status, answer, ["a", "b", "c"]);
      assert.deepEqual([[...halved.documents], halved.most], [["a", "b", "c", "rest"], 2]);
      assert.deepEqual([halved.again.length, halved.refused.length], [0, 0]);
      const found = judge(status, answer, ["a"]);
      assert.deepEqual([[...found.documents], found.again.length], [["rest"], 0]);
      assert.deepEqual(
        found.refused.map((one) => one.status),
        [status],
      );
    }
    assert.equal(judge(200, items(201), ["a"]).most, 16);
  });

  void test("wait longer after each try, five minutes at most, and as long as Elasticsearch asks within an hour", () => {
    const whenAgain = functionOf("when again?");
    const waits = (headers: object, count: number): number[] => {
      const msg = { documents: [] as string[], cause: "503", refused: [], again: ["a"], headers, tries: undefined };
      return Array.from({ length: count }, () => {
        msg.headers = headers;
        return (whenAgain(msg) as [{ delay: number }])[0].delay / 1000;
      });
    };
    assert.deepEqual(waits({}, 8), [10, 20, 40, 80, 160, 300, 300, 300]);
    assert.deepEqual(waits({ "retry-after": "120" }, 1), [120]);
    assert.deepEqual(waits({ "retry-after": "99999" }, 1), [3600]);
    assert.deepEqual(waits({ "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, 1), [10]);
    const msg = { documents: ["b"], cause: "200", refused: [{}], again: [], tries: 4 };
    assert.deepEqual(whenAgain(msg), [
      null,
      { documents: ["b"], cause: "200", refused: [{}], again: [], tries: 0, delay: 0 },
    ]);
  });
});
