import type { Node } from "node-red";
import { XdrError } from "../lib/errors";

/** A callback that cannot take Node-RED down: what it throws becomes the node's error. */
export function guard<A extends unknown[]>(
  node: Pick<Node, "error">,
  action: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      action(...args);
    } catch (error) {
      node.error(asXdrError(error).message, {});
    }
  };
}

/** Anything thrown, as an {@link XdrError} (a fault of ours keeps its message and becomes `STORE_FAILED`). */
export function asXdrError(error: unknown): XdrError {
  if (error instanceof XdrError) return error;
  return new XdrError("STORE_FAILED", error instanceof Error ? error.message : "Unknown failure.");
}
