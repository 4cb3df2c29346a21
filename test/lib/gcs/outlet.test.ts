import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Checkpoints } from "../../../nodes/lib/gcs/checkpoints";
import { Ledger } from "../../../nodes/lib/gcs/ledger";
import type { OpenState } from "../../../nodes/lib/gcs/object-state";
import { OpenObject } from "../../../nodes/lib/gcs/open-object";
import { Outlet } from "../../../nodes/lib/gcs/outlet";
import { PartBuilder } from "../../../nodes/lib/gcs/parts";
import type { Block } from "../../../nodes/lib/gcs/reader-api";
import { Window } from "../../../nodes/lib/gcs/window";
import { MemoryDisk } from "../../support/memory-store";
import { until } from "../../support/until";
import { VirtualClock } from "../../support/virtual-clock";

const VERSION = { name: "internal/a", generation: "1790000000000001", sizeBytes: 1, createdMs: 0 };
const BYTES = 10;

interface Rig {
  readonly object: OpenObject;
  readonly window: Window;
  readonly blocks: Block[];
  readonly acks: (() => void)[];
  /** Builds lines of ten bytes each: `e` an event, `b` a bad one, ` ` a blank one, and sends them. */
  readonly send: (lines: string) => Promise<boolean>;
  /** Ends the object after the lines that were sent. */
  readonly finish: () => void;
  readonly saved: () => Promise<OpenState | undefined>;
  readonly closing: AbortController;
  readonly clock: VirtualClock;
  readonly disk: MemoryDisk;
  readonly checkpoints: Checkpoints;
}

function rig(settings: {
  acknowledge: "emit" | "message";
  batchSize?: number;
  limit?: number;
  state?: OpenState;
}): Rig {
  const { acknowledge, batchSize = 1, limit = 1000, state } = settings;
  const disk = new MemoryDisk();
  const clock = new VirtualClock(1_790_000_000_000);
  const ledger = new Ledger(() => Promise.resolve(disk.open()), "bucket");
  const window: Window = new Window(limit, () => checkpoints.hurry());
  const checkpoints = new Checkpoints({ ledger, window, clock, random: () => 0.5, onTrouble: () => undefined });
  const object = new OpenObject(VERSION, state);
  const closing = new AbortController();
  const blocks: Block[] = [];
  const acks: (() => void)[] = [];
  const outlet = new Outlet(object, {
    send: async (block, onTaken, signal) => {
      blocks.push(block);
      for (const [index, part] of block.parts.entries()) if (part.kind === "events") acks.push(() => onTaken(index));
      await new Promise((resolve) => setImmediate(resolve));
      return !signal.aborted;
    },
    acknowledge,
    window,
    checkpoints,
    signal: closing.signal,
    onSent: () => undefined,
  });
  const builder = new PartBuilder({ batchSize, rawLines: false });
  let line = object.progress.added.lines;
  let bytes = object.progress.added.bytes;
  return {
    object,
    window,
    blocks,
    acks,
    closing,
    clock,
    disk,
    checkpoints,
    send: (lines) => {
      for (const kind of lines) {
        line += 1;
        bytes += BYTES;
        if (kind === "e") builder.event(line, bytes, { line }, "");
        if (kind === "b") {
          const error = { code: "GCS_LINE_NOT_JSON", message: "" } as const;
          builder.bad(bytes, { kind: "bad", line, text: "x", error });
        }
      }
      return outlet.send(builder.take());
    },
    finish: () => outlet.finish(line, bytes),
    saved: async () => {
      await checkpoints.close();
      const found = await ledger.get(VERSION);
      return found?.state === "open" ? found : undefined;
    },
  };
}

const linesOf = (blocks: readonly Block[], kind: "events" | "bad"): number[] =>
  blocks.flatMap(({ parts }) => parts.filter((part) => part.kind === kind).map(({ line }) => line));

