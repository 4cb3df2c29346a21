import type { Node, NodeAPI } from "node-red";
import { XdrError } from "../lib/errors";
import { parsePollOptions, type PollOptions } from "../lib/poll/poll-options";
import { unsetVariable } from "../lib/env-leftover";
import { replaceEnvIn } from "./env-text";

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
  const given = config as Readonly<Record<string, unknown>>;
  const values = replaceEnvIn(RED, Object.fromEntries(SETTINGS.map((name) => [name, given[name]])), node);
  for (const [name, value] of Object.entries(values)) {
    values[name] = Array.isArray(value) ? value.flatMap(split) : value;
    assertSet(name, values[name]);
  }
  const { tenant, ...rest } = values;
  return { tenant: typeof tenant === "string" ? tenant : "", options: parsePollOptions(rest) };
}

/** One variable may hold a whole list, and Node-RED may already have put it in the place of one element. */
function split(element: unknown): unknown[] {
  return typeof element === "string" ? element.split(/[,\n]/) : [element];
}

/** A filter by the literal text `${NAME}` would silently hold everything back. */
function assertSet(name: string, value: unknown): void {
  for (const text of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const variable = typeof text === "string" ? unsetVariable(text) : undefined;
    if (variable === undefined) continue;
    const message = `${name} needs the environment variable ${variable}, which is not set: set it, or type the value.`;
    throw new XdrError("XDR_CONFIG_INVALID", message, { field: name });
  }
}
