import { describe, test } from "node:test";
import { killUnderLoad } from "../relay/kill";

describe("kill -9", () => {
  test("under load, 50 times: none lost, at most one update repeated for each, quota held", async (t) => {
    await killUnderLoad(t, 50, Date.now() % 100_000);
  });
});
