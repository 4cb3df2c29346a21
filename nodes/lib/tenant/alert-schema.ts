import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";

/** Severities of the insert call, exact spelling. Source: Cortex XDR REST API, "Insert Parsed Alerts". There is no Critical. */
export const SEVERITIES = ["Informational", "Low", "Medium", "High", "Unknown"] as const;
/** Action states of the insert call, exact spelling. Source: as above. */
export const ACTION_STATUSES = ["Reported", "Blocked"] as const;
/** Most alerts in one insert call. Source: Cortex XDR REST API, "Insert Parsed Alerts". */
export const MAX_ALERTS_PER_UPDATE = 60;

/** A wire alert of more bytes than this is refused: no documented limit exists, and one must not fill the outbox. */
export const MAX_ALERT_BYTES = 65_536;

const port = z.int().min(0).max(65_535);
const ipV4 = z.string().refine(isIPv4, "must be an IPv4 address");
const ipV6 = z.string().refine(isIPv6, "must be an IPv6 address");
const name = z.string().min(1);
/** Thirteen digits: 2001-09-09 to 2286-11-20 in epoch milliseconds. Ten digits would be seconds, which the API refuses. */
const epochMs = z.int().min(1_000_000_000_000).max(9_999_999_999_999);

/**
 * One alert of `POST /public_api/v1/alerts/insert_parsed_alerts`. Of each address pair the IPv4 or the IPv6 field is there.
 * Source: Cortex XDR REST API, "Insert Parsed Alerts"; ports as integers, as every known client sends them.
 */
export const xdrAlertSchema = z
  .strictObject({
    product: name,
    vendor: name,
    local_ip: ipV4.optional(),
    local_ip_v6: ipV6.optional(),
    local_port: port,
    remote_ip: ipV4.optional(),
    remote_ip_v6: ipV6.optional(),
    remote_port: port,
    event_timestamp: epochMs,
    severity: z.enum(SEVERITIES),
    alert_name: name,
    alert_description: z.string().optional(),
    action_status: z.enum(ACTION_STATUSES).optional(),
  })
  .refine((alert) => alert.local_ip !== undefined || alert.local_ip_v6 !== undefined, {
    path: ["local_ip"],
    message: "local_ip or local_ip_v6 is required",
  })
  .refine((alert) => alert.remote_ip !== undefined || alert.remote_ip_v6 !== undefined, {
    path: ["remote_ip"],
    message: "remote_ip or remote_ip_v6 is required",
  });

/** One XDR parsed alert, as the tenant takes it. */
export type XdrAlert = z.infer<typeof xdrAlertSchema>;
export type Severity = (typeof SEVERITIES)[number];
export type ActionStatus = (typeof ACTION_STATUSES)[number];
