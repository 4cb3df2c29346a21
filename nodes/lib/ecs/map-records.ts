import { isRecord } from "../json";
import { write, type EcsDocument } from "./document";
import { DATASETS, ECS_KINDS, kindOf, type EcsKind } from "./ecs-kinds";
import type { EcsOptions } from "./ecs-options";
import { mapperOf, textOf, type Mapped, type Mapper } from "./mapper";
import { failDocument } from "./tags";
import { ECS_VERSION } from "./tables/constants";

/** A document, where it belongs, and what it was made of. */
export interface EcsResult extends Mapped {
  /** Data set such as `panw_cortex_xdr.alerts`; undefined for a record of no known kind. */
  readonly dataset: string | undefined;
  readonly kind: EcsKind | undefined;
}

/** The documents of a message, in the order of its records. */
export interface MappedRecords {
  readonly results: readonly EcsResult[];
  /** Whether there is a list: one came in, or one record became several documents. */
  readonly isList: boolean;
}

/** Maps what a message carries: a record, JSON text of one (also as bytes), or a list of them. Never throws. */
export type RecordsMapper = (payload: unknown, rawLines?: unknown) => MappedRecords;

/**
 * A mapper for all records of a node. `rawLines` are the texts of the records, one for each, as the events node adds them:
 * they keep the digits that JSON numbers lose above 2^53.
 */
export function recordsMapper(options: EcsOptions): RecordsMapper {
  const mappers = Object.fromEntries(ECS_KINDS.map((kind) => [kind, mapperOf(kind, options)])) as Record<
    EcsKind,
    Mapper
  >;
  const map = (value: unknown, raw: string | undefined): EcsResult[] => {
    try {
      return mapOne(options.kind, mappers, value, raw);
    } catch {
      // Only an object whose members throw when they are read gets here.
      const kind = options.kind === "auto" ? undefined : options.kind;
      return [failed(value, raw, "expected an object that can be read", kind)];
    }
  };
  return (payload, rawLines) => {
    const given = parsed(payload);
    if (!Array.isArray(given.value)) {
      const results = map(given.value, given.text ?? rawOf(rawLines));
      return { results, isList: results.length > 1 };
    }
    const records = given.value as readonly unknown[];
    const raws = Array.isArray(rawLines) && rawLines.length === records.length ? (rawLines as unknown[]) : [];
    const results = records.flatMap((record, at) => {
      const { value, text } = parsed(record);
      return map(value, text ?? rawOf(raws[at]));
    });
    return { results, isList: true };
  };
}

function rawOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** JSON text, also as bytes, stands for what it says. */
function parsed(value: unknown): { readonly value: unknown; readonly text?: string } {
  const text = Buffer.isBuffer(value) ? value.toString("utf8") : value;
  if (typeof text !== "string") return { value };
  try {
    // Files of other systems may begin with a byte order mark.
    return { value: JSON.parse(text.replace(/^\ufeff/, "")) as unknown, text };
  } catch {
    return { value: text, text };
  }
}

function mapOne(
  wanted: EcsOptions["kind"],
  mappers: Readonly<Record<EcsKind, Mapper>>,
  value: unknown,
  originalText: string | undefined,
): EcsResult[] {
  const fixed = wanted === "auto" ? undefined : wanted;
  if (!isRecord(value)) return [failed(value, originalText, "expected an object", fixed)];
  const kind = fixed ?? kindOf(value);
  if (kind !== "event" && isEmptyReply(value)) return [];
  if (kind === undefined) return [failed(value, originalText, UNKNOWN_KIND, undefined)];
  const dataset = DATASETS[kind];
  const events = kind === "alert-v1" ? value["events"] : undefined;
  if (!Array.isArray(events)) return [{ ...mappers[kind](value, originalText), dataset, kind }];
  if (events.length > 1 && hasMoreValues({ ...value, events: undefined }, MAX_SPLIT_VALUES / events.length)) {
    return [failed(value, originalText, TOO_MANY_EVENTS, kind)];
  }
  // An alert without events has nothing to say of one, and is an alert all the same.
  const singles = events.length === 0 ? [undefined] : (events as unknown[]);
  return singles.map((event) => ({ ...mappers[kind]({ ...value, events: event }), dataset, kind }));
}

const UNKNOWN_KIND =
  "expected an alert (with alert_id), an incident (with incident_id) or a forwarded event (with event_type); for other " +
  "records choose a kind";

/**
 * Each document of an alert v1 holds all of the alert: a small record with many events and long lists would fill the memory.
 * Real alerts have some hundred values and some dozen events.
 */
export const MAX_SPLIT_VALUES = 2_000_000;
const TOO_MANY_EVENTS = `expected at most ${MAX_SPLIT_VALUES} values in the documents of all of its events together`;

/** Whether a value holds more than `most` values; what holds itself does. */
function hasMoreValues(value: unknown, most: number): boolean {
  const open: unknown[] = [value];
  for (let count = 0; open.length > 0; count += 1) {
    if (count > most) return true;
    const next = open.pop();
    if (typeof next === "object" && next !== null) for (const member of Object.values(next)) open.push(member);
  }
  return false;
}

/** What a collector hands on when the tenant had nothing: no record, and no document. */
function isEmptyReply({ reply }: Record<string, unknown>): boolean {
  return isRecord(reply) && reply["result_count"] === 0;
}

/** A document for what is no record: it says why, and carries the text. */
function failed(
  value: unknown,
  originalText: string | undefined,
  expected: string,
  kind: EcsKind | undefined,
): EcsResult {
  const faults = [`The record cannot be mapped: ${expected}.`];
  const document: EcsDocument = { ecs: { version: ECS_VERSION }, error: { message: [...faults] } };
  failDocument(document);
  const original = originalText ?? textOf(value);
  if (original !== undefined) write(document, ["event", "original"], original);
  return { document, id: undefined, faults, kind, dataset: kind === undefined ? undefined : DATASETS[kind] };
}
