import type { PanosFields } from "./record";

/**
 * Log types that are no alerts. Alerts are made of THREAT and its kin (URL, WILDFIRE, DATA, FILE), of CORRELATION and DECRYPTION, and of TRAFFIC and TUNNEL,
 * which an admin forwards only for chosen rules. A record without a type is taken for a threat, as the first relay's template has none.
 */
const NO_ALERT: ReadonlySet<string> = new Set(
  "SYSTEM CONFIG GLOBALPROTECT USERID HIPMATCH HIP-MATCH IPTAG AUTH AUTHENTICATION GTP SCTP DNS AUDIT".split(" "),
);

/** The record's log type when it is one that never becomes an alert. */
export function typeWithoutAlert(fields: PanosFields): string | undefined {
  const type = fields["type"]?.toUpperCase();
  return type !== undefined && NO_ALERT.has(type) ? type : undefined;
}
