import type { XdrError } from "../errors";
import type { TenantClient } from "./client-api";

/** The client of a tenant that is not configured: every call fails with the reason, and nothing leaves. */
export function brokenClient(problem: XdrError): TenantClient {
  return {
    insertAlerts: () => Promise.reject(problem),
    call: () => Promise.reject(problem),
    callRaw: () => Promise.reject(problem),
    clockSkewMs: undefined,
    heldMs: 0,
    close: () => Promise.resolve(),
  };
}
