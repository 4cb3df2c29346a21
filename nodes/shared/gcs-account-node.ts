import type { Node, NodeAPI } from "node-red";
import { XdrError } from "../lib/errors";
import type { AccountOptions } from "../lib/gcs/account-options";
import type { ClientNeeds } from "../lib/gcs/gcs-account";
import type { GcsClient } from "../lib/gcs/gcs-api";
import type { CloseHook } from "./tenant-close";

export const GCS_ACCOUNT_TYPE = "cortex-xdr-gcs-account";

/** What a `cortex-xdr-gcs-account` node is to the nodes that use it. */
export interface GcsAccountNode extends Node {
  /** Why the account cannot be used; the node exists all the same. Show it red. */
  readonly problem: XdrError | undefined;
  readonly options: AccountOptions;
  /**
   * A client with connections of its own, for the caller to close. All clients of the account share its tokens, and wait
   * together while a `Retry-After` runs. Never throws: while there is a problem, every call of the client fails with it.
   */
  client(needs: ClientNeeds): GcsClient;
  /** The nodes that use this one, by id. Node-RED itself reads it to bring our status and errors to their tabs. */
  readonly users: Record<string, Node>;
  register(user: Node): void;
  /** Every registered node calls this at the latest from its close handler: our own close waits for it. */
  deregister(user: Node): void;
  /** Adds something to close with the account, while its clients still work. Called once, also when an earlier hook failed. */
  onClose(hook: CloseHook): void;
}

/** @throws XdrError `XDR_CONFIG_INVALID` when no account node has this id (deleted, disabled, or never chosen). */
export function findGcsAccount(RED: NodeAPI, id: string | undefined): GcsAccountNode {
  // The community types promise a node; the runtime returns null for an unknown id.
  const node = (id === undefined || id === "" ? null : RED.nodes.getNode(id)) as GcsAccountNode | null | undefined;
  if (node?.type === GCS_ACCOUNT_TYPE) return node;
  throw new XdrError("XDR_CONFIG_INVALID", "No Cloud Storage account is chosen, or it is disabled: choose one.", {
    field: "account",
  });
}
