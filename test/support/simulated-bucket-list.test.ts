import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { call, errorOf, md5, objectPath, objectsPath, type Answered } from "./simulated-bucket/caller";
import { createSimulatedBucket, type BucketOptions, type SimulatedBucket } from "./simulated-bucket/bucket";
import { crc32c } from "./simulated-bucket/crc32c";
import { mulberry32, shuffled } from "./virtual-random";

const open: SimulatedBucket[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((bucket) => bucket.close()));
});

async function bucketWith(names: readonly string[], options: BucketOptions = {}): Promise<SimulatedBucket> {
  const bucket = await createSimulatedBucket({ anonymous: true, ...options });
  open.push(bucket);
  for (const name of names) bucket.put(name, `content of ${name}`);
  return bucket;
}

interface Listed {
  readonly kind?: string;
  readonly nextPageToken?: string;
  readonly prefixes?: string[];
  readonly items?: Record<string, unknown>[];
}
const asked = (bucket: SimulatedBucket, query: Record<string, string>): Promise<Answered> =>
  call(bucket, `${objectsPath(bucket)}?${new URLSearchParams(query).toString()}`, { authorization: null });
async function listed(bucket: SimulatedBucket, query: Record<string, string> = {}): Promise<Listed> {
  const answer = await asked(bucket, query);
  assert.equal(answer.status, 200, answer.body.toString());
  return answer.json as Listed;
}
const namesOf = ({ items = [] }: Listed): unknown[] => items.map(({ name }) => name);

/** All pages, each as its names and prefixes. */
async function pages(bucket: SimulatedBucket, query: Record<string, string>): Promise<unknown[][]> {
  const all: unknown[][] = [];
  for (let pageToken: string | undefined = ""; pageToken !== undefined;) {
    const page = await listed(bucket, { ...query, ...(pageToken === "" ? {} : { pageToken }) });
    all.push([...namesOf(page), ...(page.prefixes ?? [])]);
    pageToken = page.nextPageToken;
  }
  return all;
}

