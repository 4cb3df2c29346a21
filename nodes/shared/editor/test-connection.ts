import type { Translate } from "./catalogue";

const FORM = "#node-config-input-";
/** What a field for a configuration node holds while none is chosen. */
const NOTHING_CHOSEN = "_ADD_";

/** Answer of the route. */
interface Report {
  readonly ok: boolean;
  readonly code: string;
  readonly message: string;
}

/**
 * Wires the Test connection button of a configuration node's dialog: `#<node type>-test` asks `POST <node type>/test` with
 * the node's id and the fields' values, and `#<node type>-report` tells what came of it. The texts are those below `test.`
 * in the node's catalogue.
 * @param tested the properties that the test needs. What is not deployed yet counts, so they come from the form.
 * @returns ends a test that still runs; for the dialog's end
 */
export function wireTestButton(node: RedEditorNode, text: Translate, tested: readonly string[]): () => void {
  const button = $(`#${node.type}-test`);
  const icon = button.find("i");
  const report = $(`#${node.type}-report`);
  let running: JQuery.jqXHR | undefined;

  const show = (state: "running" | "ok" | "failed", message: string, code?: string): void => {
    report.attr("data-state", state).text(message);
    if (code !== undefined) report.append(document.createTextNode(" "), $("<code>").text(code));
  };
  const setBusy = (isBusy: boolean): void => {
    button.prop("disabled", isBusy);
    icon.attr("class", isBusy ? "fa fa-spinner fa-spin" : "fa fa-plug");
  };

  button.on("click", () => {
    setBusy(true);
    show("running", text("test.running"));
    // Relative, and by jQuery: only then does the editor add its access token.
    running = $.ajax({
      url: `${node.type}/test`,
      method: "POST",
      contentType: "application/json",
      data: JSON.stringify({ id: node.id, ...formValues(tested) }),
    });
    running
      .done((answer: unknown) => {
        if (!isReport(answer)) show("failed", text("test.no-answer"));
        else if (answer.ok) show("ok", answer.message);
        else show("failed", answer.message, answer.code);
      })
      .fail(({ status }) =>
        show("failed", text(status === 401 || status === 403 ? "test.not-allowed" : "test.no-answer")),
      )
      .always(() => setBusy(false));
  });
  // A verdict on other values than those on the screen would mislead.
  $(tested.map((name) => FORM + name).join()).on("input change", () => {
    if (button.prop("disabled") !== true) report.removeAttr("data-state").empty();
  });
  return () => running?.abort();
}

function formValues(tested: readonly string[]): Record<string, string> {
  const values = tested.map((name) => [name, String($(FORM + name).val() ?? "")] as const);
  return Object.fromEntries(values.map(([name, value]) => [name, value === NOTHING_CHOSEN ? "" : value]));
}

function isReport(answer: unknown): answer is Report {
  const { ok, code, message } = (answer ?? {}) as Partial<Record<keyof Report, unknown>>;
  return typeof ok === "boolean" && typeof code === "string" && typeof message === "string";
}
