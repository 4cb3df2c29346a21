import type { Flow } from "../../support/node-red";

export const IDS = {
  tab: "00000000000e0001",
  tenant: "00000000000e0002",
  parser: "00000000000e0003",
  insert: "00000000000e0004",
};

/** One node of each kind. Nothing arrives, so the tenant is never called. */
export function oneOfEach(): Flow {
  const { tab, tenant, parser, insert } = IDS;
  return {
    flows: [
      { id: tab, type: "tab", label: "dialogs" },
      {
        id: tenant,
        type: "cortex-xdr-tenant",
        name: "",
        host: "acme.xdr.eu.paloaltonetworks.com",
        keyType: "advanced",
        quotaAlerts: 600,
        quotaSeconds: 60,
        timeoutSeconds: 30,
        proxy: "",
        tls: "",
        state: "embedded",
      },
      {
        id: parser,
        type: "pan-os-alert",
        z: tab,
        x: 200,
        y: 100,
        name: "",
        timezone: "UTC",
        orientation: "flow",
        internalNetworks: "",
        minSeverity: "informational",
        alertNameSuffix: "none",
        product: "PAN-OS",
        vendor: "Palo Alto Networks",
        maxBytes: 5000000,
        wires: [[insert], []],
      },
      {
        id: insert,
        type: "cortex-xdr-insert",
        z: tab,
        x: 420,
        y: 100,
        name: "",
        tenant,
        updateSize: 60,
        lingerMs: 2000,
        maxQueued: 100000,
        wires: [[], [], []],
      },
    ],
    credentials: { [tenant]: { keyId: "17", key: "not a real key" } },
  };
}
