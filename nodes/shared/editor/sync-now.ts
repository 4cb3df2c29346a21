import type { Translate } from "./catalogue";

export type SyncKind = "incremental" | "full";

/** What is said when a run was asked for: last part of a catalogue key. */
const ASKED: Readonly<Record<SyncKind, string>> = { incremental: "asked", full: "full-asked" };

/**
 * Asks a deployed source node for a run and tells in a notification what it said: `POST <node type>/<id>/sync`. The texts
 * are those below `sync.` in the node's catalogue; `sync.full-asked` only where there are full runs.
 */
export function askForSync(node: RedEditorNode, sync: SyncKind, text: Translate): void {
  if (node.changed === true) {
    notify(text("sync.undeployed"), "warning");
    return;
  }
  // Relative, and by jQuery: only then does the editor add its access token.
  $.ajax({
    url: `${node.type}/${encodeURIComponent(node.id)}/sync`,
    method: "POST",
    contentType: "application/json",
    data: JSON.stringify({ sync }),
  })
    .done(() => notify(text(`sync.${ASKED[sync]}`), "success"))
    .fail((answer) => notify(refusal(answer, text), "error"));
}

function refusal({ status, responseJSON }: JQuery.jqXHR, text: Translate): string {
  const { message } = (responseJSON ?? {}) as { message?: unknown };
  if (status === 409 && typeof message === "string") return text("sync.refused", { reason: message });
  if (status === 404) return text("sync.unknown");
  return text(status === 401 || status === 403 ? "sync.not-allowed" : "sync.no-answer");
}

function notify(message: string, type: "success" | "warning" | "error"): void {
  RED.notify($("<p>").text(message), type);
}
