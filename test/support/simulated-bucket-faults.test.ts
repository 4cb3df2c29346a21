import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { request } from "node:https";
import { connect as connectPlainly } from "node:net";
import { connect } from "node:tls";
import { askForToken, assertion, call, errorOf, mediaPath, objectsPath, open } from "./simulated-bucket/caller";
import { createSimulatedBucket, type Fault, type SimulatedBucket } from "./simulated-bucket/bucket";
import { flipped, gzip } from "./simulated-bucket/event-lines";
import { testCertificates } from "./simulated-tenant/tls";
import { until } from "./until";

const DATA = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
let bucket: SimulatedBucket;

before(async () => {
  bucket = await createSimulatedBucket({ pageSize: 2 });
  for (const name of ["a", "b", "c", "d", "e"]) bucket.put(name, DATA);
});
after(() => bucket.close());
afterEach(() => {
  assert.equal(bucket.faults.length, 0, "A fault was not met.");
  bucket.faults.clear();
  bucket.clearRequests();
});

const fail = (fault: Omit<Fault, "kind">): unknown => bucket.faults.add({ kind: "media", ...fault });
const media = (name = "a", headers: Record<string, string> = {}, query = "") =>
  call(bucket, mediaPath(bucket, name, query), { headers });
const list = (query = "") => call(bucket, objectsPath(bucket) + query);

