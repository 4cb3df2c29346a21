import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRed } from "../support/node-red";
import { until } from "../support/until";

/** A node that only counts: what a flow does with events is not ours to measure. */
const SINK = `
module.exports = (RED) => {
  let [startedMs, lastMs, events, reports] = [0, 0, 0, 0];
  RED.events.on("flows:started", () => { startedMs = performance.now(); events = 0; reports = 0; });
  RED.nodes.registerType("bench-sink", function (config) {
    RED.nodes.createNode(this, config);
    this.on("input", (msg, send, done) => {
      if (config.counts === "reports") reports += 1;
      else events += Array.isArray(msg.payload) ? msg.payload.length : 1;
      lastMs = performance.now();
      done();
    });
  });
  RED.httpAdmin.get("/bench-sink", (request, response) => {
    if (request.query.gc) global.gc?.();
    response.json({ events, reports, ms: lastMs - startedMs, cpu: process.cpuUsage() });
  });
};
`;
const SINK_PAGE = `<script>RED.nodes.registerType("bench-sink", { category: "function", defaults: { counts: { value: "" } }, inputs: 1, outputs: 0 });</script>`;

/** What the counting nodes have seen since the last deployment. */
export interface Seen {
  readonly events: number;
  readonly reports: number;
  /** From the start of the flows to the last message. */
  readonly ms: number;
  readonly cpu: { readonly user: number; readonly system: number };
}

export interface EventsRig {
  /** Of the bucket: its origin, and its name. */
  readonly url: string;
  readonly bucketName: string;
  /** Has the bucket process do something; resolves with its answer. */
  bucket(order: object): Promise<Record<string, number>>;
  /** Deploys a new events node on a prefix, and waits until `objects` reports have come. */
  read(prefix: string, objects: number, settings?: object): Promise<Seen>;
  seen(): Promise<Seen>;
  /** Lists now; resolves when the listing has ended. */
  sync(): Promise<void>;
  /** Resident memory of Node-RED now, and the most since the last `forgetPeak`, bytes. Linux only. */
  memory(): { readonly nowBytes: number; readonly peakBytes: number };
  forgetPeak(): void;
  end(): Promise<void>;
}

/** A bucket in one process and a real Node-RED with the events node in another. */
export async function startEventsRig(): Promise<EventsRig> {
  const child = fork(join(__dirname, "events-bucket.ts"), [], { stdio: "inherit" });
  const { url, name } = await answer<{ url: string; name: string }>(child);
  const userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-bench-"));
  mkdirSync(join(userDir, "nodes"));
  writeFileSync(join(userDir, "nodes", "bench-sink.js"), SINK);
  writeFileSync(join(userDir, "nodes", "bench-sink.html"), SINK_PAGE);
  const red = await NodeRed.start({ userDir });
  const seen = async (): Promise<Seen> => (await fetch(`${red.url}/bench-sink`)).json() as Promise<Seen>;
  const status = (key: string): number =>
    1024 * Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${red.pid}/status`, "utf8"))?.[1]);
  let round = 0;
  return {
    url,
    bucketName: name,
    bucket: async (order) => {
      child.send(order);
      return answer(child);
    },
    read: async (prefix, objects, settings = {}) => {
      round += 1;
      const node = { z: "tab", x: 1, y: 1 };
      const events = {
        ...node,
        id: `events${round}`,
        type: "cortex-xdr-events",
        account: "account",
        bucket: name,
        prefix,
        intervalSeconds: 86_400,
        wires: [["sink"], ["reports"], []],
        ...settings,
      };
      await red.deploy({
        flows: [
          { id: "tab", type: "tab", label: "bench" },
          { id: "account", type: "cortex-xdr-gcs-account", apiEndpoint: url },
          events,
          { ...node, id: "sync", type: "inject", props: [{ p: "topic", vt: "str", v: "sync" }], wires: [[events.id]] },
          { ...node, id: "sink", type: "bench-sink", wires: [] },
          { ...node, id: "reports", type: "bench-sink", counts: "reports", wires: [] },
        ],
      });
      await until("everything is read", async () => (await seen()).reports >= objects, 300_000);
      return seen();
    },
    seen,
    sync: async () => {
      const { status: code } = await fetch(`${red.url}/inject/sync`, { method: "POST" });
      if (code !== 200) throw new Error(`the listing was answered ${code}`);
    },
    memory: () => ({ nowBytes: status("VmRSS"), peakBytes: status("VmHWM") }),
    // Source: Linux, proc_pid_clear_refs(5): 5 resets the peak.
    forgetPeak: () => writeFileSync(`/proc/${red.pid}/clear_refs`, "5"),
    end: async () => {
      child.disconnect();
      await red.stop("SIGKILL");
      rmSync(userDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The next message of a child process. */
export async function answer<T>(child: ChildProcess): Promise<T> {
  const over = new AbortController();
  const failed = once(child, "exit", { signal: over.signal }).then(() =>
    Promise.reject(new Error("a process of the benchmark has ended")),
  );
  failed.catch(() => undefined);
  try {
    const [message] = (await Promise.race([once(child, "message", { signal: over.signal }), failed])) as [T];
    return message;
  } finally {
    over.abort();
  }
}
