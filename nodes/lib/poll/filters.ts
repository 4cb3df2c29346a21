import type { PollOptions } from "./poll-options";
import type { XdrRecord } from "./poller-api";
import type { ResourceShape } from "./resources";

/** One filter of a request; all of them have to hold. */
export interface ApiFilter {
  readonly field: string;
  readonly operator: "in" | "gte" | "lte";
  readonly value: number | readonly (string | number)[];
}

/** What is asked of the tenant, and what is looked at here because the API cannot. */
export interface FilterPlan {
  readonly api: readonly ApiFilter[];
  /** Whether a record that the tenant sent passes. What it does not tell holds nothing back. */
  readonly passes: (record: XdrRecord) => boolean;
  readonly isResolved: (record: XdrRecord) => boolean;
  /** Whether resolved records are asked for by name: then resolving one does not remove it. */
  readonly namesStatuses: boolean;
}

/** Severities that alert calls filter on; v2 knows one more. Source: Cortex XDR REST API, "Get Alerts Multi-Events". */
const ALERT_SEVERITIES: Readonly<Record<"v1" | "v2", readonly string[]>> = {
  v1: ["low", "medium", "high", "critical"],
  v2: ["informational", "low", "medium", "high", "critical"],
};

/** Statuses that the endpoint call filters on. Source: Cortex XDR REST API, "Get Endpoint". */
const ENDPOINT_STATUSES: readonly string[] = ["connected", "disconnected", "lost", "uninstalled"];

type Predicate = (record: XdrRecord) => boolean;

/**
 * Splits the filters of a node. Incidents are filtered here alone: their call takes one status only, and tenants have been
 * seen to answer nothing, or 500, to several sources. What the tenant filters is not looked at twice.
 */
export function planFilters(options: PollOptions, shape: ResourceShape): FilterPlan {
  const api: ApiFilter[] = [];
  const local: Predicate[] = [];
  const add = (
    values: readonly string[],
    filter: string | undefined,
    known: readonly string[] | undefined,
    predicate: Predicate,
  ): void => {
    if (values.length === 0) return;
    const isKnown = known === undefined || values.every((value) => known.includes(value));
    if (filter !== undefined && isKnown) api.push({ field: filter, operator: "in", value: values });
    else local.push(predicate);
  };
  const isAlerts = options.resource === "alerts";
  const severities = options.severities.map(normal);
  const statuses = options.statuses.map(statusName);
  add(severities, isAlerts ? "severity" : undefined, ALERT_SEVERITIES[options.apiVersion], (record) =>
    has(record, shape.severity, (value) => severities.includes(normal(value))),
  );
  add(options.sources, isAlerts ? "alert_source" : undefined, undefined, (record) =>
    has(record, shape.sources, (value) => options.sources.map(normal).includes(normal(value))),
  );
  add(statuses, options.resource === "endpoints" ? "endpoint_status" : undefined, ENDPOINT_STATUSES, (record) =>
    has(record, shape.status, (value) => statuses.some((status) => isStatus(statusName(value), status))),
  );
  add(options.tags, undefined, undefined, (record) => hasTag(record, options.tags));
  const status = options.resource === "endpoints" ? undefined : shape.status;
  return {
    api,
    passes: (record) => local.every((predicate) => predicate(record)),
    isResolved: (record) =>
      status !== undefined && typeof record[status] === "string" && statusName(record[status]).startsWith("resolved"),
    namesStatuses: statuses.length > 0,
  };
}

function normal(text: string): string {
  return text.trim().toLowerCase();
}

/** `STATUS_010_NEW` (v2), `New`, `Under Investigation`: one spelling for all. */
function statusName(text: string): string {
  return normal(text)
    .replace(/^status_\d{1,9}_/, "")
    .replace(/[\s-]+/g, "_");
}

/** `resolved` and `resolved_*` stand for all that begin so. */
function isStatus(actual: string, wanted: string): boolean {
  const prefix = wanted === "resolved" ? "resolved" : wanted.endsWith("*") ? wanted.slice(0, -1) : undefined;
  return prefix === undefined ? actual === wanted : actual.startsWith(prefix);
}

/** Whether one of the texts in a field fulfils `test`; a field that is absent or null does not decide. */
function has(record: XdrRecord, field: string | undefined, test: (value: string) => boolean): boolean {
  const value = field === undefined ? undefined : record[field];
  if (value === undefined || value === null) return true;
  return textsOf(value).some(test);
}

function textsOf(value: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((entry) => typeof entry === "string");
}

/**
 * Tags stand in `tags` (a list, or an object of lists) and in `endpointTags` (text or list, separated by commas). A record
 * without any has none of those asked for.
 */
function hasTag({ tags, endpointTags }: XdrRecord, wanted: readonly string[]): boolean {
  const isGrouped = typeof tags === "object" && tags !== null && !Array.isArray(tags);
  const groups: readonly unknown[] = isGrouped ? Object.values(tags) : [tags];
  const texts = [...groups, endpointTags].flatMap(textsOf);
  const found = new Set(texts.flatMap((text) => [text, ...text.split(",")]).map(normal));
  return wanted.some((tag) => found.has(normal(tag)));
}
