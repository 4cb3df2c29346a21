import type { Clock } from "../clock";
import type { Checkpoint } from "./checkpoint";
import { deliver, parcelOf, type Parcel } from "./delivery";
import { planFilters, type FilterPlan } from "./filters";
import { idOf, versionOf } from "./identity";
import { judge, type Verdict } from "./judge";
import type { Known, KnownRecords } from "./known-records";
import { fetchPage, isObject, type Page, type PageRequest } from "./page";
import type { PollOptions } from "./poll-options";
import type { PollerPorts, SyncKind } from "./poller-api";
import { findRemovals } from "./removals";
import { findsChangesAlways, PAGE_SIZE, ROW_CEILING, shapeOf, timeIn, type ResourceShape } from "./resources";
import { Tally } from "./tally";
import { isDivisible, Walk, type Window } from "./walk";

export interface RunContext {
  readonly options: PollOptions;
  readonly sync: SyncKind;
  readonly ports: Pick<PollerPorts, "client" | "emit" | "onNotice">;
  readonly clock: Clock;
  readonly known: KnownRecords;
  readonly signal: AbortSignal;
}

/** Known incidents are remembered for a year after their last change: one that changes later counts as new. They are few. */
const INCIDENT_MEMORY_MS = 365 * 86_400_000;

/**
 * How far beyond the tenant's present a run asks, milliseconds: that is only known to a second, and what was stored a moment
 * ago should not have to wait for the next run. The cursor does not go there.
 */
const CLOCK_MARGIN_MS = 2_000;

/**
 * One run: reads what is in reach, sends what is news, and writes down what has left, page by page. When the tenant fails in
 * between, the same run can be gone on with: a reach of many pages would never be read to its end if each failure sent it
 * back to the beginning.
 */
export class Run {
  readonly sync: SyncKind;
  readonly #context: RunContext;
  readonly #shape: ResourceShape;
  readonly #plan: FilterPlan;
  /** On our clock. */
  readonly #startMs: number;
  readonly #reach: Window | undefined;
  /** Windows still to read, the next one last. */
  readonly #windows: (Window | undefined)[];
  #current: { readonly window: Window | undefined; readonly walk: Walk; latest: number | null | undefined } | undefined;
  /** Ids that a full sync has seen; undefined in any other run. */
  readonly #seen: Set<string> | undefined;
  #tally: Tally;
  #onProgress: () => void = () => undefined;
  #hasOddRows = false;
  #hasTenantFailed = false;

  constructor(context: RunContext) {
    this.#context = context;
    this.sync = context.sync;
    this.#shape = shapeOf(context.options);
    this.#plan = planFilters(context.options, this.#shape);
    this.#startMs = context.clock.now();
    this.#seen = context.sync === "full" ? new Set() : undefined;
    this.#reach = this.#findReach();
    this.#windows = [this.#reach && { from: this.#reach.from, to: this.#reach.to + CLOCK_MARGIN_MS }];
    this.#tally = new Tally(context.options.resource, context.sync);
  }

  /** Whether {@link execute} may be called again after it threw: it was the tenant that failed, and nothing is in doubt. */
  get canGoOn(): boolean {
    return this.#hasTenantFailed;
  }

