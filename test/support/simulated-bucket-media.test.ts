import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Readable } from "node:stream";
import { call, errorOf, md5, mediaPath, objectPath, open, type Answered } from "./simulated-bucket/caller";
import { checksumsOf, createSimulatedBucket, type SimulatedBucket } from "./simulated-bucket/bucket";
import { gzip } from "./simulated-bucket/event-lines";
import { until } from "./until";

const TEXT = "line one\nline two\nline three\n";
const ZIPPED = gzip(TEXT.repeat(500));
const MIB = 1024 * 1024;
let bucket: SimulatedBucket;

before(async () => {
  bucket = await createSimulatedBucket({ now: () => Date.UTC(2026, 8, 21, 12) });
  bucket.put("plain", TEXT, { contentType: "application/x-ndjson" });
  bucket.put("zip", ZIPPED, { contentType: "application/gzip" });
  bucket.put("encoded", ZIPPED, { contentType: "application/json", contentEncoding: "gzip" });
  bucket.put("kept", ZIPPED, { contentEncoding: "gzip", cacheControl: "private, no-transform" });
});
after(() => bucket.close());

const GZIP = { "accept-encoding": "gzip" };
const media = (name: string, headers: Record<string, string> = GZIP, query = ""): Promise<Answered> =>
  call(bucket, mediaPath(bucket, name, query), { headers });
/** `x-goog-hash` without the CRC32C, which the metadata and the official client vouch for. */
const md5In = (answer: Answered): string | undefined =>
  /^crc32c=[A-Za-z0-9+/]{6}==,md5=(.*)$/.exec(String(answer.headers["x-goog-hash"]))?.[1];

describe("Simulated bucket, content", () => {
  test("sends the stored bytes and says all about them", async () => {
    const { generation } = bucket.put("plain", TEXT, { contentType: "application/x-ndjson" });
    const answer = await media("plain");
    assert.deepEqual([answer.status, answer.body.toString(), answer.isComplete], [200, TEXT, true]);
    const { "x-guploader-uploadid": upload, connection, etag, ...headers } = answer.headers;
    assert.deepEqual(headers, {
      "content-type": "application/x-ndjson",
      "content-length": String(TEXT.length),
      "cache-control": "private, max-age=0",
      "accept-ranges": "bytes",
      "last-modified": "Mon, 21 Sep 2026 12:00:00 GMT",
      date: "Mon, 21 Sep 2026 12:00:00 GMT",
      server: "UploadServer",
      "x-goog-generation": generation,
      "x-goog-metageneration": "1",
      "x-goog-storage-class": "STANDARD",
      "x-goog-stored-content-encoding": "identity",
      "x-goog-stored-content-length": String(TEXT.length),
      "x-goog-hash": headers["x-goog-hash"],
    });
    assert.equal(md5In(answer), md5(Buffer.from(TEXT)));
    const { json } = await call(bucket, objectPath(bucket, "plain"));
    const resource = json as Record<string, string>;
    assert.equal(headers["x-goog-hash"], `crc32c=${String(resource["crc32c"])},md5=${String(resource["md5Hash"])}`);
    assert.equal(etag, resource["etag"]);
    assert.ok(upload !== undefined && connection !== undefined);
  });

  test("calls content without a type a stream of octets, and a composed object has no MD5", async () => {
    bucket.put("composed", "x", { composed: true });
    const { headers } = await media("composed");
    assert.equal(headers["content-type"], "application/octet-stream");
    assert.match(String(headers["x-goog-hash"]), /^crc32c=[^,]+$/);
    assert.equal(headers["x-goog-component-count"], "2");
  });

  test("serves the links that the resource gives", async () => {
    const { json } = await call(bucket, objectPath(bucket, "zip"));
    const { mediaLink = "", selfLink = "" } = json as Record<string, string>;
    assert.deepEqual((await call(bucket, mediaLink.slice(bucket.url.length))).body, ZIPPED);
    assert.deepEqual((await call(bucket, selfLink.slice(bucket.url.length))).json, json);
  });

  test("sends nothing of an empty object", async () => {
    bucket.put("empty", "");
    const answer = await media("empty");
    assert.deepEqual([answer.status, answer.headers["content-length"], answer.body.length], [200, "0", 0]);
    assert.equal((await media("empty", { range: "bytes=0-" })).status, 416);
  });
});

