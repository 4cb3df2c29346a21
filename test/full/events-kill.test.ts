import { describe, test } from "node:test";
import { killWhileReading } from "../events/kill";

describe("kill -9 while events are read", () => {
  test("50 times, in both acknowledge modes: none lost, only what was not written down comes again", async (t) => {
    await killWhileReading(t, 50, 200, Date.now() % 100_000);
  });
});
