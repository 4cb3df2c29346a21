import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { NodeRed } from "../support/node-red";
import { seedWorld } from "../support/simulated-tenant/seeded-world";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { tempFolder } from "../support/temp-folder";
import { until } from "../support/until";
import { LEAN_SETTINGS, linesOf, pollFlow, type PollSettings } from "./poll-red";

const SPAN_MS = 12_000;

interface Player {
  readonly seed: number;
  readonly tenant: SimulatedTenant;
  readonly settings: PollSettings;
}

/** A seeded tenant that keeps the real limits, with faults that come with the seed. */
async function startPlayer(seed: number, apiVersion: "v1" | "v2", poll: object): Promise<Player> {
  const tenant = await SimulatedTenant.start({
    record: "decisions",
    seed,
    ties: seed % 2 === 0 ? "shuffled" : "stable",
  });
  seedWorld(tenant.world, {
    seed,
    startMs: tenant.world.nowMs + 2000,
    spanMs: SPAN_MS,
    alerts: 60,
    lateShare: 0.3,
    maxLateMs: 4000,
    ties: seed % 3 === 0 ? [120] : [15],
    resolvedShare: 0,
  });
  const route = apiVersion === "v1" ? "get_alerts_multi_events" : "get_alerts_multi_events_v2";
  tenant.faults.add({ route, kind: "status", status: 500, skip: seed % 4, times: 1 });
  tenant.faults.add({ route, kind: "lost-answer", skip: 2 + (seed % 3), times: 1 });
  tenant.faults.add({ route, kind: seed % 2 === 0 ? "reset" : "truncated-json", skip: 4, times: 1 });
  const settings = {
    name: `s${seed}${apiVersion}`,
    host: tenant.url,
    poll: { apiVersion, intervalSeconds: 2, ...poll },
  };
  return { seed, tenant, settings };
}

async function start(t: TestContext, players: readonly Player[]): Promise<{ red: NodeRed; userDir: string }> {
  let end = async (): Promise<void> => {
    await Promise.all(players.map(({ tenant }) => tenant.stop()));
  };
  t.after(() => end());
  const userDir = tempFolder(t);
  const red = await NodeRed.start({ userDir, settings: LEAN_SETTINGS });
  const stopTenants = end;
  end = async () => {
    await red.stop("SIGKILL");
    await stopTenants();
  };
  await red.deploy(
    pollFlow(
      userDir,
      players.map(({ settings }) => settings),
    ),
  );
  return { red, userDir };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until every alert of every world has been written down. */
async function arrived(userDir: string, players: readonly Player[]): Promise<void> {
  const missing = (): string[] =>
    players.flatMap(({ tenant, settings: { name } }) => {
      const ids = new Set(linesOf(userDir, name).map(({ id }) => id));
      return [...tenant.world.alerts.keys()].filter((id) => !ids.has(String(id))).map((id) => `${name}/${id}`);
    });
  const isOver = (): boolean => players.every(({ tenant }) => tenant.world.scheduled.count === 0);
  await until(
    "all alerts have arrived",
    async () => {
      await pause(250);
      return isOver() && missing().length === 0;
    },
    90_000,
  ).catch((error: unknown) => {
    throw new Error(`lost: ${missing().slice(0, 20).join(", ")}`, { cause: error });
  });
}

describe("a poll node in a real Node-RED, over HTTP", () => {
  for (const apiVersion of ["v1", "v2"] as const) {
    test(`${apiVersion}, 10 seeds with late records, ties, faults, redeploys and a restart: each alert once`, async (t) => {
      const seeds = Array.from({ length: 10 }, (_none, index) => index + 1);
      const players = await Promise.all(seeds.map((seed) => startPlayer(seed, apiVersion, {})));
      const { red, userDir } = await start(t, players);
      const settings = players.map((player) => player.settings);
      await pause(4000);
      await red.deploy(pollFlow(userDir, settings, "again"));
      await pause(3000);
      await red.stop("SIGTERM");
      await red.start();
      await pause(3000);
      await red.deploy(pollFlow(userDir, settings, "nodes"), "nodes");
      await arrived(userDir, players);
      await pause(3000);
      await red.stop("SIGTERM");
      for (const {
        tenant,
        settings: { name },
      } of players) {
        const lines = linesOf(userDir, name);
        assert.equal(new Set(lines.map(({ id }) => id)).size, tenant.world.alerts.size, name);
        assert.equal(lines.length, tenant.world.alerts.size, `${name}: an alert left twice`);
        assert.ok(tenant.maxRequestsInAnyWindow() <= 10, `${tenant.maxRequestsInAnyWindow()} requests in a second`);
        assert.equal(tenant.rateRefusals, 0);
      }
    });
  }

  test("killed three times in acknowledge mode: nothing lost, at most one page twice for each kill", async (t) => {
    const players = await Promise.all([21, 22].map((seed) => startPlayer(seed, "v2", { acknowledge: "message" })));
    const { red, userDir } = await start(t, players);
    for (let kill = 0; kill < 3; kill += 1) {
      await pause(2500 + kill * 700);
      await red.stop("SIGKILL");
      await red.start();
    }
    await arrived(userDir, players);
    for (const {
      tenant,
      settings: { name },
    } of players) {
      const repeated = linesOf(userDir, name).length - tenant.world.alerts.size;
      assert.ok(repeated <= 3 * 100, `${repeated} repeated`);
    }
  });
});
