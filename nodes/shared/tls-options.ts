import type { Node, NodeAPI } from "node-red";
import { XdrError } from "../lib/errors";
import type { TlsOptions } from "../lib/http/dispatcher";

/** The part of a core `tls-config` node that other nodes use. */
interface TlsConfigNode extends Node {
  addTLSOptions(options: object): object;
}

/**
 * The options of a core `tls-config` node; undefined when none is chosen.
 * @throws XdrError `XDR_CONFIG_INVALID` when the chosen node is not there: going on without it would trust other CAs.
 */
export function tlsOptions(RED: NodeAPI, id: unknown): TlsOptions | undefined {
  if (typeof id !== "string" || id === "" || id === "_ADD_") return undefined;
  const node = RED.nodes.getNode(id) as Partial<TlsConfigNode> | null;
  if (typeof node?.addTLSOptions === "function") return node.addTLSOptions({});
  throw new XdrError("XDR_CONFIG_INVALID", "The TLS configuration is not deployed, or it is disabled.", {
    field: "tls",
    outcome: "unsent",
  });
}
