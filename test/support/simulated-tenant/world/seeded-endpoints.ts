import { integerIn, pick, type Random } from "../../virtual-random";
import { momentIn, type FullSeedOptions } from "./seed-options";
import { ENDPOINT_STATUSES } from "./records";
import type { World } from "./world";

/** How long before the span an endpoint may have been seen first, milliseconds: most are old. */
const OLDEST_MS = 90 * 86_400_000;
/** Heartbeats and changes of one endpoint. */
const MAX_HEARTBEATS = 10;
const MAX_FLIPS = 3;
/** Share of endpoints that are new in the span. */
const NEW_SHARE = 0.2;

/** Schedules the life of one endpoint: `last_seen` moves all the time, its status now and then. */
export function seedEndpoint(world: World, id: string, random: Random, options: FullSeedOptions): void {
  const isNew = random() < NEW_SHARE;
  const firstSeenMs = isNew ? momentIn(random, options) : options.startMs - integerIn(random, 1, OLDEST_MS);
  const addedMs = Math.max(firstSeenMs, options.startMs);
  const tags = pick(random, [[], ["finance"], ["lab", "finance"], ["lab"]]);
  const platform = pick(random, ["windows", "linux", "macos", "android"] as const);
  world.schedule(addedMs, () => world.addEndpoint({ id, firstSeenMs, lastSeenMs: addedMs, tags, platform }));
  const ifThere = (action: () => void): void =>
    world.schedule(momentIn(random, options, addedMs), () => {
      if (world.endpoints.has(id)) action();
    });
  for (let left = integerIn(random, 0, MAX_HEARTBEATS); left > 0; left -= 1) {
    ifThere(() => world.changeEndpoint(id, { lastSeenMs: world.nowMs }));
  }
  for (let left = integerIn(random, 0, MAX_FLIPS); left > 0; left -= 1) {
    const status = pick(random, ENDPOINT_STATUSES);
    ifThere(() => world.changeEndpoint(id, status === "connected" ? { status, lastSeenMs: world.nowMs } : { status }));
  }
  if (random() < options.removedShare) ifThere(() => world.removeEndpoint(id));
}
