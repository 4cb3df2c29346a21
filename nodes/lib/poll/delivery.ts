import { XdrError } from "../errors";
import type { Verdict } from "./judge";
import { packPage, type Entry } from "./known-pages";
import type { KnownRecords } from "./known-records";
import type { Page } from "./page";
import type { PollOptions } from "./poll-options";
import type { Item, PollerPorts, SyncKind } from "./poller-api";
import type { Tally } from "./tally";

/** One item, and what is written down when it has left. */
export interface Parcel {
  readonly item: Item;
  /** What is known from now on; undefined to forget it. */
  readonly entry: Entry | undefined;
  readonly id: string;
}

export interface DeliveryContext {
  readonly options: Pick<PollOptions, "resource" | "extraData">;
  readonly sync: SyncKind;
  readonly ports: Pick<PollerPorts, "emit">;
  readonly known: KnownRecords;
  readonly signal: AbortSignal;
}

/** What a verdict that lets something leave makes of a record at its place. */
export function parcelOf(verdict: Extract<Verdict, { kind: "emit" | "remove" }>, place: Omit<Entry, "state">): Parcel {
  const { id } = place;
  if (verdict.kind === "emit") return { item: verdict.item, entry: { ...place, state: verdict.state }, id };
  return { item: verdict.item, entry: verdict.isStillSent ? { ...place, state: "gone" } : undefined, id };
}

/**
 * Sends parcels, and writes down those that have left: never before.
 * @param page where the entries of the parcels stand
 * @throws XdrError `STORE_*`; `XDR_CANCELLED` when the node closes before all of them have left
 */
export async function deliver(
  { options, sync, ports, known, signal }: DeliveryContext,
  parcels: readonly Parcel[],
  tally: Tally,
  page?: Page,
): Promise<void> {
  if (parcels.length === 0) return;
  const entries = parcels.flatMap(({ entry }) => entry ?? []);
  // Before they leave: a flow may change the records that it gets.
  const packed = page === undefined || entries.length === 0 ? undefined : await packPage(page, entries);
  const taken = await ports.emit({ resource: options.resource, sync, items: parcels.map(({ item }) => item) }, signal);
  const left = parcels.filter((_parcel, index) => taken === "all" || taken.has(index));
  const lasting = new Set(left.flatMap(({ entry, id }) => (entry === undefined ? [] : [id])));
  if (left.length > 0) {
    await known.learn({
      ...(packed === undefined
        ? {}
        : { page: { archive: packed.archive, entries: packed.entries.filter(({ id }) => lasting.has(id)) } }),
      dropped: left.flatMap(({ entry, id }) => (entry === undefined ? [id] : [])),
      wanted: options.extraData ? left.flatMap(({ item, id }) => (item.change === "removed" ? [] : [id])) : [],
    });
  }
  for (const { item } of left) tally[item.change === "removed" ? "removed" : "emitted"] += 1;
  if (left.length < parcels.length) throw cancelled();
}

/** The error of a run that the close of its node has ended. */
export function cancelled(): XdrError {
  return new XdrError("XDR_CANCELLED", "The run was cut short because the node closes.");
}