describe("Simulated bucket, transcoding", () => {
  test("leaves an object alone that is gzip by type only", async () => {
    const answer = await media("zip", {});
    assert.deepEqual(answer.body, ZIPPED);
    assert.equal(answer.headers["content-encoding"], undefined);
    assert.equal(answer.headers["x-goog-stored-content-encoding"], "identity");
  });

  test("sends an encoded object as it is to those who accept gzip", async () => {
    for (const accepted of ["gzip", "deflate, GZIP;q=0.5", "br,gzip"]) {
      const answer = await media("encoded", { "accept-encoding": accepted });
      assert.deepEqual(answer.body, ZIPPED, accepted);
      assert.equal(answer.headers["content-encoding"], "gzip");
      assert.equal(answer.headers["content-length"], String(ZIPPED.length));
    }
  });

  test("decompresses it for the others: no length, no encoding, no ranges, the checksum of the stored bytes", async () => {
    const requests: Record<string, string>[] = [
      {},
      { "accept-encoding": "gzip;q=0" },
      { "accept-encoding": "identity" },
      { range: "bytes=5-" },
    ];
    for (const headers of requests) {
      const answer = await media("encoded", headers);
      assert.deepEqual([answer.status, answer.body.toString()], [200, TEXT.repeat(500)], JSON.stringify(headers));
      const { "content-length": length, "content-encoding": encoding, "content-range": range } = answer.headers;
      assert.deepEqual([length, encoding, range], [undefined, undefined, undefined]);
      assert.equal(answer.headers["accept-ranges"], "none");
      assert.equal(answer.headers["x-goog-stored-content-encoding"], "gzip");
      assert.equal(answer.headers["x-goog-stored-content-length"], String(ZIPPED.length));
      assert.equal(md5In(answer), md5(ZIPPED));
    }
  });

  test("does not when the object forbids it", async () => {
    const answer = await media("kept", {});
    assert.deepEqual([answer.body, answer.headers["content-encoding"]], [ZIPPED, "gzip"]);
  });

  test("breaks the connection when what is stored is no gzip", async () => {
    bucket.put("liar", "no gzip at all", { contentEncoding: "gzip" });
    await assert.rejects(media("liar", {}), { code: "ECONNRESET" });
    assert.equal((await media("liar")).body.toString(), "no gzip at all");
  });
});

describe("Simulated bucket, ranges", () => {
  const size = ZIPPED.length;
  const ranges: Record<string, [number, number]> = {
    "bytes=0-": [0, size],
    "bytes=10-": [10, size],
    "bytes=10-19": [10, 20],
    [`bytes=10-${size + 5}`]: [10, size],
    "bytes=-7": [size - 7, size],
    [`bytes=-${size * 2}`]: [0, size],
    [`bytes=${size - 1}-`]: [size - 1, size],
  };
  for (const [range, [from, to]] of Object.entries(ranges)) {
    test(`sends ${range} of ${size}`, async () => {
      for (const name of ["zip", "encoded"]) {
        const answer = await media(name, { ...GZIP, range });
        assert.deepEqual([answer.status, answer.body], [206, ZIPPED.subarray(from, to)]);
        assert.equal(answer.headers["content-range"], `bytes ${from}-${to - 1}/${size}`);
        assert.equal(answer.headers["content-length"], String(to - from));
      }
    });
  }

  test("refuses one that begins at the end", async () => {
    for (const range of [`bytes=${size}-`, `bytes=${size + 9}-${size + 10}`, "bytes=-0"]) {
      const answer = await media("zip", { range });
      assert.deepEqual([answer.status, answer.headers["content-range"]], [416, `bytes */${size}`], range);
      assert.equal(answer.json, undefined);
    }
  });

  test("sends everything for what it does not understand", async () => {
    for (const range of ["bytes=5-2", "lines=1-2", "bytes=-", "bytes=1-2,4-5", "bytes=a-"]) {
      assert.deepEqual((await media("zip", { range })).body, ZIPPED, range);
    }
  });
});

