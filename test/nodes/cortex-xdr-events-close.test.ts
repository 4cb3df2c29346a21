import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { describe, mock, test } from "node:test";
import { XdrError } from "../../nodes/lib/errors";
import type { OpenedStore, Store } from "../../nodes/lib/store/store";
import {
  numbered,
  numbersOf,
  putLines,
  range,
  startEvents,
  surroundings,
  useSurroundings,
} from "../support/events-flow";
import { helper } from "../support/helper";
import { eventLines, ndjson } from "../support/simulated-bucket/event-lines";
import { until } from "../support/until";

useSurroundings();

/** What a user waits for a deploy, at most. */
const MAX_CLOSE_MS = 5000;

async function closeInTime(): Promise<void> {
  const started = performance.now();
  await helper.unload();
  const tookMs = performance.now() - started;
  assert.ok(tookMs < MAX_CLOSE_MS, `it took ${tookMs} ms`);
}

/** Nothing leaves any more, and no connection is left. */
async function assertSilent(probes: { messages: unknown[] }[]): Promise<void> {
  const counts = probes.map(({ messages }) => messages.length);
  await until("no connection is left", () => surroundings.bucket.connections.open === 0);
  assert.deepEqual(
    probes.map(({ messages }) => messages.length),
    counts,
  );
}

type Write = Store["write"];

/** From now on, the built nodes' stores write so. @returns undoes it */
function breakDisk(write: (real: Write) => Write): () => void {
  const levelStore = createRequire(__filename)(resolve(__dirname, "../../dist/nodes/lib/store/level-store.js")) as {
    openLevelStore: (...args: unknown[]) => Promise<OpenedStore>;
  };
  const open = levelStore.openLevelStore;
  const mocked = mock.method(levelStore, "openLevelStore", async (...args: unknown[]) => {
    const opened = await open(...args);
    const real: Write = (...changes) => opened.store.write(...changes);
    return { ...opened, store: new Proxy(opened.store, { get: (target, key) => property(target, key, write(real)) }) };
  });
  return () => mocked.mock.restore();
}

function property(store: Store, key: string | symbol, write: Write): unknown {
  if (key === "write") return write;
  const value: unknown = Reflect.get(store, key, store);
  return typeof value === "function" ? (value.bind(store) as unknown) : value;
}

describe("a close", () => {
  test("does not wait for a body that stalls", async () => {
    const lines = ndjson([...eventLines(5, 1000)]);
    surroundings.bucket.put("a", lines);
    surroundings.bucket.faults.add({ kind: "media", stallAfterBytes: lines.length >> 1 });
    const { events, objects, bad } = await startEvents();
    await until("some", () => events.messages.length > 100);
    await closeInTime();
    await assertSilent([events, objects, bad]);
    const second = await startEvents();
    await second.reported(1);
    assert.equal(events.messages.length + second.events.messages.length, 1000);
  });

  test("does not wait for a listing that stalls", async () => {
    const { events, objects, bad, sync, tell } = await startEvents();
    await sync();
    surroundings.bucket.faults.add({ kind: "list", before: () => new Promise(() => undefined) });
    tell({ topic: "sync" });
    await until("under way", () => surroundings.bucket.requests.at(-1)?.status === 0);
    await closeInTime();
    await assertSilent([events, objects, bad]);
  });

  test("does not wait for messages that the flow keeps", async () => {
    putLines("a", numbered(50));
    const { events, objects, bad } = await startEvents({ events: { acknowledge: "message", maxUnacknowledged: "10" } });
    await until("a window", () => events.messages.length === 10);
    await closeInTime();
    await assertSilent([events, objects, bad]);
    assert.equal(objects.messages.length, 0);
  });

  for (const [what, write] of [
    ["refuses every write", () => () => Promise.reject(new XdrError("STORE_FAILED", "No space left on device."))],
    ["does not answer", () => () => new Promise<void>(() => undefined)],
  ] as const) {
    test(`does not wait for a disk that ${what}; no more leaves than may be unwritten, and none is lost`, async () => {
      for (let number = 0; number < 3; number += 1) putLines(`o${number}`, numbered(4000, number * 4000));
      putLines("0", numbered(10, 12_000));
      const repair = breakDisk(write);
      try {
        const { events, objects, bad, statuses, caught } = await startEvents({ events: { maxObjects: "3" } });
        if (what === "refuses every write") {
          await until("red", () => statuses().at(-1)?.fill === "red");
          assert.match(statuses().at(-1)!.text!, /unavailable/);
          await until("caught", () => caught.messages.length > 0);
          assert.match(caught.messages[0]!.error!.message, /STORE_FAILED/);
        }
        await until("a window", () => events.messages.length >= 4500 || statuses().at(-1)?.fill === "red");
        await closeInTime();
        await assertSilent([events, objects, bad]);
        assert.ok(events.messages.length <= 5000, `${events.messages.length} left`);
        // A report says that nothing of the object comes again.
        assert.equal(objects.messages.length, 0);
      } finally {
        repair();
      }
      // A store that never answers keeps its lock until the process ends.
      if (what === "does not answer") return;
      const second = await startEvents({ events: { batchSize: "1000" } });
      await second.reported(4);
      const numbers = new Set(numbersOf(second.events.messages));
      assert.deepEqual(
        [...numbers].sort((a, b) => a - b),
        range(12_010, 0),
      );
    });
  }
});

