import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EcsResult } from "../../nodes/lib/ecs/map-records";
import { EcsCounts } from "../../nodes/shared/ecs-status";

const translate = (key: string, values: Readonly<Record<string, string>> = {}): string =>
  [key, ...Object.values(values)].join(" ");
const results = (count: number, faults: readonly string[] = []): EcsResult[] =>
  Array.from({ length: count }, () => ({ document: {}, id: undefined, kind: undefined, dataset: undefined, faults }));

void describe("the ECS node's status", () => {
  const counts = new EcsCounts();
  const shown = (): string => {
    const { fill = "", shape = "", text = "" } = counts.status(translate);
    return `${fill} ${shape} ${text}`;
  };

  void test("counts documents, and those with faults apart, however many each has", () => {
    assert.equal(shown(), "grey ring sent 0");
    counts.note([]);
    assert.equal(shown(), "grey ring sent 0");
    counts.note(results(1234));
    assert.equal(shown(), "green dot sent 1,234");
    counts.note([...results(2, ["one", "two"]), ...results(1)]);
    assert.equal(shown(), "yellow dot faulty 1,237 2");
    counts.note(results(10_000));
    assert.equal(shown(), "yellow dot faulty 11,237 2");
    counts.note(results(1000, ["one"]));
    assert.equal(shown(), "yellow dot faulty 12,237 1,002");
  });
});
