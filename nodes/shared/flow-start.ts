import type { NodeAPI } from "node-red";

/** Things to do once the flows run. */
export interface FlowStart {
  /** Does `action` when all flows run. @returns forgets it */
  whenStarted(action: () => void): () => void;
  /** Does `action` whenever some nodes are about to stop. @returns forgets it */
  whenStopping(action: () => void): () => void;
}

/**
 * A source must not send before all nodes are there: Node-RED drops messages to those that are still to come. One listener
 * for all nodes of a type, because the runtime's event bus warns of many.
 */
export function flowStart(RED: NodeAPI): FlowStart {
  const actions = new Set<() => void>();
  RED.events.on("flows:started", () => {
    const due = [...actions];
    actions.clear();
    for (const action of due) action();
  });
  const stopActions = new Set<() => void>();
  RED.events.on("flows:stopping", () => {
    for (const action of [...stopActions]) action();
  });
  return {
    whenStopping: (action) => {
      stopActions.add(action);
      return () => void stopActions.delete(action);
    },
    whenStarted: (action) => {
      actions.add(action);
      return () => void actions.delete(action);
    },
  };
}
