import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import type { RawAnswer } from "../../../nodes/lib/tenant/client-api";
import { Rig, TestClock } from "./rig";
import { TinyTenant } from "./tiny-tenant";

const NOW = 1_800_000_000_000;
const ANSWER: RawAnswer = { value: { reply: { incident: {} } }, body: Buffer.from(""), encoding: "identity" };

/** A poller of incidents 1 to `count`, and `answer` for the extra data of each. */
function rigWith(
  count: number,
  answer: (incidentId: string) => RawAnswer,
): { tenant: TinyTenant; rig: Rig; calls: string[] } {
  const tenant = new TinyTenant();
  tenant.listName = "incidents";
  tenant.rows = Array.from({ length: count }, (_none, index) => ({
    incident_id: String(index + 1),
    modification_time: NOW - 1000 + index,
  }));
  const calls: string[] = [];
  const callRaw = tenant.callRaw.bind(tenant);
  tenant.callRaw = async (request) => {
    if (!request.path.endsWith("get_incident_extra_data")) return callRaw(request);
    const { request_data: data } = request.body as { request_data: { incident_id: string } };
    calls.push(data.incident_id);
    return Promise.resolve().then(() => answer(data.incident_id));
  };
  const config = { resource: "incidents", extraData: true, intervalSeconds: 1 };
  return { tenant, rig: new Rig({ config, client: tenant, clock: new TestClock(NOW) }), calls };
}

/** Lets time pass, second by second. */
async function pass(rig: Rig, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    rig.clock.advance(1000);
  }
}

describe("the queue for extra data", () => {
  test("goes on with the others when the call fails for one incident, and tries that one again", async () => {
    let isBroken = true;
    const { rig } = rigWith(3, (incidentId) => {
      if (incidentId === "1" && isBroken) throw new XdrError("XDR_RESPONSE_TOO_LARGE", "too large");
      return ANSWER;
    });
    await rig.run();
    await pass(rig, 30);
    assert.deepEqual(rig.extras, ["2", "3"]);
    isBroken = false;
    await pass(rig, 130);
    assert.deepEqual(rig.extras, ["2", "3", "1"]);
    await rig.poller.close();
  });

  test("waits after a failure, however many runs bring news meanwhile", async () => {
    const { rig, calls } = rigWith(1, () => {
      throw new XdrError("XDR_SERVER_ERROR", "down", { status: 500 });
    });
    await rig.run();
    await pass(rig, 20);
    assert.ok(rig.reports.length > 10);
    assert.ok(calls.length >= 2 && calls.length <= 4, `${calls.length} calls`);
    await rig.poller.close();
  });

  test("sends the same once, when the store fails after it has left", async () => {
    const { rig } = rigWith(1, () => ANSWER);
    rig.disk.onWrite = () => {
      if (rig.extras.length !== 1) return;
      rig.disk.onWrite = () => undefined;
      throw new XdrError("STORE_FAILED", "no space");
    };
    await rig.run();
    await pass(rig, 30);
    assert.deepEqual(rig.extras, ["1"]);
    assert.ok(![...rig.disk.entries.keys()].some((key) => key.includes("/x/")));
    await rig.poller.close();
  });

  test("asks nothing about an incident that was removed", async () => {
    const { tenant, rig, calls } = rigWith(2, () => ANSWER);
    await rig.run();
    await pass(rig, 3);
    tenant.rows.pop();
    await rig.run("full");
    await pass(rig, 3);
    assert.deepEqual(rig.take(), ["new 1", "new 2", "removed 2"]);
    assert.deepEqual(calls, ["1", "2"]);
    await rig.poller.close();
  });
});
