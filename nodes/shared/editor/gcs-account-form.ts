import { unsetVariable } from "../../lib/env-leftover";
import { keySummary, type KeySummary } from "../../lib/gcs/key-summary";
import type { Translate } from "./catalogue";
import { keyProblem, PASSWORD_MASK, withoutMask } from "./gcs-key";
import { wireKeyFile } from "./gcs-key-file";

/** The account in the editor: what is known of the stored key, which itself never comes back to the browser. */
type AccountNode = RedEditorNode & Partial<KeySummary>;

const NODE_TYPE = "cortex-xdr-gcs-account";
const UNKNOWN: KeySummary = { projectId: "", clientEmail: "" };

const field = (name: string): JQuery => $(`#node-config-input-${name}`);
const content = (name: string): string => String(field(name).val() ?? "").trim();

/** Accepts a service account's key file, nothing, the stored key's mask, and text with `${ENV}`. */
export function serviceAccountKey(text: Translate): RedValidator {
  return (value, { label = "" }) => {
    const given = typeof value === "string" ? value.trim() : "";
    if (given === "" || given === PASSWORD_MASK || unsetVariable(given) !== undefined) return true;
    const problem = keyProblem(given);
    return problem === undefined ? true : text(problem.key, { label, fields: problem.fields });
  };
}

/** Wires the key's field: hides what it holds, shows whose key it is, and what happens without one. */
export function prepareAccountForm(editorNode: RedEditorNode, text: Translate): void {
  const key = field("serviceAccount");
  const { projectId = "", clientEmail = "" } = editorNode as AccountNode;
  const stored: KeySummary = { projectId, clientEmail };
  const update = (): void => {
    const given = content("serviceAccount");
    showSummary(given === PASSWORD_MASK ? stored : (keySummary(given) ?? UNKNOWN));
    // Not for everybody who looks at the screen. A variable's name is no secret, and hard to type blindly.
    key.css("-webkit-text-security", /^\$[({]/.test(given) ? "none" : "disc");
    showNote();
  };
  guardMask(key, update);
  field("apiEndpoint").on("input change", showNote);
  wireKeyFile(`${NODE_TYPE}-file`, key, text);
  update();
}

/** Fills the fields that Node-RED keeps with the node, so that the dialog can show them when the key itself is stored. */
function showSummary(summary: KeySummary): void {
  for (const name of ["projectId", "clientEmail"] as const) {
    // The editor's colour for what cannot be edited is too pale to be read.
    const shown = field(name).val(summary[name]).css("color", "var(--red-ui-form-text-color)");
    shown.closest(".form-row").toggle(summary[name] !== "");
  }
}

/** What is used in place of a key. */
function showNote(): void {
  const isEmpty = content("serviceAccount") === "";
  const isAnonymous = content("apiEndpoint") !== "";
  $(`#${NODE_TYPE}-default`).toggle(isEmpty && !isAnonymous);
  $(`#${NODE_TYPE}-anonymous`).toggle(isEmpty && isAnonymous);
}

/** Tells of each change, after it has kept the stored key's mask apart from what is typed. */
function guardMask(key: JQuery, onChange: () => void): void {
  let isMask = content("serviceAccount") === PASSWORD_MASK;
  // One key press or paste then replaces all of it.
  key.on("focus", () => {
    if (isMask) setTimeout(() => key.trigger("select"));
  });
  key.on("input change", ({ originalEvent }) => {
    if (isMask) {
      const { inputType = "" } = (originalEvent ?? {}) as { inputType?: string };
      const given = String(key.val());
      const kept = withoutMask(given, inputType.startsWith("delete"));
      if (kept !== given) key.val(kept);
    }
    isMask = content("serviceAccount") === PASSWORD_MASK;
    onChange();
  });
}
