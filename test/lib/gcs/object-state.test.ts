import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeState, encodeState, NO_FAULTS, type ObjectState } from "../../../nodes/lib/gcs/object-state";

const PROGRESS = { lines: 10, bytes: 5_000_000_000, events: 8, bad: 1, taken: [] };

describe("object state", () => {
  const states: readonly ObjectState[] = [
    { state: "done" },
    { state: "skipped" },
    { state: "dead" },
    { state: "open", progress: PROGRESS, faults: NO_FAULTS },
    {
      state: "open",
      progress: {
        ...PROGRESS,
        taken: [
          [12, 13, 2, 0, 5_000_000_100],
          [15, 15, 0, 1, 5_000_000_100],
        ],
      },
      faults: { count: 2, atByte: 77, code: "GCS_OBJECT_DAMAGED", total: 5 },
    },
  ];
  for (const state of states) {
    test(`comes back as it was: ${encodeState(state)}`, () => assert.deepEqual(decodeState(encodeState(state)), state));
  }

  test("an open state without faults is as short as its numbers", () => {
    assert.equal(encodeState({ state: "open", progress: PROGRESS, faults: NO_FAULTS }), "[10,5000000000,8,1,[]]");
  });

  const unreadable = [
    "",
    "gone",
    "{}",
    "null",
    "[1,2,3]",
    "[1,2,3,-4,[]]",
    "[1,2,3,4.5,[]]",
    "[1,2,3,4,5]",
    "[1,2,3,4,[]",
    "[1,2,3,4,[[5,6,7]]]",
    "[4,9,3,1,[[5,6,2,0,19]]]", // next to the contiguous part
    "[4,9,3,1,[[6,5,2,0,19]]]",
    "[4,9,3,1,[[6,7,2,0,8]]]", // ends before it begins
    "[4,9,3,1,[[6,7,2,0,19],[8,9,2,0,29]]]", // neighbours
    "[4,9,3,1,[[6,9,2,0,19],[8,9,2,0,29]]]",
    "[4,9,3,1,[],[1,0,2,1]]",
  ];
  for (const text of unreadable) {
    test(`says that ${JSON.stringify(text)} is damaged`, () => {
      assert.throws(() => decodeState(text), { code: "STORE_DAMAGED" });
    });
  }
});
