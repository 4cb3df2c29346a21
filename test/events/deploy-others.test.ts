import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeRed, type Flow } from "../support/node-red";
import { createSimulatedBucket } from "../support/simulated-bucket/bucket";
import { tempFolder } from "../support/temp-folder";
import { until } from "../support/until";
import { LEAN_SETTINGS, entriesOf, readerFlow, type ReaderSettings } from "./events-red";
import { KillWorld } from "./kill-world";

/** Nodes that take a while to close: Node-RED removes them at once and waits, and our node goes on meanwhile. */
const SLOW_CLOSE = "if (!node.slow) { node.slow = true; node.on('close', (done) => setTimeout(done, 300)); }\n";

/** The flow with its next node changed, so that a deployment of what was modified restarts that one alone. */
function changed(flow: Flow, mark: number): Flow {
  return {
    ...flow,
    flows: flow.flows.map((node) => {
      const { id, func } = node as { id: string; func?: string };
      if (id === "xwrite") return { ...node, name: `${mark}`, func: SLOW_CLOSE + (func ?? "") };
      return id === "xfile" ? { ...node, x: 100 + mark } : node;
    }),
  };
}

for (const acknowledge of ["emit", "message"] as const) {
  test(`the next node is deployed anew and ours is not, in ${acknowledge} mode: nothing is lost, nothing hangs`, async (t) => {
    const bucket = await createSimulatedBucket();
    const userDir = tempFolder(t);
    const world = new KillWorld(bucket, 7, 60);
    while (world.objects < 60) await world.addObject();
    const red = await NodeRed.start({ userDir, settings: LEAN_SETTINGS });
    t.after(async () => {
      await red.stop("SIGKILL");
      await bucket.close();
    });
    const settings: ReaderSettings[] = [
      { name: "x", bucket, events: { acknowledge, intervalSeconds: 1, maxUnacknowledged: 40 } },
    ];
    const flow = readerFlow(userDir, settings);
    await red.deploy(changed(flow, 1));
    await until("it reads", () => entriesOf(userDir, "x").length > 50, 60_000);
    for (const mark of [2, 3]) await red.deploy(changed(flow, mark), "nodes");
    const expected = [...world.versions.values()].flatMap(({ ids }) => ids);
    const missing = (): string[] => {
      const got = new Set(entriesOf(userDir, "x").flatMap((entry) => (entry.kind === "event" ? [entry.id] : [])));
      return expected.filter((id) => !got.has(id));
    };
    await until("everything has arrived", () => missing().length === 0, 60_000).catch(() => undefined);
    assert.deepEqual(missing(), []);
  });
}
