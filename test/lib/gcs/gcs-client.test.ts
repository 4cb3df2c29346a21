import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { GcsClient, Media } from "../../../nodes/lib/gcs/gcs-api";
import { XdrError } from "../../../nodes/lib/errors";
import { testCertificates } from "../../support/simulated-tenant/tls";
import { createGcsAccount } from "../../../nodes/lib/gcs/gcs-account";
import { until } from "../../support/until";
import { accountOf, endLater, machineWith, never, simulate } from "./account-rig";

const NEEDS = { timeoutMs: 5000, maxObjects: 2 };
const TEXT = "line\n".repeat(20_000);
const PACKED = gzipSync(TEXT);

const bytesOf = async (media: Media): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of media.body) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const failureOf = async (answer: Promise<unknown>): Promise<XdrError> =>
  answer.then(
    () => assert.fail("it succeeded"),
    (error: unknown) => error as XdrError,
  );
/** What a body broke with, as the client puts it. */
const brokenBody = async (client: GcsClient, media: Media): Promise<XdrError> => {
  const error = client.bodyError(await failureOf(bytesOf(media)));
  if (!(error instanceof XdrError)) throw error;
  return error;
};
const list = (client: GcsClient, bucket: string, more: object = {}): ReturnType<GcsClient["list"]> =>
  client.list({ bucket, prefix: "", signal: never, ...more });

