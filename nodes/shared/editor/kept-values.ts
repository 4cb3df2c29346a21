import { unsetVariable } from "../../lib/env-leftover";

/** Whether a stored value is text with an environment variable, which only the runtime can read. */
export function isVariable(value: unknown): value is string {
  return typeof value === "string" && unsetVariable(value) !== undefined;
}

/**
 * Shows what a list of choices is set to. An environment variable becomes a choice of its own; what is missing or unknown
 * becomes `fallback`, because an empty list would look like a choice.
 */
export function showChoice(list: JQuery, stored: unknown, fallback: string): void {
  if (isVariable(stored)) list.append($("<option>").val(stored).text(stored));
  list.val(String(stored));
  if (!list.val()) list.val(fallback);
}

/** Shows a check box; one that is set to an environment variable is neither on nor off until somebody clicks it. */
export function showCheck(box: JQuery, stored: unknown): void {
  box.prop("checked", String(stored).trim().toLowerCase() === "true").prop("indeterminate", isVariable(stored));
}

/** Takes a field away from Node-RED, which then leaves the property as it is when it saves the dialog. */
export function release(field: JQuery): void {
  field.removeAttr("id");
}
