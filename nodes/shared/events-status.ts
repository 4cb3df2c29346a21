import type { NodeStatus } from "node-red";
import type { XdrError } from "../lib/errors";
import type { ReaderState } from "../lib/gcs/reader-api";
import { grouped, timeOfDay, type TranslateStatus } from "./status-text";

/** Causes that somebody has to put right, by error code: last part of a catalogue key below `status.`. */
const PROBLEM_KEYS: Readonly<Record<string, string>> = {
  GCS_KEY_INVALID: "key-invalid",
  GCS_CREDENTIALS_MISSING: "credentials",
  XDR_CREDENTIALS_MISSING: "credentials",
  GCS_KEY_REJECTED: "key-rejected",
  GCS_UNAUTHORIZED: "unauthorized",
  XDR_CLOCK_SKEW: "clock",
  GCS_LIST_FORBIDDEN: "list-forbidden",
  GCS_READ_FORBIDDEN: "read-forbidden",
  GCS_BUCKET_NOT_FOUND: "no-bucket",
  XDR_CONFIG_INVALID: "config",
  STORE_FAILED: "unavailable",
  STORE_VERSION: "unavailable",
};

/** What the status shows beside the reader's own state. */
export interface Traffic {
  /** Events a second. */
  readonly rate: number;
  /** Messages that the flow has to give back. */
  readonly unacknowledged: number;
}

/**
 * Status of an events node: blue while objects are read (a ring while it only waits for the flow), green when all of the
 * bucket is read, yellow while it tries again, red when somebody has to act, grey while another process holds its state.
 */
export function eventsStatus(
  state: ReaderState,
  traffic: Traffic,
  nowMs: number,
  translate: TranslateStatus,
): NodeStatus {
  if (state.trouble !== undefined) return troubled(state.trouble.error, state.trouble.nextAtMs, translate);
  if (state.openObjects > 0 || state.waitingObjects > 0) {
    if (traffic.rate === 0 && traffic.unacknowledged > 0) {
      const text = translate("unacknowledged", { count: grouped(traffic.unacknowledged) });
      return { fill: "blue", shape: "ring", text };
    }
    const objects = grouped(state.waitingObjects + state.openObjects);
    return {
      fill: "blue",
      shape: "dot",
      text: translate("reading", { objects, rate: grouped(Math.round(traffic.rate)) }),
    };
  }
  if (!state.hasListed) return { fill: "grey", shape: "ring", text: translate("listing") };
  const text = translate(state.events === 0 ? "waiting" : "up-to-date");
  return { fill: "green", shape: "dot", text: `${text} · ${timeOfDay(nowMs)}` };
}

/** Status of an events node that cannot run: red until it is deployed anew. @param isAccounts whose problem it is */
export function eventsProblemStatus(problem: XdrError, translate: TranslateStatus, isAccounts = false): NodeStatus {
  const key = problem.field === "account" ? "no-account" : (PROBLEM_KEYS[problem.code] ?? "account");
  // Of the account's settings this node's dialog shows nothing.
  if (isAccounts && key === "config") return { fill: "red", shape: "ring", text: translate("account") };
  return { fill: "red", shape: "ring", text: translate(key) };
}

function troubled(error: XdrError, nextAtMs: number, translate: TranslateStatus): NodeStatus {
  if (error.code === "STORE_LOCKED") return { fill: "grey", shape: "ring", text: translate("standby") };
  const key = PROBLEM_KEYS[error.code] ?? (error.retryable ? undefined : "account");
  if (key !== undefined) return { fill: "red", shape: "ring", text: translate(key) };
  return { fill: "yellow", shape: "ring", text: `${translate("retrying")} · ${timeOfDay(nextAtMs, "seconds")}` };
}
