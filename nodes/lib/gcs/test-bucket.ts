import { XdrError } from "../errors";
import { CLOCK_SKEW_LIMIT_MS, describeClockSkew } from "../http/clock-skew";
import { orAbort } from "../or-abort";
import { shown } from "../shown";
import { failure, type ConnectionReport } from "../tenant/test-connection";
import type { GcsConnection } from "./account-options";
import { createGcsAccount, type AccountSurroundings, type GcsAccount } from "./gcs-account";
import type { GcsClient, ObjectVersion } from "./gcs-api";
import { parseStoragePath } from "./storage-path";

/** Longest test, milliseconds: the dialog waits for it. */
export const MAX_BUCKET_TEST_MS = 15_000;
/** One request of it at most, milliseconds, so that what is slow can be named. */
const REQUEST_MS = 10_000;
/** Pages looked at for an object: the first ones may hold nothing but folder markers. */
const MAX_PAGES = 3;
/** Objects asked for in one. */
const PAGE_OBJECTS = 10;

/** What the test has found out. */
interface Findings {
  /** Undefined without a bucket. */
  readonly object: ObjectVersion | "none" | undefined;
  readonly clockSkewMs: number | undefined;
}

/**
 * Gets a token, lists the bucket and reads the first byte of one object; names the cause when one of them fails. Never
 * rejects, and leaves no connection behind.
 * @param bucket name or storage path; empty = only the key is tried
 */
export async function testBucket(
  connection: GcsConnection,
  bucket: string,
  surroundings: AccountSurroundings,
  maxTestMs = MAX_BUCKET_TEST_MS,
): Promise<ConnectionReport> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), maxTestMs);
  const timeoutMs = Math.min(REQUEST_MS, maxTestMs);
  let account: GcsAccount | undefined;
  try {
    account = createGcsAccount(connection, { ...surroundings, tokenTimeoutMs: timeoutMs });
    // The deadline also ends what does not listen to it.
    const found = probe(account, connection, bucket, timeoutMs, deadline.signal);
    const findings = await orAbort(found, deadline.signal, () => slow(maxTestMs));
    return success(findings, account.clientEmail, connection, bucket);
  } catch (error) {
    return failure(deadline.signal.aborted ? slow(maxTestMs) : error);
  } finally {
    clearTimeout(timer);
    await account?.close();
  }
}

async function probe(
  account: GcsAccount,
  connection: GcsConnection,
  bucketText: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Findings> {
  if (bucketText.trim() === "") {
    if (connection.authentication.kind === "anonymous") throw nothingToTest();
    await account.authenticate(signal);
    return { object: undefined, clockSkewMs: undefined };
  }
  const { bucket, prefix } = parseStoragePath(bucketText);
  const client = account.client({ timeoutMs, maxObjects: 1 });
  const object = await findObject(client, bucket, prefix, signal);
  if (object !== "none") await readFirstByte(client, bucket, object, signal);
  return { object, clockSkewMs: client.clockSkewMs };
}

async function findObject(
  client: GcsClient,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): Promise<ObjectVersion | "none"> {
  let pageToken: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await client.list({ bucket, prefix, pageToken, maxResults: PAGE_OBJECTS, signal });
    const [object] = page.objects;
    if (object !== undefined) return object;
    pageToken = page.nextPageToken;
    if (pageToken === undefined) break;
  }
  return "none";
}

async function readFirstByte(
  client: GcsClient,
  bucket: string,
  { name, generation }: ObjectVersion,
  signal: AbortSignal,
): Promise<void> {
  const { body } = await client.read({ bucket, name, generation, fromByte: 0, signal });
  try {
    // One piece is enough, and an empty object has none.
    for await (const piece of body) if (piece.length > 0) break;
  } catch (error) {
    throw client.bodyError(error);
  } finally {
    body.destroy();
  }
}

function success(
  { object, clockSkewMs = 0 }: Findings,
  clientEmail: string | undefined,
  connection: GcsConnection,
  bucket: string,
): ConnectionReport {
  const who = clientEmail === undefined ? "" : ` of ${clientEmail}`;
  const accepted = connection.authentication.kind === "anonymous" ? "No key is needed" : `The key${who} is accepted`;
  const isOff = Math.abs(clockSkewMs) >= CLOCK_SKEW_LIMIT_MS;
  const clock = isOff ? ` But ${describeClockSkew(clockSkewMs, "Google's")}: set the clock.` : "";
  const message = `${accepted}${bucketWords(object, bucket)}${clock}`;
  return { ok: true, code: "XDR_OK", message, clockSkewMs };
}

function bucketWords(object: Findings["object"], bucket: string): string {
  if (object === undefined) return ". Enter a bucket to test also whether it can be listed and read.";
  const place = shown(bucket.trim());
  if (object === "none") {
    return `, and ${place} can be listed. Nothing has been forwarded to it yet: up to two hours are normal.`;
  }
  return `; ${place} can be listed and read.`;
}

function nothingToTest(): XdrError {
  return new XdrError("XDR_CONFIG_INVALID", "Enter a bucket: without a key there is nothing else to test.", {
    field: "bucket",
  });
}

function slow(maxTestMs: number): XdrError {
  const message = `The test did not end within ${maxTestMs / 1000} s: check the network and whether a proxy is needed.`;
  return new XdrError("XDR_TIMEOUT", message);
}
