import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SimulatedElasticsearch } from "./simulated-elasticsearch";

const STREAM = "logs-a.b-default";
const DOCUMENT = '{"@timestamp":"2026-01-31T00:00:00.000Z"}';

let elastic: SimulatedElasticsearch;
before(async () => {
  elastic = await SimulatedElasticsearch.start();
});
after(() => elastic.stop());

interface Answer {
  readonly status: number;
  readonly reason: string | undefined;
  readonly items: readonly (readonly [number, string | undefined])[];
}

async function post(
  body: string,
  headers: Record<string, string> = {},
  path = "/_bulk?pipeline=_none",
): Promise<Answer> {
  const response = await fetch(elastic.url + path, {
    method: "POST",
    headers: { authorization: `ApiKey ${elastic.apiKey}`, "content-type": "application/x-ndjson", ...headers },
    body,
  });
  const { error, items = [] } = (await response.json()) as {
    readonly error?: { readonly reason: string };
    readonly items?: readonly Record<string, { readonly status: number; readonly error?: { readonly type: string } }>[];
  };
  const results = items.flatMap((item) => Object.values(item));
  return {
    status: response.status,
    reason: error?.reason,
    items: results.map((item) => [item.status, item.error?.type] as const),
  };
}
const lines = (...all: readonly (string | object)[]): string =>
  all.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
const create = (id?: string, _index = STREAM): object => ({
  create: { _index, ...(id === undefined ? {} : { _id: id }) },
});

test("takes documents, and an id once", async () => {
  const { status, items } = await post(lines(create("1"), DOCUMENT, create(), DOCUMENT, create("1"), DOCUMENT));
  assert.deepEqual(
    [status, items],
    [
      200,
      [
        [201, undefined],
        [201, undefined],
        [409, "version_conflict_engine_exception"],
      ],
    ],
  );
  assert.equal(elastic.documents.length, 2);
});

test("refuses items one by one", async () => {
  const { status, items } = await post(
    lines(
      ...[
        { index: { _index: STREAM } },
        DOCUMENT,
        create("2", "alerts"),
        DOCUMENT,
        create("2", "logs-A-default"),
        DOCUMENT,
      ],
      ...[create("2"), '{"message":"no time"}', create("2"), '{"@timestamp":"yesterday"}', create("2"), "no JSON"],
    ),
  );
  assert.equal(status, 200);
  assert.deepEqual(
    items.map(([itemStatus]) => itemStatus),
    [400, 404, 404, 400, 400, 400],
  );
});

test("refuses whole requests", async () => {
  const body = lines(create("3"), DOCUMENT);
  const before = elastic.documents.length;
  const answers = await Promise.all([
    post(body, { authorization: "ApiKey wrong" }),
    post(body, { "content-type": "text/plain" }),
    post(body, {}, "/_doc?pipeline=_none"),
    post(body, {}, "/_bulk"),
    post(body, {}, "/_bulk?pipeline=_none&what=1"),
    post(body.slice(0, -1)),
    post(""),
    post(lines(create("3"))),
    post(lines("[]", DOCUMENT)),
    post(lines({ make: { _index: STREAM } }, DOCUMENT)),
    post(lines(create(""), DOCUMENT)),
    post(lines(create("x".repeat(513)), DOCUMENT)),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [401, 406, 404, 400, 400, 400, 400, 400, 400, 400, 400, 400],
  );
  assert.equal(elastic.documents.length, before);
});

test("does what it is told, once for each request", async () => {
  elastic.next.push({ kind: "status", status: 503 }, { kind: "reset" });
  elastic.refuse = ({ message }) => (message === "busy" ? 429 : undefined);
  assert.equal((await post(lines(create("4"), DOCUMENT))).status, 503);
  await assert.rejects(post(lines(create("4"), DOCUMENT)));
  const busy = '{"@timestamp":"2026-01-31T00:00:00.000Z","message":"busy"}';
  const { items } = await post(lines(create("4"), DOCUMENT, create("5"), busy));
  assert.deepEqual(items, [
    [201, undefined],
    [429, "es_rejected_execution_exception"],
  ]);
  const last = elastic.requests.slice(-3);
  assert.deepEqual(
    last.map(({ status, sources }) => [status, sources.length]),
    [
      [503, 1],
      [undefined, 1],
      [200, 2],
    ],
  );
});
