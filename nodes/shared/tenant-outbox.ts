import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { NodeAPI } from "node-red";
import { systemClock } from "../lib/clock";
import { Outbox } from "../lib/outbox/outbox";
import { openLevelStore } from "../lib/store/level-store";
import { openWatermark } from "../lib/store/watermark";
import type { TenantNode } from "./tenant-node";

/** What a request under way gets to be answered when the tenant closes, milliseconds: an aborted one would be sent twice. */
const GRACE_MS = 4_000;

/**
 * Opens the outbox of a tenant node, in `<user directory>/cortex-xdr/<node id>/`. It closes with the tenant, before the
 * client does.
 */
export function openTenantOutbox(RED: NodeAPI, tenant: TenantNode): Outbox {
  const folder = stateFolder(RED, tenant.id);
  const { quotaAlerts, quotaWindowMs } = tenant.options;
  const outbox = new Outbox({
    openStore: () => openLevelStore(join(folder, "store"), systemClock.now()),
    watermark: openWatermark(join(folder, "acknowledged")),
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

/** A folder of this tenant node alone. It may not be there when the disk says no; the store then tells why. */
function stateFolder(RED: NodeAPI, id: string): string {
  const folder = join(userDirectory(RED), "cortex-xdr", encodeURIComponent(id));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // openLevelStore makes it too, again and again, and reports.
  }
  return folder;
}

/** Node-RED's own default, where an embedding application sets none. Source: Node-RED documentation, "Settings file", userDir. */
function userDirectory(RED: NodeAPI): string {
  return RED.settings.userDir ?? join(homedir(), ".node-red");
}
