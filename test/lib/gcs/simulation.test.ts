import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { mulberry32 } from "../../support/virtual-random";
import { Simulation, type Play } from "./simulation";
import { forSeeds, SEEDS } from "./simulation-oracle";
import { watchInflaters } from "./simulation-rest";

let unwatch = (): void => undefined;
before(() => (unwatch = watchInflaters()));
after(() => unwatch());

/** Faults that depend on the seed alone. */
function adversity(seed: number): Pick<Play, "faultShare" | "storeFaultShare"> {
  const random = mulberry32(seed * 31);
  return {
    faultShare: random() < 0.7 ? random() * 0.3 : 0,
    storeFaultShare: random() < 0.4 ? random() * 0.1 : 0,
  };
}

async function playAll(count: number, play: (seed: number) => Omit<Play, "seed">): Promise<Simulation[]> {
  const played: Simulation[] = [];
  await forSeeds(count, async (seed) => {
    const simulation = new Simulation({ seed, ...play(seed) });
    await simulation.play();
    played.push(simulation);
  });
  return played;
}

describe("reading a bucket in simulated time: nothing lost, nothing made up", () => {
  test("faults of the service, the way and the store: everything leaves once", async () => {
    const played = await playAll(SEEDS, adversity);
    assert.ok(played.some(({ faults }) => faults > 0));
    assert.ok(played.every(({ repeated }) => repeated === 0));
  });

  test("closed at any moment: what was taken does not come again", async () => {
    const played = await playAll(SEEDS, (seed) => ({ ...adversity(seed), closeShare: 0.01 }));
    assert.ok(played.some(({ closes }) => closes > 1));
  });

  test("killed at any moment: no more comes again than was out", async () => {
    const played = await playAll(SEEDS, (seed) => ({
      ...adversity(seed),
      closeShare: 0.004,
      killShare: 0.01,
    }));
    assert.ok(played.some(({ kills, repeated }) => kills > 0 && repeated > 0));
  });

  test("many events, a disk that often fails, kills: no more is out than may be", async () => {
    const played = await playAll(Math.ceil(SEEDS / 2), (seed) => ({
      options: {
        acknowledge: seed % 3 === 0 ? "message" : "emit",
        batchSize: seed % 2 === 0 ? 1 : 70,
        maxUnacknowledged: 700,
        maxObjects: 3,
        maxObjectBytes: 0,
      },
      objects: 7,
      lines: 6000,
      storeFaultShare: 0.4,
      killShare: 0.02,
    }));
    assert.ok(played.some(({ kills, repeated }) => kills > 0 && repeated > 1000));
  });
});
