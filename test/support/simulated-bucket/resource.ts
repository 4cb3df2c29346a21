import type { Shape, Selection } from "./fields";
import { wantedBelow } from "./fields";
import type { StoredObject } from "./shelf";

/** Where the resources' links point. */
export interface Place {
  readonly bucket: string;
  /** Origin of the server. */
  readonly url: string;
}

const leaves = (...names: readonly string[]): Shape => Object.fromEntries(names.map((name) => [name, "leaf"]));

/** All fields of an object resource, also those that are never set here. Source: Cloud Storage JSON API v1, "Objects". */
export const OBJECT_SHAPE: Shape = {
  ...leaves("kind", "id", "selfLink", "mediaLink", "name", "bucket", "generation", "metageneration", "contentType"),
  ...leaves("storageClass", "size", "md5Hash", "crc32c", "etag", "timeCreated", "updated", "timeDeleted"),
  ...leaves("timeStorageClassUpdated", "timeFinalized", "contentEncoding", "contentDisposition", "contentLanguage"),
  ...leaves("cacheControl", "componentCount", "customTime", "temporaryHold", "eventBasedHold", "kmsKeyName"),
  ...leaves("retentionExpirationTime", "softDeleteTime", "hardDeleteTime", "restoreToken"),
  metadata: "any",
  acl: "any",
  contexts: "any",
  owner: leaves("entity", "entityId"),
  customerEncryption: leaves("encryptionAlgorithm", "keySha256"),
  retention: leaves("mode", "retainUntilTime"),
};

/** All fields of a page of a listing. Source: Cloud Storage JSON API v1, "Objects: list". */
export const LIST_SHAPE: Shape = {
  ...leaves("kind", "nextPageToken", "prefixes"),
  items: OBJECT_SHAPE,
};

/** The fields of an object that are set, 64-bit numbers as text. Checksums are costly: only when asked for. */
const FIELDS: Readonly<Record<string, (object: StoredObject, place: Place) => string | number | undefined>> = {
  kind: () => "storage#object",
  id: ({ name, generation }, { bucket }) => `${bucket}/${name}/${generation}`,
  selfLink: ({ name }, place) => `${place.url}/storage/v1/b/${place.bucket}/o/${encodeURIComponent(name)}`,
  mediaLink: ({ name, generation }, { url, bucket }) =>
    `${url}/download/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?generation=${generation}&alt=media`,
  name: ({ name }) => name,
  bucket: (_, { bucket }) => bucket,
  generation: ({ generation }) => generation,
  metageneration: ({ metageneration }) => String(metageneration),
  contentType: ({ options }) => options.contentType,
  storageClass: () => "STANDARD",
  size: ({ content }) => String(content.sizeBytes),
  md5Hash: ({ content, options }) => (options.composed === true ? undefined : content.checksums.md5Hash),
  crc32c: ({ content }) => content.checksums.crc32c,
  etag: (object) => etagOf(object),
  timeCreated: ({ createdMs }) => timeText(createdMs),
  updated: ({ updatedMs }) => timeText(updatedMs),
  timeStorageClassUpdated: ({ createdMs }) => timeText(createdMs),
  timeFinalized: ({ createdMs }) => timeText(createdMs),
  contentEncoding: ({ options }) => options.contentEncoding,
  cacheControl: ({ options }) => options.cacheControl,
  componentCount: ({ options }) => (options.composed === true ? 2 : undefined),
};

/** The object as the API shows it, with what `selection` asks for. */
export function resourceOf(object: StoredObject, place: Place, selection: Selection): Record<string, unknown> {
  const shown: [string, unknown][] = [];
  for (const [name, read] of Object.entries(FIELDS)) {
    if (wantedBelow(selection, name) === undefined) continue;
    const value = read(object, place);
    if (value !== undefined) shown.push([name, value]);
  }
  return Object.fromEntries(shown);
}

/** Differs for each generation and metageneration; the form (a protobuf of both) is what the service sends today. */
export function etagOf({ generation, metageneration }: StoredObject): string {
  const bytes = [0x08, ...varint(BigInt(generation)), 0x10, ...varint(BigInt(metageneration))];
  return Buffer.from(bytes).toString("base64");
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 128n) return [...bytes, Number(rest)];
    bytes.push(Number(rest & 127n) | 128);
  }
}

/** RFC 3339 with milliseconds. */
const timeText = (atMs: number): string => new Date(atMs).toISOString();
