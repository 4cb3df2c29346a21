import type { Entry } from "./entries";
import type { Vault } from "./vault";

/** An entry that the courier holds, with the requests it was part of. */
export interface Carried {
  readonly entry: Entry;
  attempts: number;
}

/** The batch is in a request from now on. */
export function enterFlight(vault: Vault, batch: readonly Carried[]): void {
  for (const carried of batch) {
    carried.attempts += 1;
    const { live } = vault.counters(carried.entry.origin);
    live.waiting -= 1;
    live.inFlight += 1;
  }
}

/** The request has ended, and this became of the batch. */
export function leaveFlight(vault: Vault, batch: readonly Carried[], to: "delivered" | "waiting" | "dead"): void {
  for (const { entry } of batch) {
    const { live } = vault.counters(entry.origin);
    live.inFlight -= 1;
    live[to] += 1;
  }
}

/** By how many entries the store shrinks for each insert node when the batch is taken out of the queue. */
export function storedChange(batch: readonly Carried[]): Map<string, number> {
  const stored = new Map<string, number>();
  for (const { entry } of batch) stored.set(entry.origin, (stored.get(entry.origin) ?? 0) - 1);
  return stored;
}
