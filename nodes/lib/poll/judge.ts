import { previousOf } from "./diff";
import type { FilterPlan } from "./filters";
import type { KnownState } from "./known-pages";
import type { Known } from "./known-records";
import type { Item, SyncKind, XdrRecord } from "./poller-api";

/** What to do about one record that the tenant sent. */
export type Verdict =
  /** Nothing leaves, nothing changes. */
  | { readonly kind: "duplicate" }
  | { readonly kind: "filtered" }
  /** Leaves as `new` or `updated`, and is known from now on. */
  | { readonly kind: "emit"; readonly item: Item; readonly state: KnownState }
  /** Leaves as `removed`. It is forgotten, or remembered as `gone` while the tenant goes on to send it. */
  | { readonly kind: "remove"; readonly item: Item; readonly isStillSent: boolean };

export interface Case {
  readonly sync: SyncKind;
  readonly record: XdrRecord;
  readonly known: Known | undefined;
  /** Of the record as it came; undefined when only a full sync may look for changes. */
  readonly version: string | undefined;
  readonly plan: FilterPlan;
  /** See `ResourceShape`. */
  readonly drifting: string | undefined;
  /** The record as it was last seen. */
  readonly before: (known: Known) => Promise<XdrRecord | undefined>;
}

/**
 * The rules:
 *
 * | known as        | sent as               | incremental | full      |
 * | --------------- | --------------------- | ----------- | --------- |
 * | -               | matching              | new         | new       |
 * | live or settled | unchanged             | -           | -         |
 * | live or settled | changed               | updated (1) | updated   |
 * | live or settled | not matching          | -           | removed   |
 * | live            | resolved (2)          | updated (1) | removed   |
 * | gone            | resolved, changed     | updated (1) | updated   |
 * | gone            | open again            | new (1)     | new       |
 *
 * (1) not for alerts, whose changes only a full sync finds. (2) unless the filter names statuses. A record that was resolved
 * when it was first seen is `settled`: it never was open for this flow, so that it does not leave as removed.
 */
export async function judge(facts: Case): Promise<Verdict> {
  const { record, known, plan, sync } = facts;
  const isResolved = plan.isResolved(record);
  if (!plan.passes(record)) {
    if (sync === "incremental" || known === undefined || known.state === "gone") return { kind: "filtered" };
    return remove(facts, known, false);
  }
  if (known === undefined) {
    return { kind: "emit", item: { change: "new", record }, state: isResolved ? "settled" : "live" };
  }
  if (sync === "full" && known.state === "live" && isResolved && !plan.namesStatuses) return remove(facts, known, true);
  return judgeKnown(facts, known, isResolved);
}

async function judgeKnown(facts: Case, known: Known, isResolved: boolean): Promise<Verdict> {
  const { sync, version, record, drifting, before } = facts;
  if (version === undefined ? sync === "incremental" : version === known.version) return { kind: "duplicate" };
  if (known.state === "gone" && !isResolved) return { kind: "emit", item: { change: "new", record }, state: "live" };
  const old = await before(known);
  const previous = old === undefined ? undefined : previousOf(old, record);
  // Versions also differ when the tenant writes the same fields in another order.
  const isSame = previous === undefined || Object.keys(previous).every((name) => name === drifting);
  if (old !== undefined && isSame) return { kind: "duplicate" };
  const state = isResolved ? known.state : "live";
  return { kind: "emit", item: { change: "updated", record, previous }, state };
}

async function remove({ record, before }: Case, known: Known, isStillSent: boolean): Promise<Verdict> {
  const last = (await before(known)) ?? record;
  return { kind: "remove", item: { change: "removed", record: last }, isStillSent };
}
