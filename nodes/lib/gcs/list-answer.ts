import { z } from "zod";
import { XdrError } from "../errors";
import { isRecord, parseJson } from "../json";
import type { ListPage, ListRequest, ObjectVersion } from "./gcs-api";
import { compareNames } from "./name-order";

/** Largest page, bytes, on the wire and inflated: 1,000 names of 1,024 bytes each, all escaped, are 6 MB. */
export const MAX_PAGE_BYTES = 16_777_216;
/** Source: Cloud Storage JSON API, "Objects: list", parameter maxResults. */
const MAX_RESULTS = 1000;
/** All that is read of a page; without nextPageToken there would be no next one. Source: as above. */
const FIELDS = "kind,nextPageToken,items(name,generation,size,timeCreated,md5Hash)";
/** Begins the kind of every resource, also of an empty page. Source: as above. */
const KIND = "storage#";
const CHECK = 'check "apiEndpoint", and whether a portal is in between';
/** Half a character: a name with one cannot be asked for. */
const HALF_CHARACTER = /\p{Surrogate}/u;

// Source: Cloud Storage JSON API, "Objects", resource representation. 64-bit numbers are text there; emulators send numbers.
const digits = z.union([z.string().regex(/^\d{1,20}$/), z.int().nonnegative().transform(String)]);
const itemSchema = z.object({
  name: z
    .string()
    .min(1)
    .refine((name) => !HALF_CHARACTER.test(name)),
  generation: digits,
  size: digits.transform(Number).pipe(z.int()),
  timeCreated: z
    .string()
    .transform((time) => Date.parse(time))
    .pipe(z.number()),
  md5Hash: z.string().optional(),
});
const pageSchema = z.object({
  kind: z.string().default(""),
  items: z.array(itemSchema).optional(),
  nextPageToken: z.string().default(""),
});

/** Path and query of one page. @param basePath path of the JSON API */
export function listPath(basePath: string, request: ListRequest): string {
  const query = new URLSearchParams({ fields: FIELDS, maxResults: String(request.maxResults ?? MAX_RESULTS) });
  if (request.prefix !== "") query.set("prefix", request.prefix);
  if (request.startOffset !== undefined) query.set("startOffset", request.startOffset);
  if (request.pageToken !== undefined) query.set("pageToken", request.pageToken);
  return `${basePath}/b/${encodeURIComponent(request.bucket)}/o?${query.toString()}`;
}

/**
 * Reads one page.
 * @throws XdrError `XDR_RESPONSE_INVALID` when it is none, or when its names are out of order and others follow: whoever
 *   goes on behind its last name would miss some
 */
export function readPage(text: string, request: ListRequest, host: string): ListPage {
  const json = parseJson(text);
  const parsed = pageSchema.safeParse(json);
  if (!isRecord(json) || !parsed.success) {
    const place = parsed.success ? "" : placeOf(parsed.error);
    throw invalid(host, `is no page of a bucket's listing${place}: ${CHECK}`);
  }
  const { kind, items = [], nextPageToken } = parsed.data;
  // Any JSON object would be an empty bucket otherwise, and everything that is known would be forgotten.
  if (parsed.data.items === undefined && nextPageToken === "" && !kind.startsWith(KIND))
    throw invalid(host, `is no page of a bucket's listing: ${CHECK}`);
  const next = nextPageToken === "" ? undefined : nextPageToken;
  // Without objects it may only mean that there is no progress yet.
  if (items.length > 0 && next !== undefined && next === request.pageToken)
    throw invalid(host, "leads back to the same page");
  const isWhole = next === undefined && request.pageToken === undefined;
  const versions = ordered(items.map(versionOf), isWhole, host);
  return {
    objects: versions.filter(({ name, sizeBytes }) => !(name.endsWith("/") && sizeBytes === 0)),
    lastName: versions.at(-1)?.name,
    nextPageToken: next,
  };
}

function versionOf(item: z.infer<typeof itemSchema>): ObjectVersion {
  return {
    name: item.name,
    generation: item.generation,
    sizeBytes: item.size,
    createdMs: item.timeCreated,
    ...(item.md5Hash === undefined ? {} : { md5: item.md5Hash }),
  };
}

/** Emulators without pages do not all sort; where nothing follows, that can be made up for. */
function ordered(versions: ObjectVersion[], isWhole: boolean, host: string): readonly ObjectVersion[] {
  const isOrdered = versions.every(
    (version, at) => at === 0 || compareNames(versions[at - 1]?.name ?? "", version.name) <= 0,
  );
  if (isOrdered) return versions;
  if (isWhole) return versions.sort((one, other) => compareNames(one.name, other.name));
  throw invalid(host, "names objects out of order, and only a part of them");
}

/** Which member is wrong; of the values nothing is shown. */
function placeOf(error: z.ZodError): string {
  const path = error.issues[0]?.path.map(String).join(".") ?? "";
  return path === "" ? "" : ` (${path} is not as documented)`;
}

function invalid(host: string, what: string): XdrError {
  return new XdrError("XDR_RESPONSE_INVALID", `The answer of ${host} ${what}.`, { status: 200 });
}
