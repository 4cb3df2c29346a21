import { randomUUID } from "node:crypto";
import { systemClock } from "../lib/clock";
import { XdrError } from "../lib/errors";
import { openLevelStore } from "../lib/store/level-store";
import { openRedisStore } from "../lib/store/redis-store";
import type { OpenedStore } from "../lib/store/store";
import type { TenantNode } from "./tenant-node";

/** Where a store of a tenant node is, by its property `state`. */
export interface StorePlace {
  /** `embedded`: the LevelDB's folder. */
  readonly folder: string;
  /** `redis`: begins all its keys. */
  readonly prefix: string;
}

/** Tenant nodes whose Redis server was warned of already: they may have several stores on it. */
const warned = new WeakSet<TenantNode>();

/** Opens one store of a tenant node, again after each failure. */
export function storeOpener(tenant: TenantNode, place: StorePlace): (damages: number) => Promise<OpenedStore> {
  if (tenant.options.state === "redis") return redisOpener(tenant, place.prefix);
  return (damages) => openLevelStore(place.folder, systemClock.now(), damages);
}

/** Warns once where Redis itself may lose what it has confirmed. */
function redisOpener(tenant: TenantNode, prefix: string): () => Promise<OpenedStore> {
  const { redisUrl } = tenant.options;
  const instance = randomUUID();
  return async () => {
    if (redisUrl === undefined) {
      throw new XdrError("XDR_CREDENTIALS_MISSING", "The Redis URL is missing: enter it in the tenant node.", {
        field: "redisUrl",
      });
    }
    const opened = await openRedisStore({ url: redisUrl, prefix, instance });
    if (opened.durabilityWarning !== undefined && !warned.has(tenant)) {
      warned.add(tenant);
      tenant.warn(opened.durabilityWarning);
    }
    return opened;
  };
}
