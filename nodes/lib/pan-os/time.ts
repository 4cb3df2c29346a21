import type { PanosFields } from "./record";
import { parseTimeText, type TimeText } from "./time-text";
import { resolveLocal, zoneOf, type Zone } from "./zone";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 2001-09-09, the first moment with thirteen digits: the API takes times before it for seconds. */
const EARLIEST_MS = 1_000_000_000_000;
/** 2286-11-20, the last moment with thirteen digits. */
const LATEST_MS = 9_999_999_999_999;

const HIGH_RES = "high_res_timestamp";
const CEF_TIMES = ["cef-formatted-time_generated", "cef-formatted-receive_time"] as const;
const LOCAL_TIMES = ["time_generated", "receive_time"] as const;
/** Most trusted first among times of the same kind. */
const ALL_TIMES = [...LOCAL_TIMES, ...CEF_TIMES] as const;

/** What the time of a record needs beside the record. */
export interface TimeContext {
  readonly options: { readonly zone: Zone };
  readonly headerZone: string | undefined;
  readonly arrivalMs: number;
}

/**
 * When it happened, epoch milliseconds. Most trusted first: the high-resolution time (unless it is the epoch zero that some log types
 * carry), any time with a zone of its own, the CEF-formatted time, then the local times read in the zone of an IETF syslog
 * header, else in the configured one. Without any usable time it is the arrival, and a warning says so.
 */
export function eventTime(fields: PanosFields, context: TimeContext, warnings: string[]): number {
  const exact = highResolutionTime(fields, context, warnings);
  if (exact !== undefined) return exact;
  let local: LocalTime | undefined;
  for (const name of ALL_TIMES) {
    const time = usable(fields, name, warnings);
    if (time === undefined) continue;
    if (!time.isLocal) return time.ms;
    local ??= { name, ms: time.ms };
  }
  local ??= zonelessHighResolution(fields);
  return local === undefined ? arrivalTime(fields, context, warnings) : localTime(local, context, warnings);
}

/** A time without a zone, and the variable it stood in. */
interface LocalTime {
  readonly name: string;
  readonly ms: number;
}

/** A high-resolution time whose zone somebody took off is still better than none. */
function zonelessHighResolution(fields: PanosFields): LocalTime | undefined {
  const time = parseTimeText(fields[HIGH_RES] ?? "");
  return time?.isLocal === true && isPlausible(time.ms) ? { name: HIGH_RES, ms: time.ms } : undefined;
}

function highResolutionTime(fields: PanosFields, { arrivalMs }: TimeContext, warnings: string[]): number | undefined {
  const text = fields[HIGH_RES];
  if (text === undefined) return undefined;
  const time = parseTimeText(text);
  if (time === undefined || time.isLocal || !isPlausible(time.ms)) {
    // Epoch zero is a known habit of some log types and no news to anybody.
    if (time === undefined) warnings.push("high_res_timestamp is in no known form: the next time was used.");
    return undefined;
  }
  const other = parseTimeText(fields["time_generated"] ?? "");
  if (other !== undefined && isGarbage(time.ms, other.ms, arrivalMs)) {
    warnings.push("high_res_timestamp is far from time_generated and from the arrival: time_generated was used.");
    return undefined;
  }
  return time.ms;
}

/** A high-resolution time a day or more from both the arrival and the generated time, which is itself near the arrival. */
function isGarbage(highResMs: number, generatedMs: number, arrivalMs: number): boolean {
  return Math.abs(highResMs - arrivalMs) > DAY_MS && Math.abs(generatedMs - arrivalMs) < DAY_MS;
}

function localTime({ name, ms }: LocalTime, context: TimeContext, warnings: string[]): number {
  const header = context.headerZone === undefined ? undefined : zoneOf(context.headerZone);
  const { epochMs, isInGap } = resolveLocal(ms, header ?? context.options.zone, context.arrivalMs);
  if (isInGap)
    warnings.push(`${name} falls into the hour that summer time leaves out: the time zone is probably wrong.`);
  else if (header === undefined) warnOfZone(epochMs, context.arrivalMs, warnings);
  return epochMs;
}

function arrivalTime(fields: PanosFields, { arrivalMs }: TimeContext, warnings: string[]): number {
  const hasAny = fields[HIGH_RES] !== undefined || ALL_TIMES.some((name) => fields[name] !== undefined);
  warnings.push(
    hasAny ? "No time of the record is usable: the arrival was used." : "The record has no time: the arrival was used.",
  );
  return arrivalMs;
}

function usable(fields: PanosFields, name: string, warnings: string[]): TimeText | undefined {
  const text = fields[name];
  if (text === undefined) return undefined;
  const time = parseTimeText(text);
  if (time !== undefined && isPlausible(time.ms)) return time;
  warnings.push(`${name} is no usable time: the next one was used.`);
  return undefined;
}

function isPlausible(ms: number): boolean {
  return ms >= EARLIEST_MS && ms <= LATEST_MS;
}

/** A time that is off by whole or half hours was most likely written in another zone. */
function warnOfZone(epochMs: number, arrivalMs: number, warnings: string[]): void {
  const skew = Math.abs(epochMs - arrivalMs);
  if (skew < 59 * MINUTE_MS || skew > 14 * 60 * MINUTE_MS + MINUTE_MS) return;
  const rest = skew % (30 * MINUTE_MS);
  if (Math.min(rest, 30 * MINUTE_MS - rest) > MINUTE_MS) return;
  const hours = Math.round(skew / (30 * MINUTE_MS)) / 2;
  warnings.push(`The time is ${hours} h from the arrival: the time zone is probably wrong.`);
}
