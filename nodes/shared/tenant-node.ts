import type { Node, NodeAPI } from "node-red";
import { XdrError } from "../lib/errors";
import type { TenantClient } from "../lib/tenant/client-api";
import type { Outbox } from "../lib/outbox/outbox";
import type { SharedStore } from "../lib/store/shared-store";
import type { TenantOptions } from "../lib/tenant/tenant-options";
import type { CloseHook } from "./tenant-close";

export const TENANT_TYPE = "cortex-xdr-tenant";

/** What a `cortex-xdr-tenant` node is to the nodes that use it. */
export interface TenantNode extends Node {
  /** Why the tenant cannot be called; the node exists all the same. Show it red. */
  readonly problem: XdrError | undefined;
  /** Always there; while there is a problem, every call fails with it. */
  readonly client: TenantClient;
  readonly options: TenantOptions;
  /** The nodes that use this one, by id. Node-RED itself reads it to bring our status and errors to their tabs. */
  readonly users: Record<string, Node>;
  register(user: Node): void;
  /** Every registered node calls this at the latest from its close handler: our own close waits for it. */
  deregister(user: Node): void;
  /** The tenant's outbox, opened by the first call. */
  outbox(): Outbox;
  /** State of the nodes that read from the tenant. It works until the last of them has called {@link deregister}. */
  sourceStore(): SharedStore;
  /** Adds something to close with the tenant, while its client still works. Called once, also when an earlier hook failed. */
  onClose(hook: CloseHook): void;
}

/** @throws XdrError `XDR_CONFIG_INVALID` when no tenant node has this id (deleted, disabled, or never chosen). */
export function findTenant(RED: NodeAPI, id: string | undefined): TenantNode {
  // The community types promise a node; the runtime returns null for an unknown id.
  const node = (id === undefined || id === "" ? null : RED.nodes.getNode(id)) as TenantNode | null | undefined;
  if (node?.type === TENANT_TYPE) return node;
  throw new XdrError("XDR_CONFIG_INVALID", "No Cortex XDR tenant is chosen, or it is disabled: choose one.", {
    field: "tenant",
  });
}
