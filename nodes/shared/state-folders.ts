import { mkdirSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { NodeAPI } from "node-red";
import { peekWatermark } from "../lib/store/watermark";
import { TENANT_TYPE } from "./tenant-node";

/** Name of the watermark beside a store. */
const WATERMARK = "acknowledged";

/** Where the state of a node lives, by the kind of node. */
export interface StateFolder {
  readonly folder: string;
  /** Of a tenant node: the outbox. */
  readonly store: string;
  /** Beside the outbox; only where there is one. */
  readonly watermark: string;
  /** Of a tenant node: the state of the nodes that read from the tenant. */
  readonly sources: string;
  /** Of an events node: what it knows of the objects in the bucket. */
  readonly objects: string;
}

/** The folder of a node. It may not be there when the disk says no; the store then tells why. */
export function stateFolder(RED: NodeAPI, id: string): StateFolder {
  const folder = join(outboxRoot(RED), encodeURIComponent(id));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // Whoever opens the store makes it too, again and again, and reports.
  }
  return {
    folder,
    store: join(folder, "store"),
    watermark: join(folder, WATERMARK),
    sources: join(folder, "sources"),
    objects: join(folder, "objects"),
  };
}

/** Whether alerts of an earlier run wait for this tenant, as far as the watermark knows. */
export function hasBacklog(RED: NodeAPI, id: string): boolean {
  return peekWatermark(join(outboxRoot(RED), encodeURIComponent(id), WATERMARK)).held > 0;
}

/**
 * Warns, once for each, of outboxes with alerts in them whose tenant node is not in the flows any more: deleted, or imported
 * again under a new id. Nothing would ever deliver those alerts, and nobody would miss them.
 */
export function watchForOrphans(RED: NodeAPI): void {
  const told = new Set<string>();
  RED.events.on("flows:started", () => {
    const known = new Set<string>();
    RED.nodes.eachNode((node) => {
      if (node.type === TENANT_TYPE) known.add(node.id);
    });
    for (const { id, held } of outboxesIn(outboxRoot(RED))) {
      if (held === 0 || known.has(id) || told.has(id)) continue;
      told.add(id);
      RED.log.warn(
        `Cortex XDR: ${held} alerts wait in cortex-xdr/${encodeURIComponent(id)} for a tenant node that is not in the flows. ` +
          `Bring it back under the id ${id} (undo the deletion, or import it from a backup) to have them delivered, or delete the folder.`,
      );
    }
  });
}

function outboxesIn(root: string): { id: string; held: number }[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({ id: decodeURIComponent(name), held: peekWatermark(join(root, name, WATERMARK)).held }));
  } catch {
    // No outbox yet, or a folder that is not ours.
    return [];
  }
}

function outboxRoot(RED: NodeAPI): string {
  // Node-RED's own default, where an embedding application sets none. Source: Node-RED documentation, "Settings file", userDir.
  return join(RED.settings.userDir ?? join(homedir(), ".node-red"), "cortex-xdr");
}
