import { json } from "../answers";
import type { Route } from "../call";

/** Expirations are numbers in the specification and text or 0 in the field, so this answer has all three. */
const TENANT_INFO = {
  pro_per_endpoint_expiration: "Jan 1st 2035 00:00:00",
  purchased_pro_per_endpoint: { agents: 200 },
  data_enabled_pro_per_endpoint: 12,
  prevent_expiration: 0,
  purchased_prevent: 0,
  installed_prevent: 0,
  compute_unit_expiration: 2_051_222_400_000,
  purchased_compute_unit: 1,
};

/** `POST v1/system/get_tenant_info`: licence data. */
export const getTenantInfo: Route = {
  name: "get_tenant_info",
  method: "POST",
  path: "v1/system/get_tenant_info",
  licences: ["prevent", "pro-endpoint", "pro-gb"],
  handle: () => json(200, { reply: TENANT_INFO }),
};