describe("Simulated bucket, faults of the content", () => {
  test("resets after some bytes", async () => {
    fail({ resetAfterBytes: 100_000 });
    const answer = await media();
    assert.deepEqual([answer.status, answer.isComplete], [200, false]);
    assert.equal(answer.headers["content-length"], String(DATA.length));
    assert.ok(answer.body.length <= 100_000 && answer.body.equals(DATA.subarray(0, answer.body.length)));
    const [seen] = bucket.requests;
    assert.deepEqual([seen?.bytesSent, seen?.isComplete], [100_000, false]);
  });

  test("ends short after exactly so many bytes, with a length and without", async () => {
    fail({ endAfterBytes: 123_456 });
    fail({ endAfterBytes: 123_456, noLength: true });
    for (const length of [String(DATA.length), undefined]) {
      const answer = await media();
      assert.deepEqual([answer.body.length, answer.isComplete], [123_456, false]);
      assert.equal(answer.headers["content-length"], length);
    }
  });

  test("ends and resets before the first byte, but behind the head", async () => {
    fail({ endAfterBytes: 0 });
    fail({ resetAfterBytes: 0 });
    for (let time = 0; time < 2; time += 1) {
      const answer = await media();
      assert.deepEqual([answer.status, answer.body.length, answer.isComplete], [200, 0, false]);
    }
  });

  test("stalls and keeps the connection open", async () => {
    fail({ stallAfterBytes: 5000 });
    const answer = await open(bucket, mediaPath(bucket, "a"));
    let taken = 0;
    let hasEnded = false;
    answer.on("data", (chunk: Buffer) => (taken += chunk.length)).on("close", () => (hasEnded = true));
    await until("the bytes are there", () => taken === 5000);
    assert.deepEqual([hasEnded, bucket.connections.open, bucket.requests[0]?.bytesSent], [false, 1, 5000]);
    answer.destroy();
    await until("it is closed", () => bucket.connections.open === 0);
  });

  test("counts the bytes of the part that was asked for", async () => {
    fail({ endAfterBytes: 10 });
    const answer = await media("a", { range: "bytes=200000-" });
    assert.deepEqual([answer.status, answer.body], [206, DATA.subarray(200_000, 200_010)]);
  });

  test("flips a bit at one place of the object, in any range, and keeps the checksum", async () => {
    fail({ corruptAt: 150_000, times: 3 });
    const wrong = flipped(DATA, 150_000);
    const answer = await media();
    assert.ok(answer.body.equals(wrong) && answer.isComplete);
    assert.ok((await media("a", { range: "bytes=149990-" })).body.equals(wrong.subarray(149_990)));
    assert.ok((await media("a", { range: "bytes=150001-" })).body.equals(DATA.subarray(150_001)));
    const good = await media();
    assert.ok(good.body.equals(DATA));
    assert.equal(good.headers["x-goog-hash"], answer.headers["x-goog-hash"]);
  });

  test("sends in chunks without a length", async () => {
    fail({ noLength: true });
    const answer = await media();
    assert.deepEqual([answer.headers["content-length"], answer.headers["transfer-encoding"]], [undefined, "chunked"]);
    assert.ok(answer.body.equals(DATA) && answer.isComplete);
  });

  test("ignores a range, and transcodes what nobody wants transcoded", async () => {
    fail({ ignoreRange: true });
    const whole = await media("a", { range: "bytes=5-" });
    assert.deepEqual([whole.status, whole.headers["content-range"]], [200, undefined]);
    assert.ok(whole.body.equals(DATA));
    bucket.put("z", gzip("text"), { contentEncoding: "gzip" });
    fail({ transcode: true });
    const answer = await media("z", { "accept-encoding": "gzip", range: "bytes=5-" });
    assert.deepEqual([answer.status, answer.body.toString()], [200, "text"]);
    assert.equal(answer.headers["content-encoding"], undefined);
    bucket.delete("z");
  });

  test("closes without an answer", async () => {
    fail({ drop: true });
    await assert.rejects(media(), { code: "ECONNRESET" });
    assert.equal(bucket.requests[0]?.status, 0);
  });

  test("resets where it says so, and ends in an orderly way where it says that", async () => {
    const token = bucket.issueToken();
    const codeOf = (fault: Omit<Fault, "kind">): Promise<unknown> => {
      fail(fault);
      const socket = connectPlainly(Number(new URL(bucket.url).port), "127.0.0.1");
      socket.write(`GET ${mediaPath(bucket, "a")} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      return new Promise((resolve) => {
        socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
        socket.on("end", () => resolve("end")).resume();
      });
    };
    assert.equal(await codeOf({ drop: true }), "ECONNRESET");
    assert.equal(await codeOf({ resetAfterBytes: 10 }), "ECONNRESET");
    assert.equal(await codeOf({ endAfterBytes: 10 }), "end");
  });

  test("overwrites and deletes between the listing and the reading", async () => {
    const { generation } = bucket.put("b", "old");
    fail({ name: "b", before: () => void bucket.put("b", "new") });
    const gone = await media("b", {}, `&generation=${generation}`);
    assert.equal(gone.status, 404);
    assert.equal((await media("b")).body.toString(), "new");
    const deleteLater = async (): Promise<void> => {
      await Promise.resolve();
      bucket.delete("b");
    };
    fail({ name: "b", before: deleteLater });
    assert.equal((await media("b")).status, 404);
    bucket.put("b", DATA);
  });
});

describe("Simulated bucket, faults of the answers", () => {
  test("answers with a status, its usual reason and Retry-After", async () => {
    fail({ status: 429, retryAfter: 7 });
    const busy = await media();
    assert.deepEqual([busy.status, busy.headers["retry-after"], busy.json], [429, "7", undefined]);
    bucket.faults.add({ kind: "list", status: 503 });
    const { code, reason } = errorOf(await list());
    assert.deepEqual([code, reason], [503, "backendError"]);
    bucket.faults.add({ kind: "list", status: 403, reason: "rateLimitExceeded", message: "slow down" });
    assert.deepEqual(errorOf(await list()), {
      code: 403,
      message: "slow down",
      domain: "global",
      reason: "rateLimitExceeded",
    });
    assert.equal((await list()).status, 200);
  });

  test("fails at the token endpoint in its own form", async () => {
    const jwt = assertion(bucket.serviceAccount, Date.now());
    bucket.faults.push({ kind: "token", status: 500 }, { kind: "token", status: 400, reason: "invalid_client" });
    assert.deepEqual((await askForToken(bucket, jwt)).json, {
      error: "internal_failure",
      error_description: "We encountered an internal error. Please try again.",
    });
    assert.equal(((await askForToken(bucket, jwt)).json as { error: string }).error, "invalid_client");
    assert.equal((await askForToken(bucket, jwt)).status, 200);
  });

  test("cuts a listing too", async () => {
    bucket.faults.add({ kind: "list", endAfterBytes: 20 });
    const answer = await list();
    assert.deepEqual([answer.body.length, answer.isComplete], [20, false]);
  });

  test("refuses a good page token, and leaves requests without one alone", async () => {
    bucket.faults.add({ kind: "list", rejectPageToken: true });
    const first = (await list()).json as { nextPageToken: string };
    const next = `?pageToken=${encodeURIComponent(first.nextPageToken)}`;
    const refused = await list(next);
    assert.deepEqual([errorOf(refused)["code"], errorOf(refused)["location"]], [400, "pageToken"]);
    assert.equal((await list(next)).status, 200);
  });

  test("gives an empty page with a token that leads on, at the start and in between", async () => {
    bucket.faults.push({ kind: "list", emptyPage: true }, { kind: "list", emptyPage: true, skip: 1 });
    const seen: (string[] | undefined)[] = [];
    for (let token: string | undefined = ""; token !== undefined;) {
      const query: string = token === "" ? "" : `?pageToken=${encodeURIComponent(token)}`;
      const page = (await list(query)).json as { nextPageToken?: string; items?: { name: string }[] };
      seen.push(page.items?.map(({ name }) => name));
      token = page.nextPageToken;
    }
    assert.deepEqual(seen, [undefined, ["a", "b"], undefined, ["c", "d"], ["e"]]);
  });
});

describe("Simulated bucket, the script of faults", () => {
  test("meets requests of its kind and name only, in order, as often as told", async () => {
    const added = [
      bucket.faults.add({ kind: "media", name: "b", status: 500 }),
      bucket.faults.add({ kind: "media", status: 502, times: 2, skip: 1 }),
      bucket.faults.add({ kind: "media", status: 503 }),
    ];
    assert.equal((await list()).status, 200);
    const statuses: number[] = [];
    for (const name of ["a", "a", "b", "b", "c"]) statuses.push((await media(name)).status);
    // The first passes 502 by and meets 503.
    assert.deepEqual(statuses, [503, 502, 500, 502, 200]);
    assert.deepEqual(
      added.map(({ hits }) => hits),
      [1, 2, 1],
    );
    const removed = bucket.faults.add({ kind: "media", status: 500, times: Infinity });
    assert.equal((await media()).status, 500);
    removed.remove();
    assert.equal((await media()).status, 200);
  });

  test("logs each request and counts them", async () => {
    await list("?prefix=a&maxResults=1");
    await media("a", { range: "bytes=299990-", "accept-encoding": "gzip" });
    const [first, second] = bucket.requests;
    const common = { method: "GET", isComplete: true };
    assert.deepEqual(
      { ...first, atMs: 0, bytesSent: 0 },
      { ...common, kind: "list", path: objectsPath(bucket), query: { prefix: "a", maxResults: "1" }, ...LISTED },
    );
    const { atMs = 0, ...rest } = second ?? {};
    assert.deepEqual(rest, {
      ...common,
      kind: "media",
      path: `${objectsPath(bucket)}/a`,
      query: { alt: "media" },
      name: "a",
      range: "bytes=299990-",
      acceptEncoding: "gzip",
      status: 206,
      bytesSent: 10,
    });
    assert.ok(Math.abs(atMs - Date.now()) < 600_000);
    assert.deepEqual(bucket.counts, { token: 0, list: 1, media: 1, meta: 0, other: 0, mediaBytes: 10 });
  });
});

const LISTED = { name: undefined, range: undefined, acceptEncoding: undefined, status: 200, bytesSent: 0, atMs: 0 };

describe("Simulated bucket, the socket", () => {
  test("serves HTTPS", async () => {
    const { ca, server } = testCertificates();
    const safe = await createSimulatedBucket({ tls: server, anonymous: true });
    assert.match(safe.url, /^https:/);
    const status = await new Promise((resolve, reject) => {
      request(`${safe.url}${objectsPath(safe)}`, { ca, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .once("error", reject)
        .end();
    });
    assert.equal(status, 200);
    assert.equal(safe.serviceAccount.token_uri, `${safe.url}/token`);
    const idle = connect({ port: Number(new URL(safe.url).port), host: "127.0.0.1", ca }).on("error", () => undefined);
    await safe.close();
    await until("the connection is cut", () => idle.destroyed);
  });

  test("cuts what is under way when it closes", async () => {
    const closing = await createSimulatedBucket();
    closing.put("a", DATA);
    closing.faults.add({ kind: "media", stallAfterBytes: 10 });
    const answer = await open(closing, mediaPath(closing, "a"));
    let hasBroken = false;
    answer.on("error", () => (hasBroken = true)).resume();
    await closing.close();
    await until("the body breaks", () => hasBroken);
    await assert.rejects(call(closing, objectsPath(closing)), { code: "ECONNREFUSED" });
  });
});
