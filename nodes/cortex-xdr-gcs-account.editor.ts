import { parseStoragePath } from "./lib/gcs/storage-path";
import { catalogue } from "./shared/editor/catalogue";
import { makeTabs } from "./shared/editor/dialog-tabs";
import { showFieldErrors } from "./shared/editor/field-errors";
import { addFormStyle } from "./shared/editor/form-style";
import { prepareAccountForm, serviceAccountKey } from "./shared/editor/gcs-account-form";
import { isApiEndpoint, isProxyUrl } from "./shared/editor/gcs-endpoint";
import { wireTestButton } from "./shared/editor/test-connection";
import { fulfils } from "./shared/editor/validators";

const TESTED = ["serviceAccount", "apiEndpoint", "proxy", "tls", "bucket"];

const text = catalogue("cortex-xdr-gcs-account");
let endTest: () => void = () => undefined;

RED.nodes.registerType("cortex-xdr-gcs-account", {
  category: "config",
  color: "#9cc7b4",
  icon: "cortex-xdr-gcs-account.svg",
  defaults: {
    name: { value: "", label: text("label.name") },
    projectId: { value: "", label: text("label.projectId") },
    clientEmail: { value: "", label: text("label.clientEmail") },
    bucket: { value: "", label: text("label.bucket"), validate: fulfils(text, "errors.bucket", parseStoragePath) },
    apiEndpoint: {
      value: "",
      label: text("label.apiEndpoint"),
      validate: fulfils(text, "errors.endpoint", isApiEndpoint),
    },
    proxy: { value: "", label: text("label.proxy"), validate: fulfils(text, "errors.proxy", isProxyUrl) },
    tls: { value: "", type: "tls-config", required: false, label: text("label.tls") },
  },
  credentials: {
    serviceAccount: { type: "password", label: text("label.serviceAccount"), validate: serviceAccountKey(text) },
  },
  label() {
    return (
      this.name || (this as { clientEmail?: string }).clientEmail || this._("cortex-xdr-gcs-account.palette-label")
    );
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  oneditprepare() {
    addFormStyle();
    makeTabs("cortex-xdr-gcs-account-tabs", { key: text("tab.key"), network: text("tab.network") });
    prepareAccountForm(this, text);
    showFieldErrors(this, "node-config-input-", text);
    endTest = wireTestButton(this, text, TESTED);
  },
  oneditsave() {
    endTest();
  },
  oneditcancel() {
    endTest();
  },
});
