import { release, showCheck, showChoice } from "./kept-values";

const CHOICES = { start: "all", acknowledge: "emit" } as const;
const NODE_TYPE = "cortex-xdr-events";

/** The events node in the editor; any property may be missing in a flow made by hand. */
type EventsNode = RedEditorNode & Record<string, unknown>;

const field = (name: string): JQuery => $(`#node-input-${name}`);

/** Fills the dialog and shows what belongs to acknowledging only when messages are acknowledged, or may be. */
export function prepareEventsForm(editorNode: RedEditorNode): void {
  const node = editorNode as EventsNode;
  for (const [name, fallback] of Object.entries(CHOICES)) showChoice(field(name), node[name], fallback);
  showCheck(field("rawLines"), node["rawLines"]);
  const showRows = (): void => {
    const isEmit = field("acknowledge").val() === CHOICES.acknowledge;
    field("maxUnacknowledged").closest(".form-row").toggle(!isEmit);
    $(`#${NODE_TYPE}-acknowledging`).toggle(!isEmit);
  };
  field("acknowledge").on("change", showRows);
  showRows();
}

/** Leaves an environment variable that stands behind the check box as it is. */
export function saveEventsForm(): void {
  const box = field("rawLines");
  if (box.prop("indeterminate") === true) release(box);
}
