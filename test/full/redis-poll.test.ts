import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LEAN_SETTINGS, linesOf, pollFlow, type Line, type PollSettings } from "../poll/poll-red";
import { NodeRed } from "../support/node-red";
import { RedisServer } from "../support/redis-server";
import { seedWorld } from "../support/simulated-tenant/seeded-world";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { tempFolder } from "../support/temp-folder";
import { until } from "../support/until";

describe("poll nodes with their state in Redis", () => {
  test("of two Node-REDs one polls; when it is killed the other goes on, at most one page twice", async (t) => {
    const redis = await RedisServer.start(t);
    const tenant = await SimulatedTenant.start({ record: "decisions" });
    let end = (): Promise<void> => tenant.stop();
    t.after(() => end());
    seedWorld(tenant.world, {
      seed: 5,
      startMs: tenant.world.nowMs,
      spanMs: 30_000,
      maxLateMs: 2000,
      alerts: 150,
      resolvedShare: 0,
    });
    const folders = [tempFolder(t), tempFolder(t)] as const;
    const start = (userDir: string): Promise<NodeRed> => NodeRed.start({ userDir, settings: LEAN_SETTINGS });
    const reds = [await start(folders[0]), await start(folders[1])] as const;
    end = async () => {
      await Promise.all(reds.map((red) => red.stop("SIGKILL")));
      await tenant.stop();
    };
    const settings: PollSettings = {
      name: "shared",
      host: tenant.url,
      redisUrl: redis.url,
      poll: { intervalSeconds: 2, acknowledge: "message" },
    };
    for (const [index, red] of reds.entries()) await red.deploy(pollFlow(folders[index]!, [settings]));
    const lines = (): Line[] => folders.flatMap((folder) => linesOf(folder, "shared"));
    await until("some have arrived", () => lines().length > 20, 30_000);
    const active = linesOf(folders[0], "shared").length > 0 ? 0 : 1;
    assert.equal(linesOf(folders[1 - active]!, "shared").length, 0, "only one polls");
    await reds[active].stop("SIGKILL");
    const isComplete = (): boolean => {
      const ids = new Set(lines().map(({ id }) => id));
      const isOver = tenant.world.scheduled.count === 0;
      return isOver && [...tenant.world.alerts.keys()].every((id) => ids.has(String(id)));
    };
    await until("the other one has brought all", isComplete, 120_000);
    assert.ok(linesOf(folders[1 - active]!, "shared").length > 0);
    assert.ok(lines().length - tenant.world.alerts.size <= 100, `${lines().length} lines`);
    for (const red of reds) assert.ok(!red.log.includes(redis.url), "the URL may hold a password");
  });
});
