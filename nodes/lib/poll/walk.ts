import { XdrError } from "../errors";
import type { ApiFilter } from "./filters";
import { isObject, type Page, type PageRequest } from "./page";
import { MAX_SEARCH_TO, PAGE_SIZE, ROW_CEILING, timeIn, type ResourceShape, type TimeField } from "./resources";

/** Both ends belong to it, epoch milliseconds on the tenant's clock. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Whether it has parts. */
export function isDivisible(window: Window | undefined): window is Window {
  return window !== undefined && window.to > window.from;
}

export interface WalkOptions {
  readonly shape: ResourceShape;
  /** Filters of the node. */
  readonly filters: readonly ApiFilter[];
  /** Undefined reads everything, whatever its time. */
  readonly window: Window | undefined;
  readonly fetch: (request: PageRequest) => Promise<Page>;
  /** Identity of a row, whatever it is. */
  readonly idOf: (row: unknown) => string;
}

/** How often a window is read again while that still brings something new. */
const MAX_PASSES = 5;

/** What one reading of the window, from its beginning to a short page, has come to. */
interface Pass {
  /** Time of the last row of the page before: the next page begins with it. */
  orderFrom: number | undefined;
  offset: number;
  canSeek: boolean;
  usedOffset: boolean;
  /** Rows that were known before it began. */
  readonly seenBefore: number;
}

/**
 * All pages of a window, until a short one. Rows may come more than once; none that is there from beginning to end is left
 * out, even when others come and go between two pages:
 *
 * A page does not begin at an offset, which moves when a row before it goes, but at the time of the last row: `time >= T`.
 *
 *     T=10 11 12 12 12 | 12 12 12 13 15 | 15 ...        the last time is asked for again, as it may not have been complete
 *
 * Where that leads no further (more rows of one time than a page holds, rows without a time, a tenant that does not sort),
 * the offset has to do; what was read like that, or has fewer rows than the tenant's total, is read again by offset until
 * nothing new comes.
 */
export class Walk {
  readonly #options: WalkOptions;
  readonly #seen = new Set<string>();
  /** Of the first page. */
  #total: number | undefined;
  #passes = 0;
  #pass: Pass | undefined = { orderFrom: undefined, offset: 0, canSeek: true, usedOffset: false, seenBefore: 0 };
  #lastIds = "";
  #isOverfull = false;

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** Whether it ended early: there are rows further back than an offset may reach. A part of the window may have few enough. */
  get isOverfull(): boolean {
    return this.#isOverfull;
  }

  /** The next page; undefined after the last. When it throws, it may be called again and goes on where it was. */
  async next(): Promise<Page | undefined> {
    const pass = this.#pass;
    if (pass === undefined) return undefined;
    const { fetch, idOf, shape } = this.#options;
    const page = await fetch({ filters: filtersOf(this.#options, pass.orderFrom), searchFrom: pass.offset });
    const ids = page.rows.map(idOf);
    assertMoves(ids, this.#lastIds, pass.offset, shape);
    this.#lastIds = ids.join("\n");
    if (this.#seen.size === 0) this.#total = page.total;
    for (const id of ids) this.#seen.add(id);
    if (page.rows.length < PAGE_SIZE) this.#pass = this.#nextPass(pass);
    else this.#advance(pass, page.rows);
    return page;
  }

  /** Moves on behind a full page. */
  #advance(pass: Pass, rows: readonly unknown[]): void {
    const last = pass.canSeek ? lastTime(rows, this.#options.shape.order) : undefined;
    if (last === "unsorted") pass.canSeek = false;
    if (typeof last === "number" && (pass.orderFrom === undefined || last > pass.orderFrom)) {
      pass.orderFrom = last;
      pass.offset = 0;
      return;
    }
    pass.offset += rows.length;
    pass.usedOffset = true;
    if (pass.offset + PAGE_SIZE <= MAX_SEARCH_TO) return;
    // What is read for the first time and cannot be divided is asked for all the same: not every tenant has the limit.
    if (this.#passes === 0 && !isDivisible(this.#options.window)) return;
    this.#isOverfull = true;
    this.#pass = undefined;
  }

  #nextPass({ orderFrom, usedOffset, seenBefore }: Pass): Pass | undefined {
    this.#passes += 1;
    if (this.#passes >= MAX_PASSES) return undefined;
    const found = this.#seen.size;
    const isShort = this.#total !== undefined && this.#total < ROW_CEILING && found < this.#total;
    const isUnsure = this.#passes === 1 ? usedOffset || (isShort && orderFrom !== undefined) : found > seenBefore;
    if (!isUnsure) return undefined;
    return { orderFrom: undefined, offset: 0, canSeek: false, usedOffset: true, seenBefore: found };
  }
}

function filtersOf({ shape, filters, window }: WalkOptions, orderFrom: number | undefined): ApiFilter[] {
  const bounds: ApiFilter[] = [];
  const { clock, order } = shape;
  let from = window?.from;
  if (orderFrom !== undefined) {
    if (clock?.filter === order.filter) from = Math.max(from ?? orderFrom, orderFrom);
    else bounds.push({ field: order.filter, operator: "gte", value: orderFrom });
  }
  if (clock !== undefined && window !== undefined) {
    bounds.unshift(
      { field: clock.filter, operator: "gte", value: from ?? window.from },
      { field: clock.filter, operator: "lte", value: window.to },
    );
  }
  return [...bounds, ...filters];
}

/** The time of the last row, when all times of the page ascend; undefined when the last row has none. */
function lastTime(rows: readonly unknown[], order: TimeField): number | "unsorted" | undefined {
  let highest = -Infinity;
  let last: number | undefined;
  for (const row of rows) {
    last = isObject(row) ? timeIn(row, order) : undefined;
    if (last === undefined) continue;
    if (last < highest) return "unsorted";
    highest = last;
  }
  return last;
}

/** A tenant that ignores the offset would be read for ever. */
function assertMoves(ids: readonly string[], lastIds: string, offset: number, shape: ResourceShape): void {
  if (offset === 0 || ids.length === 0 || ids.join("\n") !== lastIds) return;
  throw new XdrError(
    "XDR_RESPONSE_INVALID",
    `The tenant answers ${shape.path} with the same page again and again: more records of one time than a page holds can not be read.`,
    { status: 200 },
  );
}
