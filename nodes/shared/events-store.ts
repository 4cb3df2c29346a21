import type { Node, NodeAPI } from "node-red";
import { systemClock } from "../lib/clock";
import { openObjectsStore } from "../lib/gcs/objects-store";
import { openSharedStore, type SharedStore } from "../lib/store/shared-store";
import { stateFolder } from "./state-folders";

/** What an events node knows of the objects in its bucket: `<user directory>/cortex-xdr/<node id>/objects/`. */
export function openEventsStore(RED: NodeAPI, node: Node): SharedStore {
  const { objects } = stateFolder(RED, node.id);
  return openSharedStore({
    open: (damages) => openObjectsStore(objects, systemClock.now(), damages),
    onDamage: ({ kind, keptAs }) => {
      const what =
        kind === "repaired"
          ? "was damaged and has been repaired: what could not be read of it is lost"
          : `was damaged and has begun anew; the damaged one was kept as ${keptAs ?? "it was"}`;
      node.warn(`What this node knows of the bucket ${what}. Events may be emitted again. (STORE_DAMAGED)`);
    },
  });
}
