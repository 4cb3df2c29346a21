import { shuffled } from "../../virtual-random";
import type { RouteInput } from "../call";
import type { TenantState } from "../state";
import type { World } from "../world/world";
import type { Query } from "./query";
import type { ReadCall } from "./read-route";

/** Answers have a record from a moment on. */
export interface Readable {
  readonly visibleAtMs: number;
}

/** All rows of a call in one order, as long as nothing changes: a caller who pages asks for the same again and again. */
interface Sorted {
  readonly revision: number;
  readonly rows: readonly unknown[];
}
const sorted = new WeakMap<World, Map<string, Sorted>>();

/** The rows that match at that moment, in order. */
export function select<Row extends Readable>(
  call: ReadCall<Row>,
  query: Query<Row>,
  { state, nowMs }: Pick<RouteInput, "state" | "nowMs">,
): readonly Row[] {
  const { sorting, ties } = state.options;
  const isThere = (row: Row): boolean => row.visibleAtMs <= nowMs && query.matches(row);
  if (sorting !== "none" && ties === "stable") return allInOrder(call, query, state).filter(isThere);
  const found = shuffled(state.random, [...call.rows(state)].filter(isThere));
  return sorting === "none" ? found : found.sort(orderOf(query));
}

function allInOrder<Row>(call: ReadCall<Row>, query: Query<Row>, state: TenantState): readonly Row[] {
  const { world } = state;
  const orders = sorted.get(world) ?? new Map<string, Sorted>();
  sorted.set(world, orders);
  const name = `${call.name} ${query.sortedBy}`;
  const known = orders.get(name);
  if (known?.revision === world.revision) return known.rows as readonly Row[];
  const rows = [...call.rows(state)].sort(orderOf(query));
  orders.set(name, { revision: world.revision, rows });
  return rows;
}

/** Sorting is stable: rows of equal keys stay as they were. */
function orderOf<Row>({ key, isDescending }: Query<Row>): (one: Row, other: Row) => number {
  const sign = isDescending ? -1 : 1;
  return (one, other) => sign * compare(key(one), key(other));
}

function compare(one: number | string, other: number | string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