describe("listing a bucket", () => {
  test("goes page by page over all names, with one token", async () => {
    const bucket = await simulate({ pageSize: 3 });
    const all = ["a", "a/b", "c%2F d#e?f", "z", "é", "\uffee", "\u{1f600}"];
    for (const name of all) bucket.put(name, "x");
    bucket.put("folder/", "");
    const client = accountOf(bucket).client(NEEDS);
    const seen: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = await list(client, bucket.name, { pageToken });
      seen.push(...page.objects.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    assert.deepEqual(seen, all);
    assert.deepEqual([bucket.counts.token, bucket.counts.list], [1, 3]);
    assert.ok(
      bucket.requests.filter(({ kind }) => kind === "list").every(({ acceptEncoding }) => acceptEncoding === "gzip"),
    );
  });

  test("takes a prefix, a start and a size", async () => {
    const bucket = await simulate();
    for (const name of ["a/1", "a/2", "a/3", "b/1"]) bucket.put(name, "x");
    const client = accountOf(bucket).client(NEEDS);
    const page = await list(client, bucket.name, { prefix: "a/", startOffset: "a/2", maxResults: 1 });
    assert.deepEqual(
      page.objects.map(({ name }) => name),
      ["a/2"],
    );
    assert.ok(page.nextPageToken);
    assert.ok(Math.abs(client.clockSkewMs ?? NaN) < 5000);
  });

  test("tells a page token that is too old", async () => {
    const bucket = await simulate({ pageSize: 1 });
    for (const name of ["a", "b"]) bucket.put(name, "x");
    const client = accountOf(bucket).client(NEEDS);
    const { nextPageToken: pageToken } = await list(client, bucket.name);
    bucket.faults.add({ kind: "list", rejectPageToken: true });
    const error = await failureOf(list(client, bucket.name, { pageToken }));
    assert.deepEqual([error.code, error.status], ["GCS_PAGE_TOKEN_REJECTED", 400]);
  });
});

describe("reading an object", () => {
  test("gives its stored bytes, whatever its metadata say", async () => {
    const bucket = await simulate();
    const client = accountOf(bucket).client(NEEDS);
    for (const contentEncoding of [undefined, "gzip"]) {
      const name = `internal/100% #1?/ü ${contentEncoding ?? "none"}`;
      const { generation } = bucket.put(name, PACKED, contentEncoding === undefined ? {} : { contentEncoding });
      const media = await client.read({ bucket: bucket.name, name, generation, fromByte: 0, signal: never });
      assert.deepEqual([media.firstByte, media.totalBytes, media.isAsStored], [0, PACKED.length, true]);
      assert.deepEqual(await bytesOf(media), PACKED);
    }
    const [first] = bucket.requests.filter(({ kind }) => kind === "media");
    assert.equal(first?.acceptEncoding, "gzip");
    assert.equal(first.range, undefined);
    assert.deepEqual(first.query["alt"], "media");
    assert.equal(first.path.split("/").length, "/storage/v1/b/x/o/y".split("/").length, "the name is one segment");
  });

  test("begins where it is told, and says when it does not", async () => {
    const bucket = await simulate();
    const { name, generation } = bucket.put("a", PACKED);
    const client = accountOf(bucket).client(NEEDS);
    const read = (fromByte: number): Promise<Media> =>
      client.read({ bucket: bucket.name, name, generation, fromByte, signal: never });
    const part = await read(100);
    assert.deepEqual([part.firstByte, part.totalBytes, part.isAsStored], [100, PACKED.length, true]);
    assert.deepEqual(await bytesOf(part), PACKED.subarray(100));
    assert.equal(bucket.requests.at(-1)?.range, "bytes=100-");
    bucket.faults.add({ kind: "media", ignoreRange: true });
    const whole = await read(100);
    assert.deepEqual([whole.firstByte, whole.totalBytes], [0, PACKED.length]);
    assert.deepEqual(await bytesOf(whole), PACKED);
    const none = await read(PACKED.length);
    assert.deepEqual([none.firstByte, none.totalBytes], [PACKED.length, PACKED.length]);
    assert.equal((await bytesOf(none)).length, 0);
  });

  test("says that it is decompressed on the way", async () => {
    const bucket = await simulate();
    const { name, generation } = bucket.put("a", PACKED, { contentEncoding: "gzip" });
    bucket.faults.add({ kind: "media", transcode: true });
    const client = accountOf(bucket).client(NEEDS);
    const media = await client.read({ bucket: bucket.name, name, generation, fromByte: 0, signal: never });
    assert.deepEqual([media.isAsStored, media.totalBytes], [false, undefined]);
    assert.equal((await bytesOf(media)).toString(), TEXT);
  });

  test("pins one version", async () => {
    const bucket = await simulate();
    const { name, generation } = bucket.put("a", "old");
    bucket.put("a", "new");
    const client = accountOf(bucket).client(NEEDS);
    const error = await failureOf(client.read({ bucket: bucket.name, name, generation, fromByte: 0, signal: never }));
    assert.deepEqual([error.code, error.status], ["GCS_OBJECT_GONE", 404]);
  });

  const breaks: readonly (readonly [what: string, fault: object, code: string])[] = [
    ["is reset", { resetAfterBytes: 50 }, "XDR_CONNECTION_LOST"],
    ["ends short", { endAfterBytes: 50 }, "XDR_CONNECTION_LOST"],
    ["stalls", { stallAfterBytes: 50 }, "XDR_TIMEOUT"],
  ];
  for (const [what, fault, code] of breaks) {
    test(`puts a body that ${what} into words`, async () => {
      const bucket = await simulate();
      const { name, generation } = bucket.put("a", PACKED);
      bucket.faults.add({ kind: "media", ...fault });
      const client = accountOf(bucket).client({ ...NEEDS, timeoutMs: 500 });
      const media = await client.read({ bucket: bucket.name, name, generation, fromByte: 0, signal: never });
      const error = await brokenBody(client, media);
      assert.equal(error.code, code);
      assert.match(error.message, /127\.0\.0\.1/);
    });
  }

  const large = Buffer.alloc(4_000_000, "x");

  test("waits as long as the reader does, and times out only the service", async () => {
    const bucket = await simulate();
    const { name, generation } = bucket.put("a", large);
    const client = accountOf(bucket).client({ ...NEEDS, timeoutMs: 300 });
    const media = await client.read({ bucket: bucket.name, name, generation, fromByte: 0, signal: never });
    let bytes = 0;
    for await (const chunk of media.body) {
      // Once, and for several times the idle time: only its passing can show that it does not count here. The HTTP library
      // measures idle time in steps of a second.
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 2500));
      bytes += chunk.length;
    }
    assert.equal(bytes, large.length);
    assert.equal(bucket.counts.media, 1);
  });

  test("ends with its signal, with the client, or when it is destroyed, and breaks nothing", async () => {
    const bucket = await simulate();
    const { name, generation } = bucket.put("a", large);
    const account = accountOf(bucket);
    const client = account.client(NEEDS);
    const abort = new AbortController();
    const read = (signal: AbortSignal): Promise<Media> =>
      client.read({ bucket: bucket.name, name, generation, fromByte: 0, signal });
    const aborted = await read(abort.signal);
    abort.abort();
    assert.equal((await brokenBody(client, aborted)).code, "XDR_CANCELLED");
    (await read(never)).body.destroy();
    const left = await read(never);
    await left.body[Symbol.asyncIterator]().next();
    left.body.destroy();
    await until("their connections are closed", () => bucket.connections.open === 0);
    const [closed, other] = [await read(never), account.client(NEEDS)];
    await client.close();
    assert.equal((await brokenBody(client, closed)).code, "XDR_CANCELLED");
    assert.equal((await failureOf(read(never))).code, "XDR_CANCELLED");
    assert.equal((await list(other, bucket.name)).objects.length, 1, "the other client goes on");
    await account.close();
    assert.equal((await failureOf(list(other, bucket.name))).code, "XDR_CANCELLED");
    assert.equal((await failureOf(list(account.client(NEEDS), bucket.name))).code, "XDR_CANCELLED");
    await until("no connection is left", () => bucket.connections.open === 0);
  });
});