describe("Simulated bucket, listing", () => {
  test("says nothing but its kind when it is empty", async () => {
    assert.deepEqual(await listed(await bucketWith([])), { kind: "storage#objects" });
  });

  test("shows an object with its 64-bit numbers as text", async () => {
    const bucket = await bucketWith([], { now: () => Date.UTC(2026, 8, 21, 14, 16, 40, 130) });
    bucket.put("internal/a/ä?.gz", "123456789", { contentType: "application/gzip", generation: "1790000200123456789" });
    const [object] = (await listed(bucket)).items ?? [];
    const path = `${bucket.name}/o/internal%2Fa%2F%C3%A4%3F.gz`;
    assert.deepEqual(object, {
      kind: "storage#object",
      id: `${bucket.name}/internal/a/ä?.gz/1790000200123456789`,
      selfLink: `${bucket.url}/storage/v1/b/${path}`,
      mediaLink: `${bucket.url}/download/storage/v1/b/${path}?generation=1790000200123456789&alt=media`,
      name: "internal/a/ä?.gz",
      bucket: bucket.name,
      generation: "1790000200123456789",
      metageneration: "1",
      contentType: "application/gzip",
      storageClass: "STANDARD",
      size: "9",
      md5Hash: md5("123456789"),
      // The check value of CRC32C: e3069283.
      crc32c: "4waSgw==",
      etag: object?.["etag"],
      timeCreated: "2026-09-21T14:16:40.130Z",
      updated: "2026-09-21T14:16:40.130Z",
      timeStorageClassUpdated: "2026-09-21T14:16:40.130Z",
      timeFinalized: "2026-09-21T14:16:40.130Z",
    });
    const resource = await call(bucket, objectPath(bucket, "internal/a/ä?.gz"), { authorization: null });
    assert.deepEqual(resource.json, object);
    assert.equal(crc32c(Buffer.from("6789"), crc32c(Buffer.from("12345"))), 0xe3069283);
  });

  test("shows encoding and cache control when set, and no MD5 of a composed object", async () => {
    const bucket = await bucketWith([]);
    bucket.put("a", "x", { contentEncoding: "gzip", cacheControl: "no-transform", composed: true });
    const [object] = (await listed(bucket)).items ?? [];
    assert.deepEqual(
      ["contentEncoding", "cacheControl", "componentCount", "md5Hash", "contentType"].map((field) => object?.[field]),
      ["gzip", "no-transform", 2, undefined, undefined],
    );
    assert.equal(typeof object?.["crc32c"], "string");
  });

  test("counts generations and metagenerations, and never goes back", async () => {
    let nowMs = 1_790_000_000_000;
    const bucket = await bucketWith([], { now: () => nowMs });
    const versions = [bucket.put("a", "1"), bucket.put("a", "2")].map(({ generation }) => generation);
    assert.deepEqual(versions, ["1790000000000000", "1790000000000001"]);
    nowMs += 5;
    bucket.touch("a");
    const { items } = await listed(bucket, { fields: "items(generation,metageneration,timeCreated,updated,size)" });
    const times = { timeCreated: "2026-09-21T14:13:20.000Z", updated: "2026-09-21T14:13:20.005Z" };
    assert.deepEqual(items, [{ generation: versions[1], metageneration: "2", ...times, size: "1" }]);
    bucket.delete("a");
    assert.equal(bucket.put("a", "3", { createdMs: 5 }).generation, "1790000000000002");
    assert.throws(() => bucket.put("a", "4", { generation: "1790000000000002" }), /there already/);
  });

  test("orders names by their UTF-8 bytes, not by UTF-16", async () => {
    const names = ["a", "a\uffee", "a\u{10000}", "aa", "b", "Z", "ä", "a ", "a/"];
    const bucket = await bucketWith(shuffled(mulberry32(3), names));
    const expected = [...names].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    assert.deepEqual(namesOf(await listed(bucket)), expected);
    assert.deepEqual(
      bucket.objects().map(({ name }) => name),
      expected,
    );
    assert.ok(expected.indexOf("a\u{10000}") > expected.indexOf("a\uffee"));
  });

  test("keeps the order through puts, overwrites and deletions in any order", async () => {
    const names = Array.from({ length: 300 }, (_, index) => `n/${index}`);
    const bucket = await bucketWith(shuffled(mulberry32(5), names));
    for (const name of shuffled(mulberry32(6), names).slice(0, 150)) bucket.delete(name);
    for (const name of shuffled(mulberry32(7), names).slice(0, 200)) bucket.put(name, "again");
    const kept = new Set(bucket.objects().map(({ name }) => name));
    const sorted = [...kept].sort();
    assert.deepEqual(
      bucket.objects().map(({ name }) => name),
      sorted,
    );
    assert.equal(kept.size, bucket.objects().length);
    assert.ok(kept.size >= 200 && kept.size < 300);
  });

  test("selects by prefix, start (itself included) and end (itself not)", async () => {
    const bucket = await bucketWith(["a/1", "a/2", "a/3", "a0", "b/1"]);
    assert.deepEqual(namesOf(await listed(bucket, { prefix: "a/" })), ["a/1", "a/2", "a/3"]);
    assert.deepEqual(namesOf(await listed(bucket, { startOffset: "a/2" })), ["a/2", "a/3", "a0", "b/1"]);
    assert.deepEqual(namesOf(await listed(bucket, { endOffset: "a/3" })), ["a/1", "a/2"]);
    assert.deepEqual(namesOf(await listed(bucket, { prefix: "a/", startOffset: "a/2", endOffset: "z" })), [
      "a/2",
      "a/3",
    ]);
    assert.deepEqual(await listed(bucket, { prefix: "nothing" }), { kind: "storage#objects" });
  });

  test("groups by delimiter, and a group counts as one of a page", async () => {
    const bucket = await bucketWith(["a/1", "a/2", "b", "c/x/1", "c/y", "d"]);
    const page = await listed(bucket, { delimiter: "/" });
    assert.deepEqual(
      [namesOf(page), page.prefixes],
      [
        ["b", "d"],
        ["a/", "c/"],
      ],
    );
    const below = await listed(bucket, { delimiter: "/", prefix: "c/" });
    assert.deepEqual([namesOf(below), below.prefixes], [["c/y"], ["c/x/"]]);
    assert.deepEqual(await pages(bucket, { delimiter: "/", maxResults: "1" }), [["a/"], ["b"], ["c/"], ["d"]]);
  });
});

