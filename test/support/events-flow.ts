import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import type { Node, NodeMessage } from "node-red";
import { Probe, builtNode, helper, placed, startServer, stopServer, useUserDir, type Received } from "./helper";
import { createSimulatedBucket, type SimulatedBucket } from "./simulated-bucket/bucket";
import { gzip } from "./simulated-bucket/event-lines";
import { until } from "./until";

const NODES = [builtNode("cortex-xdr-gcs-account"), builtNode("cortex-xdr-events")];

/** Settings of the flow's nodes over the defaults. */
export interface Settings {
  readonly account?: object;
  readonly events?: object;
  /** Text of the credential `serviceAccount`. @default none: the bucket is read as nobody */
  readonly serviceAccount?: string;
  /** More nodes. */
  readonly nodes?: readonly object[];
}

export interface Status {
  readonly fill?: string;
  readonly shape?: string;
  readonly text?: string;
}

/** `msg.object`. */
export interface Place {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  readonly line: number;
  readonly lastLine: number;
}

/** An events node in a flow, and what came out of it. */
export interface EventsFlow {
  readonly node: Node;
  readonly events: Probe;
  readonly objects: Probe;
  readonly bad: Probe;
  readonly caught: Probe;
  readonly completed: Probe;
  readonly statuses: () => readonly Status[];
  /** Gives the node a message. */
  readonly tell: (message: object) => void;
  /** Asks for a listing and waits for its end. */
  readonly sync: () => Promise<void>;
  readonly acknowledge: (message: Received) => void;
  /** Waits for so many reports. */
  readonly reported: (count: number) => Promise<void>;
}

/** The bucket and the user directory of the test that runs. */
export const surroundings = {} as { bucket: SimulatedBucket; userDir: string };

/** Gives each test of the file a bucket that serves everybody, and a user directory. */
export function useSurroundings(): void {
  before(async () => {
    useUserDir(tmpdir());
    await startServer();
  });
  after(() => stopServer());
  beforeEach(async () => {
    surroundings.userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-events-"));
    surroundings.bucket = await createSimulatedBucket({ anonymous: true });
  });
  afterEach(async () => {
    await helper.unload();
    await surroundings.bucket.close();
    rmSync(surroundings.userDir, { recursive: true, force: true, maxRetries: 5 });
  });
}

/** Loads the flow; the node lists the bucket at once. */
export async function startEvents(settings: Settings = {}): Promise<EventsFlow> {
  helper.settings({ userDir: surroundings.userDir });
  const { serviceAccount = "" } = settings;
  await helper.load(NODES, placed(flowOf(settings)), { a1: { serviceAccount } });
  const node = helper.getNode("n1");
  const objects = new Probe("objects");
  const completed = new Probe("completed");
  const tell = (message: object): void => node.receive(message as NodeMessage);
  return {
    node,
    events: new Probe("events"),
    objects,
    bad: new Probe("bad"),
    caught: new Probe("caught"),
    completed,
    statuses: () => (node.status as unknown as { args: Status[][] }).args.map(([status]) => status ?? {}),
    tell,
    sync: async () => {
      const isOver = (): boolean => completed.messages.some(({ topic, mark }) => topic === "sync" && mark === asked);
      const asked = `sync ${performance.now()}`;
      tell({ topic: "sync", mark: asked });
      await until("the end of the listing", isOver);
    },
    acknowledge: (message) => tell({ topic: "ack", _msgid: message["_msgid"] }),
    reported: (count) => until(`${count} reports`, () => objects.messages.length >= count),
  };
}

function flowOf({ account = {}, events = {}, nodes = [] }: Settings): object[] {
  return [
    { id: "tab", type: "tab", label: "test" },
    { id: "a1", type: "cortex-xdr-gcs-account", apiEndpoint: surroundings.bucket.url, ...account },
    eventsNode("n1", "", events),
    ...sinks(""),
    { id: "catch", type: "catch", z: "tab", scope: null, wires: [["caught"]] },
    { id: "caught", type: "helper", z: "tab" },
    { id: "complete", type: "complete", z: "tab", scope: ["n1"], wires: [["completed"]] },
    { id: "completed", type: "helper", z: "tab" },
    ...nodes,
  ];
}

/** An events node, wired to the probes `events`, `objects` and `bad` with that ending. */
export function eventsNode(id: string, ending: string, more: object = {}): object {
  return {
    id,
    type: "cortex-xdr-events",
    z: "tab",
    account: "a1",
    bucket: surroundings.bucket.name,
    intervalSeconds: "3600",
    wires: [[`events${ending}`], [`objects${ending}`], [`bad${ending}`]],
    ...more,
  };
}

/** Nodes for the probes of an events node. */
export function sinks(ending: string): object[] {
  return ["events", "objects", "bad"].map((name) => ({ id: `${name}${ending}`, type: "helper", z: "tab" }));
}

/** Lines of numbered events: `{"n":1}`, `{"n":2}`, ... */
export function numbered(count: number, from = 1): string {
  return Array.from({ length: count }, (_none, index) => `${JSON.stringify({ n: from + index })}\n`).join("");
}

/** Puts lines as a gzip object. */
export function putLines(name: string, lines: string): { name: string; generation: string } {
  return surroundings.bucket.put(name, gzip(lines));
}

/** The numbers of events that were made by {@link numbered}, batches too. */
export function numbersOf(messages: readonly Received[]): number[] {
  return messages.flatMap(({ payload }) => payload as { n: number } | { n: number }[]).map(({ n }) => n);
}

/** What every event message says of its place. */
export function placeOf(message: Received | undefined): Place {
  return message?.["object"] as Place;
}

/** Texts that the log has of nodes of this type, at this level. */
export function logged(level: number, type = "cortex-xdr-events"): string[] {
  return helper
    .log()
    .args.map(([entry]) => entry as { level: number; msg: unknown; type?: string })
    .filter((entry) => entry.level === level && entry.type === type)
    .map((entry) => String(entry.msg));
}

export const range = (count: number, from = 1): number[] =>
  Array.from({ length: count }, (_none, index) => from + index);
