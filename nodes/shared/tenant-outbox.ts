import type { NodeAPI } from "node-red";
import { systemClock } from "../lib/clock";
import { Outbox } from "../lib/outbox/outbox";
import { openWatermark } from "../lib/store/watermark";
import type { Quota } from "../lib/tenant/quota-api";
import { SharedQuota } from "../lib/tenant/shared-quota";
import { stateFolder } from "./state-folders";
import type { TenantNode } from "./tenant-node";
import { storeOpener } from "./tenant-store";

/** What a request under way gets to be answered when the tenant closes, milliseconds: an aborted one would be sent twice. */
const GRACE_MS = 4_000;

/**
 * Opens the outbox of a tenant node: with `state` "embedded" in `<user directory>/cortex-xdr/<node id>/`, with "redis" below
 * the key prefix `cortex-xdr:<node id>:`. It closes with the tenant, before the client does.
 */
export function openTenantOutbox(RED: NodeAPI, tenant: TenantNode): Outbox {
  const { store, watermark } = stateFolder(RED, tenant.id);
  const { quotaAlerts, quotaWindowMs, state } = tenant.options;
  const outbox = new Outbox({
    openStore: storeOpener(tenant, { folder: store, prefix: `cortex-xdr:${tenant.id}:` }),
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
