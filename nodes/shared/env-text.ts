import type { Node, NodeAPI } from "node-red";

const EMBEDDED = /\$\{([^}]+)\}/g;
const WHOLE_OLD_FORM = /^\$\(([^)\s]+)\)$/;

/**
 * Replaces `${NAME}` anywhere in a text, and `$(NAME)` as a whole text, by the environment's values as `node` sees them
 * (group, subflow, flow, global, process). Node-RED itself does that only for whole values, and not for what a dialog
 * submits. Variables that are not set stay as they are, so that checks can name them.
 */
export function replaceEnv(RED: NodeAPI, value: unknown, node: Node | undefined): unknown {
  if (typeof value !== "string") return value;
  const valueOf = (literal: string, name: string): string => {
    // The runtime takes "no node" for the process's environment and returns undefined for what is not set.
    const found = RED.util.getSetting(node as Node, name) as unknown;
    if (found === undefined || found === null) return literal;
    return typeof found === "string" ? found : JSON.stringify(found);
  };
  return value.replace(WHOLE_OLD_FORM, valueOf).replace(EMBEDDED, valueOf);
}

/** {@link replaceEnv} for each member of an object, and for each element of a member that is an array. */
export function replaceEnvIn(
  RED: NodeAPI,
  values: Readonly<Record<string, unknown>>,
  node: Node | undefined,
): Record<string, unknown> {
  const replaced = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((element) => replaceEnv(RED, element, node)) : replaceEnv(RED, value, node);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, replaced(value)]));
}
