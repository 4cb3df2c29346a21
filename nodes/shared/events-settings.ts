import type { Node, NodeAPI } from "node-red";
import { parseEventsOptions, type EventsOptions } from "../lib/gcs/events-options";
import { settingsOf } from "./node-settings";

/** Properties of the node that may hold environment variables. */
const SETTINGS = [
  "account",
  "bucket",
  "prefix",
  "intervalSeconds",
  "start",
  "batchSize",
  "maxObjects",
  "acknowledge",
  "maxUnacknowledged",
  "timeoutSeconds",
  "maxLineBytes",
  "maxObjectBytes",
  "rawLines",
] as const;

/** What an events node is set to, with environment variables replaced. @throws XdrError `XDR_CONFIG_INVALID` naming the property */
export function eventsSettings(RED: NodeAPI, config: object, node: Node): { account: string; options: EventsOptions } {
  const { account, ...rest } = settingsOf(RED, config, SETTINGS, node);
  return { account: typeof account === "string" ? account : "", options: parseEventsOptions(rest) };
}
