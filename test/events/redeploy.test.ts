import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NodeRed } from "../support/node-red";
import { createSimulatedBucket } from "../support/simulated-bucket/bucket";
import { tempFolder } from "../support/temp-folder";
import { until } from "../support/until";
import { LEAN_SETTINGS, entriesOf, isReported, readerFlow, type Entry, type ReaderSettings } from "./events-red";
import { KillWorld } from "./kill-world";

const WINDOW = 40;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const idsOf = (entries: readonly Entry[]): string[] =>
  entries.flatMap((entry) => (entry.kind === "event" ? [entry.id] : []));

describe("an events node in a real Node-RED", () => {
  test("redeploys and restarts while it reads: emit mode nothing twice, message mode only what was out; nothing lost", async (t) => {
    const bucket = await createSimulatedBucket();
    const userDir = tempFolder(t);
    const world = new KillWorld(bucket, 7, 60);
    while (world.objects < 40) await world.addObject();
    const red = await NodeRed.start({ userDir, settings: LEAN_SETTINGS });
    t.after(async () => {
      await red.stop("SIGKILL");
      await bucket.close();
    });
    const settings = (["emit", "message"] as const).map((acknowledge): ReaderSettings => {
      const events = { acknowledge, intervalSeconds: 1, maxUnacknowledged: WINDOW };
      return { name: acknowledge, bucket, events };
    });
    /** Waits until both nodes have read on. */
    const flowing = async (): Promise<void> => {
      const from = settings.map(({ name }) => entriesOf(userDir, name).length);
      await until("events flow", async () => {
        await pause(20);
        return settings.every(({ name }, at) => entriesOf(userDir, name).length > from[at]! + 60);
      });
    };
    await red.deploy(readerFlow(userDir, settings));
    await flowing();
    await red.deploy(readerFlow(userDir, settings, "again"));
    await flowing();
    await red.stop("SIGTERM");
    await red.start();
    await flowing();
    await red.deploy(readerFlow(userDir, settings, "nodes"), "nodes");
    await flowing();
    await red.deploy(readerFlow(userDir, settings, "flows"), "flows");
    const versions = [...world.versions.values()];
    const keys = versions.map(({ key }) => key);
    assert.ok(!settings.some(({ name }) => isReported(entriesOf(userDir, name), keys)), "it was over too soon");
    await until(
      "a report of each object",
      async () => {
        await pause(100);
        return settings.every(({ name }) => isReported(entriesOf(userDir, name), keys));
      },
      40_000,
    );
    await red.stop("SIGTERM");
    const expected = versions.flatMap(({ ids }) => ids).sort();
    for (const { name } of settings) {
      const ids = idsOf(entriesOf(userDir, name));
      assert.deepEqual([...new Set(ids)].sort(), expected, `${name}: lost or made up`);
      const repeated = ids.length - expected.length;
      t.diagnostic(`${name} mode: ${expected.length} lines, ${repeated} repeated`);
      assert.ok(repeated <= (name === "emit" ? 0 : 4 * WINDOW), `${name}: ${repeated} came twice`);
    }
  });
});
