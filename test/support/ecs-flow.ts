import { mkdtempSync, rmSync } from "node:fs";
import type { Node, NodeStatus } from "node-red";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { builtNode, helper, placed, Probe, useUserDir, type Received } from "./helper";
import { until } from "./until";

/** 2026-09-21T14:15:23.456Z */
export const AT = 1_790_000_123_456;

export const EVENT = {
  event_type: 2,
  event_id: "e1",
  event_timestamp: AT,
  action_local_ip: "10.1.2.3",
  agent_id: "a1",
};
export const ALERT_V2 = { alert_id: "7", external_id: "x7", name: "Beacon", severity: "high", event_timestamp: [AT] };
export const ALERT_V1 = { alert_id: "8", name: "Two", events: [{ event_id: "e1" }, { event_id: "e2" }] };
export const INCIDENT = { incident_id: "77", creation_time: 1_700_000_000_000, modification_time: 1_700_000_000_500 };
export const EMPTY_REPLY = { reply: { result_count: 0, total_count: 0, alerts: [] } };

/** What the tests look at in a document. */
export interface EcsDocument {
  "@timestamp"?: string;
  message?: string;
  tags?: string[];
  error?: { message: string[] };
  event: { kind: string; original?: string; id?: unknown };
  panw_cortex?: { xdr: Record<string, unknown> };
  source?: object;
}

/** An ECS node between probes. */
export interface EcsFlow {
  readonly node: Node;
  readonly sent: Received[];
  readonly caught: Received[];
  readonly completed: Received[];
  readonly statuses: () => readonly NodeStatus[];
  /** Gives the node a message and waits until it is done with it. */
  readonly send: (msg: object) => Promise<void>;
  /** The document that a payload becomes. */
  readonly documentOf: (payload: unknown, more?: object) => Promise<EcsDocument>;
}

/** Gives the tests of a file a user directory, and ends their flows. */
export function useEcsFlows(): void {
  let userDir = "";
  before(() => {
    userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-ecs-"));
  });
  beforeEach(() => useUserDir(userDir));
  afterEach(() => helper.unload());
  after(() => rmSync(userDir, { recursive: true, force: true, maxRetries: 5 }));
}

/** Starts a flow; one that is already running ends. */
export async function startEcs(config: object = {}): Promise<EcsFlow> {
  await helper.unload();
  const flow = [
    { id: "tab", type: "tab", label: "test" },
    { id: "n1", type: "cortex-xdr-ecs", z: "tab", wires: [["out"]], ...config },
    { id: "out", type: "helper", z: "tab" },
    { id: "catch", type: "catch", z: "tab", scope: null, wires: [["caught"]] },
    { id: "caught", type: "helper", z: "tab" },
    { id: "complete", type: "complete", z: "tab", scope: ["n1"], wires: [["completed"]] },
    { id: "completed", type: "helper", z: "tab" },
  ];
  await helper.load([builtNode("cortex-xdr-ecs")], placed(flow));
  const node = helper.getNode("n1");
  const { messages: sent } = new Probe("out");
  const { messages: caught } = new Probe("caught");
  const { messages: completed } = new Probe("completed");
  const send = async (msg: object): Promise<void> => {
    const seen = completed.length + caught.length;
    node.receive(msg as never);
    await until("the node is done", () => completed.length + caught.length > seen);
  };
  return {
    node,
    sent,
    caught,
    completed,
    send,
    statuses: () => (node.status as unknown as { args: NodeStatus[][] }).args.map(([status]) => status ?? {}),
    documentOf: async (payload, more = {}) => {
      await send({ payload, ...more });
      return sent.at(-1)?.payload as EcsDocument;
    },
  };
}
