import { randomUUID } from "node:crypto";
import type { NodeAPI } from "node-red";
import { systemClock } from "../lib/clock";
import { XdrError } from "../lib/errors";
import { Outbox } from "../lib/outbox/outbox";
import { openLevelStore } from "../lib/store/level-store";
import { openRedisStore } from "../lib/store/redis-store";
import type { OpenedStore } from "../lib/store/store";
import { openWatermark } from "../lib/store/watermark";
import type { Quota } from "../lib/tenant/quota-api";
import { SharedQuota } from "../lib/tenant/shared-quota";
import { outboxFolder } from "./outbox-folders";
import type { TenantNode } from "./tenant-node";

/** What a request under way gets to be answered when the tenant closes, milliseconds: an aborted one would be sent twice. */
const GRACE_MS = 4_000;

/**
 * Opens the outbox of a tenant node: with `state` "embedded" in `<user directory>/cortex-xdr/<node id>/`, with "redis" below
 * the key prefix `cortex-xdr:<node id>:`. It closes with the tenant, before the client does.
 */
export function openTenantOutbox(RED: NodeAPI, tenant: TenantNode): Outbox {
  const { store, watermark } = outboxFolder(RED, tenant.id);
  const { quotaAlerts, quotaWindowMs, state } = tenant.options;
  const outbox = new Outbox({
    openStore: state === "redis" ? redisOpener(tenant) : levelOpener(store),
    makeQuota: state === "redis" ? redisQuota(tenant) : undefined,
    watermark: openWatermark(watermark),
    client: tenant.client,
    clock: systemClock,
    random: Math.random,
    quotaAlerts,
    quotaWindowMs,
  });
  tenant.onClose(() => outbox.close(GRACE_MS));
  outbox.start();
  return outbox;
}

function levelOpener(folder: string): (damages: number) => Promise<OpenedStore> {
  return (damages) => openLevelStore(folder, systemClock.now(), damages);
}

/** Opens the store in Redis; warns once where Redis itself may lose what it has confirmed. */
function redisOpener(tenant: TenantNode): () => Promise<OpenedStore> {
  const { redisUrl } = tenant.options;
  const instance = randomUUID();
  let hasWarned = false;
  return async () => {
    if (redisUrl === undefined) {
      throw new XdrError("XDR_CREDENTIALS_MISSING", "The Redis URL is missing: enter it in the tenant node.", {
        field: "redisUrl",
      });
    }
    const opened = await openRedisStore({ url: redisUrl, prefix: `cortex-xdr:${tenant.id}:`, instance });
    if (opened.durabilityWarning !== undefined && !hasWarned) tenant.warn(opened.durabilityWarning);
    hasWarned ||= opened.durabilityWarning !== undefined;
    return opened;
  };
}

/** The quota that all instances of the tenant share; undefined while the tenant cannot be called at all. */
function redisQuota({ options }: TenantNode): (() => Quota) | undefined {
  const { redisUrl, baseUrl, quotaAlerts, quotaWindowMs, timeoutMs } = options;
  if (redisUrl === undefined || baseUrl === undefined) return undefined;
  return () =>
    new SharedQuota({
      url: redisUrl,
      tenantHost: new URL(baseUrl).host,
      alerts: quotaAlerts,
      windowMs: quotaWindowMs,
      requestTimeoutMs: timeoutMs,
      clock: systemClock,
    });
}
