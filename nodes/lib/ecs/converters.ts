import { isIP } from "node:net";
import { dateOf, dateOfEpoch } from "./dates";
import { interfacesOf } from "./interface-map";
import { listOf, textForm } from "./text-form";
import { MITRE_SEPARATOR } from "./transforms";

/**
 * Told what was expected in place of a value, or of an element of it. `stop` ends the mapping of the record, whatever its
 * table says about faults.
 */
export type Fault = (expected: string, stop?: "stop") => void;

/**
 * Makes of a field's value what the document holds. Never called with null or undefined; an undefined result means that
 * nothing is left of the value. What cannot be converted is told to `fault`, which may end the mapping.
 */
export type Converter = (value: unknown, fault: Fault) => unknown;

const failing =
  (expected: string, convert: (value: unknown) => unknown): Converter =>
  (value, fault) => {
    const converted = convert(value);
    if (converted === undefined) fault(expected);
    return converted;
  };

/** Each element alone; bad ones are left out. A single value is left as it is, unchecked. */
const each =
  (convert: Converter): Converter =>
  (value, fault) => {
    if (!Array.isArray(value)) return value;
    const present = (value as unknown[]).filter((element) => element !== null);
    return present.map((element) => convert(element, fault)).filter((element) => element !== undefined);
  };

/** A list as a whole, or a single value: one bad element spoils all. */
const whole =
  (convert: Converter): Converter =>
  (value, fault) => {
    if (!Array.isArray(value)) return convert(value, fault);
    const list = (value as unknown[]).map((element) => convert(element, () => undefined));
    if (!list.includes(undefined)) return list;
    const firstBad = (value as unknown[])[list.indexOf(undefined)];
    return convert(firstBad, fault);
  };

/** Empty text is no value rather than a bad one. */
const orEmpty =
  (convert: Converter): Converter =>
  (value, fault) =>
    value === "" ? undefined : convert(value, fault);

export const asItIs: Converter = (value) => value;

/** Text of a single value, or of each element. */
export const toText: Converter = (value) =>
  Array.isArray(value) ? (value as unknown[]).filter((element) => element !== null).map(textForm) : textForm(value);

export const toBoolean = failing("true or false", (value) => {
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.toLowerCase() : "";
  return text === "true" ? true : text === "false" ? false : undefined;
});

const INTEGER = /^(?:[+-]?\d+|-?0x[\da-fA-F]+)$/;
/** More digits than 64 bits have, leading zeros and all, are not worth a look. */
const MAX_DIGITS = 64;
const MIN_LONG = -(2n ** 63n);
/** What is rounded to a number beyond 64 bits has no place in them either. */
const isLong = (value: number): boolean => value >= -(2 ** 63) && value < 2 ** 63;

/** An integer of 64 bits, also as decimal or hexadecimal text. */
export const toInteger = failing("an integer", (value) => {
  if (typeof value === "number") return Number.isInteger(value) && isLong(value) ? value : undefined;
  if (typeof value !== "string" || value.length > MAX_DIGITS || !INTEGER.test(value)) return undefined;
  const digits = BigInt(value.replace(/^[+-]/, ""));
  const integer = value.startsWith("-") ? -digits : digits;
  return integer >= MIN_LONG && isLong(Number(integer)) ? Number(integer) : undefined;
});

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

export const toNumber = failing("a number", (value) => {
  const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
});

/** A valid IPv4 or IPv6 address; it keeps its spelling. */
export const toIp = failing("an IP address", (value) =>
  typeof value === "string" && isIP(value) > 0 ? value : undefined,
);

/** Milliseconds since 1970, or ISO 8601 text. */
export const toDate = orEmpty(failing("a time, in milliseconds since 1970 or as ISO 8601 text", dateOf));
/** Milliseconds since 1970, as an integer or its digits. */
export const toEpochDate = failing("a time in milliseconds since 1970", dateOfEpoch);

export const toIpOrEmpty = orEmpty(toIp);
export const eachIp = each(toIp);
export const eachInteger = each(toInteger);
/** A single address becomes a list. */
export const wrappedIps: Converter = (value, fault) => eachIp(Array.isArray(value) ? value : [value], fault);
export const wholeIp = whole(toIp);
export const wholeInteger = whole(toInteger);

/** Interface maps: a list of objects, or the text of old agents. */
export const toInterfaces: Converter = (value, fault) => interfacesOf(value, (ip) => toIp(ip, fault));

/** The first element of a list as the time it is; anything else is left as it is. */
export const firstAsDate: Converter = (value, fault) =>
  Array.isArray(value) ? toEpochDate((value as unknown[])[0], fault) : value;

/** A list whose first element is a time; anything else is left as it is. */
export const startingWithDate: Converter = (value, fault) => {
  if (!Array.isArray(value)) return value;
  return toEpochDate((value as unknown[])[0], fault) === undefined ? undefined : value;
};

/** A list keeps the elements that are times, as they are; a single time becomes the one it is. */
export const toEventTime: Converter = (value, fault) => {
  if (!Array.isArray(value)) return toDate(value, fault);
  return (value as unknown[]).filter((element) => element !== null && toDate(element, fault) !== undefined);
};

const ENTRY = "text with an id, a blank, a hyphen, a blank and a name";

/** Entries of MITRE ATT&CK such as `T1059 - Command and Scripting Interpreter`, as a list or a single one. */
export const mitreEntries: Converter = (value, fault) => {
  for (const entry of listOf(value)) {
    if (typeof entry !== "string" || !entry.includes(MITRE_SEPARATOR)) fault(ENTRY, "stop");
  }
  return value;
};

export const onlyText: Converter = (value, fault) => {
  if (typeof value !== "string") fault("text");
  return value;
};

/** Text, or a list of texts. */
export const onlyTexts: Converter = (value, fault) => {
  for (const element of listOf(value))
    if (element !== null && typeof element !== "string") fault("text, or a list of texts");
  return value;
};