describe("Simulated bucket, pages", () => {
  test("gives each name once, whatever the length of the pages", async () => {
    const names = Array.from({ length: 23 }, (_, index) => `n${String(index).padStart(2, "0")}`);
    const bucket = await bucketWith(names);
    for (const maxResults of ["1", "7", "22", "23", "24"]) {
      const all = await pages(bucket, { maxResults });
      assert.deepEqual(all.flat(), names);
      assert.ok(all.every((page) => page.length <= Number(maxResults) && page.length > 0));
    }
    assert.deepEqual((await pages(bucket, { maxResults: "23" })).length, 1);
  });

  test("gives at most 1,000, or what it is set to, whatever is asked for", async () => {
    const names = Array.from({ length: 1001 }, (_, index) => `n${index}`);
    const lengths = async (bucket: SimulatedBucket): Promise<number[]> =>
      (await pages(bucket, { maxResults: "5000", fields: "items/name,nextPageToken" })).map((page) => page.length);
    assert.deepEqual(await lengths(await bucketWith(names)), [1000, 1]);
    assert.deepEqual(await lengths(await bucketWith(names, { pageSize: 600 })), [600, 401]);
  });

  test("does not show what appears behind the page, and shows what appears before it", async () => {
    const bucket = await bucketWith(["b", "d", "f"]);
    const { nextPageToken = "" } = await listed(bucket, { maxResults: "2" });
    bucket.put("a", "");
    bucket.put("e", "");
    bucket.delete("d");
    assert.deepEqual(namesOf(await listed(bucket, { pageToken: nextPageToken })), ["e", "f"]);
  });

  test("refuses page tokens that are not its own, or of another query", async () => {
    const bucket = await bucketWith(["a/1", "a/2", "a/3"]);
    const other = await bucketWith(["a/1", "a/2", "a/3"]);
    const query = { prefix: "a/", maxResults: "1" };
    const { nextPageToken: pageToken = "" } = await listed(bucket, query);
    const { nextPageToken: foreign = "" } = await listed(other, query);
    const cut = pageToken.slice(0, -4);
    const refused = [
      { ...query, pageToken: "x" },
      { ...query, pageToken: "" },
      { ...query, pageToken: cut },
      { ...query, pageToken: foreign },
      { pageToken },
      { prefix: "a", pageToken },
      { ...query, startOffset: "a/1", pageToken },
      { ...query, delimiter: "/", pageToken },
    ];
    for (const wrong of refused) {
      const answer = await asked(bucket, wrong);
      const { code, reason, location } = errorOf(answer);
      assert.deepEqual([code, reason, location], [400, "invalid", "pageToken"], JSON.stringify(wrong));
    }
    assert.deepEqual(namesOf(await listed(bucket, { prefix: "a/", pageToken })), ["a/2", "a/3"]);
  });

  test("lists 100,000 objects that came in any order, each once", async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `internal/${String(index).padStart(6, "0")}`);
    const bucket = await bucketWith(shuffled(mulberry32(1), names));
    const all = await pages(bucket, { fields: "nextPageToken,items(name)", prettyPrint: "false" });
    assert.equal(all.length, 100);
    assert.deepEqual(all.flat(), names);
    assert.equal(bucket.counts.list, 100);
  });
});

