import type { NodeAPI } from "node-red";
import { openSharedStore, type SharedStore, type SharedStoreOptions } from "../lib/store/shared-store";
import { stateFolder } from "./state-folders";
import type { TenantNode } from "./tenant-node";
import { storeOpener } from "./tenant-store";

/**
 * The state of the nodes that read from a tenant: with `state` "embedded" in `<user directory>/cortex-xdr/<node id>/sources/`,
 * with "redis" below the key prefix `cortex-xdr:<node id>:sources:`. It closes with the tenant, but after the nodes that use
 * it: they write their last checkpoint while they close.
 */
export function openTenantSourceStore(RED: NodeAPI, tenant: TenantNode): SharedStore {
  const place = { folder: stateFolder(RED, tenant.id).sources, prefix: `cortex-xdr:${tenant.id}:sources:` };
  const store = openSharedStore({
    open: storeOpener(tenant, place),
    onDamage: (damage) => tenant.warn(sentence(damage)),
  });
  tenant.onClose(async (gone) => {
    await gone;
    await store.close();
  });
  return store;
}

function sentence({ kind, keptAs }: Parameters<SharedStoreOptions["onDamage"]>[0]): string {
  const what =
    kind === "repaired"
      ? "was damaged and has been repaired: what could not be read of it is lost"
      : `was damaged and has begun anew; the damaged one was kept as ${keptAs ?? "it was"}`;
  return `The state of the nodes that read from this tenant ${what}. Records may be emitted again. (STORE_DAMAGED)`;
}
