import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { takeIn } from "../../../nodes/lib/outbox/intake";
import { alertNo } from "../../support/outbox-bench";

function boom(): never {
  throw new Error("boom");
}

/** A function, so that no test reporter looks into the value. */
const HOSTILE: Readonly<Record<string, () => unknown>> = {
  "a getter that throws": () => Object.defineProperty(alertNo(1), "alert_name", { enumerable: true, get: boom }),
  "a proxy that throws for keys": () => new Proxy(alertNo(1), { ownKeys: boom }),
  "a proxy that throws for values": () => new Proxy(alertNo(1), { get: boom }),
  "an array that throws": () => new Proxy([alertNo(1)], { get: boom }),
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "an own __proto__": () =>
    JSON.parse(`{"__proto__":{"alert_name":"x"},${JSON.stringify(alertNo(1)).slice(1)}`) as unknown,
  "a BigInt port": () => ({ ...alertNo(1), local_port: 443n }),
  "itself inside": () => {
    const alert: Record<string, unknown> = { ...alertNo(1) };
    alert["alert_description"] = alert;
    return alert;
  },
};

describe("what the insert node takes in", () => {
  for (const [what, make] of Object.entries(HOSTILE)) {
    test(`${what} is refused, and costs no other`, () => {
      const alone = takeIn(make());
      assert.equal(alone.alerts.length, 0);
      assert.equal(alone.refusals[0]?.code, "XDR_ALERT_INVALID");
      const among = takeIn([alertNo(1), make(), alertNo(2)]);
      assert.deepEqual([among.alerts.length, among.refusals.map(({ index }) => index)], [2, [1]]);
    });
  }
});
