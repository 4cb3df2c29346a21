import type { Translate } from "./catalogue";

const ERROR_CLASS = "input-error";

/**
 * Node-RED marks a bad field by a class and a tooltip on hover. This adds what everybody can perceive: `aria-invalid`,
 * and the reason as text below the field, tied to it.
 * @param prefix what stands before the property's name in the field's id
 */
export function showFieldErrors(node: RedEditorNode, prefix: string, text: Translate): void {
  const properties = { ...node._def.defaults, ...node._def.credentials };
  for (const [name, property] of Object.entries(properties)) {
    const field = document.getElementById(`${prefix}${name}`);
    if (field === null) continue;
    const hint = document.createElement("div");
    hint.id = `${field.id}-error`;
    hint.className = "cortex-xdr-error";
    hint.hidden = true;
    (field.closest(".form-row") ?? field).append(hint);
    const described = field.getAttribute("aria-describedby");
    field.setAttribute("aria-describedby", described === null ? hint.id : `${described} ${hint.id}`);
    const update = (): void => {
      const isBad = field.classList.contains(ERROR_CLASS);
      field.setAttribute("aria-invalid", String(isBad));
      hint.hidden = !isBad;
      hint.textContent = isBad ? reason(node, property, valueOf(field), text) : "";
    };
    // Ends with the dialog: the field it watches is thrown away.
    new MutationObserver(update).observe(field, { attributes: true, attributeFilter: ["class"] });
    field.addEventListener("change", () => setTimeout(update));
    update();
  }
}

function valueOf(field: HTMLElement): string {
  const { value } = field as Partial<HTMLInputElement>;
  return value ?? "";
}

function reason(node: RedEditorNode, property: RedProperty | RedCredential, value: string, text: Translate): string {
  const { label, validate } = property;
  const verdict = validate?.call(node, value, { label });
  if (typeof verdict === "string") return verdict;
  return text("errors.required", { label });
}
