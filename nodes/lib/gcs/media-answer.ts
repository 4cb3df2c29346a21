import type { IncomingHttpHeaders } from "node:http";
import { XdrError } from "../errors";
import { header } from "../http/exchange";
import type { Media, MediaRequest } from "./gcs-api";

/** Where a body begins and what it belongs to. */
export type MediaPlace = Omit<Media, "body">;

/** Path and query of an object's bytes: its name is one segment. Source: Cloud Storage JSON API, "Objects: get". */
export function mediaPath(basePath: string, request: MediaRequest): string {
  const place = `${basePath}/b/${encodeURIComponent(request.bucket)}/o/${encodeURIComponent(request.name)}`;
  return `${place}?alt=media&generation=${encodeURIComponent(request.generation)}`;
}

/** Whether an answer holds bytes, or says that there are none left: 200, 206, and 416 to a request for a part. */
export function isMedia(status: number, fromByte: number): boolean {
  return status === 200 || status === 206 || (status === 416 && fromByte > 0);
}

/**
 * What the head of an answer says of its body. With 416 that is empty: all bytes are here already.
 * Sources: RFC 9110, sections 14.4 and 15.5.17; Cloud Storage XML and JSON API, `x-goog-stored-content-encoding`.
 * @param status one that {@link isMedia}
 * @throws XdrError `XDR_RESPONSE_INVALID` when it is not the part that was asked for
 */
export function mediaPlace(status: number, headers: IncomingHttpHeaders, fromByte: number, host: string): MediaPlace {
  const isAsStored = servedAsStored(headers);
  if (status === 200)
    return { firstByte: 0, totalBytes: wholeNumber(header({ headers }, "content-length")), isAsStored };
  const range = header({ headers }, "content-range");
  if (status === 416) {
    const totalBytes = wholeNumber(/^bytes \*\/(\d+)$/.exec(range?.trim() ?? "")?.[1]);
    if (totalBytes !== undefined && totalBytes > fromByte) throw wrongPart(host, status);
    return { firstByte: fromByte, totalBytes, isAsStored: true };
  }
  const parts = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range?.trim() ?? "");
  const firstByte = wholeNumber(parts?.[1]);
  if (firstByte === undefined || firstByte > fromByte) throw wrongPart(host, status);
  return { firstByte, totalBytes: wholeNumber(parts?.[2]), isAsStored };
}

/** False when the bytes were decompressed, or compressed, on their way. */
function servedAsStored(headers: IncomingHttpHeaders): boolean {
  const stored = header({ headers }, "x-goog-stored-content-encoding")?.trim().toLowerCase();
  const isServedGzip = header({ headers }, "content-encoding")?.trim().toLowerCase() === "gzip";
  return stored === undefined || (stored === "gzip") === isServedGzip;
}

function wholeNumber(text: string | undefined): number | undefined {
  const number = /^\d+$/.test(text ?? "") ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

function wrongPart(host: string, status: number): XdrError {
  return new XdrError(
    "XDR_RESPONSE_INVALID",
    `The answer of ${host} (${status}) is not the part of the object that was asked for.`,
    { status },
  );
}
