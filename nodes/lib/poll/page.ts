import type { RawAnswer, TenantClient } from "../tenant/client-api";
import { XdrError } from "../errors";
import type { ApiFilter } from "./filters";
import { PAGE_SIZE, type ResourceShape } from "./resources";

/** One answer of the tenant, as it came. */
export interface Page {
  /** Whatever stands in the list: mostly objects. */
  readonly rows: readonly unknown[];
  /** How many records match, as the tenant says: a hint, never the end of paging. */
  readonly total: number | undefined;
  readonly answer: RawAnswer;
}

/** Where a page begins. */
export interface PageRequest {
  readonly filters: readonly ApiFilter[];
  readonly searchFrom: number;
}

/**
 * Asks for one page, oldest first.
 * @throws XdrError what the client throws; `XDR_RESPONSE_INVALID` when there is no list where one belongs
 */
export async function fetchPage(
  client: Pick<TenantClient, "callRaw">,
  shape: ResourceShape,
  { filters, searchFrom }: PageRequest,
  signal: AbortSignal,
): Promise<Page> {
  const answer = await client.callRaw({
    path: shape.path,
    body: {
      request_data: {
        filters,
        search_from: searchFrom,
        search_to: searchFrom + PAGE_SIZE,
        sort: { field: shape.order.filter, keyword: shape.order.keyword },
      },
    },
    signal,
  });
  const reply = replyOf(answer.value);
  const rows = rowsIn(answer.value, shape);
  if (rows === undefined) {
    throw new XdrError(
      "XDR_RESPONSE_INVALID",
      `The tenant's answer to ${shape.path} has no list "${shape.rows}": nothing was read, and it is tried again.`,
      { status: 200, outcome: "unknown" },
    );
  }
  const total = reply?.["total_count"];
  return { rows, total: typeof total === "number" && total >= 0 ? total : undefined, answer };
}

/** The rows of an answer; undefined when it has none. With or without the `reply` wrapper: the documentation has both. */
export function rowsIn(value: unknown, { rows }: ResourceShape): readonly unknown[] | undefined {
  const list = replyOf(value)?.[rows];
  return Array.isArray(list) ? list : undefined;
}

function replyOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(value)) return undefined;
  const { reply } = value;
  return isObject(reply) ? reply : value;
}

/** True for `{...}`. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
