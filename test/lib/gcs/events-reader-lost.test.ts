import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { until } from "../../support/until";
import { rest, Rig, START_MS } from "./reader-rig";
import { failure } from "./tiny-bucket";

describe("objects that go away", () => {
  test("deleted or overwritten before they were read: one report each, and the new version is read", async () => {
    const rig = new Rig({ maxObjects: 1 });
    rig.put("a", 1);
    rig.put("b", 1, START_MS + 1);
    rig.put("c", 1, START_MS + 2);
    rig.onRead = () => {
      rig.onRead = () => undefined;
      rig.bucket.delete("b");
      rig.put("c", 2, START_MS + 3);
    };
    rig.reader.start();
    await until("both are told", () => rig.left.filter((each) => each.includes("GCS_")).length === 2);
    await rig.reader.sync();
    await until("the new version", () => rig.left.at(-1) === "c done");
    assert.deepEqual(rig.left, [
      "a:1",
      "a done",
      "b GCS_OBJECT_DELETED",
      "c GCS_OBJECT_REPLACED",
      "c:1",
      "c:2",
      "c done",
    ]);
    await rig.reader.close();
  });

  test("begun before a restart: the report counts what had left", async () => {
    const rig = new Rig({ acknowledge: "message" });
    rig.put("a", 3);
    rig.reader.start();
    await until("all have left", () => rig.acks.length === 3);
    rig.acks[0]?.();
    await rig.reader.close();
    const after = new Rig({}, rig.disk);
    after.reader.start();
    await until("the report", () => after.reports.length === 1);
    assert.deepEqual(after.left, ["a GCS_OBJECT_DELETED"]);
    const { lines, events, bytes } = after.reports[0] ?? assert.fail();
    assert.deepEqual([lines, events, bytes], [1, 1, 8]);
    await after.reader.sync();
    await after.reader.sync();
    assert.equal(after.reports.length, 1);
    await after.reader.close();
    assert.deepEqual(
      [...after.disk.entries.keys()].filter((key) => key.startsWith("o/")),
      [],
    );
  });

  test("that waited to be read on are told once", async () => {
    const rig = new Rig({ maxObjects: 1 });
    const [a, b] = [rig.put("a", 1), rig.put("b", 2, START_MS + 1)];
    for (const { generation, name } of [a, b]) {
      rig.disk.entries.set(`o/bucket/${Buffer.from(name).toString("hex")}/${generation}`, "[1,8,1,0,[]]");
    }
    let release = (): void => undefined;
    rig.gate = new Promise((resolve) => (release = resolve));
    rig.reader.start();
    await until("one is being read, one waits", () => rig.state?.hasListed === true && rig.state.waitingObjects === 1);
    rig.bucket.delete("b");
    await rig.reader.sync();
    await until("it is told", () => rig.left.length === 1);
    release();
    await until("the other one is done", () => rig.left.includes("a done"));
    await rig.reader.sync();
    await rest();
    assert.deepEqual(rig.left, ["b GCS_OBJECT_DELETED", "a done"]);
    await rig.reader.close();
  });

  test("that come back late from the flow are not told again", async () => {
    const rig = new Rig({ acknowledge: "message" });
    rig.put("a", 2);
    rig.missingBytes = 1;
    rig.reader.start();
    await until("its lines are out, and the rest does not come", () => {
      return rig.acks.length === 2 && rig.state?.trouble !== undefined;
    });
    rig.bucket.delete("a");
    rig.clock.advance(1000);
    await until("it is told", () => rig.reports.length === 1);
    for (const ack of rig.acks) ack();
    rig.clock.advance(1000);
    await rig.reader.sync();
    await rig.reader.sync();
    await rest();
    assert.deepEqual(rig.left, ["a:1", "a:2", "a GCS_OBJECT_DELETED"]);
    await rig.reader.close();
    assert.deepEqual(
      [...rig.disk.entries.keys()].filter((key) => key.startsWith("o/")),
      [],
    );
  });

  test("in appearance only are read on", async () => {
    const rig = new Rig();
    rig.put("a", 1);
    rig.onRead = () => {
      rig.onRead = () => undefined;
      throw failure("GCS_OBJECT_GONE");
    };
    rig.reader.start();
    await until("it waits", () => rig.state?.openObjects === 0 && rig.state.waitingObjects === 1);
    rig.clock.advance(1000);
    await until("it is read", () => rig.left.length === 2);
    assert.deepEqual(rig.left, ["a:1", "a done"]);
    await rig.reader.close();
  });
});