  /**
   * Reads to the end, or goes on with it.
   * @param onProgress told when something that the status shows has changed
   * @throws XdrError what the client or the store throws; `XDR_CANCELLED` when the signal aborts
   */
  async execute(tally: Tally, onProgress: () => void): Promise<void> {
    this.#tally = tally;
    this.#onProgress = onProgress;
    this.#hasTenantFailed = false;
    tally.from = this.#reach?.from ?? null;
    tally.to = this.#reach?.to ?? null;
    const { known, clock } = this.#context;
    if (this.#seen !== undefined && !known.isComplete) await known.recall();
    await this.#readAll();
    if (this.#seen !== undefined) {
      await this.#sweep(this.#seen);
      await known.learn({ checkpoint: { lastFullAtMs: clock.now() } });
    }
    await this.#forget();
  }

  /** Frees what no run will ask for any more. */
  async #forget(): Promise<void> {
    const { options, known } = this.#context;
    if (this.#shape.clock === undefined) return;
    const { cursor, keptFrom } = known.checkpoint;
    const overlapFrom = (cursor ?? keptFrom) - options.overlapMs;
    if (!findsChangesAlways(options.resource)) known.forgetBefore(overlapFrom);
    const memory = options.resource === "incidents" ? this.#tenantNow() - INCIDENT_MEMORY_MS : Infinity;
    await known.prune(Math.min(overlapFrom, this.#tenantNow() - options.lookbackMs, memory));
  }

  /** The time on the tenant's clock, as far as it is known. */
  #tenantNow(): number {
    return this.#context.clock.now() + (this.#context.ports.client.clockSkewMs ?? 0);
  }

  #findReach(): Window | undefined {
    if (this.#shape.clock === undefined) return undefined;
    const { options, known } = this.#context;
    const { cursor, keptFrom } = known.checkpoint;
    const to = Math.floor(this.#tenantNow());
    const news = Math.max(keptFrom, (cursor ?? -Infinity) - options.overlapMs);
    const from = this.sync === "full" ? Math.min(news, to - options.lookbackMs) : news;
    return { from: Math.floor(from), to: Math.max(to, Math.floor(from)) };
  }

  /** Reads the reach in windows of less rows than the tenant counts, oldest first. */
  async #readAll(): Promise<void> {
    for (;;) {
      const current = (this.#current ??= this.#nextWindow());
      if (current === undefined) return;
      const page = await current.walk.next();
      if (page === undefined) {
        if (current.walk.isOverfull && this.#halve(current.window)) continue;
        if (current.window !== undefined) await this.#moveCursor(current.window, current.latest);
        this.#windows.pop();
        this.#current = undefined;
        continue;
      }
      this.#tally.total ??= page.total;
      if (current.latest === undefined && this.#split(current.window, page)) continue;
      current.latest = later(current.latest, await this.#take(page, current.window));
    }
  }

  #nextWindow(): { window: Window | undefined; walk: Walk; latest: undefined } | undefined {
    if (this.#windows.length === 0) return undefined;
    const window = this.#windows.at(-1);
    const walk = new Walk({
      shape: this.#shape,
      filters: this.#plan.api,
      window,
      fetch: (request) => this.#fetch(request),
      idOf: (row) => idOf(row, this.#shape),
    });
    return { window, walk, latest: undefined };
  }

  /** Whether the first page tells of more rows than the tenant counts: then two halves are read. Totals have been seen to be far too high. */
  #split(window: Window | undefined, { total = 0, rows }: Page): boolean {
    return total >= ROW_CEILING && rows.length >= PAGE_SIZE && this.#halve(window);
  }

  /** Puts two halves in place of the window under way. False when it cannot be made smaller. */
  #halve(window: Window | undefined): boolean {
    if (!isDivisible(window)) return false;
    const middle = Math.floor((window.from + window.to) / 2);
    this.#windows.pop();
    this.#windows.push({ from: middle + 1, to: window.to }, { from: window.from, to: middle });
    this.#current = undefined;
    return true;
  }

  async #fetch(request: PageRequest): Promise<Page> {
    const { ports, signal } = this.#context;
    this.#tally.requests += 1;
    try {
      return await fetchPage(ports.client, this.#shape, request, signal);
    } catch (error) {
      this.#hasTenantFailed = true;
      throw error;
    }
  }

  /** Judges and sends a page. @returns the latest time in it; null when no row has a time, undefined without rows */
  async #take(page: Page, window: Window | undefined): Promise<number | null | undefined> {
    const { known } = this.#context;
    const tally = this.#tally;
    tally.pages += 1;
    tally.received += page.rows.length;
    const parcels: Parcel[] = [];
    const inPage = new Set<string>();
    let latest: number | null | undefined;
    for (const [row, value] of page.rows.entries()) {
      if (!isObject(value)) {
        this.#noteOddRow();
        continue;
      }
      const id = idOf(value, this.#shape);
      const time = this.#shape.clock === undefined ? undefined : timeIn(value, this.#shape.clock);
      latest = later(latest, time ?? null);
      this.#seen?.add(id);
      const version = versionOf(value, this.#shape);
      const verdict: Verdict = inPage.has(id) ? DUPLICATE : await this.#judge(value, known.get(id), version);
      inPage.add(id);
      if (verdict.kind === "duplicate") tally.duplicates += 1;
      else if (verdict.kind === "filtered") tally.filtered += 1;
      else {
        const place = { id, row, time: time ?? window?.to ?? null, version: version ?? null };
        parcels.push(parcelOf(verdict, place));
      }
    }
    this.#onProgress();
    await deliver(this.#context, parcels, tally, page);
    this.#onProgress();
    return latest;
  }

  async #judge(
    record: Readonly<Record<string, unknown>>,
    found: Known | undefined,
    version: string | undefined,
  ): Promise<Verdict> {
    const { known } = this.#context;
    return judge({
      sync: this.sync,
      record,
      known: found,
      version,
      plan: this.#plan,
      drifting: this.#shape.drifting,
      before: (entry) => known.recordOf(entry),
    });
  }

  /**
   * The cursor only moves to times that were read in the tenant's own records: our clock may differ from the tenant's.
   * Where no record has a time, the end of the window has to do. What was stored after the start may stand in a page that
   * was read before; and when that was on the tenant's clock, the first run only knows after its first page.
   */
  async #moveCursor(window: Window, latest: number | null | undefined): Promise<void> {
    const { known } = this.#context;
    if (latest === undefined) return;
    const startMs = Math.floor(this.#startMs + (this.#context.ports.client.clockSkewMs ?? 0)) - CLOCK_MARGIN_MS;
    const cursor = Math.min(latest ?? window.to, window.to, this.#reach?.to ?? Infinity, startMs);
    if (cursor <= (known.checkpoint.cursor ?? -Infinity)) return;
    await known.learn({ checkpoint: { cursor } });
    const { options } = this.#context;
    if (this.#seen === undefined && !findsChangesAlways(options.resource))
      known.forgetBefore(cursor - options.overlapMs);
  }

  /** Reports what a full sync did not see. */
  async #sweep(seen: ReadonlySet<string>): Promise<void> {
    const { known } = this.#context;
    const reach = this.#reach;
    const isInReach = ({ time }: Known): boolean => reach === undefined || time === null || time >= reach.from;
    const missing = [...known.ids].filter(([id, entry]) => !seen.has(id) && isInReach(entry));
    const fetch = (request: PageRequest): Promise<Page> => this.#fetch(request);
    for await (const { parcels, silent } of findRemovals(
      { shape: this.#shape, plan: this.#plan, known, fetch },
      missing,
    )) {
      await deliver(this.#context, parcels, this.#tally);
      if (silent.length > 0) await known.learn({ dropped: silent });
    }
  }

  #noteOddRow(): void {
    if (this.#hasOddRows) return;
    this.#hasOddRows = true;
    this.#context.ports.onNotice(
      `The tenant sent rows of ${this.#shape.path} that are no objects: they were left out, all others were read.`,
    );
  }
}

const DUPLICATE = { kind: "duplicate" } as const satisfies Verdict;

/** The later of two results of {@link Run}'s pages: a time beats no time, no time beats no rows. */
function later(one: number | null | undefined, other: number | null | undefined): number | null | undefined {
  if (typeof one === "number" && typeof other === "number") return Math.max(one, other);
  if (typeof one === "number") return one;
  return other ?? one;
}

/** The checkpoint of a node that has not polled yet. */
export function freshCheckpoint(scope: string, tenantNowMs: number, lookbackMs: number): Checkpoint {
  return { scope, revision: 0, cursor: null, keptFrom: Math.floor(tenantNowMs - lookbackMs), lastFullAtMs: null };
}
