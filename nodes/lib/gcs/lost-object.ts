import { XdrError } from "../errors";
import { shown } from "../shown";
import type { GcsClient } from "./gcs-api";
import type { ObjectName } from "./reader-api";
import { inDays } from "./retention-watch";

/**
 * What became of a version that could not be found: one listing tells a deleted object from an overwritten one and from a
 * bucket that is not there, and needs no right beyond those of reading.
 * @throws XdrError those of listing, among them that the bucket is not there
 */
export async function whatBecameOf(
  { name, generation }: ObjectName,
  { client, bucket, signal }: { client: Pick<GcsClient, "list">; bucket: string; signal: AbortSignal },
): Promise<"replaced" | "deleted" | "there"> {
  // A name comes before all others that begin with it; pages may be empty and still not be the last.
  let pageToken: string | undefined;
  do {
    const page = await client.list({ bucket, prefix: name, maxResults: 1, pageToken, signal });
    const live = page.objects.find((object) => object.name === name);
    if (live !== undefined) return live.generation === generation ? "there" : "replaced";
    if (page.lastName !== undefined) return "deleted";
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return "deleted";
}

/** The report of a version that is gone. @param ageMs undefined when nobody knows */
export function lostError({ name, generation }: ObjectName, what: "replaced" | "deleted", ageMs?: number): XdrError {
  const age = ageMs === undefined ? "" : `, ${inDays(ageMs)} old`;
  const object = `The object ${shown(name)} (generation ${generation}${age})`;
  return what === "replaced"
    ? new XdrError(
        "GCS_OBJECT_REPLACED",
        `${object} was overwritten before all of it was read: the new version is read from its start.`,
      )
    : new XdrError(
        "GCS_OBJECT_DELETED",
        `${object} was deleted before all of it was read: check the bucket's retention and whether this node keeps up.`,
      );
}

/** A version that is listed and cannot be found: the service contradicts itself, which may pass. */
export function notReadable({ name, generation }: ObjectName): XdrError {
  return new XdrError(
    "XDR_RESPONSE_INVALID",
    `The object ${shown(name)} (generation ${generation}) is listed, and the service does not find it (404): it is tried again.`,
  );
}
