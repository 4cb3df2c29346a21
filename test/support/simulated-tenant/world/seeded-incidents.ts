import { integerIn, pick, type Random } from "../../virtual-random";
import { lateness, momentIn, type FullSeedOptions } from "./seed-options";
import { STATUSES, type Draft, type WorldIncident } from "./records";
import type { World } from "./world";

const RESOLVED = STATUSES.filter((status) => status.startsWith("resolved"));
/** Changes that follow one another this closely happen between two polls, milliseconds. */
const CLOSE_MS = 5_000;
const CLOSE_SHARE = 0.4;

/** Schedules the life of one incident: its creation, its changes, and what else may become of it. */
export function seedIncident(world: World, id: string, random: Random, options: FullSeedOptions): void {
  const createdMs = momentIn(random, options);
  const visibleAtMs = createdMs + lateness(random, options);
  const sources = [pick(random, ["XDR Agent", "PAN NGFW"])];
  world.schedule(createdMs, () => world.addIncident({ id, visibleAtMs, sources }));
  const ifThere = (atMs: number, action: (before: WorldIncident) => void): void =>
    world.schedule(atMs, () => {
      const before = world.incidents.get(id);
      if (before !== undefined) action(before);
    });
  let atMs = createdMs;
  for (let left = integerIn(random, 0, options.maxChanges); left > 0; left -= 1) {
    atMs = random() < CLOSE_SHARE ? atMs + integerIn(random, 1, CLOSE_MS) : momentIn(random, options, atMs + 1);
    const changes = changesOf(random, left);
    const changedMs = atMs;
    ifThere(atMs + lateness(random, options), (before) => {
      // Of two changes the one that appears later is the later one, as the second one would hide the first otherwise.
      world.changeIncident(id, { ...changes, modificationMs: Math.max(changedMs, before.modificationMs + 1) });
    });
  }
  if (random() < options.driftShare) {
    ifThere(momentIn(random, options, visibleAtMs), () =>
      world.driftIncident(id, createdMs + integerIn(random, 1, 60_000)),
    );
  }
  if (random() < options.removedShare) ifThere(momentIn(random, options, visibleAtMs), () => world.removeIncident(id));
}

function changesOf(random: Random, left: number): Draft<WorldIncident> {
  const kinds: readonly (() => Draft<WorldIncident>)[] = [
    () => ({ status: "under_investigation" }),
    () => ({ status: pick(random, RESOLVED) }),
    () => ({ status: "new" }),
    () => ({ severity: pick(random, ["low", "medium", "high", "critical"]) }),
    () => ({ assigneeMail: "analyst@example.com", assigneeName: "Analyst" }),
    () => ({ alertCounts: { medium: integerIn(random, 2, 50) } }),
    () => ({ notes: `note ${integerIn(random, 1, 1_000_000)}` }),
  ];
  // Differs from any change before it, so that every change can be seen.
  return { ...pick(random, kinds)(), resolveComment: `change ${left}` };
}
