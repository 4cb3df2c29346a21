/**
 * A tenant's `get_alerts_multi_events` in a process of its own, so that its CPU counts for nobody. Arguments: number of
 * alerts, first and last insert time. Tells its URL over IPC and ends with its parent. Each request is rendered once.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { alertOf, timesOf, type AlertTimes } from "./poller-alerts";

interface Query {
  readonly request_data: {
    readonly filters: readonly { readonly field: string; readonly operator: "gte" | "lte"; readonly value: number }[];
    readonly search_from: number;
    readonly search_to: number;
  };
}

const TIMES: Readonly<Record<string, keyof AlertTimes>> = {
  server_creation_time: "insertMs",
  creation_time: "detectionMs",
};
/** The most that `total_count` says. */
const MAX_TOTAL = 9_999;

const [count = 0, fromMs = 0, toMs = 0] = process.argv.slice(2).map(Number);
const alerts = Array.from({ length: count }, (_, index) => ({ index, ...timesOf(index, count, fromMs, toMs) })).sort(
  (a, b) => a.detectionMs - b.detectionMs,
);
/** Answers by request. */
const pages = new Map<string, Buffer>();

/** The page that a request asks for. */
function render({ request_data: { filters, search_from, search_to } }: Query): Buffer {
  const tests = filters.map(({ field, operator, value }) => {
    const time = TIMES[field];
    if (time === undefined) throw new Error(`this server does not filter on ${field}`);
    return operator === "gte"
      ? (alert: AlertTimes) => alert[time] >= value
      : (alert: AlertTimes) => alert[time] <= value;
  });
  const found = alerts.filter((alert) => tests.every((test) => test(alert)));
  const rows = found.slice(search_from, search_to).map((times) => alertOf(times.index, times));
  const total_count = Math.min(found.length, MAX_TOTAL);
  return gzipSync(JSON.stringify({ reply: { total_count, result_count: rows.length, alerts: rows } }));
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks).toString("utf8");
    const page = pages.get(body) ?? render(JSON.parse(body) as Query);
    pages.set(body, page);
    response.writeHead(200, {
      "content-type": "application/json",
      "content-encoding": "gzip",
      "content-length": page.length,
    });
    response.end(page);
  });
});
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1", () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once("disconnect", () => process.exit());
