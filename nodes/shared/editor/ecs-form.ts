import { release, showCheck, showChoice } from "./kept-values";

const CHECKS = ["preserveOriginal", "preserveDuplicates", "wrapSingles"] as const;

/** The ECS node in the editor; any property may be missing in a flow made by hand. */
type EcsNode = RedEditorNode & Record<string, unknown>;

const field = (name: string): JQuery => $(`#node-input-${name}`);

export function prepareEcsForm(editorNode: RedEditorNode): void {
  const node = editorNode as EcsNode;
  showChoice(field("kind"), node["kind"], "auto");
  for (const name of CHECKS) showCheck(field(name), node[name]);
}

/** Leaves an environment variable that stands behind a check box as it is. */
export function saveEcsForm(): void {
  for (const name of CHECKS) if (field(name).prop("indeterminate") === true) release(field(name));
}
