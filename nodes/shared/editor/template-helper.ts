import type { Translate } from "./catalogue";
import { JSON_ANNEX_TEMPLATE, LINES_TEMPLATE } from "./payload-templates";

/** Wires the payload templates of the parser's dialog: choose, look, copy. */
export function wireTemplateHelper(text: Translate): void {
  const kind = $("#pan-os-alert-template-kind");
  const box = $("#pan-os-alert-template");
  const button = $("#pan-os-alert-template-copy");
  const report = $("#pan-os-alert-template-report");
  const template = (): string => (kind.val() === "lines" ? LINES_TEMPLATE : JSON_ANNEX_TEMPLATE);
  const show = (): void => {
    box.val(template());
    report.empty();
  };
  kind.on("change", show);
  button.on("click", () => {
    const isCopied = RED.clipboard.copyText(template());
    report.text(text(isCopied ? "template.copied" : "template.not-copied"));
    // Refused, e.g. by a policy of the browser: then one key press is left to do.
    if (!isCopied) box.trigger("focus").trigger("select");
  });
  show();
}
