import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OpenObject } from "../../../nodes/lib/gcs/open-object";
import { NO_FAULTS, type OpenState } from "../../../nodes/lib/gcs/object-state";

const VERSION = { name: "a", generation: "1", sizeBytes: 1, createdMs: 0 };

/** Adds a span of `events` lines of ten bytes each. */
function added(object: OpenObject, events: number) {
  const { lines } = object.progress.added;
  return object.progress.add({
    first: lines + 1,
    last: lines + events,
    events,
    bad: 0,
    endByte: (lines + events) * 10,
  });
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe("an object that is being read", () => {
  test("begins where it was left", () => {
    const progress = { lines: 2, bytes: 20, events: 2, bad: 0, taken: [] };
    const state: OpenState = { state: "open", progress, faults: { count: 1, atByte: 5, code: "cut", total: 2 } };
    const object = new OpenObject(VERSION, state);
    assert.deepEqual(object.collect(), { state, events: 0 });
    assert.deepEqual(new OpenObject(VERSION, undefined).faults, NO_FAULTS);
  });

  test("says once how many events are to be written down as taken, and again when that failed", () => {
    const object = new OpenObject(VERSION, undefined);
    const [first, second] = [added(object, 3), added(object, 2)];
    object.take(first, 3);
    assert.equal(object.collect().events, 3);
    assert.equal(object.collect().events, 0);
    object.take(second, 2);
    object.giveBack(3);
    const { state, events } = object.collect();
    assert.equal(events, 5);
    assert.equal(state.state === "open" && state.progress.lines, 5);
  });

  test("is complete when all that was sent was taken", async () => {
    const object = new OpenObject(VERSION, undefined);
    assert.equal(await isSettled(object.complete()), true);
    const [first, second] = [added(object, 1), added(object, 1)];
    const complete = object.complete();
    object.take(second, 1);
    assert.equal(await isSettled(complete), false);
    object.take(first, 1);
    assert.equal(await isSettled(complete), true);
  });
});
