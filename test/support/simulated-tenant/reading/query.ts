import { isObject } from "../call";
import type { ReadOptions } from "./options";
import { isInteger, isText, NotTaken, type FilterField } from "./filters";

/** Most rows of one answer. Source: Cortex XDR REST API, `search_to`. */
export const MAX_ROWS = 100;

/** What a call lets its rows be sorted by. */
export interface SortRules<Row> {
  readonly fields: Readonly<Record<string, (row: Row) => number | string>>;
  /** When nothing is asked for. */
  readonly usual: { readonly field: string; readonly keyword: string };
  readonly ascending: string;
  readonly descending: string;
  /** Keys that `sort` must have. */
  readonly required: readonly ("field" | "keyword")[];
}

/** What a call that lists rows lets itself be asked. */
export interface QueryRules<Row> {
  readonly filters: Readonly<Record<string, FilterField<Row>>>;
  readonly sort: SortRules<Row>;
}

/** A request that was understood. */
export interface Query<Row> {
  readonly matches: (row: Row) => boolean;
  /** The filters' fields and values, as they came. */
  readonly filters: readonly { readonly field: string; readonly value: unknown }[];
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly key: (row: Row) => number | string;
  readonly isDescending: boolean;
  /** Field and keyword. */
  readonly sortedBy: string;
}

const KEYS = ["filters", "search_from", "search_to", "sort"];
const FILTER_KEYS = ["field", "operator", "value"];
const SORT_KEYS = ["field", "keyword"];

type Data = Readonly<Record<string, unknown>>;

/** Reads `request_data`. @throws NotTaken naming what is wrong */
export function parseQuery<Row>(data: Data, rules: QueryRules<Row>, options: ReadOptions): Query<Row> {
  assertKeys(data, KEYS, "request_data");
  const filters = parseFilters(data["filters"], rules);
  return {
    matches: (row) => filters.every(({ holds }) => holds(row)),
    filters,
    ...parsePage(data, options),
    ...parseSort(data["sort"], rules.sort, options),
  };
}

function parseFilters<Row>(given: unknown, { filters }: QueryRules<Row>) {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new NotTaken("filters must be an array");
  return given.map((filter: unknown, index) => {
    const place = `filters[${index}]`;
    if (!isObject(filter)) throw new NotTaken(`${place} must be an object`);
    assertKeys(filter, FILTER_KEYS, place);
    const { field, operator, value } = filter;
    if (!isText(field) || !Object.hasOwn(filters, field)) throw new NotTaken(`${place}: no field ${shown(field)}`);
    const operations = filters[field] ?? {};
    const make = isText(operator) && Object.hasOwn(operations, operator) ? operations[operator] : undefined;
    if (make === undefined) throw new NotTaken(`${place}: ${field} has no operator ${shown(operator)}`);
    try {
      return { field, value, holds: make(value) };
    } catch (error) {
      throw error instanceof NotTaken ? new NotTaken(`${place} ${field}: ${error.message}`) : error;
    }
  });
}

function parsePage(data: Data, { maxOffset, oversizedPage }: ReadOptions): { from: number; to: number } {
  const { search_from: from = 0, search_to: to = MAX_ROWS } = data;
  if (!isInteger(from) || from < 0) throw new NotTaken("search_from must be an integer, 0 or more");
  if (!isInteger(to) || to < 0) throw new NotTaken("search_to must be an integer, 0 or more");
  if (to < from) throw new NotTaken("search_to must not be before search_from");
  if (to > maxOffset) throw new NotTaken(`search_to must not be beyond ${maxOffset}`);
  if (to - from > MAX_ROWS && oversizedPage === "refuse") throw new NotTaken(`more than ${MAX_ROWS} rows at once`);
  return { from, to: Math.min(to, from + MAX_ROWS) };
}

function parseSort<Row>(
  given: unknown,
  rules: SortRules<Row>,
  options: ReadOptions,
): Pick<Query<Row>, "key" | "isDescending" | "sortedBy"> {
  const sort = given ?? {};
  if (!isObject(sort)) throw new NotTaken("sort must be an object");
  assertKeys(sort, SORT_KEYS, "sort");
  const missing = given === undefined ? undefined : rules.required.find((key) => sort[key] === undefined);
  if (missing !== undefined) throw new NotTaken(`sort.${missing} is required`);
  const { field = rules.usual.field, keyword = rules.usual.keyword } = sort;
  if (!isText(field) || !Object.hasOwn(rules.fields, field)) throw new NotTaken(`cannot sort by ${shown(field)}`);
  const asked = options.sorting === "default" ? rules.usual : { field, keyword: keywordOf(keyword, rules, options) };
  const key = rules.fields[asked.field];
  if (key === undefined) throw new Error(`The call has no sort key ${asked.field}.`);
  return { key, isDescending: asked.keyword === rules.descending, sortedBy: `${asked.field} ${asked.keyword}` };
}

function keywordOf<Row>(given: unknown, { ascending, descending }: SortRules<Row>, options: ReadOptions): string {
  const isSame = (keyword: string): boolean =>
    options.sortKeywordCase === "any" && isText(given)
      ? given.toLowerCase() === keyword.toLowerCase()
      : given === keyword;
  const keyword = [ascending, descending].find(isSame);
  if (keyword === undefined) throw new NotTaken(`sort.keyword must be ${ascending} or ${descending}`);
  return keyword;
}

function assertKeys(value: Data, known: readonly string[], place: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new NotTaken(`${place} has an unknown key ${shown(unknown)}`);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
