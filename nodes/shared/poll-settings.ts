import type { Node, NodeAPI } from "node-red";
import { parsePollOptions, type PollOptions } from "../lib/poll/poll-options";
import { settingsOf } from "./node-settings";

/** Properties of the node that may hold environment variables. */
const SETTINGS = [
  "tenant",
  "resource",
  "apiVersion",
  "intervalSeconds",
  "lookbackHours",
  "overlapSeconds",
  "fullSyncDays",
  "severities",
  "statuses",
  "sources",
  "tags",
  "splitEvents",
  "extraData",
  "acknowledge",
] as const;

/** What a poll node is set to, with environment variables replaced. @throws XdrError `XDR_CONFIG_INVALID` naming the property */
export function pollSettings(RED: NodeAPI, config: object, node: Node): { tenant: string; options: PollOptions } {
  const { tenant, ...rest } = settingsOf(RED, config, SETTINGS, node);
  return { tenant: typeof tenant === "string" ? tenant : "", options: parsePollOptions(rest) };
}
