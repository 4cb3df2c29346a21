import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { NodeRed } from "../support/node-red";
import { createSimulatedBucket, type SimulatedBucket } from "../support/simulated-bucket/bucket";
import { eventLines, gzip, ndjson } from "../support/simulated-bucket/event-lines";
import { SimulatedElasticsearch, type StoredDocument } from "../support/simulated-elasticsearch";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { until } from "../support/until";
import { examples, withApiEndpoint, withFilesIn, type ExampleNode } from "./support/examples";

const STREAM = "logs-panw_cortex_xdr.alerts-default";
/** What the stand-in always refuses, and what it has no time for at first. */
const [POISON, BUSY] = ["poison", "busy"];
/** Records of a page of the tenant. */
const PAGE = 100;
const ALERTS = 230;
const BAD_LINE = "no JSON";

interface Source {
  readonly "@timestamp": string;
  readonly message: string;
  readonly panw_cortex: { readonly xdr: { readonly alert_id: string } };
  readonly [field: string]: unknown;
}
type Stored = Omit<StoredDocument, "source"> & { readonly source: Source };
interface EventDocument {
  readonly "@timestamp": string;
  readonly event: { readonly id: string };
  readonly source?: { readonly ip?: unknown; readonly port?: unknown };
  readonly destination?: { readonly ip?: unknown };
}
type Event = Readonly<Record<string, unknown>> & { readonly event_id: string };

const alertIdOf = (source: object): string => (source as Source).panw_cortex.xdr.alert_id;
/** SHA-1 over values that follow a zero byte each, as base64. */
const fingerprint = (...values: readonly Buffer[]): string => {
  const hash = createHash("sha1");
  for (const value of values) hash.update(Buffer.concat([Buffer.from([0]), value]));
  return hash.digest("base64");
};
const int64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
};
/** The tenant's clock is known to about a second: what is newer leaves with the next run only. */
const aSecond = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1500));
/** Other tests may keep the machine busy. */
const eventually = (what: string, condition: () => boolean | Promise<boolean>): Promise<void> =>
  until(what, condition, 60_000);

