import type { Node, NodeAPI } from "node-red";
import { unsetVariable } from "../lib/env-leftover";
import { XdrError } from "../lib/errors";
import { replaceEnvIn } from "./env-text";

/**
 * These properties of a node, with environment variables replaced.
 * @throws XdrError `XDR_CONFIG_INVALID` naming a property whose variable is not set
 */
export function settingsOf(
  RED: NodeAPI,
  config: object,
  names: readonly string[],
  node: Node,
): Record<string, unknown> {
  const given = config as Readonly<Record<string, unknown>>;
  const values = replaceEnvIn(RED, Object.fromEntries(names.map((name) => [name, given[name]])), node);
  for (const [name, value] of Object.entries(values)) {
    values[name] = Array.isArray(value) ? value.flatMap(split) : value;
    assertSet(name, values[name]);
  }
  return values;
}

/** One variable may hold a whole list, and Node-RED may already have put it in the place of one element. */
function split(element: unknown): unknown[] {
  return typeof element === "string" ? element.split(/[,\n]/) : [element];
}

/** A setting of the literal text `${NAME}` is never what was meant. */
function assertSet(name: string, value: unknown): void {
  for (const text of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const variable = typeof text === "string" ? unsetVariable(text) : undefined;
    if (variable === undefined) continue;
    const message = `${name} needs the environment variable ${variable}, which is not set: set it, or type the value.`;
    throw new XdrError("XDR_CONFIG_INVALID", message, { field: name });
  }
}
