import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Simulation, type Play } from "./simulation";
import { adversity, assertFewRepetitions, byId, forSeeds, repetitions, SEEDS } from "./simulation-oracle";

async function playAlerts(play: Play): Promise<Simulation> {
  const simulation = new Simulation(play);
  await simulation.play();
  const there = simulation.tenant.world.alerts;
  const emitted = byId(simulation, play.config);
  const lost = [...there.keys()].filter((id) => !emitted.has(String(id)));
  assert.deepEqual(lost, [], `${lost.length} of ${there.size} alerts lost`);
  assert.ok(simulation.emissions.every(({ change }) => change === "new"));
  assertFewRepetitions(simulation, repetitions(emitted));
  assert.equal(
    repetitions(emitted).length,
    simulation.emissions.length - emitted.size,
    "a record left in two versions",
  );
  await simulation.close();
  return simulation;
}

const HOUR_MS = 3_600_000;

describe("alerts in simulated time: nothing lost, nothing repeated", () => {
  for (const apiVersion of ["v1", "v2"] as const) {
    test(`${apiVersion}: late records, ties, faults, restarts`, async () => {
      await forSeeds(SEEDS, async (seed) => {
        await playAlerts({
          seed,
          config: { apiVersion, splitEvents: false },
          world: {
            spanMs: HOUR_MS / 3,
            alerts: 90,
            ties: seed % 5 === 0 ? [7, 130] : [12],
            lateShare: 0.2,
            resolvedShare: 0,
          },
          ...adversity(seed),
        });
      });
    });

    test(`${apiVersion}: killed anywhere, at most one page leaves again for each kill`, async () => {
      let kills = 0;
      await forSeeds(SEEDS, async (seed) => {
        const simulation = await playAlerts({
          seed,
          config: { apiVersion },
          world: { spanMs: HOUR_MS / 3, alerts: 80, ties: [20], burst: { alerts: 150 }, resolvedShare: 0 },
          killShare: 0.06,
          ...adversity(seed),
        });
        kills += simulation.kills;
      });
      assert.ok(kills > 0);
    });
  }

  test("bursts beyond 10,000 records, with faults and kills", async () => {
    await forSeeds(2, async (seed) => {
      await playAlerts({
        seed,
        config: { apiVersion: "v2", overlapSeconds: 900 },
        world: {
          spanMs: HOUR_MS / 6,
          alerts: 50,
          burst: { alerts: 10_600, withinMs: 4000 },
          ties: [350],
          resolvedShare: 0,
        },
        faultShare: 0.05,
        killShare: 0.01,
      });
    });
  });
});
