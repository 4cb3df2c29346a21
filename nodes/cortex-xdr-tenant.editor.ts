import { tenantBaseUrl } from "./lib/tenant/host";
import { catalogue } from "./shared/editor/catalogue";
import { makeTabs } from "./shared/editor/dialog-tabs";
import { showFieldErrors } from "./shared/editor/field-errors";
import { addFormStyle } from "./shared/editor/form-style";
import { wireTestButton } from "./shared/editor/test-connection";
import { fulfils, number, wholeNumber } from "./shared/editor/validators";

const TESTED = ["host", "keyType", "keyId", "key", "proxy", "tls", "timeoutSeconds"];

const text = catalogue("cortex-xdr-tenant");
let endTest: () => void = () => undefined;

RED.nodes.registerType("cortex-xdr-tenant", {
  category: "config",
  color: "#9cc7b4",
  icon: "cortex-xdr-tenant.svg",
  defaults: {
    name: { value: "", label: text("label.name") },
    host: {
      value: "",
      required: true,
      label: text("label.host"),
      validate: fulfils(text, "errors.host", tenantBaseUrl),
    },
    keyType: { value: "advanced", label: text("label.keyType") },
    quotaAlerts: {
      value: 600,
      label: text("label.quotaAlerts"),
      validate: wholeNumber(text, { min: 1, max: 1000000 }),
    },
    quotaSeconds: { value: 60, label: text("label.quotaSeconds"), validate: number(text, { min: 1, max: 86400 }) },
    timeoutSeconds: { value: 30, label: text("label.timeoutSeconds"), validate: number(text, { min: 1, max: 300 }) },
    proxy: { value: "", label: text("label.proxy"), validate: fulfils(text, "errors.proxy", isProxyUrl) },
    tls: { value: "", type: "tls-config", required: false, label: text("label.tls") },
    state: { value: "embedded", label: text("label.state") },
  },
  credentials: {
    keyId: { type: "text", required: true, label: text("label.keyId") },
    key: { type: "password", required: true, label: text("label.key") },
    redisUrl: {
      type: "password",
      label: text("label.redisUrl"),
      validate: fulfils(text, "errors.redis-url", isRedisUrl),
    },
  },
  label() {
    return this.name || (this as { host?: string }).host || this._("cortex-xdr-tenant.palette-label");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  oneditprepare() {
    addFormStyle();
    makeTabs("cortex-xdr-tenant-tabs", { connection: text("tab.connection"), limits: text("tab.limits") });
    const state = $("#node-config-input-state");
    const showRedis = (): unknown => $("#cortex-xdr-tenant-redis").toggle(state.val() === "redis");
    state.on("change", showRedis);
    // Nodes made by hand or by an older version may lack these two: an empty list would look like a choice.
    for (const [name, fallback] of [
      ["keyType", "advanced"],
      ["state", "embedded"],
    ] as const) {
      const list = $(`#node-config-input-${name}`);
      if (!list.val()) list.val(fallback);
    }
    showRedis();
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

function isProxyUrl(value: string): boolean {
  return /^https?:$/.test(new URL(value).protocol);
}

/** The stored one is only a mask here. */
function isRedisUrl(value: string): boolean {
  return value === "__PWRD__" || /^rediss?:\/\/\S+$/i.test(value);
}
