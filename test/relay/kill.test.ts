import { describe, test } from "node:test";
import { killUnderLoad } from "./kill";

describe("kill -9", () => {
  test("under load, three times: none lost, quota held", async (t) => {
    await killUnderLoad(t, 3, Date.now() % 100_000);
  });
});
