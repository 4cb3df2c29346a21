import { catalogue } from "./shared/editor/catalogue";
import { prepareEcsForm, saveEcsForm } from "./shared/editor/ecs-form";
import { addFormStyle } from "./shared/editor/form-style";

const text = catalogue("cortex-xdr-ecs");

RED.nodes.registerType("cortex-xdr-ecs", {
  category: "cortex xdr",
  color: "#9cc7b4",
  icon: "cortex-xdr-ecs.svg",
  inputs: 1,
  outputs: 1,
  defaults: {
    name: { value: "", label: text("label.name") },
    kind: { value: "auto", label: text("label.kind") },
    preserveOriginal: { value: false, label: text("label.preserveOriginal") },
    preserveDuplicates: { value: false, label: text("label.preserveDuplicates") },
    wrapSingles: { value: false, label: text("label.wrapSingles") },
  },
  paletteLabel() {
    return this._("cortex-xdr-ecs.palette-label");
  },
  label() {
    return this.name || this._("cortex-xdr-ecs.palette-label");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("cortex-xdr-ecs.port.in");
  },
  outputLabels() {
    return this._("cortex-xdr-ecs.port.documents");
  },
  oneditprepare() {
    addFormStyle();
    prepareEcsForm(this);
  },
  oneditsave() {
    saveEcsForm();
  },
});
