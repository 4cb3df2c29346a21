import { catalogue } from "./shared/editor/catalogue";
import { showFieldErrors } from "./shared/editor/field-errors";
import { addFormStyle } from "./shared/editor/form-style";
import { wholeNumber } from "./shared/editor/validators";

const text = catalogue("cortex-xdr-insert");

RED.nodes.registerType("cortex-xdr-insert", {
  category: "cortex xdr",
  color: "#9cc7b4",
  icon: "cortex-xdr-insert.svg",
  align: "right",
  inputs: 1,
  outputs: 3,
  defaults: {
    name: { value: "", label: text("label.name") },
    tenant: { value: "", type: "cortex-xdr-tenant", required: true, label: text("label.tenant") },
    updateSize: { value: 60, label: text("label.updateSize"), validate: wholeNumber(text, { min: 1, max: 60 }) },
    lingerMs: { value: 2000, label: text("label.lingerMs"), validate: wholeNumber(text, { min: 0, max: 3600000 }) },
    maxQueued: {
      value: 100000,
      label: text("label.maxQueued"),
      validate: wholeNumber(text, { min: 1, max: 10000000 }),
    },
  },
  paletteLabel() {
    return this._("cortex-xdr-insert.palette-label");
  },
  label() {
    return this.name || this._("cortex-xdr-insert.palette-label");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("cortex-xdr-insert.port.in");
  },
  outputLabels(index) {
    const keys = ["port.answer", "port.delivered", "port.dead-letters"];
    return text(keys[index] ?? "port.answer");
  },
  oneditprepare() {
    addFormStyle();
    showFieldErrors(this, "node-input-", text);
  },
});