describe("Simulated bucket, generations and conditions", () => {
  test("serves the generation that lives, and no other", async () => {
    const old = bucket.put("versions", "old");
    assert.equal((await media("versions", GZIP, `&generation=${old.generation}`)).body.toString(), "old");
    const now = bucket.put("versions", "new");
    const gone = await media("versions", GZIP, `&generation=${old.generation}`);
    assert.deepEqual([gone.status, gone.body.toString()], [404, `No such object: ${bucket.name}/versions`]);
    assert.equal(gone.headers["content-type"], "text/html; charset=UTF-8");
    const resource = await call(bucket, `${objectPath(bucket, "versions")}?generation=${old.generation}`);
    assert.deepEqual([errorOf(resource)["code"], errorOf(resource)["reason"]], [404, "notFound"]);
    assert.equal((await media("versions", GZIP, `&generation=${now.generation}`)).body.toString(), "new");
    bucket.touch("versions");
    assert.equal((await media("versions", GZIP, `&generation=${now.generation}`)).body.toString(), "new");
    assert.equal(bucket.delete("versions"), true);
    assert.equal(bucket.delete("versions"), false);
    assert.equal((await media("versions")).status, 404);
  });

  test("holds to the conditions", async () => {
    const { generation } = bucket.put("conditions", "x", { generation: "9007199254740993" });
    bucket.touch("conditions");
    const statuses: Record<string, number> = {
      [`ifGenerationMatch=${generation}`]: 200,
      "ifGenerationMatch=9007199254740992": 412,
      "ifGenerationMatch=0": 412,
      [`ifGenerationNotMatch=${generation}`]: 304,
      "ifGenerationNotMatch=9007199254740992": 200,
      "ifMetagenerationMatch=2": 200,
      "ifMetagenerationMatch=1": 412,
      "ifMetagenerationNotMatch=2": 304,
      "ifMetagenerationNotMatch=1": 200,
      "ifGenerationMatch=1&generation=1": 404,
      "ifGenerationMatch=x": 400,
      "generation=": 400,
      "generation=-1": 400,
      "generation=9223372036854775808": 400,
      "generatoin=1": 400,
    };
    for (const [query, status] of Object.entries(statuses)) {
      assert.equal((await media("conditions", GZIP, `&${query}`)).status, status, query);
      const resource = await call(bucket, `${objectPath(bucket, "conditions")}?${query}`);
      assert.equal(resource.status, status, query);
      if (status >= 400) assert.equal(errorOf(resource)["code"], status, query);
    }
    assert.equal((await media("missing", GZIP, "&ifGenerationMatch=0")).status, 404);
  });

  test("refuses unknown fields of a resource", async () => {
    const path = objectPath(bucket, "zip");
    assert.deepEqual((await call(bucket, `${path}?fields=name,size`)).json, {
      name: "zip",
      size: String(ZIPPED.length),
    });
    assert.equal((await call(bucket, `${path}?fields=items(name)`)).status, 400);
  });
});

describe("Simulated bucket, objects that nobody holds in memory", () => {
  const piece = (index: number): Buffer => Buffer.alloc(MIB, index % 251);
  const streamed = (mebibytes: number, made: { pieces: number }) => ({
    sizeBytes: mebibytes * MIB,
    stream: () =>
      Readable.from(
        (function* () {
          for (let index = 0; index < mebibytes; index += 1) {
            made.pieces += 1;
            yield piece(index);
          }
        })(),
        { objectMode: false, highWaterMark: 1 },
      ),
  });

  test("serves one, and any range of it", async () => {
    const data = streamed(3, { pieces: 0 });
    bucket.put("streamed", { ...data, ...(await checksumsOf(data.stream())) });
    const whole = Buffer.concat([0, 1, 2].map(piece));
    const answer = await media("streamed");
    assert.ok(answer.body.equals(whole));
    assert.equal(md5In(answer), md5(whole));
    const part = await media("streamed", { range: `bytes=${MIB - 5}-${MIB + 4}` });
    assert.deepEqual(part.body, whole.subarray(MIB - 5, MIB + 5));
    const made = { pieces: 0 };
    bucket.put("longer", streamed(50, made));
    assert.equal((await media("longer", { range: "bytes=0-9" })).body.length, 10);
    assert.ok(made.pieces < 10, "What comes behind the range is not made.");
    bucket.put("bare", data);
    assert.equal((await media("bare")).headers["x-goog-hash"], undefined);
  });

  test("makes no more of it than the caller takes", async () => {
    const made = { pieces: 0 };
    bucket.put("huge", streamed(1024, made));
    const answer = await open(bucket, mediaPath(bucket, "huge"));
    await until(
      "the socket is full",
      stands(() => made.pieces),
    );
    assert.ok(made.pieces > 0 && made.pieces < 64, `${made.pieces} MiB were made for a caller who takes nothing.`);
    const { bytesSent = 0 } = bucket.requests.at(-1) ?? {};
    assert.ok(bytesSent <= made.pieces * MIB);
    let taken = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      taken += chunk.length;
      if (taken > 100 * MIB) break;
    }
    assert.ok(made.pieces > 100);
    await until(
      "the generator rests",
      stands(() => made.pieces),
    );
    assert.ok(made.pieces < 200);
    assert.equal(bucket.requests.at(-1)?.isComplete, false);
  });
});

/** Holds once a number has not changed for 20 looks. */
function stands(read: () => number): () => boolean {
  let [last, looks] = [-1, 0];
  return () => {
    const now = read();
    looks = now === last ? looks + 1 : 0;
    last = now;
    return looks >= 20 && now > 0;
  };
}
