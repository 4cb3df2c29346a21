import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isHopeless, nextFaults } from "../../../nodes/lib/gcs/object-faults";
import { NO_FAULTS } from "../../../nodes/lib/gcs/object-state";

/** Faults one after another, `[kind, atByte]`. @returns after how many of them there is no hope; undefined = there still is */
function attemptsUntilHopeless(faults: readonly (readonly ["cut" | "damaged" | "nested" | "too-large", number])[]) {
  let state = NO_FAULTS;
  for (const [index, [kind, atByte]] of faults.entries()) {
    state = nextFaults(state, kind, atByte);
    if (isHopeless(state)) return index + 1;
  }
  return undefined;
}

describe("whether a damaged object is read again", () => {
  test("three times the same at the same place: it is in the object", () => {
    assert.equal(
      attemptsUntilHopeless([
        ["cut", 5],
        ["cut", 5],
      ]),
      undefined,
    );
    assert.equal(
      attemptsUntilHopeless([
        ["cut", 5],
        ["cut", 5],
        ["cut", 5],
      ]),
      3,
    );
  });

  test("another place or another fault begins anew", () => {
    const mixed = [
      ["cut", 5],
      ["cut", 5],
      ["cut", 6],
      ["damaged", 6],
      ["damaged", 6],
    ] as const;
    assert.equal(attemptsUntilHopeless(mixed), undefined);
    assert.equal(attemptsUntilHopeless([...mixed, ["damaged", 6]]), 6);
  });

  test("ten faults, wherever they are, are enough", () => {
    const wandering = Array.from({ length: 12 }, (_none, at) => ["damaged", at] as const);
    assert.equal(attemptsUntilHopeless(wandering), 10);
  });

  test("what another attempt cannot change is not tried again", () => {
    assert.equal(attemptsUntilHopeless([["nested", 0]]), 1);
    assert.equal(attemptsUntilHopeless([["too-large", 100]]), 1);
  });

  test("all of it is counted", () => {
    const first = nextFaults(NO_FAULTS, "cut", 7);
    assert.deepEqual(first, { code: "cut", atByte: 7, count: 1, total: 1 });
    assert.deepEqual(nextFaults(first, "cut", 7), { code: "cut", atByte: 7, count: 2, total: 2 });
    assert.deepEqual(nextFaults(first, "cut", 8), { code: "cut", atByte: 8, count: 1, total: 2 });
  });
});
