import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ObjectVersion } from "../../../nodes/lib/gcs/gcs-api";
import { compareNames, compareObjects } from "../../../nodes/lib/gcs/name-order";
import { NO_FAULTS, type OpenState } from "../../../nodes/lib/gcs/object-state";
import { WaitingObjects } from "../../../nodes/lib/gcs/waiting-objects";
import { integerIn, mulberry32, pick } from "../../support/virtual-random";
import { NAMES } from "./tiny-bucket";

const version = (name: string, createdMs = 0, generation = "1"): ObjectVersion => ({
  name,
  generation,
  sizeBytes: 1,
  createdMs,
});
const OPEN: OpenState = {
  state: "open",
  progress: { lines: 1, bytes: 1, events: 1, bad: 0, taken: [] },
  faults: NO_FAULTS,
};

function drain(waiting: WaitingObjects): string[] {
  const taken: string[] = [];
  for (let next = waiting.take(); next !== undefined; next = waiting.take()) {
    taken.push(`${next.version.name}#${next.version.generation}`);
  }
  return taken;
}

describe("order of names", () => {
  test("is that of the bytes of their UTF-8", () => {
    for (const a of NAMES) {
      for (const b of NAMES) {
        assert.equal(Math.sign(compareNames(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)), `${a} ${b}`);
      }
    }
    const [astral, wide] = ["\u{1F600}", "\uFF5E"].toSorted();
    assert.ok(compareNames(astral!, wide!) > 0, "not that of JavaScript, which has it first");
  });

  test("versions of a name are in the order of their keys", () => {
    const objects = [
      { name: "ab", generation: "1" },
      { name: "a", generation: "9" },
      { name: "a", generation: "10" },
    ];
    assert.deepEqual(
      objects.sort(compareObjects).map(({ name, generation }) => `${name}#${generation}`),
      ["a#10", "a#9", "ab#1"],
    );
    assert.equal(compareObjects({ name: "a", generation: "1" }, { name: "a", generation: "1" }), 0);
  });
});

describe("waiting objects", () => {
  test("come out by creation, then name by bytes, then generation as a number", () => {
    const waiting = new WaitingObjects();
    const objects = [
      version("z", 1),
      version("\u{1F600}", 5),
      version("\uFF5E", 5),
      version("a", 7, "10"),
      version("a", 7, "9"),
    ];
    for (const each of objects) waiting.add(each, undefined);
    assert.equal(waiting.oldestCreatedMs, 1);
    assert.deepEqual(drain(waiting), ["z#1", "\uFF5E#1", "\u{1F600}#1", "a#9", "a#10"]);
    assert.deepEqual([waiting.size, waiting.oldestCreatedMs, waiting.take()], [0, undefined, undefined]);
  });

  test("an object waits once, with the state given last; another generation is another object", () => {
    const waiting = new WaitingObjects();
    waiting.add(version("a", 1), undefined);
    waiting.add(version("a", 1), OPEN);
    waiting.add(version("a", 2, "2"), undefined);
    assert.equal(waiting.size, 2);
    assert.deepEqual(waiting.take(), { version: version("a", 1), state: OPEN });
    assert.equal(waiting.remove({ name: "a", generation: "1" }), false);
    assert.equal(waiting.remove({ name: "a", generation: "2" }), true);
    assert.equal(waiting.size, 0);
  });

  test("of too many the latest are dropped, whenever they came, until a listing begins anew", () => {
    const waiting = new WaitingObjects(2);
    waiting.add(version("b", 2), undefined);
    assert.deepEqual([waiting.isFull, waiting.dropped], [false, 0]);
    waiting.add(version("c", 3), undefined);
    assert.deepEqual([waiting.isFull, waiting.dropped], [true, 0]);
    waiting.add(version("c", 3), undefined);
    assert.equal(waiting.dropped, 0, "it waits already");
    waiting.add(version("a", 1), undefined);
    waiting.add(version("d", 4), undefined);
    assert.deepEqual([waiting.size, waiting.isFull, waiting.dropped], [2, true, 2]);
    waiting.forgetDropped();
    assert.equal(waiting.dropped, 0);
    assert.deepEqual(drain(waiting), ["a#1", "b#1"]);
  });

  test("10,000 wait by themselves", () => {
    const waiting = new WaitingObjects();
    for (let at = 0; at < 10_002; at += 1) waiting.add(version(`o${at}`, -at), undefined);
    assert.deepEqual([waiting.size, waiting.dropped, waiting.oldestCreatedMs], [10_000, 2, -10_001]);
  });

  for (let seed = 1; seed <= 30; seed += 1) {
    test(`agrees with a sorted list (seed ${seed})`, () => {
      const random = mulberry32(seed);
      const limit = integerIn(random, 1, 40);
      const waiting = new WaitingObjects(limit);
      let model: ObjectVersion[] = [];
      const order = (a: ObjectVersion, b: ObjectVersion): number =>
        a.createdMs - b.createdMs ||
        Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)) ||
        Number(a.generation) - Number(b.generation);
      let dropped = 0;
      for (let step = 0; step < 600; step += 1) {
        const generation = String(integerIn(random, 8, 11));
        const name = pick(random, NAMES);
        // The creation belongs to the version.
        const each = version(name, (name.length * 7 + Number(generation)) % 5, generation);
        const isKnown = model.some((other) => compareObjects(other, each) === 0);
        const action = random();
        if (action < 0.6) {
          waiting.add(each, undefined);
          if (!isKnown) model = [...model, each].sort(order);
          if (model.length > limit) dropped += 1;
          model = model.slice(0, limit);
        } else if (action < 0.8) {
          assert.equal(waiting.remove(each), isKnown);
          model = model.filter((other) => compareObjects(other, each) !== 0);
        } else assert.deepEqual(waiting.take()?.version, model.shift());
        assert.equal(waiting.size, model.length);
        assert.equal(waiting.oldestCreatedMs, model[0]?.createdMs);
        assert.equal(waiting.dropped, dropped);
      }
      assert.deepEqual(
        drain(waiting),
        model.map(({ name, generation }) => `${name}#${generation}`),
      );
    });
  }
});