describe("Simulated bucket, partial answers and parameters", () => {
  const fieldsOf = async (fields: string): Promise<Listed> => {
    const bucket = await bucketWith(["a", "b"]);
    return listed(bucket, { fields, maxResults: "1" });
  };

  test("gives what was asked for, and no page token that was not", async () => {
    assert.deepEqual(await fieldsOf("items(name,size)"), { items: [{ name: "a", size: "12" }] });
    assert.deepEqual(await fieldsOf("items/name"), { items: [{ name: "a" }] });
    assert.deepEqual(Object.keys(await fieldsOf("kind,nextPageToken")), ["kind", "nextPageToken"]);
    assert.deepEqual(Object.keys(await fieldsOf("*")), ["kind", "nextPageToken", "items"]);
    assert.deepEqual(Object.keys((await fieldsOf("items(metadata/x,owner(entity),name)")).items?.[0] ?? {}), ["name"]);
  });

  for (const fields of [
    "",
    "nme",
    "items(nme)",
    "items(name",
    "items(name))",
    "items()",
    "name",
    "items/name/x",
    ",",
  ]) {
    test(`refuses the fields "${fields}"`, async () => {
      const answer = await asked(await bucketWith([]), { fields });
      const { code, reason, location } = errorOf(answer);
      assert.deepEqual([code, reason, location], [400, "invalidParameter", "fields"]);
    });
  }

  const wrong: Record<string, string>[] = [
    { prefx: "a" },
    { maxresults: "1" },
    { maxResults: "0" },
    { maxResults: "-1" },
    { maxResults: "1.5" },
    { maxResults: "ten" },
    { alt: "media" },
    { projection: "all" },
    { prettyPrint: "yes" },
    { generation: "1" },
  ];
  for (const query of wrong) {
    test(`refuses ${JSON.stringify(query)}`, async () => {
      assert.equal(errorOf(await asked(await bucketWith([]), query))["code"], 400);
    });
  }

  test("refuses a parameter that is given twice", async () => {
    const bucket = await bucketWith([]);
    const answer = await call(bucket, `${objectsPath(bucket)}?prefix=a&prefix=b`, { authorization: null });
    assert.equal(answer.status, 400);
  });

  test("compresses for those who accept it", async () => {
    const bucket = await bucketWith(["a"]);
    const headers = { "accept-encoding": "gzip" };
    const answer = await call(bucket, objectsPath(bucket), { authorization: null, headers });
    assert.equal(answer.headers["content-encoding"], "gzip");
    assert.deepEqual(namesOf(JSON.parse(gunzipSync(answer.body).toString()) as Listed), ["a"]);
  });
});

describe("Simulated bucket, names", () => {
  test("takes what the service takes, and refuses what it refuses", async () => {
    const bucket = await bucketWith([]);
    for (const bad of ["", ".", "..", "a\nb", "a\rb", "ä".repeat(513), ".well-known/acme-challenge/x", "a\ud800"]) {
      assert.throws(() => bucket.put(bad, ""), /allows no object name/, JSON.stringify(bad.slice(0, 10)));
    }
    for (const good of ["ä".repeat(512), "a b", "%2F", "#?&=+", "folder/", "日本/\u{1f600}", "a/../b"]) {
      bucket.put(good, good);
      const answer = await call(bucket, `${objectPath(bucket, good)}?alt=media`, { authorization: null });
      assert.deepEqual([answer.status, answer.body.toString()], [200, good]);
      assert.equal(bucket.requests.at(-1)?.name, good);
    }
  });

  test("does not know a name whose slash is not encoded, or whose encoding is broken", async () => {
    const bucket = await bucketWith(["a/b", "a"]);
    assert.equal((await call(bucket, `${objectsPath(bucket)}/a/b`, { authorization: null })).status, 404);
    assert.equal((await call(bucket, `${objectsPath(bucket)}/a%`, { authorization: null })).status, 404);
    assert.equal((await call(bucket, `${objectsPath(bucket)}/a%2Fb`, { authorization: null })).status, 200);
  });
});