describe("what leaves of an object", () => {
  test("in emit mode all of a block is taken a turn later, blank and bad lines too", async () => {
    const { send, finish, saved, blocks, object } = rig({ acknowledge: "emit" });
    assert.equal(await send("ee be b "), true);
    assert.deepEqual(linesOf(blocks, "events"), [1, 2, 5]);
    assert.deepEqual(linesOf(blocks, "bad"), [4, 7]);
    finish();
    assert.equal(object.progress.isComplete, true);
    const { progress } = (await saved()) ?? assert.fail("nothing was written");
    assert.deepEqual(progress, { lines: 8, bytes: 80, events: 3, bad: 2, taken: [] });
  });

  test("a bad line amid a batch that is not full is not written down before the batch has left", async () => {
    const first = rig({ acknowledge: "emit", batchSize: 3 });
    await first.send("eeeeb");
    assert.deepEqual(linesOf(first.blocks, "bad"), [5]);
    const { progress } = (await first.saved()) ?? assert.fail("nothing was written");
    assert.deepEqual(progress, { lines: 3, bytes: 30, events: 3, bad: 0, taken: [] });
  });

  test("in message mode a message is taken when it comes back, in any order, and what is missing is remembered", async () => {
    const { send, acks, saved, object } = rig({ acknowledge: "message" });
    await send("eeebee");
    assert.equal(object.progress.isComplete, false);
    for (const index of [4, 0, 2]) acks[index]?.();
    acks[2]?.();
    const { progress } = (await saved()) ?? assert.fail("nothing was written");
    // Line 4 is bad: it has left with the block.
    assert.deepEqual(progress, {
      lines: 1,
      bytes: 10,
      events: 1,
      bad: 0,
      taken: [
        [3, 4, 1, 1, 40],
        [6, 6, 1, 0, 60],
      ],
    });
  });

  test("passes over what was taken before a restart, and sends the rest once", async () => {
    const before = rig({ acknowledge: "message" });
    await before.send("ee eeb e");
    for (const index of [0, 3]) before.acks[index]?.();
    const state = (await before.saved()) ?? assert.fail("nothing was written");
    const after = rig({ acknowledge: "message", state });
    const { progress } = after.object;
    assert.deepEqual([progress.takenAt(2), progress.takenAt(5)?.first], [undefined, 5]);
  });

  test("no more is out than the window allows; a batch larger than that goes alone", async () => {
    const { send, acks, window, blocks, clock } = rig({ acknowledge: "message", limit: 2 });
    const sending = send("eeeee");
    await until("it happens", () => blocks.length === 1);
    assert.equal(window.out, 2);
    acks[0]?.();
    acks[1]?.();
    await until("it happens", () => acks.length === 4);
    assert.equal(window.out, 2);
    assert.deepEqual(linesOf(blocks, "events"), [1, 2, 3, 4]);
    acks[2]?.();
    acks[3]?.();
    await until("it happens", () => acks.length === 5);
    acks[4]?.();
    assert.equal(await sending, true);
    clock.advance(1000);
    await until("it happens", () => window.out === 0);

    const large = rig({ acknowledge: "message", batchSize: 4, limit: 2 });
    void large.send("eeeeeeee");
    await until("it happens", () => large.blocks.length === 1);
    assert.deepEqual(linesOf(large.blocks, "events"), [1]);
    large.acks[0]?.();
    await until("it happens", () => large.blocks.length === 2);
    assert.equal(large.window.out, 4);
    large.closing.abort();
  });

  test("all that fits leaves, also when more would come after it: a flow may wait for as many as may be out", async () => {
    const { send, acks, window } = rig({ acknowledge: "message", limit: 10 });
    assert.equal(await send("eeeeee"), true);
    const sending = send("eeeeee");
    await until("a full window", () => acks.length === 10);
    assert.equal(window.out, 10);
    for (const ack of acks) ack();
    await until("the rest", () => acks.length === 12);
    assert.equal(await sending, true);
  });

  test("room comes back when what was taken is on disk, not before", async () => {
    const { send, acks, window, disk, clock } = rig({ acknowledge: "message" });
    await send("e");
    acks[0]?.();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([window.out, disk.writes], [1, 0]);
    clock.advance(250);
    await until("it happens", () => window.out === 0);
    assert.equal(disk.writes, 1);
  });

  test("what fails to be written is written later, and nothing more leaves meanwhile", async () => {
    const { send, window, disk, clock, blocks } = rig({ acknowledge: "emit", limit: 2 });
    disk.onWrite = () => {
      throw new Error("disk full");
    };
    const sending = send("eeee");
    await until("it happens", () => blocks.length === 1);
    for (let round = 0; round < 20; round += 1) {
      clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual([blocks.length, window.out, disk.writes], [1, 2, 0]);
    disk.onWrite = () => undefined;
    await until("it happens", () => {
      clock.advance(1000);
      return blocks.length === 2;
    });
    assert.deepEqual(linesOf(blocks, "events"), [1, 2, 3, 4]);
    assert.equal(await sending, true);
  });

  test("what has left while the node closes is not taken", async () => {
    const { send, closing, saved, blocks } = rig({ acknowledge: "emit" });
    const sending = send("ee");
    await Promise.resolve();
    await Promise.resolve();
    closing.abort();
    assert.equal(await sending, false);
    assert.equal(await saved(), undefined);
    assert.equal(await send("e"), false);
    assert.equal(blocks.length, 1);
  });
});
