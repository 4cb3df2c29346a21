import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Script } from "node:vm";
import { examples } from "./support/examples";

const nodes = examples().find(({ file }) => file.startsWith("12"))?.nodes ?? [];

/** A function of example 12, with the tab's variables and those of the environment; what it warns of goes into a list. */
function functionOf(
  name: string,
  environment: Readonly<Record<string, unknown>> = {},
  warnings: string[] = [],
): (msg: object) => unknown {
  const code = String(nodes.find((one) => one.type === "function" && one["name"] === name)?.["func"]);
  const variables = nodes[0]?.["env"] as readonly { name: string; value: string }[];
  const values = new Map(variables.map((one) => [one.name, one.value]));
  const outside: Readonly<Record<string, unknown>> = {
    ELASTIC_URL: "https://elastic.example:9200",
    ELASTIC_API_KEY: "key",
    ...environment,
  };
  const env = { get: (variable: string) => values.get(variable) ?? outside[variable] };
  const node = { status: () => undefined, warn: (text: string) => void warnings.push(text) };
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
    readonly refused: readonly {
      readonly status: number;
      readonly error?: { readonly reason: string };
      readonly cause: string;
    }[];
    readonly most: number;
    readonly cause: string;
  }
  const judge = (
    statusCode: number | string | undefined,
    answer: object | string,
    documents: readonly string[],
  ): Judged => {
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
    assert.equal(second?.[0], '{"create":{"_index":"logs-panw_cortex_xdr.unknown-default"}}');
    assert.match(second[1] ?? "", /^\{"@timestamp":"\d{4}-[^"]+Z","message":"c"\}$/);
    const gone = functionOf("bulk lines")({ _msgid: "m", payload: {}, ecs: {}, change: "removed" }) as Lines;
    assert.deepEqual([...gone.payload.lines], []);
  });

  void test("give each document of a message an id of its own, the same one each time", () => {
    const ids = (...given: readonly (string | undefined)[]): unknown[] => {
      const msg = { payload: given.map(() => ({})), ecs: given.map((id) => (id === undefined ? {} : { id })) };
      const { payload } = functionOf("bulk lines")(msg) as Lines;
      return payload.lines.map((text) => (JSON.parse(text.split("\n")[0]!) as { create: { _id?: string } }).create._id);
    };
    assert.deepEqual(ids("x", "y", "x", undefined, "x", undefined), ["x", "y", "x-2", undefined, "x-3", undefined]);
    assert.deepEqual(ids("x"), ["x"]);
  });

  void test("go to the address as it was meant, with nothing else but the key, and follow no redirect", () => {
    interface Sent {
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly followRedirects: boolean;
    }
    const send = (environment: Readonly<Record<string, unknown>>): Sent =>
      (functionOf("next request", environment)({ documents: ["a"], most: 1 }) as [Sent])[0];
    const { url, headers, followRedirects } = send({
      ELASTIC_URL: " HTTPS://elastic.example/es// \n",
      ELASTIC_API_KEY: "key\n",
    });
    assert.equal(url, "https://elastic.example/es/_bulk?pipeline=_none");
    assert.equal(headers["authorization"], "ApiKey key");
    assert.equal(followRedirects, false);
    for (const address of ["elastic.example:9200", "ftp://elastic.example", "//elastic.example"]) {
      assert.throws(() => send({ ELASTIC_URL: address }), {
        message: /^The environment variable ELASTIC_URL must begin with "https:\/\/" or/,
      });
    }
    for (const name of ["ELASTIC_URL", "ELASTIC_API_KEY"]) {
      for (const value of [undefined, "", " "]) {
        assert.throws(() => send({ [name]: value }), { message: `The environment variable ${name} is not set.` });
      }
    }
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
      [400, { statusCode: 400, error: "Bad Request", message: "Kibana" }],
      [400, { error: { reason: "no type" } }],
      [302, ERROR],
    ];
    for (const [status, answer] of answers) {
      const { documents, again, refused } = judge(status, answer, ["a", "b"]);
      assert.deepEqual([[...documents], [...again], [...refused]], [["rest"], ["a", "b"], []], String(status));
    }
  });

  void test("send again what is refused for the cluster's sake, and not for the document's", () => {
    const shards = "this action would add [2] shards, but this cluster currently has [1000]/[1000] maximum shards open";
    const ofCluster = [
      { type: "validation_exception", reason: `Validation Failed: 1: ${shards};` },
      { type: "illegal_argument_exception", reason: `Validation Failed: 1: ${shards};` },
      { type: "illegal_argument_exception", reason: shards },
      { type: "index_closed_exception", reason: "closed" },
      { type: "illegal_argument_exception", reason: "pipeline with id [x] does not exist" },
    ];
    for (const error of ofCluster) {
      const one = judge(200, { items: [{ create: { status: 400, error } }] }, ["a"]);
      assert.deepEqual([[...one.again], one.refused.length, one.cause], [["a"], 0, `400: ${error.reason}`]);
      assert.deepEqual([...judge(400, { error, status: 400 }, ["a", "b"]).again], ["a", "b"]);
    }
    // A document that speaks of such things must not hold up all others.
    const reason = "failed to parse field [host.ip]. Preview: 'pipeline with id, maximum shards open'";
    const error = { type: "document_parsing_exception", reason };
    assert.equal(judge(200, { items: [{ create: { status: 400, error } }] }, ["a"]).refused.length, 1);
  });

  void test("take no answer for one of a bulk request that is none, whatever it is", () => {
    const answers = [
      ...[{}, [], 1, "text", true, null, { items: "a" }, { items: { length: 1 } }, { items: [null] }, { items: [{}] }],
      ...[{ items: [{ index: { status: 201 } }] }, { items: [{ create: null }] }, { items: [{ create: {} }] }],
      ...[{ items: [{ create: { status: "201" } }] }, { items: [{ create: { status: 201.5 } }] }, { error: null }],
    ].map((answer) => JSON.stringify(answer));
    for (const answer of ["", ...answers]) {
      const { again, refused, cause } = judge(200, answer, ["a"]);
      assert.deepEqual([[...again], refused.length, cause], [["a"], 0, "200, but no answer of a bulk request"], answer);
    }
  });

  void test("tell causes in clear words", () => {
    const causes: readonly [number | string | undefined, object | string, string][] = [
      ["ECONNREFUSED", "Error: connect", "ECONNREFUSED"],
      [undefined, "Error", "no answer"],
      [503, "<html>", "503"],
      [302, "", "302, a redirect, which is not followed"],
      [400, { error: "Bad Request" }, "400: Bad Request"],
      [401, { error: { type: "security_exception" } }, "401: security_exception"],
      [503, { error: { reason: { toString: 1 }, type: null } }, "503"],
      [200, { items: [{ create: { status: 429 } }] }, "429"],
      [200, { items: [{ create: { status: 429, error: null } }] }, "429"],
    ];
    for (const [status, answer, cause] of causes) assert.equal(judge(status, answer, ["a"]).cause, cause);
    assert.equal(judge(413, "", ["a"]).refused[0]?.cause, "413: too large");
    assert.equal(judge(200, { items: [{ create: { status: 400 } }] }, ["a"]).refused[0]?.cause, "400");
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

  void test("begin to wait anew when something of a request was taken, and warn once", () => {
    const warnings: string[] = [];
    const whenAgain = functionOf("when again?", {}, warnings);
    const msg = { documents: [], cause: "429", refused: [], again: ["a"], count: 2, tries: 4 };
    assert.deepEqual([(whenAgain(msg) as [{ delay: number }])[0].delay, msg.tries], [10_000, 1]);
    msg.count = 1;
    assert.deepEqual([(whenAgain(msg) as [{ delay: number }])[0].delay, msg.tries], [20_000, 2]);
    assert.deepEqual(warnings, []);
    msg.tries = 0;
    whenAgain(msg);
    assert.equal(warnings.length, 1);
  });

  void test("keep the key to themselves: it is taken out of a failed request before anything else sees it", () => {
    const byId = new Map(nodes.map((one) => [one.id, one]));
    const catcher = nodes.find(({ type, scope }) => type === "catch" && scope === null);
    const targets = (catcher?.wires ?? []).flat().map((id) => byId.get(id));
    assert.equal(targets.length, 1);
    assert.deepEqual(targets[0]?.["rules"], [{ t: "delete", p: "headers", pt: "msg" }]);
  });
});
