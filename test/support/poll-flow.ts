import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import type { Node, NodeMessage } from "node-red";
import { Probe, builtNode, helper, placed, startServer, stopServer, useUserDir, type Received } from "./helper";
import { ADVANCED_KEY } from "./simulated-tenant/keys";
import { SimulatedTenant } from "./simulated-tenant/tenant";
import type { World } from "./simulated-tenant/world/world";
import { until } from "./until";

const NODES = [builtNode("cortex-xdr-tenant"), builtNode("cortex-xdr-poll")];

/** Settings of the flow's nodes over the defaults. */
export interface Settings {
  readonly tenant?: object;
  readonly poll?: object;
  readonly key?: string;
}

export interface Status {
  readonly fill?: string;
  readonly shape?: string;
  readonly text?: string;
}

export type Report = Readonly<Record<string, unknown>> & { readonly error?: { readonly code: string } };

/** A poll node in a flow, and what came out of it. */
export interface PollFlow {
  readonly node: Node;
  readonly items: Probe;
  readonly runs: Probe;
  readonly caught: Probe;
  readonly completed: Probe;
  readonly reports: () => readonly Report[];
  readonly statuses: () => readonly Status[];
  /** Gives the node a message. */
  readonly tell: (message: object) => void;
  /** Asks for a run and waits for its report. */
  readonly run: (topic?: "sync" | "full") => Promise<Report>;
  /**
   * Asks for one run after the other until `condition` holds. What the tenant stored within the last second may need two:
   * its clock is only known to the second.
   */
  readonly runUntil: (what: string, condition: () => boolean) => Promise<void>;
  readonly acknowledge: (message: Received) => void;
}

/** The tenant and the user directory of the test that runs. */
export const surroundings = {} as { tenant: SimulatedTenant; userDir: string };

/** Gives each test of the file a simulated tenant and a user directory. */
export function useSurroundings(): void {
  before(async () => {
    useUserDir(tmpdir());
    await startServer();
  });
  after(() => stopServer());
  beforeEach(async () => {
    surroundings.userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-poll-"));
    surroundings.tenant = await SimulatedTenant.start({ requestsPerSecond: Infinity });
  });
  afterEach(async () => {
    await helper.unload();
    await surroundings.tenant.stop();
    rmSync(surroundings.userDir, { recursive: true, force: true, maxRetries: 5 });
  });
}

/** Loads the flow and, unless told otherwise, waits for the report of the first run. */
export async function startPoll(settings: Settings = {}, awaitsRun = true): Promise<PollFlow> {
  helper.settings({ userDir: surroundings.userDir });
  const { key = ADVANCED_KEY.secret } = settings;
  await helper.load(NODES, placed(flowOf(settings)), { t1: { keyId: ADVANCED_KEY.id, key } });
  const node = helper.getNode("n1");
  const runs = new Probe("runs");
  const reports = (): readonly Report[] => runs.messages.map(({ payload }) => payload as Report);
  const tell = (message: object): void => node.receive(message as NodeMessage);
  const run: PollFlow["run"] = async (topic = "sync") => {
    const count = runs.messages.length;
    tell({ topic });
    await until("a report", () => runs.messages.length > count);
    return reports()[count] ?? {};
  };
  const flow: PollFlow = {
    node,
    items: new Probe("items"),
    runs,
    caught: new Probe("caught"),
    completed: new Probe("completed"),
    reports,
    statuses: () => (node.status as unknown as { args: Status[][] }).args.map(([status]) => status ?? {}),
    tell,
    run,
    runUntil: (what, condition) =>
      until(what, async () => {
        if (!condition()) await run();
        await new Promise((resolve) => setTimeout(resolve, 100));
        return condition();
      }),
    acknowledge: (message) => tell({ topic: "ack", _msgid: message["_msgid"] }),
  };
  if (awaitsRun) await until("the first run", () => runs.messages.length > 0);
  return flow;
}

function flowOf({ tenant = {}, poll = {} }: Settings): object[] {
  return [
    { id: "tab", type: "tab", label: "test" },
    { id: "t1", type: "cortex-xdr-tenant", host: surroundings.tenant.url, keyType: "advanced", ...tenant },
    {
      id: "n1",
      type: "cortex-xdr-poll",
      z: "tab",
      tenant: "t1",
      intervalSeconds: "3600",
      wires: [["items"], ["runs"]],
      ...poll,
    },
    { id: "items", type: "helper", z: "tab" },
    { id: "runs", type: "helper", z: "tab" },
    { id: "catch", type: "catch", z: "tab", scope: null, wires: [["caught"]] },
    { id: "caught", type: "helper", z: "tab" },
    { id: "complete", type: "complete", z: "tab", scope: ["n1"], wires: [["completed"]] },
    { id: "completed", type: "helper", z: "tab" },
  ];
}

/** Adds alerts that were stored a while ago. @returns their ids */
export function addAlerts(count: number, draft: Parameters<World["addAlert"]>[0] = {}): string[] {
  const { world } = surroundings.tenant;
  const insertMs = world.nowMs - 60_000;
  return Array.from({ length: count }, () => String(world.addAlert({ insertMs, ...draft }).id));
}
