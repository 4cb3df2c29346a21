import { json, refusal, type Answer } from "../answers";
import type { Route, RouteInput } from "../call";
import type { TenantState } from "../state";
import { NotTaken } from "./filters";
import { MAX_ROWS, parseQuery, type Query, type QueryRules } from "./query";
import { select, type Readable } from "./select";

/** A call that lists rows, page by page. */
export interface ReadCall<Row> extends Pick<Route, "name" | "path" | "licences">, QueryRules<Row> {
  readonly permission: string;
  /** Where the rows stand in `reply`. */
  readonly list: string;
  /** All there are. */
  readonly rows: (state: TenantState) => Iterable<Row>;
  /** What the caller gets to see of a row. */
  readonly view: (row: Row, state: TenantState) => Record<string, unknown>;
  /** `total_count` of that many matches. */
  readonly total: (matches: number, state: TenantState) => number;
  /** Further keys of `reply`. */
  readonly extra?: (matches: readonly Row[], state: TenantState) => Readonly<Record<string, unknown>>;
  /** Whether the call finds nothing, whatever there is. @throws NotTaken */
  readonly isBlind?: (query: Query<Row>, state: TenantState) => boolean;
}

/** The route of such a call. Whatever it does not take is a 500, as live tenants answer to a field they do not know. */
export function readRoute<Row extends Readable>(call: ReadCall<Row>): Route {
  const { name, path, licences, permission } = call;
  return { name, method: "POST", path, licences, permission, handle: (input) => taken(() => answer(call, input)) };
}

/** Answers a {@link NotTaken} with a 500. */
export function taken(answerIt: () => Answer): Answer {
  try {
    return answerIt();
  } catch (error) {
    if (error instanceof NotTaken) return refusal(500, error.message, { extra: error.message });
    throw error;
  }
}

function answer<Row extends Readable>(call: ReadCall<Row>, { data, state, nowMs }: RouteInput): Answer {
  const { options } = state;
  const query = parseQuery(data, call, options);
  const matches = call.isBlind?.(query, state) === true ? [] : select(call, query, { state, nowMs });
  const page = options.paging === "ignored" ? matches.slice(0, MAX_ROWS) : matches.slice(query.from, query.to);
  const rows = page.map((row) => decorated(call.view(row, state), call.name, state));
  const total = options.totalCount?.(matches.length, call.name);
  const reply = {
    total_count: options.totalCount === undefined ? call.total(matches.length, state) : total,
    result_count: rows.length,
    [call.list]: rows,
    ...call.extra?.(matches, state),
  };
  return json(200, { reply }, `${rows.length} of ${matches.length}`);
}

/** The row as it leaves; shared by all calls that give rows. */
export function decorated(row: Record<string, unknown>, route: string, { options }: TenantState): unknown {
  if (options.extraKeys) {
    row["zz_undocumented_text"] = "from a newer release";
    row["zz_undocumented_list"] = [{ key: "value", none: null }];
  }
  return options.decorate === undefined ? row : options.decorate(row, route);
}
