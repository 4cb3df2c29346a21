import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../support/events-flow";
import { leanSettings } from "../support/lean-settings";
import type { Flow } from "../support/node-red";
import type { SimulatedBucket } from "../support/simulated-bucket/bucket";

/** Settings of a Node-RED that has what {@link readerFlow} needs. */
export const LEAN_SETTINGS = leanSettings("98-unknown", "10-function", "15-change", "10-file");

/** One events node of a flow, with an account node of its own. */
export interface ReaderSettings {
  /** Makes the ids; letters and digits. */
  readonly name: string;
  readonly bucket: SimulatedBucket;
  readonly events: Readonly<Record<string, unknown>> & { readonly acknowledge: "emit" | "message" };
}

/** What the flow has written down, in the order in which it did. */
export type Entry =
  | { readonly kind: "event"; readonly id: string; readonly object?: Place }
  | { readonly kind: "report"; readonly object: Place; readonly report: Report }
  | { readonly kind: "bad"; readonly object: Place; readonly code: string; readonly text: string }
  /** Written by the test: what comes after it is of another process. */
  | { readonly kind: "start" };

export interface Report {
  readonly lines: number;
  readonly events: number;
  readonly bad: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * Writes down what leaves an events node, before its turn is over: what "emit" promises is that the very next node has had
 * its turn. A file node only begins to write in its turn, and forgets what it has not written when it is killed.
 */
const WRITE_DOWN = `
const { object, payload, error } = msg;
const entry =
  error !== undefined ? { kind: "bad", object, code: error.code, text: payload }
  : payload.event_id !== undefined ? { kind: "event", id: payload.event_id, object }
  : { kind: "report", object, report: payload };
fs.appendFileSync(FILE, JSON.stringify(entry) + "\\n");
return msg;
`;

/**
 * Events nodes with what they emit written into one file for each. In acknowledge mode a file node writes the events, and
 * each message goes back when that is done; in emit mode the very next node writes them.
 */
export function readerFlow(userDir: string, settings: readonly ReaderSettings[], mark = ""): Flow {
  const flows: object[] = [{ id: "eventstab", type: "tab", label: `events ${mark}` }];
  const credentials: Record<string, object> = {};
  for (const { name, bucket, events } of settings) {
    const node = (part: string, type: string, wires: string[][], more: object): object => ({
      id: `${name}${part}`,
      type,
      z: "eventstab",
      x: 100,
      y: 100,
      name: mark,
      wires,
      ...more,
    });
    const isAcknowledged = events.acknowledge === "message";
    const file = JSON.stringify(fileOf(userDir, name));
    const writer = { func: WRITE_DOWN.replace("FILE", file), outputs: 1, libs: [{ var: "fs", module: "fs" }] };
    credentials[`${name}account`] = { serviceAccount: JSON.stringify(bucket.serviceAccount) };
    flows.push(
      { id: `${name}account`, type: "cortex-xdr-gcs-account", name: "", apiEndpoint: bucket.url },
      node(
        "events",
        "cortex-xdr-events",
        [[isAcknowledged ? `${name}file` : `${name}write`], [`${name}write`], [`${name}write`]],
        { account: `${name}account`, bucket: bucket.name, ...events },
      ),
      node("write", "function", [[]], writer),
    );
    if (!isAcknowledged) continue;
    flows.push(
      node("file", "file", [[`${name}ack`, `${name}placed`]], {
        filename: fileOf(userDir, name),
        filenameType: "str",
        appendNewline: true,
        overwriteFile: "false",
        encoding: "none",
      }),
      node("ack", "change", [[`${name}events`]], {
        rules: [{ t: "set", p: "topic", pt: "msg", to: "ack", tot: "str" }],
      }),
      node("placed", "function", [[]], {
        ...writer,
        func: writer.func.replace(file, JSON.stringify(fileOf(userDir, `${name}-places`))),
      }),
    );
  }
  return { flows, credentials };
}

/** What was written for an events node. What a kill has cut is left out. */
export function entriesOf(userDir: string, name: string): Entry[] {
  const file = fileOf(userDir, name);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => {
      const entry = JSON.parse(line) as Entry | { readonly event_id: string };
      return "event_id" in entry ? { kind: "event", id: entry.event_id } : entry;
    });
}

/** Notes that another process follows. To be called while none runs. */
export function noteStart(userDir: string, name: string): void {
  appendFileSync(fileOf(userDir, name), `\n${JSON.stringify({ kind: "start" })}\n`);
}

/** Whether there is a report of each of these versions, `name#generation`. */
export function isReported(entries: readonly Entry[], versions: readonly string[]): boolean {
  const reported = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === "report") reported.add(`${entry.object.name}#${entry.object.generation}`);
  }
  return versions.every((key) => reported.has(key));
}

export function fileOf(userDir: string, name: string): string {
  return join(userDir, `${name}.jsonl`);
}
