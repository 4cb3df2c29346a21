import { randomBytes } from "node:crypto";
import { etagOf } from "./resource";
import type { StoredObject } from "./shelf";

/**
 * Headers of a media answer, apart from length and range. Checksum and stored length are those of the stored bytes, also
 * when something else is sent. Source: Cloud Storage documentation, "HTTP headers and common query string parameters for
 * XML", whose `x-goog-` headers the JSON API sends too.
 */
export function mediaHeaders(object: StoredObject, isTranscoded: boolean): Record<string, string> {
  const { options, content, generation, metageneration, updatedMs } = object;
  const { contentType = "application/octet-stream", contentEncoding, cacheControl = "private, max-age=0" } = options;
  const encoding = contentEncoding === undefined || isTranscoded ? {} : { "Content-Encoding": contentEncoding };
  const transcoded = {
    "Accept-Ranges": "none",
    Warning: "214 UploadServer gunzipped",
    "x-guploader-response-body-transformations": "gunzipped",
  };
  return {
    "Content-Type": contentType,
    ...encoding,
    "Cache-Control": cacheControl,
    ETag: etagOf(object),
    "Last-Modified": new Date(updatedMs).toUTCString(),
    ...(isTranscoded ? transcoded : { "Accept-Ranges": "bytes" }),
    ...(contentEncoding === "gzip" ? { Vary: "Accept-Encoding" } : {}),
    "x-goog-generation": generation,
    "x-goog-metageneration": String(metageneration),
    "x-goog-storage-class": "STANDARD",
    "x-goog-stored-content-encoding": contentEncoding ?? "identity",
    "x-goog-stored-content-length": String(content.sizeBytes),
    ...hashHeader(object),
    ...(options.composed === true ? { "x-goog-component-count": "2" } : {}),
    "x-guploader-uploadid": randomBytes(24).toString("base64url"),
  };
}

function hashHeader({ content, options }: StoredObject): Record<string, string> {
  const { crc32c, md5Hash } = content.checksums;
  const parts = [
    ...(crc32c === undefined ? [] : [`crc32c=${crc32c}`]),
    ...(md5Hash === undefined || options.composed === true ? [] : [`md5=${md5Hash}`]),
  ];
  return parts.length === 0 ? {} : { "x-goog-hash": parts.join(",") };
}
