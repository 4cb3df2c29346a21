import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import { Checkpoints } from "../../../nodes/lib/gcs/checkpoints";
import type { LedgerChange } from "../../../nodes/lib/gcs/ledger";
import { OpenObject } from "../../../nodes/lib/gcs/open-object";
import { Window } from "../../../nodes/lib/gcs/window";
import { VirtualClock } from "../../support/virtual-clock";

const START_MS = 1_790_000_000_000;
const open = new AbortController().signal;

class Rig {
  readonly clock = new VirtualClock(START_MS);
  readonly writes: (readonly LedgerChange[])[] = [];
  readonly troubles: (string | undefined)[] = [];
  /** What writes throw, or undefined. */
  problem: Error | undefined;
  /** Holds writes up. */
  gate: Promise<void> | undefined;
  readonly window: Window;
  readonly checkpoints: Checkpoints;

  constructor(limit = 100) {
    this.window = new Window(limit, () => this.checkpoints.hurry());
    this.checkpoints = new Checkpoints({
      ledger: {
        write: async (changes) => {
          await this.gate;
          if (this.problem !== undefined) throw this.problem;
          this.writes.push(changes);
        },
      },
      window: this.window,
      clock: this.clock,
      random: () => 0.5,
      onTrouble: (error) => this.troubles.push(error?.code),
    });
  }

  object(name = "a"): OpenObject {
    return new OpenObject({ name, generation: "1", sizeBytes: 1, createdMs: 0 }, undefined);
  }

  /** So many events leave and are taken. */
  async take(object: OpenObject, events: number): Promise<void> {
    await this.window.enter(events, open);
    const { lines } = object.progress.added;
    const span = { first: lines + 1, last: lines + events, events, bad: 0, endByte: lines + events };
    object.take(object.progress.add(span), events);
    this.checkpoints.touch(object, events);
  }

