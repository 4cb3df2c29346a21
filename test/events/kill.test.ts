import { describe, test } from "node:test";
import { killWhileReading } from "./kill";

describe("kill -9 while events are read", () => {
  test("three times, in both acknowledge modes: none lost, only what was not written down comes again", async (t) => {
    await killWhileReading(t, 3, 24, 1);
  });
});
