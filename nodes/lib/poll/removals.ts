import type { Parcel } from "./delivery";
import type { ApiFilter, FilterPlan } from "./filters";
import { idOf } from "./identity";
import type { Known, KnownRecords } from "./known-records";
import { isObject, type Page, type PageRequest } from "./page";
import { PAGE_SIZE, type ResourceShape } from "./resources";

export interface SweepContext {
  readonly shape: ResourceShape;
  readonly plan: FilterPlan;
  readonly known: KnownRecords;
  readonly fetch: (request: PageRequest) => Promise<Page>;
}

/** Records that have gone from the tenant, and those that are forgotten without a word. */
export interface Removals {
  readonly parcels: readonly Parcel[];
  /** Reported before, or not readable any more. */
  readonly silent: readonly string[];
}

/**
 * Finds out what has become of known records that a full sync did not see, a page of them at a time. They are asked for by
 * name: one that changed while the pages were read has moved behind the window, and is still there.
 * @throws XdrError what the client or the store throws
 */
export async function* findRemovals(
  context: SweepContext,
  missing: readonly (readonly [id: string, known: Known])[],
): AsyncGenerator<Removals> {
  for (let index = 0; index < missing.length; index += PAGE_SIZE) {
    yield await removalsAmong(context, missing.slice(index, index + PAGE_SIZE));
  }
}

async function removalsAmong(
  context: SweepContext,
  missing: readonly (readonly [id: string, known: Known])[],
): Promise<Removals> {
  const alive = await findAlive(
    context,
    missing.map(([id]) => id),
  );
  const parcels: Parcel[] = [];
  const silent: string[] = [];
  for (const [id, entry] of missing) {
    if (alive.has(id)) continue;
    const record = entry.state === "gone" ? undefined : await context.known.recordOf(entry);
    if (record === undefined) silent.push(id);
    else parcels.push({ item: { change: "removed", record }, entry: undefined, id });
  }
  return { parcels, silent };
}

/** Those of the ids that the tenant still has and that pass the filters. Digests in place of ids can not be asked for. */
async function findAlive(
  { shape, plan, fetch }: SweepContext,
  wanted: readonly string[],
): Promise<ReadonlySet<string>> {
  const { field, isNumber } = shape.idFilter;
  const ids = wanted.filter((id) => (isNumber ? /^\d{1,15}$/.test(id) : !id.startsWith("#")));
  if (ids.length === 0) return new Set();
  const byId: ApiFilter = { field, operator: "in", value: isNumber ? ids.map(Number) : ids };
  const { rows } = await fetch({ filters: [byId, ...plan.api], searchFrom: 0 });
  return new Set(rows.filter((row) => isObject(row) && plan.passes(row)).map((row) => idOf(row, shape)));
}
