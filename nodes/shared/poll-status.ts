import type { NodeStatus } from "node-red";
import type { XdrError } from "../lib/errors";
import type { PollState, RunReport } from "../lib/poll/poller-api";
import { grouped, timeOfDay, type TranslateStatus } from "./status-text";
import { TROUBLE_KEYS } from "./trouble-keys";

/** Causes beside those of the tenant that somebody has to put right. */
const PROBLEM_KEYS: Readonly<Record<string, string>> = {
  ...TROUBLE_KEYS,
  XDR_CONFIG_INVALID: "config",
  STORE_FAILED: "unavailable",
  STORE_VERSION: "unavailable",
};

/**
 * Status of a poll node: blue while a run goes on, green with what the last one brought, yellow while it tries again, red
 * when somebody has to act, grey while another instance polls. `waiting` counts messages that the flow has to give back.
 */
export function pollStatus(state: PollState, waiting: number, nowMs: number, translate: TranslateStatus): NodeStatus {
  // Extra data may be out between two runs, too.
  if (waiting > 0 && (state.phase === "running" || state.phase === "idle")) {
    return { fill: "blue", shape: "ring", text: translate("waiting", { count: grouped(waiting) }) };
  }
  switch (state.phase) {
    case "starting":
      return { fill: "grey", shape: "ring", text: translate("starting") };
    case "running":
      return { fill: "blue", shape: "dot", text: progress(state, translate) };
    case "idle":
      return { fill: "green", shape: "dot", text: `${brought(state.last, translate)} · ${timeOfDay(nowMs)}` };
    case "failed":
      return failed(state.error, state.nextAtMs, translate);
  }
}

/** Status of a poll node that cannot run: red until it is deployed anew. */
export function problemStatus(problem: XdrError, translate: TranslateStatus): NodeStatus {
  const key = problem.field === "tenant" ? "no-tenant" : (PROBLEM_KEYS[problem.code] ?? "tenant");
  return { fill: "red", shape: "ring", text: translate(key) };
}

function progress({ sync, done, total }: Extract<PollState, { phase: "running" }>, translate: TranslateStatus): string {
  const values = { done: grouped(done), total: grouped(total ?? 0) };
  // The tenant's total is a hint: none, or one that is already passed, tells nothing.
  const text = total === undefined || total === 0 || total < done ? values.done : translate("progress", values);
  return sync === "full" ? translate("full", { progress: text }) : text;
}

function brought({ emitted, removed }: RunReport, translate: TranslateStatus): string {
  const parts = [
    ...(emitted > 0 ? [translate("sent", { count: grouped(emitted) })] : []),
    ...(removed > 0 ? [translate("removed", { count: grouped(removed) })] : []),
  ];
  return parts.length === 0 ? translate("up-to-date") : parts.join(", ");
}

function failed(error: XdrError, nextAtMs: number, translate: TranslateStatus): NodeStatus {
  if (error.code === "STORE_LOCKED") return { fill: "grey", shape: "ring", text: translate("standby") };
  const key = PROBLEM_KEYS[error.code] ?? (error.retryable ? undefined : "tenant");
  if (key !== undefined) return { fill: "red", shape: "ring", text: translate(key) };
  return { fill: "yellow", shape: "ring", text: `${translate("retrying")} · ${timeOfDay(nextAtMs, "seconds")}` };
}
