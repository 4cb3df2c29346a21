import type { IncomingHttpHeaders } from "node:http";
import type { FaultKind } from "./faults";

/** One request as the tenant saw it. */
export interface RecordedRequest {
  /** Counts from 1, in the order of arrival. */
  readonly id: number;
  /** Name of the route, undefined for an unknown path or a wrong method. */
  readonly route: string | undefined;
  readonly method: string;
  /** With the query, as it was sent. */
  readonly path: string;
  /** Secrets masked; empty when only decisions are recorded. */
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON, the text when it is none; undefined when empty or when only decisions are recorded. */
  readonly body: unknown;
  /** Bytes of the body. */
  readonly bytes: number;
  /** What was decided, whether the caller ever heard it or not; 0 when nothing was decided (reset, hang, caller left). */
  readonly status: number;
  /** Which rule decided. */
  readonly why: string;
  /** When it was decided, epoch milliseconds on the tenant's clock. */
  readonly atMs: number;
  /** The fault that was played on it. */
  readonly fault: FaultKind | undefined;
  /** Things a lenient tenant let pass. */
  readonly warnings: readonly string[];
}

const SECRET_HEADERS = new Set(["authorization", "proxy-authorization", "cookie"]);

/** The headers with every secret replaced by its length. */
export function maskSecrets(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      SECRET_HEADERS.has(name) && typeof value === "string" ? `[${value.length} characters]` : value,
    ]),
  );
}
