const STYLE_ID = "cortex-xdr-form-style";

/** Everything below our own class: a node's style sheet is loaded for all nodes. Colours only by editor variables. */
const CSS = `
.cortex-xdr-form .form-row > label { width: 165px; vertical-align: top; padding-top: 7px; box-sizing: border-box; }
.cortex-xdr-form .form-row > label > i.fa { width: 16px; text-align: center; }
.cortex-xdr-form .form-row > input[type="text"],
.cortex-xdr-form .form-row > input[type="password"],
.cortex-xdr-form .form-row > input:not([type]),
.cortex-xdr-form .form-row > select,
.cortex-xdr-form .form-row > textarea { width: calc(100% - 175px); box-sizing: border-box; }
.cortex-xdr-form .form-row > input[inputmode="numeric"] { width: 130px; }
.cortex-xdr-form .form-row > .red-ui-input-row-config { width: calc(100% - 175px); }
.cortex-xdr-form textarea { font-family: var(--red-ui-monospace-font); font-size: 12px; line-height: 1.4; resize: vertical; }
.cortex-xdr-form textarea.cortex-xdr-template { width: 100%; white-space: pre; overflow: auto; box-sizing: border-box;
  tab-size: 2; color: var(--red-ui-form-text-color); }
.cortex-xdr-form .form-row > input[type="checkbox"] { width: auto; margin: 8px 0 0; }
.cortex-xdr-form .cortex-xdr-suggestions { margin: 4px 0 0 170px; display: flex; flex-wrap: wrap; gap: 4px; }
.cortex-xdr-form .cortex-xdr-suggestions > button[aria-pressed="true"] { font-weight: bold;
  border-color: var(--red-ui-text-color-success); }
.cortex-xdr-form .cortex-xdr-panel { padding-top: 16px; }
.cortex-xdr-form .cortex-xdr-note {
  margin: 4px 0 0 170px; font-size: 12px; line-height: 1.4; color: var(--red-ui-secondary-text-color);
}
.cortex-xdr-form .cortex-xdr-intro { margin: 0 0 12px; line-height: 1.4; color: var(--red-ui-secondary-text-color); }
.cortex-xdr-form .cortex-xdr-error {
  margin: 4px 0 0 170px; font-size: 12px; line-height: 1.4; color: var(--red-ui-text-color-error);
}
.cortex-xdr-form .cortex-xdr-buttons { margin-left: 170px; }
.cortex-xdr-form .cortex-xdr-report {
  margin: 8px 0 0; padding: 0; line-height: 1.4; overflow-wrap: anywhere; color: var(--red-ui-primary-text-color);
}
.cortex-xdr-form .cortex-xdr-report[data-state] {
  padding: 6px 10px; background: var(--red-ui-form-tips-background); border-left: 4px solid var(--red-ui-secondary-border-color);
}
.cortex-xdr-form .cortex-xdr-report[data-state="ok"] { border-left-color: var(--red-ui-text-color-success); }
.cortex-xdr-form .cortex-xdr-report[data-state="failed"] { border-left-color: var(--red-ui-text-color-error); }
.cortex-xdr-form .cortex-xdr-report code { margin-left: 4px; font-size: 11px; }
`;

/** Adds the style sheet of our dialogs to the page, once. */
export function addFormStyle(): void {
  if (document.getElementById(STYLE_ID) !== null) return;
  const style = document.createElement("style");
  style.id = STYLE_ID;
  style.textContent = CSS;
  document.head.append(style);
}