void describe("the examples that write ECS documents", () => {
  let elastic: SimulatedElasticsearch;
  let tenant: SimulatedTenant;
  let bucket: SimulatedBucket;
  let red: NodeRed;
  let folder: string;
  let nodes: ExampleNode[];
  let startMs: number;
  /** Alerts that outlive two kills. */
  let added: string[];
  const events = [...eventLines(1, 450), BAD_LINE, ...eventLines(2, 250)];

  const file = (name: string): string => join(folder, name);
  const press = async (example: string): Promise<void> => {
    const tab = examples().find((one) => one.file.startsWith(example))?.nodes[0]?.id;
    const button = nodes.find((node) => node.z === tab && node.type === "inject" && node["name"] === "sync now");
    const { status } = await fetch(`${red.url}/inject/${String(button?.id)}`, { method: "POST" });
    assert.equal(status, 200);
  };
  const documents = (): readonly Stored[] => elastic.documents as unknown as readonly Stored[];
  const storedIds = (): string[] => documents().map(({ source }) => alertIdOf(source));
  /** Alerts that were added after the ones of the first run. */
  const addAlerts = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => String(tenant.world.addAlert().id));
    await aSecond();
    await press("12");
    return ids;
  };
  const hasAll = (ids: readonly string[]): boolean => {
    const stored = new Set(storedIds());
    return ids.every((id) => stored.has(id));
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cortex-xdr-test-"));
    [tenant, bucket, elastic] = await Promise.all([
      SimulatedTenant.start({ requestsPerSecond: Infinity }),
      createSimulatedBucket(),
      SimulatedElasticsearch.start(),
    ]);
    const { world } = tenant;
    startMs = world.nowMs - 600_000;
    for (let index = 0; index < ALERTS; index += 1) {
      const name = new Map([
        [5, POISON],
        [7, BUSY],
      ]).get(index);
      const detectionMs = startMs + index;
      const network = { action_local_ip: "192.0.2.7", action_remote_ip: "198.51.100.9", action_remote_port: 443 };
      const when = index === 9 ? {} : { event_timestamp: detectionMs };
      world.addAlert({
        ...(name === undefined ? {} : { name }),
        ...{ insertMs: detectionMs, detectionMs, severity: "high", hostName: "WS-7" },
        events: [{ event_type: "Network Event", event_id: `e-${index}`, ...when, ...network }],
      });
    }
    bucket.put("internal/first.json.gz", gzip(ndjson(events)));
    elastic.next.push(
      { kind: "status", status: 429, headers: { "retry-after": "0" } },
      { kind: "status", status: 503, body: "<html>busy</html>" },
      { kind: "reset" },
      { kind: "status", status: 401 },
      { kind: "status", status: 413, body: "" },
    );
    let busyTimes = 2;
    elastic.refuse = ({ message }) => {
      if (message === POISON) return 400;
      return message === BUSY && (busyTimes -= 1) >= 0 ? 429 : undefined;
    };
    const env = {
      FQDN: tenant.url,
      GCS_BUCKET: `gs://${bucket.name}`,
      // A slash at the end is one that people type.
      ELASTIC_URL: `${elastic.url}/`,
      ELASTIC_API_KEY: elastic.apiKey,
    };
    red = await NodeRed.start({ userDir: folder, env });
    const all = examples().filter(({ file: name }) => /^1[23]/.test(name));
    const reachable = withApiEndpoint(
      bucket.url,
      withFilesIn(
        folder,
        all.flatMap((example) => example.nodes),
      ),
    );
    // Waits are long for a test; what is written goes into folders that come into being late.
    nodes = reachable.map((node) => {
      if (node["name"] === "again in 10 s") return { ...node, timeout: "100", timeoutUnits: "milliseconds" };
      if (node.type === "debug" && node["name"] === "errors") return { ...node, console: true };
      if (node.type !== "tab") return node;
      const own: Readonly<Record<string, string>> = {
        EVENTS_FILE: file(join("events", "events.jsonl")),
        REFUSED_FILE: file(join("refused", "refused.jsonl")),
        RETRY_SECONDS: "0.05",
      };
      const variables = node["env"] as readonly { name: string; value: string }[];
      return { ...node, env: variables.map((one) => ({ ...one, value: own[one.name] ?? one.value })) };
    });
    const { id: keyId, secret: key } = ADVANCED_KEY;
    const secrets: Readonly<Record<string, object>> = {
      "cortex-xdr-tenant": { keyId, key },
      "cortex-xdr-gcs-account": { serviceAccount: JSON.stringify(bucket.serviceAccount) },
    };
    const credentials = nodes.flatMap(({ id, type }) => (type in secrets ? [[id, secrets[type]!]] : []));
    await red.deploy({ flows: nodes, credentials: Object.fromEntries(credentials) as Record<string, object> });
  });
  after(async () => {
    await red.stop();
    await Promise.all([tenant.stop(), bucket.close()]);
    elastic.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Alerts of all requests so far, each when it first came. */
  const firstSeen = (): string[] => [
    ...new Set(elastic.requests.flatMap(({ sources }) => sources.map((line) => alertIdOf(JSON.parse(line) as object)))),
  ];

  void test("12 gives nothing back while a refused document could not be kept, and then reads on", async () => {
    const tries = (): number => (red.log.match(/ENOENT.*refused/g) ?? []).length;
    // More often than Node-RED lets a message fail with its error on it.
    await eventually("keeping was tried again", () => tries() >= 15);
    assert.equal(firstSeen().length, PAGE);
    mkdirSync(file("refused"));
    await eventually("all are there", () => elastic.documents.length >= ALERTS - 1);
    const lines = readFileSync(file(join("refused", "refused.jsonl")), "utf8").split("\n");
    assert.equal(lines.pop(), "");
    const [{ status, error, create, document }, ...others] = lines.map(
      (line) => JSON.parse(line) as Record<string, Record<string, unknown>>,
    ) as [Record<string, Record<string, unknown>>];
    assert.deepEqual([status, error?.["reason"], others], [400, "scripted item", []]);
    assert.deepEqual([create?.["_index"], document?.["message"]], [STREAM, POISON]);
  });

  void test("12 stores each alert once, in its data stream, with its id and its fields", () => {
    const ids = storedIds().map(Number);
    const expected = [...tenant.world.alerts.values()].filter(({ name }) => name !== POISON).map(({ id }) => id);
    assert.deepEqual(
      ids.sort((a, b) => a - b),
      expected,
    );
    for (const { stream, id, source } of documents()) {
      const alertId = alertIdOf(source);
      const index = Number(alertId) - 1;
      assert.equal(stream, STREAM);
      const [text, eventId, type] = [alertId, `e-${index}`, "Network Event"].map((value) => Buffer.from(value));
      const when = index === 9 ? [] : [int64(startMs + index)];
      assert.equal(id, fingerprint(text!, eventId!, ...when, type!));
      const { event, host, source: from, destination } = source as unknown as Record<string, Record<string, unknown>>;
      assert.deepEqual([event?.["kind"], event?.["severity"], event?.["id"]], ["alert", 4, `ext-${alertId}`]);
      assert.deepEqual([from?.["ip"], destination?.["ip"]], [["192.0.2.7"], ["198.51.100.9"]]);
      assert.deepEqual([destination?.["port"], host?.["name"]], [[443], "ws-7"]);
      if (index !== 9) assert.equal(source["@timestamp"], new Date(startMs + index).toISOString());
    }
    // It has no time of its own: that of its arrival.
    const timeless = documents().find(({ source }) => alertIdOf(source) === "10");
    assert.ok(Date.parse(timeless?.source["@timestamp"] ?? "") > startMs + 300_000);
  });

  void test("12 sends again what was not taken, and reads no page before the last one is safe", () => {
    assert.deepEqual(
      elastic.requests.slice(0, 5).map(({ status }) => status),
      [429, 503, undefined, 401, 413],
    );
    assert.ok(elastic.requests.every(({ path }) => path === "/_bulk?pipeline=_none"));
    assert.deepEqual(
      elastic.requests.slice(0, 6).map(({ sources }) => sources.length),
      [PAGE, PAGE, PAGE, PAGE, PAGE, PAGE / 2],
    );
    // The first page came in halves.
    const isOfFirstPage = new Set(firstSeen().slice(0, PAGE));
    const [seen, settled] = [new Set<string>(), new Set<string>()];
    for (const { sources, itemStatuses } of elastic.requests) {
      const ids = sources.map((line) => alertIdOf(JSON.parse(line) as object));
      if (ids.some((id) => !seen.has(id) && !isOfFirstPage.has(id))) assert.equal(settled.size, seen.size);
      for (const id of ids) seen.add(id);
      ids.forEach((id, at) => [201, 400, 409].includes(itemStatuses[at] ?? 0) && settled.add(id));
    }
    assert.deepEqual([seen.size, settled.size], [ALERTS, ALERTS]);
  });

  void test("12 has lost nothing when it is killed before Elasticsearch takes anything", async () => {
    elastic.always = { kind: "status", status: 503 };
    const before = elastic.requests.length;
    added = await addAlerts(3);
    await eventually("it was tried again", () => elastic.requests.length >= before + 3);
    await red.stop("SIGKILL");
    assert.ok(!added.some((id) => storedIds().includes(id)));
    elastic.always = { kind: "no-answer" };
    await red.start();
    await eventually("they are there", () => hasAll(added));
  });

  void test("12 has stored nothing twice when it is killed before it hears that all is taken", async () => {
    await red.stop("SIGKILL");
    elastic.always = undefined;
    const before = elastic.requests.length;
    await red.start();
    await eventually("they came again", () => elastic.requests.length > before);
    const again = elastic.requests[before];
    assert.deepEqual(again?.sources.map((line) => alertIdOf(JSON.parse(line) as object)).sort(), added.sort());
    assert.deepEqual(again.itemStatuses, [409, 409, 409]);
    const next = await addAlerts(1);
    await eventually("it reads on", () => hasAll(next));
    assert.equal(new Set(storedIds()).size, storedIds().length);
    const requests = elastic.requests.slice(before + 1);
    assert.deepEqual(
      requests.flatMap(({ itemStatuses }) => itemStatuses),
      [201],
    );
  });

  void test("12 follows no redirect: neither documents nor the key go to another host", async () => {
    const other = await SimulatedElasticsearch.start();
    try {
      const [before, warned] = [elastic.requests.length, red.log.length];
      const headers = { location: `${other.url}/_bulk?pipeline=_none` };
      elastic.next.push({ kind: "status", status: 307, headers, body: "" });
      elastic.next.push({ kind: "status", status: 302, headers, body: "" });
      const ids = await addAlerts(1);
      await eventually("it is there", () => hasAll(ids));
      assert.deepEqual(
        elastic.requests.slice(before).map(({ status }) => status),
        [307, 302, 200],
      );
      assert.deepEqual(other.requests, []);
      assert.match(red.log.slice(warned), /Cause: 307, a redirect, which is not followed/);
    } finally {
      other.stop();
    }
  });

  /** Lines of the files of all days. */
  const written = (): string[] => {
    const path = file("events");
    const names = existsSync(path)
      ? readdirSync(path).filter((name) => /^events-\d{4}-\d\d-\d\d\.jsonl$/.test(name))
      : [];
    return names.sort().flatMap((name) => readFileSync(join(path, name), "utf8").split("\n").slice(0, -1));
  };

  void test("13 waits while nothing can be written, and then has each event as a document", async () => {
    // Two kills have come in between: nothing had been given back.
    await eventually("writing was tried", () => /ENOENT.*events/.test(red.log));
    mkdirSync(file("events"));
    const expected = events.filter((line) => line !== BAD_LINE).map((line) => JSON.parse(line) as Event);
    await eventually("all lines are there", () => written().length >= expected.length);
    const byId = new Map(
      written().map((line) => {
        const document = JSON.parse(line) as EventDocument;
        return [document.event.id, document];
      }),
    );
    assert.deepEqual([written().length, byId.size], [expected.length, expected.length]);
    let withPorts = 0;
    for (const event of expected) {
      const document = byId.get(event.event_id);
      assert.equal(document?.["@timestamp"], new Date(Number(event["event_timestamp"])).toISOString());
      if (event["action_local_port"] === undefined) continue;
      withPorts += 1;
      assert.deepEqual(document.source, { ip: [event["action_local_ip"]], port: [event["action_local_port"]] });
      assert.deepEqual(document.destination?.ip, [event["action_remote_ip"]]);
    }
    assert.ok(withPorts > 20);
  });

  void test("nothing else of them complains", () => {
    const troubles = red.log.match(/\[(?:warn|error)\].*/g) ?? [];
    const expected = [
      /Encrypted credentials|Projects disabled|generated key/,
      /\[function:when again\?\] Documents that Elasticsearch has not taken: \d+\. Cause: (?:429|503|ECONNRESET|307)/,
      /\[function:keep refused\] Documents that Elasticsearch refuses: 1\. Cause: 400: scripted item\. /,
    ];
    assert.deepEqual(
      troubles.filter((line) => !expected.some((pattern) => pattern.test(line))),
      [],
    );
    assert.ok(!red.log.includes(elastic.apiKey));
  });
});
