import type { RawAnswer, TenantRequest } from "../../../nodes/lib/tenant/client-api";
import { XdrError } from "../../../nodes/lib/errors";

export type Row = Record<string, unknown>;

interface Body {
  readonly request_data: {
    readonly filters: readonly { field: string; operator: string; value: unknown }[];
    readonly search_from: number;
    readonly search_to: number;
    readonly sort: { field: string; keyword: string };
  };
}

/** Names under which a call filters and sorts what a record calls otherwise. */
const ALIASES: Readonly<Record<string, string>> = {
  server_creation_time: "local_insert_ts",
  creation_time: "detection_timestamp",
  alert_id_list: "alert_id",
  incident_id_list: "incident_id",
  endpoint_id_list: "endpoint_id",
};

/**
 * As little of a tenant as paging needs, for tests that change it between two requests. The strict one is in test/support.
 */
export class TinyTenant {
  rows: Row[] = [];
  readonly requests: Body[] = [];
  readonly clockSkewMs: number | undefined = undefined;
  total: (matches: number) => number | undefined = (matches) => matches;
  isSorted = true;
  listName = "alerts";
  /** Called before the n-th request (from 1) is answered. */
  before: (request: number) => void = () => undefined;

  callRaw(request: TenantRequest): Promise<RawAnswer> {
    const body = request.body as Body;
    this.requests.push(body);
    return Promise.resolve().then(() => {
      if (request.signal?.aborted === true) throw new XdrError("XDR_CANCELLED", "cancelled");
      this.before(this.requests.length);
      const value = this.#answer(body);
      return { value, body: Buffer.from(JSON.stringify(value)), encoding: "identity" as const };
    });
  }

  #answer({ request_data: data }: Body): unknown {
    const matches = this.rows.filter((row) => data.filters.every((filter) => fits(row, filter)));
    const field = ALIASES[data.sort.field] ?? data.sort.field;
    if (this.isSorted) matches.sort((a, b) => number(a[field]) - number(b[field]));
    const page = matches.slice(data.search_from, Math.min(data.search_to, data.search_from + 100));
    const total = this.total(matches.length);
    return {
      reply: {
        ...(total === undefined ? {} : { total_count: total }),
        result_count: page.length,
        [this.listName]: page,
      },
    };
  }
}

function number(value: unknown): number {
  return typeof value === "number" ? value : Infinity;
}

function fits(row: Row, { field, operator, value }: { field: string; operator: string; value: unknown }): boolean {
  const actual = row[ALIASES[field] ?? field];
  if (operator === "in") return (value as unknown[]).some((one) => String(one) === String(actual));
  if (typeof actual !== "number") return false;
  return operator === "gte" ? actual >= (value as number) : actual <= (value as number);
}

/** An alert: stored at `insertMs`, detected at `detectMs`. */
export function alert(id: number, insertMs: number, detectMs = insertMs - 1000, more: Row = {}): Row {
  return { alert_id: String(id), local_insert_ts: insertMs, detection_timestamp: detectMs, severity: "high", ...more };
}
