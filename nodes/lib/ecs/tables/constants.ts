import type { EcsDocument } from "../document";

/** Version of the schema that the documents follow. */
export const ECS_VERSION = "8.11.0";

/** Below it stand the vendor's fields of alerts and incidents. */
export const VENDOR_NAMESPACE = "panw_cortex.xdr";

/** Fields that every document of an alert or an incident has. */
export const alertConstants = (): EcsDocument => ({
  ecs: { version: ECS_VERSION },
  event: { kind: "alert", category: ["malware"], type: ["info"] },
});
