import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Script } from "node:vm";
import { gzipSync } from "node:zlib";
import { NodeRed } from "../support/node-red";
import { createSimulatedBucket, type RecordedRequest, type SimulatedBucket } from "../support/simulated-bucket/bucket";
import { eventLines } from "../support/simulated-bucket/event-lines";
import { until } from "../support/until";
import { examples, withApiEndpoint, withFilesIn, type ExampleNode } from "./support/examples";

interface Event {
  readonly event_type: number;
  readonly event_sub_type: number;
  readonly event_id: string;
}

/** Where example 09 writes: a folder that comes into being late. */
const FOLDER = "later";
/** What nobody can keep in JSON's numbers. */
const BIG_NUMBER = '{"event_type":1,"event_sub_type":1,"event_id":"big","action_process_privileges":9007199254740993}';
const BAD_LINE = "no JSON";

const lines = (seed: number, count: number): string[] => [...eventLines(seed, count)];
const gzip = (all: readonly string[]): Buffer => gzipSync(`${all.join("\n")}\n`);
const isConnect = (event: Event): boolean => event.event_type === 2 && event.event_sub_type === 3;
const connectIds = (all: readonly string[]): string[] => {
  const events = all.filter((line) => line !== BAD_LINE).map((line) => JSON.parse(line) as Event);
  return events.filter(isConnect).map(({ event_id }) => event_id);
};

/** A receiver of batches, which does to the next ones as it is told, and takes all others. */
class Receiver {
  /** Events of each request, taken or not. */
  readonly tries: Event[][] = [];
  readonly taken: Event[] = [];
  readonly next: ((response: ServerResponse) => void)[] = [];
  /** Refuses everything. */
  isDown = false;
  readonly #server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { events } = JSON.parse(body) as { events: Event[] };
      this.tries.push(events);
      const fault = this.isDown ? (one: ServerResponse) => one.writeHead(500).end("no") : this.next.shift();
      if (fault === undefined) {
        this.taken.push(...events);
        response.writeHead(202).end("ok");
      } else fault(response);
    });
  });

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get takenIds(): string[] {
    return this.taken.map(({ event_id }) => event_id).sort();
  }
}

/** Other tests may keep the machine busy. */
const eventually = (what: string, condition: () => boolean | Promise<boolean>): Promise<void> =>
  until(what, condition, 60_000);

