import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { idOf } from "../../../nodes/lib/poll/identity";
import { parsePollOptions } from "../../../nodes/lib/poll/poll-options";
import { PAGE_SIZE, shapeOf } from "../../../nodes/lib/poll/resources";
import { integerIn, mulberry32 } from "../../support/virtual-random";
import type { Emission, Play, Simulation } from "./simulation";

export type Row = Record<string, unknown>;

/** Seeds played of each kind; together more than 200. */
export const SEEDS = Number(process.env["POLL_SEEDS"] ?? 30);

/** Plays seeds 1 to `count`, or the one of `POLL_SEED`; what fails names the seed. */
export async function forSeeds(count: number, play: (seed: number) => Promise<void>): Promise<void> {
  const only = process.env["POLL_SEED"];
  const seeds = only === undefined ? Array.from({ length: count }, (_none, index) => index + 1) : [Number(only)];
  for (const seed of seeds) {
    await play(seed).catch((error: unknown) => {
      throw new Error(`Seed ${seed}; play it alone with POLL_SEED=${seed}.`, { cause: error });
    });
  }
}

/** Adversity that depends on the seed alone. */
export function adversity(seed: number): Pick<Play, "faultShare" | "storeFaultShare" | "restartShare" | "tenant"> {
  const random = mulberry32(seed * 31);
  const chance = (share: number): boolean => random() < share;
  return {
    faultShare: chance(0.6) ? random() * 0.25 : 0,
    storeFaultShare: chance(0.4) ? random() * 0.1 : 0,
    restartShare: chance(0.5) ? random() * 0.2 : 0,
    tenant: {
      skewMs: chance(0.3) ? integerIn(random, -600_000, 600_000) : 0,
      ties: chance(0.3) ? "shuffled" : "stable",
      extraKeys: chance(0.3),
      ...(chance(0.2) ? { totalCount: () => 2_650_762 % 9_000 } : {}),
    },
  };
}

/** All that the tenant has now, page by page, as a user without a poller would read it. */
export async function everything(simulation: Simulation, config: object): Promise<Map<string, Row>> {
  const shape = shapeOf(parsePollOptions(config));
  const found = new Map<string, Row>();
  for (let from = 0; ; from += PAGE_SIZE) {
    const { value } = await simulation.tenant.callRaw({
      path: shape.path,
      body: { request_data: { search_from: from, search_to: from + PAGE_SIZE } },
    });
    const rows = (value as { reply: Record<string, Row[]> }).reply[shape.rows] ?? [];
    for (const row of rows) found.set(idOf(row, shape), row);
    if (rows.length < PAGE_SIZE) return found;
  }
}

export function byId(simulation: Simulation, config: object): Map<string, Emission[]> {
  const shape = shapeOf(parsePollOptions(config));
  const groups = new Map<string, Emission[]>();
  for (const emission of simulation.emissions) {
    const id = idOf(emission.record, shape);
    groups.set(id, [...(groups.get(id) ?? []), emission]);
  }
  return groups;
}

/** Emissions of one record and state that came more than once; each must be the very same version. */
export function repetitions(emissions: Map<string, Emission[]>, ignored: readonly string[] = []): Emission[] {
  const bare = ({ record }: Emission): Row =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !ignored.includes(key)));
  return [...emissions.values()].flatMap((ofOne) =>
    ofOne.filter((one, index) => index > 0 && isDeepStrictEqual(bare(one), bare(ofOne[index - 1]!))),
  );
}

/** After a kill at most one page leaves again. */
export function assertFewRepetitions(simulation: Simulation, repeated: readonly Emission[]): void {
  const pages = new Set(repeated.map(({ page }) => page)).size;
  assert.ok(pages <= simulation.kills, `${pages} pages repeated by ${simulation.kills} kills`);
  assert.ok(repeated.length <= PAGE_SIZE * simulation.kills, `${repeated.length} records repeated`);
}

/** What differs, field by field: written independently of the code under test. */
function difference(before: Row, after: Row): Row {
  const result: Row = {};
  for (const key of [...Object.keys(before), ...Object.keys(after)]) {
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) result[key] = before[key];
  }
  return result;
}

/** First `new`, then `updated` with exactly what changed. After a kill nobody can know; then it is not looked at. */
export function assertHistories(emitted: Map<string, Emission[]>): void {
  for (const [id, history] of emitted) {
    for (const [index, emission] of history.entries()) {
      const before = history[index - 1];
      if (before === undefined) assert.equal(emission.change, "new", id);
      else if (!isDeepStrictEqual(before.record, emission.record)) {
        assert.equal(emission.change, "updated", id);
        assert.deepEqual(emission.previous, difference(before.record, emission.record), id);
      }
    }
  }
}
