import { zoneOf } from "./zone";

/** A time as it stands in a record. */
export interface TimeText {
  /** Epoch milliseconds; when `isLocal`, of the local time read as if it were UTC. */
  readonly ms: number;
  /** True when the text has no zone. */
  readonly isLocal: boolean;
}

const MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
/** Longest text of a time, characters. */
const MAX_LENGTH = 48;
/** ISO 8601 with `T` or a blank. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;
/** The CEF form, `Mar  4 2025 09:22:41 GMT`. */
const CEF =
  /^([A-Za-z]{3}) {1,2}(\d{1,2}) (\d{4}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?: (Z|UTC|GMT|[+-]\d{2}:?\d{2}))?$/i;

/**
 * Reads a time of a log: `2025/03/04 10:22:40` (no zone), ISO 8601, `Mar  4 2025 09:22:41 GMT`, or epoch seconds and milliseconds.
 * Never asks the language to guess: its own parser would take the server's zone.
 * Source: PAN-OS Administrator's Guide, "Syslog Field Descriptions"; Common Event Format guide for PAN-OS 10.
 *
 * @returns undefined for any other form and for dates that do not exist
 */
export function parseTimeText(text: string): TimeText | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  return parsePanosTime(text) ?? parseIso(text) ?? parseCefTime(text) ?? parseEpoch(text);
}

/** `YYYY/MM/DD HH:MM:SS` by arithmetic: nearly every record has it. */
function parsePanosTime(text: string): TimeText | undefined {
  if (text.length !== 19 || text.charCodeAt(4) !== 47 || text.charCodeAt(7) !== 47 || text.charCodeAt(10) !== 32)
    return undefined;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined;
  const ms = epochOf(
    pair(text, 0) * 100 + pair(text, 2),
    pair(text, 5),
    pair(text, 8),
    pair(text, 11),
    pair(text, 14),
    pair(text, 17),
  );
  return ms === undefined ? undefined : { ms, isLocal: true };
}

/** Two digits, or NaN. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

function parseIso(text: string): TimeText | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  return zoned(
    epochOf(+(year ?? 0), +(month ?? 0), +(day ?? 0), +(hour ?? 0), +(minute ?? 0), +(second ?? 0)),
    fraction,
    zone,
  );
}

function parseCefTime(text: string): TimeText | undefined {
  const match = CEF.exec(text);
  if (match === null) return undefined;
  const [, name = "", day, year, hour, minute, second, fraction, zone] = match;
  const at = MONTHS.indexOf(name.toLowerCase());
  if (at < 0 || at % 3 !== 0) return undefined;
  return zoned(
    epochOf(+(year ?? 0), at / 3 + 1, +(day ?? 0), +(hour ?? 0), +(minute ?? 0), +(second ?? 0)),
    fraction,
    zone,
  );
}

function zoned(
  ms: number | undefined,
  fraction: string | undefined,
  zoneName: string | undefined,
): TimeText | undefined {
  if (ms === undefined) return undefined;
  const exact = ms + (fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, "0")));
  if (zoneName === undefined) return { ms: exact, isLocal: true };
  const offset = zoneOf(zoneName)?.fixedMs;
  return offset === undefined ? undefined : { ms: exact - offset, isLocal: false };
}

function parseEpoch(text: string): TimeText | undefined {
  if (/^\d{10}$/.test(text)) return { ms: Number(text) * 1000, isLocal: false };
  return /^\d{13}$/.test(text) ? { ms: Number(text), isLocal: false } : undefined;
}

const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Epoch milliseconds of a UTC date, undefined when it does not exist. NaN fails every comparison. */
function epochOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  if (!(year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= (DAYS_IN_MONTH[month - 1] ?? 0)))
    return undefined;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2 && day === 29 && !isLeap) return undefined;
  // A leap second is read as the second after it.
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
