import type { NodeStatus } from "node-red";
import type { OutboxStats } from "../lib/outbox/outbox";
import { TROUBLE_KEYS } from "./trouble-keys";

const PROBLEM_KEYS: Readonly<Record<string, string>> = {
  OUTBOX_UNAVAILABLE: "opening",
  STORE_LOCKED: "locked",
};

/**
 * Status of the insert node: `waiting · sent/quota this window`, green when all is well, yellow while it retries, red
 * when somebody has to act. `translate` maps the last part of a catalogue key below `status.` to text.
 */
export function insertStatus(stats: OutboxStats, translate: (key: string) => string): NodeStatus {
  const { problem, trouble, quota } = stats;
  const waiting = (stats.waiting + stats.inFlight).toLocaleString("en-US");
  if (problem !== undefined) {
    const text = translate(PROBLEM_KEYS[problem.code] ?? "unavailable");
    return { fill: problem.code === "OUTBOX_UNAVAILABLE" ? "grey" : "red", shape: "ring", text };
  }
  if (trouble?.action === "locked-out") {
    return {
      fill: "red",
      shape: "ring",
      text: `${translate(TROUBLE_KEYS[trouble.error.code] ?? "tenant")} · ${waiting}`,
    };
  }
  if (trouble !== undefined) return { fill: "yellow", shape: "ring", text: `${translate("retrying")} · ${waiting}` };
  const counts = `${waiting} · ${quota.spent}/${quota.alerts}`;
  return { fill: stats.waiting > 0 ? "blue" : "green", shape: "dot", text: counts };
}
