import assert from "node:assert/strict";
import type { NodeStatus } from "node-red";
import { describe, test } from "node:test";
import { ThrottledStatus } from "../../nodes/shared/node-status";

void describe("a throttled status", () => {
  void test("shows the first at once, then the last one of each second; what makes one is asked only then", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const shown: unknown[] = [];
    const status = new ThrottledStatus({ status: (each) => void shown.push((each as NodeStatus).text) });
    let asked = 0;
    const counted = (text: string) => (): NodeStatus => {
      asked += 1;
      return { text };
    };
    for (const text of ["a", "b", "c"]) status.show(counted(text));
    assert.deepEqual([shown, asked], [["a"], 1]);
    status.show({ text: "d" });
    t.mock.timers.tick(1000);
    assert.deepEqual([shown, asked], [["a", "d"], 1]);
    status.show(counted("e"));
    status.stop(false);
    t.mock.timers.tick(5000);
    assert.deepEqual([shown, asked], [["a", "d"], 1]);
    status.stop(true);
    assert.deepEqual(shown, ["a", "d", undefined]);
  });

  void test("is not shown again while it stays the same", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const shown: unknown[] = [];
    const status = new ThrottledStatus({ status: (each) => void shown.push(each) });
    for (let turn = 0; turn < 3; turn += 1) {
      status.show(() => ({ text: "same" }));
      t.mock.timers.tick(1000);
    }
    assert.deepEqual(shown, [{ text: "same" }]);
  });
});
