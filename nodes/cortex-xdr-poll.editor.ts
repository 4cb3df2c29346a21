import { catalogue } from "./shared/editor/catalogue";
import { makeTabs } from "./shared/editor/dialog-tabs";
import { showFieldErrors } from "./shared/editor/field-errors";
import { addFormStyle } from "./shared/editor/form-style";
import { listOfValues, preparePollForm, savePollForm } from "./shared/editor/poll-form";
import { askForSync } from "./shared/editor/sync-now";
import { number } from "./shared/editor/validators";

const text = catalogue("cortex-xdr-poll");

RED.nodes.registerType("cortex-xdr-poll", {
  category: "cortex xdr",
  color: "#9cc7b4",
  icon: "cortex-xdr-poll.svg",
  align: "left",
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: "", label: text("label.name") },
    tenant: { value: "", type: "cortex-xdr-tenant", required: true, label: text("label.tenant") },
    resource: { value: "alerts", label: text("label.resource") },
    apiVersion: { value: "v2", label: text("label.apiVersion") },
    intervalSeconds: {
      value: 60,
      label: text("label.intervalSeconds"),
      validate: number(text, { min: 1, max: 86400 }),
    },
    lookbackHours: { value: 24, label: text("label.lookbackHours"), validate: number(text, { min: 0, max: 87600 }) },
    overlapSeconds: {
      value: 900,
      label: text("label.overlapSeconds"),
      validate: number(text, { min: 0, max: 604800 }),
    },
    fullSyncDays: { value: 0, label: text("label.fullSyncDays"), validate: number(text, { min: 0, max: 365 }) },
    severities: { value: [], label: text("label.severities"), validate: listOfValues(text, "severities") },
    statuses: { value: [], label: text("label.statuses"), validate: listOfValues(text, "statuses") },
    sources: { value: [], label: text("label.sources"), validate: listOfValues(text, "sources") },
    tags: { value: [], label: text("label.tags"), validate: listOfValues(text, "tags") },
    splitEvents: { value: false, label: text("label.splitEvents") },
    extraData: { value: false, label: text("label.extraData") },
    acknowledge: { value: "emit", label: text("label.acknowledge") },
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
    return this._("cortex-xdr-poll.palette-label");
  },
  label() {
    return this.name || this._("cortex-xdr-poll.palette-label");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("cortex-xdr-poll.port.in");
  },
  outputLabels(index) {
    return text(index === 0 ? "port.items" : "port.runs");
  },
  oneditprepare() {
    addFormStyle();
    makeTabs("cortex-xdr-poll-tabs", {
      filters: text("tab.filters"),
      sync: text("tab.sync"),
      delivery: text("tab.delivery"),
    });
    preparePollForm(this);
    showFieldErrors(this, "node-input-", text);
    const isDeployed = this.changed !== true;
    $("#cortex-xdr-poll-undeployed").toggle(!isDeployed);
    for (const kind of ["incremental", "full"] as const) {
      const button = $(`#cortex-xdr-poll-sync-${kind}`).prop("disabled", !isDeployed);
      button.on("click", () => askForSync(this, kind, text));
    }
  },
  oneditsave() {
    savePollForm(this);
  },
});
