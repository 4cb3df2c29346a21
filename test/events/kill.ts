import assert from "node:assert/strict";
import { statSync } from "node:fs";
import type { TestContext } from "node:test";
import { NodeRed } from "../support/node-red";
import { createSimulatedBucket } from "../support/simulated-bucket/bucket";
import { tempFolder } from "../support/temp-folder";
import { until } from "../support/until";
import { mulberry32 } from "../support/virtual-random";
import {
  LEAN_SETTINGS,
  entriesOf,
  fileOf,
  isReported,
  noteStart,
  readerFlow,
  type Entry,
  type ReaderSettings,
} from "./events-red";
import { assertKept, type Outcome } from "./kill-oracle";
import { KillWorld } from "./kill-world";

/** Events out and not acknowledged, by mode; in emit mode the node's own limit of what is not written down. */
export const WINDOWS = { emit: 5000, message: 60 } as const;
const MAX_OBJECTS = 2;
/** A kill strikes at most so long after the first event of a process. */
const MAX_DELAY_MS = 400;
/**
 * Kills Node-RED with SIGKILL at `kills` random moments while two events nodes, one in each acknowledge mode, read `objects`
 * objects that come over time, and starts it again each time. No complete line may be lost, and only what was not yet written
 * down may come again.
 */
export async function killWhileReading(t: TestContext, kills: number, objects: number, seed: number): Promise<void> {
  t.diagnostic(`seed ${seed}`);
  const random = mulberry32(seed ^ 0x5bd1e995);
  const bucket = await createSimulatedBucket();
  const userDir = tempFolder(t);
  const world = new KillWorld(bucket, seed, 60);
  const settings = (["emit", "message"] as const).map((acknowledge): ReaderSettings => {
    const events = { acknowledge, intervalSeconds: 1, maxObjects: MAX_OBJECTS, maxUnacknowledged: WINDOWS.message };
    return { name: acknowledge, bucket, events };
  });
  const red = await NodeRed.start({ userDir, settings: LEAN_SETTINGS });
  t.after(async () => {
    await red.stop("SIGKILL");
    await bucket.close();
  });
  const backlog = Math.ceil(objects / 5);
  while (world.objects < backlog) await world.addObject();
  await red.deploy(readerFlow(userDir, settings));
  let from = sizesOf(userDir, settings);
  for (let kill = 1; kill <= kills; kill += 1) {
    await until("events flow", () => sizesOf(userDir, settings).every((size, at) => size > (from[at] ?? 0)), 60_000);
    const delayMs = random() * MAX_DELAY_MS;
    const rewriteMs = random() * delayMs;
    await pause(rewriteMs);
    await world.rewrite();
    await pause(delayMs - rewriteMs);
    await red.stop("SIGKILL");
    while (world.objects < backlog + Math.ceil(((objects - backlog) * kill) / kills)) await world.addObject();
    for (const { name } of settings) noteStart(userDir, name);
    from = sizesOf(userDir, settings);
    await red.start();
  }
  const last = [...world.versions.values()].filter(({ isReplaced }) => !isReplaced).map(({ key }) => key);
  await until(
    "a report of each object",
    async () => {
      await pause(500);
      return settings.every(({ name }) => isReported(entriesOf(userDir, name), last));
    },
    240_000,
  );
  await red.stop("SIGTERM");
  for (const { name, events } of settings) {
    const limits = { window: WINDOWS[events.acknowledge], objects: MAX_OBJECTS };
    const outcome = assertKept(name, world.versions, entriesOf(userDir, name), limits);
    t.diagnostic(
      describeOutcome(name, outcome, { seed, kills, objects: world.objects, versions: world.versions.size }),
    );
  }
  assertPlaced(entriesOf(userDir, "message-places"));
}

function describeOutcome(
  name: string,
  { lines, repeated, repeatedMost, insideObjects }: Outcome,
  facts: object,
): string {
  const { seed, kills, objects, versions } = facts as Record<string, number>;
  return (
    `seed ${seed}, ${name} mode: ${kills} kills (${insideObjects} inside objects), ${objects} objects in ${versions} versions, ` +
    `${lines} lines, 0 lost, ${repeated} repeated (at most ${repeatedMost} for one kill)`
  );
}

/** What the messages said of their place is what their events are. */
function assertPlaced(entries: readonly Entry[]): void {
  assert.ok(entries.length > 0);
  for (const entry of entries) {
    assert.ok(entry.kind === "event" && entry.object !== undefined);
    assert.equal(entry.id, `${entry.object.name}#${entry.object.generation}:${entry.object.line}`);
  }
}

function sizesOf(userDir: string, settings: readonly ReaderSettings[]): number[] {
  return settings.map(({ name }) => statSync(fileOf(userDir, name), { throwIfNoEntry: false })?.size ?? 0);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