describe("one account", () => {
  test("has as many connections as objects are read, and two", async () => {
    const bucket = await simulate();
    const { name, generation } = bucket.put("a", Buffer.alloc(4_000_000));
    const client = accountOf(bucket).client({ timeoutMs: 5000, maxObjects: 1 });
    await list(client, bucket.name);
    await until("the token's connection is closed", () => bucket.connections.open === 1);
    const abort = new AbortController();
    const reads = Array.from({ length: 4 }, () =>
      client.read({ bucket: bucket.name, name, generation, fromByte: 0, signal: abort.signal }),
    );
    await Promise.all(reads.slice(0, 3));
    assert.equal(bucket.connections.open, 3);
    assert.equal(bucket.counts.media, 3);
    abort.abort();
    await Promise.allSettled(reads);
  });

  test("gets a new token where the old one is refused, once for all", async () => {
    const bucket = await simulate();
    bucket.put("a", "x");
    const account = accountOf(bucket);
    const clients = [account.client(NEEDS), account.client(NEEDS)] as const;
    await list(clients[0], bucket.name);
    bucket.expireTokens();
    await Promise.all(clients.flatMap((client) => [list(client, bucket.name), list(client, bucket.name)]));
    assert.equal(bucket.counts.token, 2);
    assert.equal(bucket.requests.filter(({ status }) => status === 401).length, 4);
  });

  test("gives up a call whose new token is refused too", async () => {
    const bucket = await simulate();
    bucket.faults.add({ kind: "list", status: 401, times: 2 });
    const client = accountOf(bucket).client(NEEDS);
    const error = await failureOf(list(client, bucket.name));
    assert.deepEqual([error.code, error.status], ["GCS_UNAUTHORIZED", 401]);
    assert.match(error.message, /event-reader@/);
    assert.deepEqual([bucket.counts.list, bucket.counts.token], [2, 2]);
    await list(client, bucket.name);
  });

  test("names a key that was revoked, and does not go on showing it", async () => {
    const bucket = await simulate();
    const client = accountOf(bucket).client(NEEDS);
    bucket.revokeKey();
    for (let call = 0; call < 3; call += 1)
      assert.equal((await failureOf(list(client, bucket.name))).code, "GCS_KEY_REJECTED");
    assert.deepEqual([bucket.counts.token, bucket.counts.list], [1, 0]);
  });

  test("works with a clock that is off", async () => {
    const bucket = await simulate();
    bucket.clockOffsetMs = 3 * 3_600_000;
    const told: number[] = [];
    const client = accountOf(bucket, { onClockCorrected: (skewMs) => told.push(skewMs) }).client(NEEDS);
    await list(client, bucket.name);
    assert.equal(told.length, 1);
    assert.ok(Math.abs((client.clockSkewMs ?? 0) - 10_800_000) < 5000);
  });

  test("needs no key where nobody asks for one", async () => {
    const bucket = await simulate({ anonymous: true });
    const authentication = { kind: "anonymous" } as const;
    await list(accountOf(bucket, { authentication }).client(NEEDS), bucket.name);
    assert.equal(bucket.counts.token, 0);
    const strict = await simulate();
    const error = await failureOf(list(accountOf(strict, { authentication }).client(NEEDS), strict.name));
    assert.equal(error.code, "GCS_UNAUTHORIZED");
    assert.match(error.message, /asks for a key/);
    assert.equal(strict.counts.list, 1);
  });

  test("trusts a private authority", async () => {
    const { ca, server } = testCertificates();
    const bucket = await simulate({ tls: server, anonymous: true });
    const connection = { baseUrl: `${bucket.url}/storage/v1`, authentication: { kind: "anonymous" } } as const;
    for (const tls of [undefined, { ca }]) {
      const account = createGcsAccount({ ...connection, tls }, { machine: machineWith() });
      endLater(() => account.close());
      const listed = list(account.client(NEEDS), bucket.name);
      if (tls === undefined) assert.equal((await failureOf(listed)).code, "XDR_TLS_FAILED");
      else await listed;
    }
  });
});
