import type { GcsClient } from "./gcs-api";
import type { ObjectName } from "./reader-api";

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