  /** What was written last, by name: lines, or the word. */
  get last(): Record<string, unknown> {
    const changes = this.writes.at(-1) ?? [];
    return Object.fromEntries(
      changes.map(({ object, state }) => [object.name, state?.state === "open" ? state.progress.lines : state?.state]),
    );
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How a promise has ended so far. */
async function stateOf(promise: Promise<void>): Promise<string> {
  const end = promise.then(
    () => "done",
    (error: unknown) => (error instanceof XdrError ? error.code : String(error)),
  );
  await turn();
  return Promise.race([end, Promise.resolve("waiting")]);
}

describe("writing down what was taken", () => {
  test("all of it in one write, 250 ms after the first", async () => {
    const rig = new Rig();
    const [a, b] = [rig.object("a"), rig.object("b")];
    await rig.take(a, 1);
    await rig.take(b, 2);
    rig.clock.advance(249);
    await rig.take(a, 3);
    await turn();
    assert.deepEqual([rig.writes.length, rig.window.out], [0, 6]);
    rig.clock.advance(1);
    await turn();
    assert.deepEqual([rig.writes.length, rig.last, rig.window.out], [1, { a: 4, b: 2 }, 0]);
    assert.equal(rig.clock.sleepers.count, 0);
  });

  test("at once when half the window is to be written, and when somebody waits for room", async () => {
    const half = new Rig(10);
    await half.take(half.object(), 4);
    await turn();
    assert.equal(half.writes.length, 0);
    await half.take(half.object("b"), 1);
    await turn();
    assert.deepEqual(half.last, { a: 4, b: 1 });

    const full = new Rig(10);
    await full.window.enter(8, open);
    await full.take(full.object(), 1);
    const waiting = full.window.enter(2, open);
    await turn();
    assert.deepEqual([full.writes.length, await waiting, full.window.out], [1, true, 10]);
    // Who waits already when something is taken.
    const next = full.window.enter(1, open);
    const object = full.object("b");
    object.take(object.progress.add({ first: 1, last: 1, events: 1, bad: 0, endByte: 1 }), 1);
    full.checkpoints.touch(object, 1);
    await turn();
    assert.deepEqual([full.writes.length, await next], [2, true]);
  });

  test("what is taken during a write is written with the next one", async () => {
    const rig = new Rig();
    const object = rig.object();
    let release = (): void => undefined;
    rig.gate = new Promise((resolve) => (release = resolve));
    await rig.take(object, 1);
    const settled = rig.checkpoints.settle();
    await turn();
    await rig.take(object, 1);
    release();
    assert.equal(await stateOf(settled), "done");
    assert.deepEqual([rig.last, rig.window.out], [{ a: 1 }, 1]);
    rig.clock.advance(250);
    await turn();
    assert.deepEqual([rig.last, rig.window.out], [{ a: 2 }, 0]);
  });

  test("a write that fails is tried again until it works, and no room comes back before", async () => {
    const rig = new Rig();
    rig.problem = new XdrError("STORE_FAILED", "disk full");
    const object = rig.object();
    await rig.take(object, 2);
    const settled = rig.checkpoints.settle();
    await turn();
    assert.deepEqual([rig.troubles, rig.window.out, await stateOf(settled)], [["STORE_FAILED"], 2, "waiting"]);
    rig.clock.advance(500);
    await turn();
    assert.deepEqual([rig.troubles.length, rig.window.out], [2, 2]);
    await rig.take(object, 1);
    rig.problem = undefined;
    rig.clock.advance(1000);
    await turn();
    assert.deepEqual([rig.troubles.at(-1), rig.troubles.length, rig.last], [undefined, 3, { a: 3 }]);
    assert.deepEqual([rig.window.out, await stateOf(settled)], [0, "done"]);
  });

  test("an error of another kind is told as one of the store", async () => {
    const rig = new Rig();
    rig.problem = new Error("EIO");
    await rig.take(rig.object(), 100);
    await turn();
    assert.deepEqual(rig.troubles, ["STORE_FAILED"]);
  });

  test("the last state of an object is written at once, with what was taken and after it", async () => {
    const rig = new Rig();
    const [a, b] = [rig.object("a"), rig.object("b")];
    await rig.take(a, 1);
    await rig.take(b, 1);
    const ended = rig.checkpoints.end(a, { state: "done" });
    assert.equal(await stateOf(ended), "done");
    assert.deepEqual([rig.writes.length, rig.last, rig.window.out], [1, { a: "done", b: 1 }, 0]);
  });

  test("what comes back of an object after its end gives room back, and changes nothing", async () => {
    const rig = new Rig();
    const object = rig.object();
    await rig.window.enter(3, open);
    const span = object.progress.add({ first: 1, last: 3, events: 3, bad: 0, endByte: 3 });
    await rig.checkpoints.end(object, { state: "dead" });
    object.take(span, 3);
    rig.checkpoints.touch(object, 3);
    rig.clock.advance(1000);
    await turn();
    assert.deepEqual([rig.writes.length, rig.last, rig.window.out], [1, { a: "dead" }, 0]);
  });

  test("with nothing to write there is nothing to wait for", async () => {
    const rig = new Rig();
    assert.equal(await stateOf(rig.checkpoints.settle()), "done");
    assert.equal(rig.writes.length, 0);
  });

  test("whatever comes in the moment when a write ends is written, too", async () => {
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const rig = new Rig();
      const object = rig.object();
      await rig.take(object, 1);
      const first = rig.checkpoints.settle();
      await first;
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      assert.equal(await stateOf(rig.checkpoints.end(object, { state: "done" })), "done", `${ticks} ticks later`);
      assert.deepEqual(rig.last, { a: "done" });
    }
  });
});

describe("the last write", () => {
  test("comes at once, and takes along what was taken until then", async () => {
    const rig = new Rig();
    await rig.take(rig.object(), 1);
    await rig.checkpoints.close();
    assert.deepEqual([rig.writes.length, rig.clock.sleepers.count], [1, 0]);
    await rig.checkpoints.close();
    assert.equal(rig.writes.length, 1);
  });

  test("ends the wait after a failure, and is tried once", async () => {
    const rig = new Rig();
    rig.problem = new XdrError("STORE_FAILED", "disk full");
    const object = rig.object();
    await rig.take(object, 1);
    const ended = rig.checkpoints.end(object, { state: "done" });
    await turn();
    assert.equal(rig.troubles.length, 1);
    rig.problem = undefined;
    await rig.checkpoints.close();
    assert.deepEqual([rig.last, await stateOf(ended)], [{ a: "done" }, "done"]);
  });

  test("that fails tells those who wait for it, and ends", async () => {
    const rig = new Rig();
    rig.problem = new XdrError("STORE_FAILED", "disk full");
    const object = rig.object();
    await rig.take(object, 1);
    const ended = rig.checkpoints.end(object, { state: "done" });
    const end = stateOf(ended);
    await rig.checkpoints.close();
    assert.equal(await end, "STORE_FAILED");
    assert.deepEqual([rig.writes.length, rig.clock.sleepers.count], [0, 0]);
    // Somebody who comes later gets one try, too.
    rig.problem = undefined;
    assert.equal(await stateOf(rig.checkpoints.end(rig.object("b"), { state: "done" })), "done");
  });
});
