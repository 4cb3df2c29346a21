import { zoneOf } from "./lib/pan-os/zone";
import { catalogue } from "./shared/editor/catalogue";
import { makeTabs } from "./shared/editor/dialog-tabs";
import { showFieldErrors } from "./shared/editor/field-errors";
import { addFormStyle } from "./shared/editor/form-style";
import { isNetworkList } from "./shared/editor/networks";
import { wireTemplateHelper } from "./shared/editor/template-helper";
import { fulfils, wholeNumber } from "./shared/editor/validators";

const text = catalogue("pan-os-alert");

RED.nodes.registerType("pan-os-alert", {
  category: "cortex xdr",
  color: "#9cc7b4",
  icon: "cortex-xdr-pan-os-alert.svg",
  inputs: 1,
  outputs: 2,
  defaults: {
    name: { value: "", label: text("label.name") },
    timezone: {
      value: "UTC",
      label: text("label.timezone"),
      validate: fulfils(text, "errors.timezone", (zone) => zoneOf(zone) !== undefined),
    },
    orientation: { value: "flow", label: text("label.orientation") },
    internalNetworks: {
      value: "",
      label: text("label.internalNetworks"),
      validate: fulfils(text, "errors.networks", isNetworkList),
    },
    minSeverity: { value: "informational", label: text("label.minSeverity") },
    alertNameSuffix: { value: "none", label: text("label.alertNameSuffix") },
    product: { value: "PAN-OS", label: text("label.product") },
    vendor: { value: "Palo Alto Networks", label: text("label.vendor") },
    maxBytes: {
      value: 5000000,
      label: text("label.maxBytes"),
      validate: wholeNumber(text, { min: 1, max: 268435456 }),
    },
  },
  credentials: {
    psk: { type: "password", label: text("label.psk") },
  },
  paletteLabel() {
    return this._("pan-os-alert.palette-label");
  },
  label() {
    return this.name || this._("pan-os-alert.palette-label");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("pan-os-alert.port.in");
  },
  outputLabels(index) {
    return text(index === 0 ? "port.alerts" : "port.rejected");
  },
  oneditprepare() {
    addFormStyle();
    makeTabs("pan-os-alert-tabs", {
      logs: text("tab.logs"),
      template: text("tab.template"),
      advanced: text("tab.advanced"),
    });
    // Nodes made by hand may lack these: an empty list would look like a choice.
    const fallbacks = { orientation: "flow", minSeverity: "informational", alertNameSuffix: "none" };
    for (const [name, fallback] of Object.entries(fallbacks)) {
      const list = $(`#node-input-${name}`);
      if (!list.val()) list.val(fallback);
    }
    const orientation = $("#node-input-orientation");
    const showNetworks = (): unknown => $("#pan-os-alert-networks").toggle(orientation.val() === "auto");
    orientation.on("change", showNetworks);
    showNetworks();
    const zones = ["UTC", ...Intl.supportedValuesOf("timeZone")];
    $("#pan-os-alert-zones").append(zones.map((zone) => $("<option>").val(zone)));
    wireTemplateHelper(text);
    showFieldErrors(this, "node-input-", text);
  },
});
