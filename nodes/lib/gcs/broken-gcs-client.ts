import type { XdrError } from "../errors";
import type { GcsClient } from "./gcs-api";

/** The client of an account that cannot be used: every call fails with the reason, and nothing leaves. */
export function brokenGcsClient(problem: XdrError): GcsClient {
  return {
    list: () => Promise.reject(problem),
    read: () => Promise.reject(problem),
    bodyError: () => problem,
    clockSkewMs: undefined,
    close: () => Promise.resolve(),
  };
}
