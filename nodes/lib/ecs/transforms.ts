import { isIP } from "node:net";
import { dateOf, dateOfEpoch } from "./dates";
import { listOf, textForm } from "./text-form";
import { isRecord } from "../json";

/**
 * What is written in place of a value; undefined = nothing is. `raw` is the value before it was converted.
 * Neither is ever null or undefined.
 */
export type Transform = (value: unknown, raw: unknown) => unknown;

export const MITRE_SEPARATOR = " - ";

/** Numbers, as text and lists of them, hold no name. */
const LATIN_LETTER = /[a-z]/i;

const eachText =
  (change: (text: string) => unknown): Transform =>
  (value) =>
    listOf(value)
      .filter((element) => typeof element === "string")
      .map(change);

const ofText =
  (change: (text: string) => unknown): Transform =>
  (value) =>
    typeof value === "string" ? change(value) : undefined;

/** Text in lower case, each of a list. */
export const lowerCase: Transform = (value) =>
  Array.isArray(value) ? (value as unknown[]).map((each) => lowered(each)) : lowered(value);

function lowered(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase() : value;
}

/** A name of a protocol, in lower case. */
export const protocolName = ofText((text) => (LATIN_LETTER.test(text) ? text.toLowerCase() : undefined));

const WHITE_SPACE = /[ \t\n\v\f\r]+/;

/** A name of an action: in lower case, a hyphen in place of white space; none at the end. */
export const actionName = ofText((text) => {
  if (!LATIN_LETTER.test(text)) return undefined;
  const words = text.toLowerCase().split(WHITE_SPACE);
  return (words.at(-1) === "" ? words.slice(0, -1) : words).join("-");
});

/** The time of an event: a list gives its first element as it is, unless that is no time; then the last one that is. */
export const eventTime: Transform = (value, raw) => {
  if (!Array.isArray(value)) return value;
  const first = (raw as readonly unknown[]).find((element) => element !== null && element !== "");
  return dateOf(first) === undefined ? dateOf(value.at(-1)) : first;
};

/** A list's first element, milliseconds since 1970. */
export const firstDate: Transform = (value) => (Array.isArray(value) ? dateOfEpoch(value[0]) : undefined);

/** Full name of a host, of the names of it and of its domain. */
export const fullHostName: Transform = (host) => {
  if (!isRecord(host)) return undefined;
  const { hostname, domain } = host;
  if (hostname === undefined || domain === undefined) return undefined;
  if (typeof hostname === "object" || typeof domain === "object") return undefined;
  return `${textForm(hostname)}.${textForm(domain)}`.toLowerCase();
};

/** Numbers of the severities, by their exact name in lower case. */
const ALERT_SEVERITIES = new Map([
  ["unknown", 0],
  ["informational", 1],
  ["low", 2],
  ["medium", 3],
  ["high", 4],
]);
const INCIDENT_SEVERITIES = new Map([...ALERT_SEVERITIES, ["critical", 5]]);

export const alertSeverity = ofText((text) => ALERT_SEVERITIES.get(text));
export const incidentSeverity = ofText((text) => INCIDENT_SEVERITIES.get(text));

/** A valid address; a bad one is none. */
export const address = ofText((given) => (isIP(given) > 0 ? given : undefined));

export const text = ofText((given) => given);
export const list: Transform = (value) => (Array.isArray(value) ? value : undefined);
/** A single value becomes a list of one. */
export const asList: Transform = (value) => listOf(value);
/** A text becomes a list of one; anything else stays. */
export const textAsList: Transform = (value) => (typeof value === "string" ? [value] : value);
/** For lists that hold more than texts. */
export const unchanged: Transform = (value) => value;

/** Says that a description is the list of a BIOC's conditions. */
export const biocReason: Transform = (value) => (Array.isArray(value) ? "Bioc Event" : undefined);

/** MAC addresses with hyphens, in upper case. */
export const macNotation: Transform = (value) =>
  Array.isArray(value) ? (value as unknown[]).map(macOf) : macOf(value);
/** A text that holds several MAC addresses, separated by commas. */
export const macList: Transform = (value) =>
  typeof value === "string" ? value.split(",").filter((each) => each !== "") : value;

function macOf(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/[:.]/g, "-").toUpperCase() : value;
}

/** Ids and names of MITRE ATT&CK entries, without repeats. */
export const mitreIds: Transform = (value) => mitreParts(value, 0);
export const mitreNames: Transform = (value) => mitreParts(value, 1);
export const mitreFramework: Transform = () => "MITRE ATT&CK";

function mitreParts(value: unknown, part: number): string[] | undefined {
  const parts = new Set(listOf(value).map((entry) => String(entry).split(MITRE_SEPARATOR)[part] ?? ""));
  // Nothing at all for no entries: what is there says that there is a framework.
  return parts.size === 0 ? undefined : [...parts];
}

/** Domain and name of a user, written `domain\name` (also with two back slashes) or `name@domain`. */
export const userDomain = ofText((given) => userOf(given).domain);
export const userName = ofText((given) => userOf(given).name);
/** A mail address, or what looks like one. */
export const userMail = ofText((given) => (isMail(given) ? given : undefined));

function userOf(given: string): { readonly domain?: string; readonly name: string } {
  for (const separator of ["\\\\", "\\"]) {
    const at = given.indexOf(separator);
    if (at >= 0) return { domain: given.slice(0, at), name: given.slice(at + separator.length) };
  }
  const at = given.indexOf("@");
  return at < 0 ? { name: given } : { domain: given.slice(at + 1), name: given.slice(0, at) };
}

const isMail = (value: unknown): boolean => typeof value === "string" && value.includes("@") && value.includes(".");

/** As the first element of a list; a single value is none. */
export const ofFirst =
  (transform: Transform): Transform =>
  (value, raw) =>
    Array.isArray(value) && value[0] !== undefined ? transform(value[0], raw) : undefined;

/** The whole list, when its first element looks like a mail address. */
export const listOfMails: Transform = (value) => (Array.isArray(value) && isMail(value[0]) ? value : undefined);

/** Names of hosts written `name:id`. */
export const hostNames = eachText((given) => given.replace(/:.*$/s, ""));
/** Names of users written `domain\name`. */
export const userNames = eachText((given) => given.slice(given.lastIndexOf("\\") + 1));
