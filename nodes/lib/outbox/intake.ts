import type { z } from "zod";
import { MAX_ALERT_BYTES, xdrAlertSchema, type XdrAlert } from "../tenant/alert-schema";

/** One value that is no XDR alert, as listed in `msg.xdr.errors`. */
export interface Refusal {
  readonly code: "XDR_ALERT_INVALID";
  readonly message: string;
  /** The field at fault, where it is one. */
  readonly field?: string | undefined;
  /** Position in the array that came in, from 0; absent for a single value. */
  readonly index?: number | undefined;
}

/** What a message brought: the alerts to keep, and what is none. */
export interface Intake {
  readonly alerts: readonly XdrAlert[];
  readonly refusals: readonly Refusal[];
}

/** Sorts a payload (one alert, or an array of them) into alerts and refusals. Never throws. */
export function takeIn(payload: unknown): Intake {
  try {
    return sort(payload);
  } catch {
    return { alerts: [], refusals: [{ code: "XDR_ALERT_INVALID", message: UNREADABLE }] };
  }
}

/** Getters and proxies of other nodes may throw. */
const UNREADABLE = "Not an XDR alert: the value cannot be read. Send a plain object.";

function sort(payload: unknown): Intake {
  const alerts: XdrAlert[] = [];
  const refusals: Refusal[] = [];
  const items: readonly unknown[] = Array.isArray(payload) ? payload : [payload];
  items.forEach((item, position) => {
    const index = Array.isArray(payload) ? position : undefined;
    const result = checkSafely(item);
    if ("alert" in result) alerts.push(result.alert);
    else refusals.push({ code: "XDR_ALERT_INVALID", ...result, index });
  });
  return { alerts, refusals };
}

function checkSafely(item: unknown): ReturnType<typeof checkAlert> {
  try {
    return checkAlert(item);
  } catch {
    return { message: UNREADABLE };
  }
}

function checkAlert(item: unknown): { alert: XdrAlert } | { message: string; field?: string | undefined } {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    const found = item === null ? "null" : Array.isArray(item) ? "an array in an array" : `a ${typeof item}`;
    return {
      message: `Not an XDR alert: expected an object, found ${found}. Wire a pan-os-alert node before this one, or build the alert in a function node.`,
    };
  }
  const parsed = xdrAlertSchema.safeParse(item);
  if (!parsed.success) {
    const { field, reason } = explain(parsed.error);
    return { message: `Not an XDR alert: ${field === undefined ? "" : `${field}: `}${reason}.`, field };
  }
  const alert = parsed.data;
  const bytes = Buffer.byteLength(alert.alert_name) + Buffer.byteLength(alert.alert_description ?? "");
  if (bytes <= MAX_ALERT_BYTES) return { alert };
  return {
    message: `Not an XDR alert: name and description have ${bytes} bytes, at most ${MAX_ALERT_BYTES} are taken. Shorten the description.`,
    field: "alert_description",
  };
}

function explain(error: z.ZodError): { field: string | undefined; reason: string } {
  const issue = error.issues[0];
  if (issue === undefined) return { field: undefined, reason: "unknown reason" };
  const field = issue.code === "unrecognized_keys" ? issue.keys[0] : issue.path.map(String).join(".");
  const reason = issue.code === "unrecognized_keys" ? "is no field of an XDR alert" : issue.message;
  return { field: field === undefined || field === "" ? undefined : field.slice(0, 100), reason };
}
