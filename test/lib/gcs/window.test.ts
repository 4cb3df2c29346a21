import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Window } from "../../../nodes/lib/gcs/window";

const open = (): AbortSignal => new AbortController().signal;

/** What has happened to a promise so far, after everything that is due. */
async function stateOf(promise: Promise<boolean>): Promise<boolean | "waiting"> {
  await new Promise((resolve) => setImmediate(resolve));
  return Promise.race([promise, Promise.resolve("waiting" as const)]);
}

describe("the window of events that are out", () => {
  test("lets in what fits, and the next as soon as there is room", async () => {
    let full = 0;
    const window = new Window(10, () => (full += 1));
    assert.equal(await window.enter(6, open()), true);
    assert.equal(await window.enter(4, open()), true);
    const third = window.enter(3, open());
    assert.equal(await stateOf(third), "waiting");
    assert.deepEqual([window.out, window.isFull, full], [10, true, 1]);
    window.leave(2);
    assert.equal(await stateOf(third), "waiting");
    window.leave(1);
    assert.equal(await stateOf(third), true);
    assert.deepEqual([window.out, window.isFull], [10, false]);
  });

  test("keeps the order of those who wait: a small one does not overtake", async () => {
    const window = new Window(10, () => undefined);
    await window.enter(10, open());
    const large = window.enter(8, open());
    const small = window.enter(1, open());
    window.leave(5);
    assert.deepEqual([await stateOf(large), await stateOf(small)], ["waiting", "waiting"]);
    window.leave(3);
    assert.deepEqual([await stateOf(large), await stateOf(small)], [true, "waiting"]);
    window.leave(1);
    assert.equal(await stateOf(small), true);
  });

  test("lets in more than its limit when nothing else is out", async () => {
    const window = new Window(10, () => undefined);
    assert.equal(await window.enter(500, open()), true);
    const next = window.enter(500, open());
    assert.equal(await stateOf(next), "waiting");
    window.leave(499);
    assert.equal(await stateOf(next), "waiting");
    window.leave(1);
    assert.equal(await stateOf(next), true);
  });

  test("has room for nobody while somebody waits, and never less than none", async () => {
    const window = new Window(10, () => undefined);
    assert.equal(window.room, 10);
    await window.enter(4, open());
    assert.equal(window.room, 6);
    const large = window.enter(9, open());
    assert.equal(window.room, 0);
    window.leave(4);
    assert.deepEqual([await stateOf(large), window.room], [true, 1]);
    window.leave(9);
    await window.enter(11, open());
    assert.equal(window.room, 0);
  });

  test("ends the wait of those whose signal aborts, takes nothing for them, and lets the others pass", async () => {
    const window = new Window(10, () => undefined);
    const closing = new AbortController();
    await window.enter(8, open());
    const large = window.enter(9, closing.signal);
    const small = window.enter(2, open());
    closing.abort();
    assert.deepEqual([await stateOf(large), await stateOf(small)], [false, true]);
    assert.equal(window.out, 10);
    assert.equal(await window.enter(1, closing.signal), false);
    assert.equal(window.out, 10);
  });
});
