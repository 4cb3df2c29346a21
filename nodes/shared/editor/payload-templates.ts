/**
 * The seed relay's template: JSON whose ports are bare, then the annex, which no quoting can break.
 * Source: xdrgateway, `parser.go`, `DumpPayloadLayout`, read 2026-11. Its users have it in their firewalls, so not a byte may differ.
 */
export const JSON_ANNEX_TEMPLATE = `{
\t"src": "$src",
\t"sport": $sport,
\t"dst": "$dst",
\t"dport": $dport,
\t"time_generated": "$time_generated",
\t"rule": "$rule",
\t"serial": "$serial",
\t"sender_sw_version": "$sender_sw_version",
\t"subtype": "$subtype",
\t"threat_name": "$threat_name",
\t"severity": "$severity",
\t"action": "$action"
}
---annex---
$misc
`;

const VARIABLES_OF_LINES = [
  "type",
  "subtype",
  "severity",
  "action",
  "time_generated",
  ["cef_time", "cef-formatted-time_generated"],
  ["high_res", "high_res_timestamp"],
  "serial",
  "device_name",
  "vsys",
  ["version", "sender_sw_version"],
  "src",
  "dst",
  "sport",
  "dport",
  "natsrc",
  "natdst",
  "natsport",
  "natdport",
  "proto",
  "direction",
  "from",
  "to",
  "sessionid",
  "seqno",
  "repeatcnt",
  "rule_uuid",
  "threatid",
  "threat_name",
  "thr_category",
  "category",
  "pcap_id",
  "filedigest",
  "filetype",
  "app",
  "rule",
  "srcuser",
  "dstuser",
  "xff",
  "user_agent",
  // Last: it comes from outside and may hold line breaks.
  "misc",
] as const;

/** One `key=$variable` per line: nothing to quote, and what an attacker controls stands last. PAN-OS 10.0 and newer. */
export const LINES_TEMPLATE = [
  "PANXDR/2",
  ...VARIABLES_OF_LINES.map((entry) => (typeof entry === "string" ? `${entry}=$${entry}` : `${entry[0]}=$${entry[1]}`)),
  "",
].join("\n");

/** Longest payload a firewall takes per log type, characters. Source: PAN-OS log forwarding guides. */
export const MAX_TEMPLATE_CHARACTERS = 2048;
