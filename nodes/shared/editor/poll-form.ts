import type { Translate } from "./catalogue";
import { release, showCheck, showChoice } from "./kept-values";
import { absentRows, knownValues, OPTIONAL_ROWS, type OptionalRow } from "./poll-rows";
import { entriesOf, isList, wireSuggestions } from "./value-list";

const LISTS = ["severities", "statuses", "sources", "tags"] as const;
const CHECKS = ["splitEvents", "extraData"] as const;
const CHOICES = { resource: "alerts", apiVersion: "v2", acknowledge: "emit" } as const;

/** The poll node in the editor; any property may be missing in a flow made by hand. */
type PollNode = RedEditorNode & Record<string, unknown>;

const field = (name: string): JQuery => $(`#node-input-${name}`);

/** What is chosen in the dialog. */
const chosen = (): { resource: string; apiVersion: string } => ({
  resource: String(field("resource").val()),
  apiVersion: String(field("apiVersion").val()),
});

/** Fills the dialog and shows only the rows that the chosen kind of record has. */
export function preparePollForm(editorNode: RedEditorNode): void {
  const node = editorNode as PollNode;
  for (const [name, fallback] of Object.entries(CHOICES)) showChoice(field(name), node[name], fallback);
  for (const name of CHECKS) showCheck(field(name), node[name]);
  const offers = LISTS.map((name) => {
    field(name).val(entriesOf(node[name]).join(", "));
    return [name, wireSuggestions(field(name), $(`#cortex-xdr-poll-known-${name}`))] as const;
  });
  const showRows = (): void => {
    const { resource, apiVersion } = chosen();
    const absent = absentRows(resource, apiVersion);
    for (const name of OPTIONAL_ROWS) field(name).closest(".form-row").toggle(!absent.includes(name));
    for (const [name, offer] of offers) offer(knownValues(name, resource, apiVersion));
    $("#cortex-xdr-poll-acknowledging").toggle(field("acknowledge").val() === "message");
  };
  for (const name of Object.keys(CHOICES)) field(name).on("change", showRows);
  showRows();
}

/** Saves what Node-RED cannot: lists as arrays. What the chosen kind of record does not have is cleared. */
export function savePollForm(editorNode: RedEditorNode): void {
  const node = editorNode as PollNode;
  const absent: readonly string[] = absentRows(chosen().resource, chosen().apiVersion);
  for (const name of LISTS) {
    node[name] = absent.includes(name) ? [] : entriesOf(field(name).val());
    release(field(name));
  }
  for (const name of CHECKS) {
    if (absent.includes(name)) field(name).prop("checked", false);
    else if (field(name).prop("indeterminate") === true) release(field(name));
  }
}

/** Accepts lists that the runtime can read, of what the chosen kind of record has. */
export function listOfValues(text: Translate, name: OptionalRow): RedValidator {
  return function (value, { label = "" }) {
    if (!isList(value)) return text("errors.list", { label });
    const node = this as PollNode;
    // In the dialog the row is hidden then, and cleared when it is saved.
    const kept = (property: "resource" | "apiVersion"): string => {
      const stored = node[property];
      return typeof stored === "string" ? stored : CHOICES[property];
    };
    const absent = absentRows(kept("resource"), kept("apiVersion"));
    const isShown = field("resource").length > 0;
    if (isShown || entriesOf(value).length === 0 || !absent.includes(name)) return true;
    return text("errors.absent", { label });
  };
}
