import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Suspicion } from "../../../nodes/lib/outbox/suspicion";

interface World {
  readonly alerts: number;
  readonly isPoison?: (alert: number) => boolean;
  /** Share of requests that fail whatever they hold. */
  readonly failing?: number;
  readonly kind?: "definite" | "doubtful";
  readonly maxRequests?: number;
}

/** Carries alerts as the courier does, 600 in view and 60 an update, against a tenant made of chance. */
function carry({ alerts, isPoison = () => false, failing = 0, kind = "doubtful", maxRequests = 20_000 }: World) {
  const suspicion = new Suspicion();
  const queue = Array.from({ length: alerts }, (_, index) => index);
  const buried: number[] = [];
  let requests = 0;
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  while (queue.length > 0 && requests < maxRequests) {
    requests += 1;
    const pick = suspicion.next(Math.min(queue.length, Math.max(600, suspicion.wanted(60))), 60);
    const batch = queue.slice(pick.offset, pick.offset + pick.size);
    if (!batch.some(isPoison) && random() >= failing) {
      queue.splice(pick.offset, pick.size);
      suspicion.accepted(pick);
    } else if (suspicion.refused(pick, kind)) {
      buried.push(...queue.splice(pick.offset, 1));
      if (pick.offset === 0) suspicion.clear();
    }
  }
  return { requests, buried, left: queue.length, suspicion };
}

describe("suspicion", () => {
  for (const failing of [0.3, 0.5, 0.7, 0.9]) {
    test(`a tenant that fails ${failing * 100} % of all requests at random buries next to nothing`, () => {
      const { buried, left } = carry({ alerts: 6_000, failing });
      assert.equal(left, 0);
      assert.ok(buried.length <= 6, `${buried.length} good alerts of 6,000 given up`);
    });
  }

  test("more poison than an update holds does not hide the good alerts behind it", () => {
    const { left, buried } = carry({ alerts: 1_000, isPoison: (alert) => alert < 200 });
    assert.equal(left, 0);
    assert.equal(buried.length, 200);
  });

  test("poison that outnumbers all others leaves the good alerts a way", () => {
    const { left, buried } = carry({ alerts: 600, isPoison: (alert) => alert % 10 !== 0 });
    assert.ok(buried.length + left === 540, `${buried.length} buried, ${left} left`);
    assert.ok(buried.every((alert) => alert % 10 !== 0));
  });

  test("a tenant that refuses everything for good stops after a thousand, far from where dead letters are dropped", () => {
    const { buried, suspicion } = carry({ alerts: 5_000, isPoison: () => true, kind: "definite" });
    assert.equal(buried.length, 1_000);
    assert.ok(suspicion.doubtsAll);
  });
});
