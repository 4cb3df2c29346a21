import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Simulation } from "./simulation";
import {
  adversity,
  assertFewRepetitions,
  assertHistories,
  byId,
  everything,
  forSeeds,
  repetitions,
  SEEDS,
} from "./simulation-oracle";

const HOUR_MS = 3_600_000;

describe("incidents in simulated time", () => {
  for (const killShare of [0, 0.04]) {
    test(`each change leaves once with its last state, ${killShare > 0 ? "killed anywhere" : "faults and restarts"}`, async () => {
      await forSeeds(SEEDS, async (seed) => {
        const config = { resource: "incidents" };
        const simulation = new Simulation({
          seed,
          config,
          world: { spanMs: HOUR_MS, incidents: 60, lateShare: 0.1, driftShare: 0.2 },
          killShare,
          ...adversity(seed),
        });
        await simulation.play();
        const there = await everything(simulation, config);
        const emitted = byId(simulation, config);
        for (const [id, row] of there) {
          const last = emitted.get(id)?.at(-1)?.record;
          assert.ok(last !== undefined, `incident ${id} left`);
          assert.equal(last["modification_time"], row["modification_time"], `incident ${id} in its last state`);
          assert.equal(last["status"], row["status"]);
        }
        if (simulation.kills === 0) assertHistories(emitted);
        assertFewRepetitions(simulation, repetitions(emitted, ["creation_time"]));

        await simulation.close();
      });
    });
  }
});

describe("endpoints in simulated time", () => {
  test("each change apart from last_seen leaves once with its last state", async () => {
    await forSeeds(Math.ceil(SEEDS / 2), async (seed) => {
      const config = { resource: "endpoints" };
      const simulation = new Simulation({
        seed,
        config,
        world: { spanMs: HOUR_MS / 2, endpoints: 130 },
        killShare: seed % 2 === 0 ? 0.02 : 0,
        ...adversity(seed),
      });
      await simulation.play();
      const emitted = byId(simulation, config);
      for (const [id, row] of await everything(simulation, config)) {
        const last = emitted.get(id)?.at(-1)?.record;
        assert.deepEqual({ ...last, last_seen: 0 }, { ...row, last_seen: 0 }, id);
      }
      if (simulation.kills === 0) assertHistories(emitted);
      assertFewRepetitions(simulation, repetitions(emitted, ["last_seen"]));

      await simulation.close();
    });
  });
});

describe("full syncs in simulated time", () => {
  for (const config of [
    { resource: "alerts", apiVersion: "v2" },
    { resource: "incidents" },
    { resource: "endpoints" },
  ] as const) {
    test(`${config.resource}: a mirror of open records is the same as the tenant, each removal told once`, async () => {
      await forSeeds(Math.ceil(SEEDS / 3), async (seed) => {
        const simulation = new Simulation({
          seed,
          config: { statuses: config.resource === "endpoints" ? [] : ["New", "Under Investigation"], ...config },
          world: { spanMs: HOUR_MS / 2, [config.resource]: 120, removedShare: 0.2, lateShare: 0.1 },
          fullShare: 0.3,
          ...adversity(seed),
        });
        await simulation.play();
        await simulation.turn("full");
        const mirror = new Set<string>();
        for (const [id, history] of byId(simulation, config)) {
          for (const { change, sync } of history) {
            if (change === "removed") {
              assert.equal(sync, "full");
              assert.ok(mirror.delete(id), `${id} was removed twice`);
            } else {
              assert.equal(mirror.has(id), change === "updated", `${id} ${change}`);
              mirror.add(id);
            }
          }
        }
        const open = [...(await everything(simulation, config))].filter(
          ([, row]) => !/resolved/i.test(JSON.stringify(row["resolution_status"] ?? row["status"] ?? "")),
        );
        assert.deepEqual([...mirror].sort(), open.map(([id]) => id).sort());

        await simulation.close();
      });
    });
  }
});
