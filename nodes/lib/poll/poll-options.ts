import { z } from "zod";
import { choice, flag, range } from "../config-values";
import { XdrError } from "../errors";
import {
  absentFilters,
  MAX_FULL_SYNC_DAYS,
  MAX_INTERVAL_SECONDS,
  MAX_LIST_ENTRIES,
  MAX_LOOKBACK_HOURS,
  MAX_OVERLAP_SECONDS,
  POLL_RESOURCES,
  type FilterName,
  type PollResource,
} from "./poll-limits";

/** What a poll node is set to. Filters are trimmed, without empty entries; empty = no filter. */
export interface PollOptions {
  /** @default "alerts" */
  readonly resource: PollResource;
  /** Alerts only. @default "v2" */
  readonly apiVersion: "v1" | "v2";
  /** From the start of one run to the start of the next. @default 60000 */
  readonly intervalMs: number;
  /** Reach of the first run, and of every full sync. @default 86400000 */
  readonly lookbackMs: number;
  /** How far each run reaches back behind the cursor for late records. @default 900000 */
  readonly overlapMs: number;
  /** Time between two full syncs, 0 = only on demand. @default 0 */
  readonly fullSyncMs: number;
  readonly severities: readonly string[];
  readonly statuses: readonly string[];
  readonly sources: readonly string[];
  readonly tags: readonly string[];
  /** Alerts v1: one message per event of an alert. @default false */
  readonly splitEvents: boolean;
  /** Incidents: fetch `get_incident_extra_data` for each one that left. @default false */
  readonly extraData: boolean;
  /** `message`: the next page waits until the flow has returned each message. @default "emit" */
  readonly acknowledge: "emit" | "message";
}

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** An array, or text separated by commas or line breaks, as an `${ENV}` gives it. */
const list = z.preprocess(
  (value) => (typeof value === "string" ? value.split(/[,\n]/) : (value ?? [])),
  z
    .array(z.string("must hold texts"), "must be a list of texts")
    .max(MAX_LIST_ENTRIES, `must have at most ${MAX_LIST_ENTRIES} entries`)
    .transform((values) => [...new Set(values.map((value) => value.trim()).filter((value) => value !== ""))]),
);

const schema = z.object({
  resource: choice(POLL_RESOURCES, "alerts"),
  apiVersion: choice(["v1", "v2"], "v2"),
  intervalSeconds: range(1, MAX_INTERVAL_SECONDS, 60),
  lookbackHours: range(0, MAX_LOOKBACK_HOURS, 24),
  overlapSeconds: range(0, MAX_OVERLAP_SECONDS, 900),
  fullSyncDays: range(0, MAX_FULL_SYNC_DAYS, 0),
  severities: list,
  statuses: list,
  sources: list,
  tags: list,
  splitEvents: flag,
  extraData: flag,
  acknowledge: choice(["emit", "message"], "emit"),
});

/** Numbers may be text, lists too. @throws XdrError `XDR_CONFIG_INVALID` naming the property */
export function parsePollOptions(config: object): PollOptions {
  const parsed = schema.safeParse(config);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(String(issue?.path[0] ?? ""), issue?.message ?? "is not valid");
  }
  const { intervalSeconds, lookbackHours, overlapSeconds, fullSyncDays, ...options } = parsed.data;
  assertFits(options);
  return {
    ...options,
    extraData: options.extraData && options.resource === "incidents",
    intervalMs: intervalSeconds * SECOND_MS,
    lookbackMs: lookbackHours * HOUR_MS,
    overlapMs: overlapSeconds * SECOND_MS,
    fullSyncMs: fullSyncDays * DAY_MS,
  };
}

/** A filter on what the records do not have would hold everything back, or nothing: neither is what was meant. */
function assertFits({
  resource,
  apiVersion,
  ...filters
}: Pick<PollOptions, "resource" | "apiVersion" | FilterName>): void {
  const absent = absentFilters(resource, apiVersion).find((name) => filters[name].length > 0);
  if (absent === undefined) return;
  const what = resource === "alerts" ? `alerts ${apiVersion}` : resource;
  const hint = resource === "alerts" ? " Choose v2, or leave the filter empty." : " Leave the filter empty.";
  throw invalid(absent, `cannot be used with ${what}: these records have none`, hint);
}

function invalid(field: string, problem: string, hint = ""): XdrError {
  return new XdrError("XDR_CONFIG_INVALID", `${field} ${problem}.${hint}`, { field });
}
