// Google's own client against the simulated bucket: what the two disagree on would be a fault of the bucket.
import { Storage, type File } from "@google-cloud/storage";
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createSimulatedBucket, type SimulatedBucket } from "./simulated-bucket/bucket";
import { eventLines, gzip, ndjson } from "./simulated-bucket/event-lines";

const TEXT = ndjson(eventLines(1, 300));
const ZIPPED = gzip(TEXT);
let bucket: SimulatedBucket;
let storage: Storage;

/** A client that asks for no token of its own; this one is put into each request. */
function clientOf(apiEndpoint: string, token?: string): Storage {
  const client = new Storage({
    apiEndpoint,
    projectId: "simulated-project",
    useAuthWithCustomEndpoint: false,
    retryOptions: { autoRetry: false },
  });
  const Authorization = `Bearer ${token ?? ""}`;
  const request = (options: object): object => ({
    ...options,
    headers: { ...("headers" in options ? (options.headers as object) : {}), Authorization },
  });
  if (token !== undefined) client.interceptors.push({ request } as unknown as (typeof client.interceptors)[number]);
  return client;
}

before(async () => {
  bucket = await createSimulatedBucket();
  storage = clientOf(bucket.url, bucket.issueToken());
  for (let index = 0; index < 25; index += 1) bucket.put(`list/${String(index).padStart(2, "0")}`, String(index));
  bucket.put("files/plain é.json", TEXT, { contentType: "application/x-ndjson" });
  bucket.put("files/typed.gz", ZIPPED, { contentType: "application/gzip" });
  bucket.put("files/encoded.gz", ZIPPED, { contentType: "application/json", contentEncoding: "gzip" });
});
after(() => bucket.close());

const file = (name: string, generation?: string): File =>
  storage.bucket(bucket.name).file(name, generation === undefined ? {} : { generation });
const namesOf = (files: readonly File[]): string[] => files.map(({ name }) => name);

describe("Simulated bucket and the official client", () => {
  test("lists by pages, all at once, and grouped", async () => {
    const all = bucket.objects().map(({ name }) => name);
    const pages: string[][] = [];
    // The client ends with null.
    let query: object | null = { autoPaginate: false, maxResults: 10, prefix: "list/" };
    while (query !== null) {
      const answer: unknown[] = await storage.bucket(bucket.name).getFiles(query);
      pages.push(namesOf(answer[0] as File[]));
      query = answer[1] as object | null;
    }
    const listed = all.filter((name) => name.startsWith("list/"));
    assert.deepEqual(pages, [listed.slice(0, 10), listed.slice(10, 20), listed.slice(20)]);
    bucket.clearRequests();
    assert.deepEqual(
      namesOf((await storage.bucket(bucket.name).getFiles({ maxResults: 7, autoPaginate: true }))[0]),
      all.slice(0, 7),
    );
    assert.deepEqual(namesOf((await storage.bucket(bucket.name).getFiles())[0]), all);
    const [, , answer] = await storage.bucket(bucket.name).getFiles({ delimiter: "/", autoPaginate: false });
    assert.deepEqual((answer as { prefixes: string[] }).prefixes, ["files/", "list/"]);
    const [from] = await storage.bucket(bucket.name).getFiles({ startOffset: "list/23", endOffset: "list/24" });
    assert.deepEqual(namesOf(from), ["list/23"]);
  });

  test("reads the metadata", async () => {
    const [metadata] = await file("files/plain é.json").getMetadata();
    assert.deepEqual(
      [metadata.name, metadata.size, metadata.contentType],
      ["files/plain é.json", String(Buffer.byteLength(TEXT)), "application/x-ndjson"],
    );
  });

  test("downloads with its check of the CRC32C, and with that of the MD5", async () => {
    for (const validation of ["crc32c", "md5"] as const) {
      assert.equal((await file("files/plain é.json").download({ validation }))[0].toString(), TEXT);
      assert.deepEqual((await file("files/typed.gz").download({ validation }))[0], ZIPPED);
      assert.equal((await file("files/encoded.gz").download({ validation }))[0].toString(), TEXT);
      const asStored = await file("files/encoded.gz").download({ validation, decompress: false });
      assert.deepEqual(asStored[0], ZIPPED);
    }
    assert.equal(bucket.requests.at(-1)?.acceptEncoding, "gzip");
  });

  test("notices a byte that was changed on the way", async () => {
    for (const validation of ["crc32c", "md5"] as const) {
      bucket.faults.add({ kind: "media", corruptAt: 1000 });
      await assert.rejects(file("files/typed.gz").download({ validation }), { code: "CONTENT_DOWNLOAD_MISMATCH" });
    }
  });

  test("downloads a range", async () => {
    const [part] = await file("files/typed.gz").download({ start: 100, end: 199 });
    assert.deepEqual(part, ZIPPED.subarray(100, 200));
    assert.deepEqual((await file("files/typed.gz").download({ start: 500 }))[0], ZIPPED.subarray(500));
  });

  test("reads the generation that it is told, until that is replaced", async () => {
    const { generation } = bucket.put("files/v", "one");
    assert.equal((await file("files/v", generation).download())[0].toString(), "one");
    bucket.put("files/v", "two");
    await assert.rejects(file("files/v", generation).download(), { code: 404 });
    assert.equal((await file("files/v").download())[0].toString(), "two");
    const [exists] = await file("files/missing").exists();
    assert.equal(exists, false);
  });

  test("understands the refusals", async () => {
    const missing = storage.bucket("no-such-bucket").getFiles();
    await assert.rejects(missing, { code: 404, message: "The specified bucket does not exist." });
    const anonymous = clientOf(bucket.url).bucket(bucket.name);
    await assert.rejects(anonymous.getFiles(), { code: 401, message: /Anonymous caller/ });
    const unknown = clientOf(bucket.url, "ya29.unknown").bucket(bucket.name);
    await assert.rejects(unknown.getFiles(), { code: 401, message: "Invalid Credentials" });
    await assert.rejects(file("files/missing").getMetadata(), { code: 404, message: /^No such object: / });
    await assert.rejects(file("files/missing").download(), { code: 404, message: /^No such object: / });
    bucket.denyList = true;
    await assert.rejects(storage.bucket(bucket.name).getFiles(), { code: 403, message: /storage\.objects\.list/ });
    bucket.denyList = false;
    const badToken = storage.bucket(bucket.name).getFiles({ pageToken: "x", autoPaginate: false });
    await assert.rejects(badToken, { code: 400, message: "Invalid Value" });
  });
});