void describe("the examples that read events out of a bucket", () => {
  const receiver = new Receiver();
  let bucket: SimulatedBucket;
  let red: NodeRed;
  let folder: string;
  let nodes: ExampleNode[];
  /** Everything that was put into the bucket and is an event, or a bad line. */
  const first = [...lines(1, 700), BAD_LINE, BIG_NUMBER, ...lines(2, 600)];
  const second = lines(3, 40);
  const third = lines(4, 50);
  const fourth = lines(5, 20);

  /** What the files of all days hold, in the order of their days. */
  const written = (): string => {
    const path = join(folder, FOLDER);
    const files = existsSync(path)
      ? readdirSync(path).filter((name) => /^events-\d{4}-\d\d-\d\d\.jsonl$/.test(name))
      : [];
    return files
      .sort()
      .map((name) => readFileSync(join(path, name), "utf8"))
      .join("");
  };
  const press = async (example: string): Promise<void> => {
    const tab = examples().find((one) => one.file.startsWith(example))?.nodes[0]?.id;
    const button = nodes.find((node) => node.z === tab && node.type === "inject" && node["name"] === "sync now");
    const { status } = await fetch(`${red.url}/inject/${String(button?.id)}`, { method: "POST" });
    assert.equal(status, 200);
  };
  const isLogged = ({ type, name }: ExampleNode): boolean =>
    type === "debug" && (name === "events" || name === "errors");

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cortex-xdr-test-"));
    bucket = await createSimulatedBucket();
    bucket.put("internal/first.json.gz", gzip(first));
    receiver.next.push(
      (response) => response.writeHead(503, { "retry-after": "0" }).end("busy"),
      (response) => response.destroy(),
      (response) => response.writeHead(400).end("no"),
    );
    const env = { GCS_BUCKET: `gs://${bucket.name}`, EVENTS_WEBHOOK_URL: await receiver.start() };
    red = await NodeRed.start({ userDir: folder, env });
    const all = examples().filter(({ file }) => /^(?:09|1[01])/.test(file));
    const reachable = withApiEndpoint(
      bucket.url,
      withFilesIn(
        folder,
        all.flatMap((example) => example.nodes),
      ),
    );
    // Waits are long for a test.
    nodes = reachable.map((node) => {
      if (node["name"] === "again in 10 s") return { ...node, timeout: "100", timeoutUnits: "milliseconds" };
      if (node["name"] === "every 10 s") return { ...node, repeat: "0.1" };
      if (isLogged(node)) return { ...node, console: true };
      if (node.type !== "tab") return node;
      const own: Readonly<Record<string, string>> = {
        EVENTS_FILE: join(folder, FOLDER, "events.jsonl"),
        RETRY_SECONDS: "0.05",
      };
      const variables = node["env"] as readonly { name: string; value: string }[];
      return { ...node, env: variables.map((one) => ({ ...one, value: own[one.name] ?? one.value })) };
    });
    const serviceAccount = JSON.stringify(bucket.serviceAccount);
    const accounts = nodes.filter(({ type }) => type === "cortex-xdr-gcs-account");
    assert.equal(accounts.length, 3);
    await red.deploy({
      flows: nodes,
      credentials: Object.fromEntries(accounts.map(({ id }) => [id, { serviceAccount }])),
    });
  });
  after(async () => {
    await red.stop();
    await bucket.close();
    receiver.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  void test("09 waits while nothing can be written, and then has each line as the bucket has it", async () => {
    await eventually("writing was tried again", () => (red.log.match(/message: .Error: ENOENT/g) ?? []).length >= 40);
    mkdirSync(join(folder, FOLDER));
    const expected = first.filter((line) => line !== BAD_LINE);
    await eventually("all lines are there", () => written().split("\n").length > expected.length);
    assert.deepEqual(written().split("\n").slice(0, -1).sort(), [...expected].sort());
  });

  void test("09 keeps what is no event, and where it was, in a second file", async () => {
    const troubles = join(folder, "cortex-xdr-events-troubles.jsonl");
    await eventually("it is there", () => existsSync(troubles) && readFileSync(troubles, "utf8").endsWith("\n"));
    const trouble = JSON.parse(readFileSync(troubles, "utf8")) as {
      object: { name: string; line: number };
      error: { code: string };
      line: string;
    };
    assert.deepEqual([trouble.object.name, trouble.object.line], ["internal/first.json.gz", 701]);
    assert.deepEqual([trouble.error.code, trouble.line], ["GCS_LINE_NOT_JSON", BAD_LINE]);
  });

  void test("10 posts the connections only, and again what the receiver did not take", async () => {
    const expected = connectIds(first).sort();
    assert.ok(expected.length > 20);
    await eventually("all are taken", () => receiver.taken.length >= expected.length);
    assert.deepEqual(receiver.takenIds, expected);
    assert.ok(receiver.tries.length >= 3 + 3);
    assert.ok(receiver.tries.every((events) => events.length > 0 && events.every(isConnect)));
  });

  const isFirstListing = ({ kind, query, isComplete }: RecordedRequest): boolean =>
    kind === "list" && query["prefix"] === "internal/" && isComplete;
  /** What 11 has shown so far. */
  const counts = (): number[] => [...red.log.matchAll(/\{\s+events: (\d+)/g)].map(([, count]) => Number(count));

  void test("11 passes over what was there, and counts what comes below its prefix", async () => {
    await eventually("it has listed the bucket", () => bucket.requests.some(isFirstListing));
    await eventually("nothing has left", () => counts().includes(0));
    bucket.put("other/x.json.gz", gzip(lines(9, 10)));
    bucket.put("internal/second.json.gz", gzip(second));
    await press("11");
    await eventually("what came is counted", () => counts().some((count) => count > 0));
    await eventually("and nothing more", () => counts().at(-1) === 0);
    const total = counts().reduce((sum, count) => sum + count, 0);
    assert.equal(total, second.length);
  });

  void test("09 goes on behind half a line, and 10 with what was not taken before a restart", async () => {
    await Promise.all([press("09"), press("10")]);
    const before = first.length - 1 + second.length + 10;
    await eventually("both have come after", () => written().split("\n").length > before);
    const expected = connectIds([...first, ...second, ...lines(9, 10)]).length;
    await eventually("both have been taken", () => receiver.taken.length >= expected);

    receiver.isDown = true;
    const tries = receiver.tries.length;
    const [file = ""] = readdirSync(join(folder, FOLDER)).sort().slice(-1);
    appendFileSync(join(folder, FOLDER, file), '{"half":');
    bucket.put("internal/third.json.gz", gzip(third));
    await Promise.all([press("09"), press("10")]);
    await eventually("lines follow", () => written().split("\n").length > before + third.length + 1);
    await eventually("it was tried again", () => receiver.tries.length >= tries + 3);
    const afterHalf = written().split('{"half":');
    assert.deepEqual(afterHalf[1]?.split("\n"), ["", ...third, ""]);

    const text = written();
    await red.stop();
    receiver.isDown = false;
    await red.start();
    const ids = connectIds([...first, ...second, ...lines(9, 10), ...third]).sort();
    await eventually("the rest is taken", () => receiver.taken.length >= ids.length);
    assert.deepEqual(receiver.takenIds, ids);
    bucket.put("internal/fourth.json.gz", gzip(fourth));
    await press("09");
    await eventually("what comes then is there", () => written().length > text.length);
    assert.equal(written(), `${text}${fourth.join("\n")}\n`);
  });

  void test("nothing else of them complains", () => {
    const troubles = red.log.match(/\[(?:warn|error)\].*/g) ?? [];
    const expected = [
      /Encrypted credentials|Projects disabled|generated key/,
      /\[function:taken\?\] The webhook has not taken \d+ events: (?:503|400|500|ECONNRESET)\. /,
    ];
    assert.deepEqual(
      troubles.filter((line) => !expected.some((pattern) => pattern.test(line))),
      [],
    );
  });
});

void test("10 waits longer after each try, five minutes at most, and as long as the receiver asks within an hour", () => {
  const all = examples().find(({ file }) => file.startsWith("10"))?.nodes ?? [];
  const code = String(all.find(({ type, name }) => type === "function" && name === "taken?")?.["func"]);
  const variables = all[0]?.["env"] as readonly { name: string; value: string }[];
  const taken = new Script(`(function (msg, env, node) {\n${code}\n})`).runInThisContext() as (
    ...args: readonly unknown[]
  ) => readonly [unknown, { delay: number } | null];
  const node = { status: () => undefined, warn: () => undefined };
  const env = { get: (name: string) => Number(variables.find((one) => one.name === name)?.value) };
  const waits = (answer: object, count: number): (number | undefined)[] => {
    const msg = { events: [], ...answer };
    return Array.from({ length: count }, () => taken(msg, env, node)[1]?.delay);
  };
  assert.deepEqual(
    waits({ statusCode: 503 }, 8),
    [10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1000),
  );
  assert.deepEqual(waits({ statusCode: "ECONNREFUSED" }, 1), [10_000]);
  assert.deepEqual(waits({ statusCode: 429, headers: { "retry-after": "120" } }, 1), [120_000]);
  assert.deepEqual(waits({ statusCode: 429, headers: { "retry-after": "99999" } }, 1), [3_600_000]);
  assert.deepEqual(
    waits({ statusCode: 429, headers: { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" } }, 1),
    [10_000],
  );
  assert.deepEqual(waits({ statusCode: 204 }, 1), [undefined]);
});