describe("a redeploy", () => {
  test("goes on where it was: in emit mode nothing is lost and nothing comes twice", async () => {
    const total = 6 * 3000;
    for (let number = 0; number < 6; number += 1) putLines(`o${number}`, numbered(3000, number * 3000));
    const numbers: number[] = [];
    for (let redeploys = 0; redeploys < 8; redeploys += 1) {
      const { events } = await startEvents();
      const from = numbers.length;
      await until("some", () => events.messages.length > 500 || from + events.messages.length >= total);
      await closeInTime();
      numbers.push(...numbersOf(events.messages));
    }
    const last = await startEvents();
    await last.sync();
    await until("all", () => numbers.length + last.events.messages.length >= total);
    await helper.unload();
    numbers.push(...numbersOf(last.events.messages));
    assert.equal(new Set(numbers).size, total);
    assert.equal(numbers.length, total, `${numbers.length - total} came twice`);
  });
});

test("the key is in no message, status, log, error or file", async () => {
  const { bucket } = surroundings;
  const { private_key: key, private_key_id: keyId } = bucket.serviceAccount;
  // Any part of it that is long enough to be no accident; what was entered has escaped line ends.
  const parts = key
    .split("\n")
    .filter((line) => line.length > 40 && !line.startsWith("---"))
    .map((line) => line.slice(5, 35));
  assert.ok(parts.length > 20);
  putLines("a", `${numbered(3)}no json\n`);
  const serviceAccount = JSON.stringify(bucket.serviceAccount);
  const first = await startEvents({ serviceAccount, events: { intervalSeconds: "1" } });
  await first.reported(1);
  bucket.expireTokens();
  bucket.revokeKey();
  first.tell({ topic: "sync" });
  await until("red", () => first.statuses().at(-1)?.fill === "red");
  await until("caught", () => first.caught.messages.length > 0);
  assert.match(first.caught.messages[0]!.error!.message, /key/);
  const shown = [
    ...[first.events, first.objects, first.bad, first.caught].flatMap(({ messages }) => messages),
    ...first.statuses(),
    ...helper.log().args,
    first.node,
    helper.getNode("a1"),
  ].map((thing) => inspected(thing));
  await helper.unload();
  const files = readdirSync(surroundings.userDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));
  assert.ok(files.length > 0);
  for (const text of [...shown, ...files]) {
    for (const secret of [...parts, keyId]) assert.ok(!text.includes(secret), text.slice(0, 500));
  }
});

/** All of the own properties that can be written down; credentials are Node-RED's own. */
function inspected(thing: unknown): string {
  const seen = new Set<unknown>();
  return JSON.stringify(thing, (name, value: unknown) => {
    if (name === "credentials" || name === "_flow" || seen.has(value)) return undefined;
    if (typeof value === "object" && value !== null) seen.add(value);
    return value instanceof Error ? [value.message, value.stack, Object.entries(value), value.cause] : value;
  });
}
