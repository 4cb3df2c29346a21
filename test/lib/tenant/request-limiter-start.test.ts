import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestLimiter } from "../../../nodes/lib/tenant/request-limiter";

test("a limiter that takes over from another sends nothing in its first window", async () => {
  const limiter = new RequestLimiter({ requests: 2, windowMs: 100, startsSpent: true });
  const started = performance.now();
  const signal = new AbortController().signal;
  await limiter.run(
    () => Promise.resolve(),
    signal,
    () => new Error("cancelled"),
  );
  assert.ok(performance.now() - started >= 100);
  limiter.close();
});
