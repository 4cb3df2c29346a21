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
 * @throws XdrError `XDR_RESPONSE_INVALID` when it is not the object, or not the part of it that was asked for
 */
export function mediaPlace(
  status: number,
  headers: IncomingHttpHeaders,
  request: Pick<MediaRequest, "generation" | "sizeBytes" | "fromByte">,
  host: string,
): MediaPlace {
  const place = placeIn(status, headers, request.fromByte, host);
  if (status !== 416 && !isThatObject(headers, request, place)) throw wrongObject(host, status);
  return place;
}

/**
 * Whether an answer is of the version that was asked for: a portal or a proxy that answers 200 in the service's place must
 * not make an object look read. Those that do not name the generation, as emulators may, are known by their length.
 */
function isThatObject(
  headers: IncomingHttpHeaders,
  { generation, sizeBytes }: Pick<MediaRequest, "generation" | "sizeBytes">,
  { totalBytes, isAsStored }: MediaPlace,
): boolean {
  const named = header({ headers }, "x-goog-generation")?.trim();
  if (named !== undefined) return named === generation;
  return sizeBytes === undefined || (isAsStored && totalBytes === sizeBytes);
}

function placeIn(status: number, headers: IncomingHttpHeaders, fromByte: number, host: string): MediaPlace {
  const isAsStored = servedAsStored(headers);
  if (status === 200) {
    // Without a length the end of the connection would be taken for that of the object, wherever it comes.
    const stored = isAsStored ? header({ headers }, "x-goog-stored-content-length") : undefined;
    return { firstByte: 0, totalBytes: wholeNumber(header({ headers }, "content-length") ?? stored), isAsStored };
  }
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

function wrongObject(host: string, status: number): XdrError {
  return new XdrError(
    "XDR_RESPONSE_INVALID",
    `The answer of ${host} (${status}) is not the object that was asked for: check "apiEndpoint", and whether a portal or a proxy is in between.`,
    { status },
  );
}

function wrongPart(host: string, status: number): XdrError {
  return new XdrError(
    "XDR_RESPONSE_INVALID",
    `The answer of ${host} (${status}) is not the part of the object that was asked for.`,
    { status },
  );
}
