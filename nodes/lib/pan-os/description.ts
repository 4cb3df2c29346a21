import { codePointCount, cutCodePoints, wellFormed } from "./plain-text";
import type { PanosFields } from "./record";

/** Longest description, code points. No limit of the API is documented; this one is ours. */
export const MAX_DESCRIPTION = 2000;
/** What `misc` keeps at least when everything has to be cut. */
const MIN_MISC = 40;

/**
 * What follows `misc`: first what the first relay wrote, in its order and under its names, because its users search for it; then the other
 * known variables by what an analyst asks first. The log type is `log_type`, since `type` was the relay's word for the subtype.
 */
const ORDER: readonly (readonly [variable: string, label: string])[] = [
  ["serial", "serial"],
  ["sender_sw_version", "version"],
  ["action", "action"],
  ["rule", "rule"],
  ["subtype", "type"],
  ["type", "log_type"],
  ...[
    "severity threatid threat_name thr_category category url_category_list direction app proto src sport dst dport",
    "natsrc natsport natdst natdport from to inbound_if outbound_if srcuser dstuser src_host dst_host xff xff_ip",
    "srcloc dstloc device_name vsys vsys_name rule_uuid sessionid seqno repeatcnt pcap_id filetype filedigest cloud",
    "reportid file_url http_method contenttype sender recipient subject session_end_reason bytes packets err_index error",
    "object_name evidence reason referer user_agent",
  ]
    .join(" ")
    .split(" ")
    .map((name) => [name, name] as const),
];

/** Place of each variable in {@link ORDER}. */
const RANKS: ReadonlyMap<string, number> = new Map(ORDER.map(([variable], rank) => [variable, rank]));

/** Texts by which PAN-OS says that there is nothing. */
const NOTHING: ReadonlySet<string> = new Set(["0", "N/A", "4294967295", "0x0"]);
const LONGEST_NOTHING = 10;
/** Zero is a value here. */
const ZERO_COUNTS: ReadonlySet<string> = new Set(["sport", "dport"]);

/**
 * The description of an alert: `<misc>;serial=..;version=..;action=..;rule=..;type=..` and then the other known fields as `key=value`,
 * empty ones left out. `\` and `;` in values get a backslash, control characters become `\n`, `\t` or `\xNN`. At most
 * {@link MAX_DESCRIPTION} code points: `misc` is cut first.
 */
export function describe(fields: PanosFields): string {
  const rest = listed(fields);
  const misc = escapeValue(fields["misc"] ?? "");
  const whole = joined(misc, rest);
  const fits = whole.length <= MAX_DESCRIPTION || codePointCount(whole) <= MAX_DESCRIPTION;
  return fits ? whole : shortened(misc, rest);
}

function listed(fields: PanosFields): string {
  let text = "";
  for (const rank of ranksOf(fields)) {
    const place = ORDER[rank];
    const value = place === undefined ? undefined : fields[place[0]];
    if (place === undefined || value === undefined || value === "" || isNothing(value, place[0])) continue;
    text += `;${place[1]}=${escapeValue(value)}`;
  }
  return text;
}

/** Sorted places of the variables that are there: fewer than the known ones by far, so that is what to go through. */
function ranksOf(fields: PanosFields): number[] {
  const ranks: number[] = [];
  for (const name in fields) {
    const rank = RANKS.get(name);
    if (rank === undefined) continue;
    let at = ranks.length;
    for (; at > 0 && (ranks[at - 1] ?? 0) > rank; at -= 1) ranks[at] = ranks[at - 1] ?? 0;
    ranks[at] = rank;
  }
  return ranks;
}

function isNothing(value: string, variable: string): boolean {
  return value.length <= LONGEST_NOTHING && NOTHING.has(value) && !ZERO_COUNTS.has(variable);
}

/** `rest` begins with the separator, which has no place at the very start. */
function joined(misc: string, rest: string): string {
  return misc === "" ? rest.slice(1) : misc + rest;
}

function shortened(misc: string, rest: string): string {
  const room = Math.max(MAX_DESCRIPTION - codePointCount(rest), MIN_MISC);
  return cutEscaped(joined(cutEscaped(misc, room), rest), MAX_DESCRIPTION);
}

/** Cuts without leaving half an escape before the ellipsis. */
function cutEscaped(text: string, max: number): string {
  const cut = cutCodePoints(text, max);
  if (cut === text) return text;
  const body = cut.slice(0, -1).replace(/\\x[0-9a-f]?$/, "");
  let backslashes = 0;
  while (body.charAt(body.length - 1 - backslashes) === "\\") backslashes += 1;
  return `${backslashes % 2 === 1 ? body.slice(0, -1) : body}…`;
}

/**
 * The text of a value as the description shows it. Escaping never shortens, and a code point has at most two units: what lies behind twice the
 * limit would be cut in any case and costs no work.
 */
export function escapeValue(text: string): string {
  const value = text.length > 2 * MAX_DESCRIPTION ? text.slice(0, 2 * MAX_DESCRIPTION + 2) : text;
  return isPlain(value) ? value : wellFormed(value.replace(/[\\;\u0000-\u001f\u007f-\u009f]/g, escapeChar));
}

/** Everything that needs no second look; surrogates do, since one half alone cannot be sent. */
function isPlain(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 32 || code === 92 || code === 59 || (code > 126 && code < 160) || (code >= 0xd800 && code < 0xe000))
      return false;
  }
  return true;
}

function escapeChar(char: string): string {
  if (char === "\\" || char === ";") return `\\${char}`;
  if (char === "\n") return "\\n";
  return char === "\t" ? "\\t" : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
}
