import type { IncomingHttpHeaders } from "node:http";
import type { Fault } from "./faults";
import type { RequestKind } from "./records";
import type { BucketState } from "./state";

/** What a request is aimed at. Names are decoded. */
export interface Target {
  readonly kind: RequestKind;
  readonly bucket?: string;
  readonly name?: string;
}

/** One request, completely received. */
export interface Call {
  readonly target: Target;
  readonly method: string;
  readonly params: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly state: BucketState;
  /** What goes wrong with it. */
  readonly fault: Fault | undefined;
}

const OTHER: Target = { kind: "other" };

/**
 * Reads a path. Names are one percent-encoded segment each: a slash that is not encoded makes a path that nobody knows.
 * @param path without the query
 */
export function targetOf(path: string, params: URLSearchParams): Target {
  if (path === "/token") return { kind: "token" };
  const isMedia = params.get("alt") === "media";
  const isDownload = path.startsWith("/download/");
  const [storage, version, b, bucket = "", o, name, ...more] = path.split("/").slice(isDownload ? 2 : 1);
  const isApi = storage === "storage" && version === "v1" && b === "b" && o === "o" && more.length === 0;
  if (!isApi || bucket === "" || name === "" || (isDownload && !(isMedia && name !== undefined))) return OTHER;
  try {
    const decoded = decodeURIComponent(bucket);
    if (name === undefined) return { kind: "list", bucket: decoded };
    return { kind: isMedia ? "media" : "meta", bucket: decoded, name: decodeURIComponent(name) };
  } catch {
    return OTHER;
  }
}

/** Whether `Accept-Encoding` names gzip without forbidding it. */
export function acceptsGzip(headers: IncomingHttpHeaders): boolean {
  const accepted = (headers["accept-encoding"] ?? "").toLowerCase();
  return accepted.split(",").some((part) => {
    const [coding, quality = "q=1"] = part.split(";").map((text) => text.trim());
    return coding === "gzip" && Number(quality.replace("q=", "")) > 0;
  });
}
