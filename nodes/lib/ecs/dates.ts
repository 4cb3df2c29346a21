/** Milliseconds since 1970, as an integer or its digits. */
const DIGITS = /^[+-]?\d{1,16}$/;
/** Date, or date and time with or without seconds, fraction and offset (ISO 8601, extended format). */
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** First and last moment of the years that are written with four digits. */
const [MIN_MS, MAX_MS] = [-62_167_219_200_000, 253_402_300_799_999];
const MINUTE_MS = 60_000;

/**
 * `YYYY-MM-DDTHH:mm:ss.SSSZ` of an integer or digit text in milliseconds since 1970; undefined for anything else, and for
 * moments outside the years 0000 to 9999.
 */
export function dateOfEpoch(value: unknown): string | undefined {
  const ms = typeof value === "string" && DIGITS.test(value) ? Number(value) : value;
  return typeof ms === "number" && Number.isInteger(ms) ? textOfMs(ms) : undefined;
}

/** The same of ISO 8601 text, too. Without an offset it is in UTC; digits after the third of a second are cut off. */
export function dateOf(value: unknown): string | undefined {
  return dateOfEpoch(value) ?? (typeof value === "string" ? dateOfIso(value) : undefined);
}

function dateOfIso(text: string): string | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts
    .slice(1, 7)
    .map((part) => Number((part as string | undefined) ?? 0));
  const ms = Number((parts[7] ?? "").slice(0, 3).padEnd(3, "0"));
  const date = new Date(0);
  date.setUTCFullYear(year as number, (month as number) - 1, day);
  date.setUTCHours(hour as number, minute, second, ms);
  // A part out of its range flows over into the next one.
  if (date.getUTCMonth() + 1 !== month || date.getUTCDate() !== day) return undefined;
  if (date.getUTCHours() !== hour || date.getUTCMinutes() !== minute || date.getUTCSeconds() !== second)
    return undefined;
  const offset = offsetMinutes(parts[8] ?? "Z");
  return offset === undefined ? undefined : textOfMs(date.getTime() - offset * MINUTE_MS);
}

/** Undefined for a year that needs more than four digits: databases do not take it for a date. */
function textOfMs(ms: number): string | undefined {
  return ms < MIN_MS || ms > MAX_MS ? undefined : new Date(ms).toISOString();
}

function offsetMinutes(text: string): number | undefined {
  if (text === "Z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(":", "") || 0)];
  if (hours > 18 || minutes > 59) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (60 * hours + minutes);
}
