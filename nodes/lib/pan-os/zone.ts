/** Milliseconds of the unit in which offsets are cached: every zone change in use lies on a quarter of an hour. */
const SLOT_MS = 900_000;
const DAY_MS = 86_400_000;
/** Most cached offsets of a zone, and most cached zones: far more than a fleet has, and no leak for whatever arrives. */
const MAX_SLOTS = 4096;
const MAX_ZONES = 64;

/** A time zone: how far local time is ahead of UTC at a moment. */
export interface Zone {
  /** Offset in milliseconds when it never changes. */
  readonly fixedMs?: number;
  /** Offset in milliseconds at `epochMs`. */
  offsetAt(epochMs: number): number;
}

/** UTC itself. */
export const UTC: Zone = fixedZone(0);

/** Zones made so far: an Intl formatter costs about as much as ten thousand records. */
const cache = new Map<string, Zone>();

/**
 * The zone of a name: `Z`, `UTC`, `GMT`, an offset (`+01:00`, `+0530`, `-3`) or an IANA name.
 *
 * @returns undefined when there is no such zone
 */
export function zoneOf(name: string): Zone | undefined {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const zone = fixedZoneOf(name) ?? namedZone(name);
  if (zone === undefined) return undefined;
  if (cache.size >= MAX_ZONES) cache.clear();
  cache.set(name, zone);
  return zone;
}

/** What a local time is in UTC, with what had to be assumed. */
export interface LocalReading {
  readonly epochMs: number;
  /** True when the clocks were put forward over this time, so that it never was. */
  readonly isInGap: boolean;
}

/**
 * The moment of a local time. In the repeated hour at the end of summer time it is the reading nearest to `arrivalMs` when that one is
 * within a day, else the earlier; in the hour that is left out, the offset before the change counts.
 *
 * @param localMs the local time as if it were UTC, epoch milliseconds
 */
export function resolveLocal(localMs: number, zone: Zone, arrivalMs: number): LocalReading {
  if (zone.fixedMs !== undefined) return { epochMs: localMs - zone.fixedMs, isInGap: false };
  const before = zone.offsetAt(localMs - DAY_MS);
  const after = zone.offsetAt(localMs + DAY_MS);
  const early = localMs - Math.max(before, after);
  const late = localMs - Math.min(before, after);
  const isEarly = early + zone.offsetAt(early) === localMs;
  const isLate = late + zone.offsetAt(late) === localMs;
  if (isEarly && isLate) return { epochMs: nearest(early, late, arrivalMs), isInGap: false };
  if (isEarly || isLate) return { epochMs: isEarly ? early : late, isInGap: false };
  return { epochMs: localMs - before, isInGap: true };
}

function nearest(early: number, late: number, arrivalMs: number): number {
  const isLateNearer = Math.abs(late - arrivalMs) < Math.abs(early - arrivalMs);
  return isLateNearer && Math.abs(late - arrivalMs) <= DAY_MS ? late : early;
}

function fixedZone(offsetMs: number): Zone {
  return { fixedMs: offsetMs, offsetAt: () => offsetMs };
}

function fixedZoneOf(name: string): Zone | undefined {
  if (/^(?:z|utc|gmt)$/i.test(name)) return UTC;
  const match = /^([+-])(\d{1,2})(?::?([0-5]\d))?$/.exec(name);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  // The widest offset in use is +14:00; 18 hours is the limit of ISO 8601 libraries.
  return minutes > 18 * 60 ? undefined : fixedZone((match[1] === "-" ? -minutes : minutes) * 60_000);
}

function namedZone(name: string): Zone | undefined {
  let formatter: Intl.DateTimeFormat;
  try {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
  const slots = new Map<number, number>();
  return {
    offsetAt: (epochMs) => {
      const slot = Math.floor(epochMs / SLOT_MS);
      const known = slots.get(slot);
      if (known !== undefined) return known;
      if (slots.size >= MAX_SLOTS) slots.clear();
      const offset = measureOffset(formatter, slot * SLOT_MS);
      slots.set(slot, offset);
      return offset;
    },
  };
}

function measureOffset(formatter: Intl.DateTimeFormat, epochMs: number): number {
  const parts: Partial<Record<string, number>> = {};
  for (const { type, value } of formatter.formatToParts(epochMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - epochMs;
}
