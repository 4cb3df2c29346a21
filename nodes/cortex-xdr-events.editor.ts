import { parseStoragePath } from "./lib/gcs/storage-path";
import { catalogue } from "./shared/editor/catalogue";
import { makeTabs } from "./shared/editor/dialog-tabs";
import { prepareEventsForm, saveEventsForm } from "./shared/editor/events-form";
import { showFieldErrors } from "./shared/editor/field-errors";
import { addFormStyle } from "./shared/editor/form-style";
import { askForSync } from "./shared/editor/sync-now";
import { fulfils, number, wholeNumber } from "./shared/editor/validators";

const PORTS = ["port.events", "port.objects", "port.bad-lines"];

const text = catalogue("cortex-xdr-events");

RED.nodes.registerType("cortex-xdr-events", {
  category: "cortex xdr",
  color: "#9cc7b4",
  icon: "cortex-xdr-events.svg",
  align: "left",
  inputs: 1,
  outputs: 3,
  defaults: {
    name: { value: "", label: text("label.name") },
    account: { value: "", type: "cortex-xdr-gcs-account", required: true, label: text("label.account") },
    bucket: {
      value: "",
      required: true,
      label: text("label.bucket"),
      validate: fulfils(text, "errors.bucket", parseStoragePath),
    },
    prefix: { value: "", label: text("label.prefix") },
    intervalSeconds: {
      value: 60,
      label: text("label.intervalSeconds"),
      validate: number(text, { min: 1, max: 86400 }),
    },
    start: { value: "all", label: text("label.start") },
    batchSize: { value: 1, label: text("label.batchSize"), validate: wholeNumber(text, { min: 1, max: 10000 }) },
    acknowledge: { value: "emit", label: text("label.acknowledge") },
    maxUnacknowledged: {
      value: 1000,
      label: text("label.maxUnacknowledged"),
      validate: wholeNumber(text, { min: 1, max: 100000 }),
    },
    rawLines: { value: false, label: text("label.rawLines") },
    maxObjects: { value: 2, label: text("label.maxObjects"), validate: wholeNumber(text, { min: 1, max: 32 }) },
    timeoutSeconds: { value: 60, label: text("label.timeoutSeconds"), validate: number(text, { min: 1, max: 600 }) },
    maxLineBytes: {
      value: 16777216,
      label: text("label.maxLineBytes"),
      validate: wholeNumber(text, { min: 1, max: 268435456 }),
    },
    maxObjectBytes: {
      value: 0,
      label: text("label.maxObjectBytes"),
      validate: wholeNumber(text, { min: 0, max: 9007199254740991 }),
    },
  },
  button: {
    enabled() {
      return this.changed !== true;
    },
    onclick() {
      askForSync(this, "incremental", text);
    },
  },
  paletteLabel() {
    return this._("cortex-xdr-events.palette-label");
  },
  label() {
    return this.name || this._("cortex-xdr-events.palette-label");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("cortex-xdr-events.port.in");
  },
  outputLabels(index) {
    return text(PORTS[index] ?? "");
  },
  oneditprepare() {
    addFormStyle();
    makeTabs("cortex-xdr-events-tabs", { delivery: text("tab.delivery"), reading: text("tab.reading") });
    prepareEventsForm(this);
    showFieldErrors(this, "node-input-", text);
    const isDeployed = this.changed !== true;
    $("#cortex-xdr-events-undeployed").toggle(!isDeployed);
    const button = $("#cortex-xdr-events-sync").prop("disabled", !isDeployed);
    button.on("click", () => askForSync(this, "incremental", text));
  },
  oneditsave() {
    saveEventsForm();
  },
});
