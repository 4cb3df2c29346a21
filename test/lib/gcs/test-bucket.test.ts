import assert from "node:assert/strict";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import type { Authentication } from "../../../nodes/lib/gcs/account-options";
import { parseServiceAccount } from "../../../nodes/lib/gcs/service-account";
import { testBucket } from "../../../nodes/lib/gcs/test-bucket";
import type { ConnectionReport } from "../../../nodes/lib/tenant/test-connection";
import { unusedPort } from "../../support/scripted-server";
import type { SimulatedBucket } from "../../support/simulated-bucket/bucket";
import { until } from "../../support/until";
import { keyFor, machineWith, serve, shiftedClock, simulate } from "./account-rig";

interface More {
  readonly authentication?: Authentication;
  readonly path?: string;
  readonly clock?: ReturnType<typeof shiftedClock>;
  readonly maxTestMs?: number;
}

async function run(bucket: SimulatedBucket, more: More = {}): Promise<ConnectionReport> {
  const key = parseServiceAccount(JSON.stringify(bucket.serviceAccount));
  const { authentication = { kind: "key", key }, path = bucket.name, clock, maxTestMs } = more;
  const connection = { baseUrl: `${bucket.url}/storage/v1`, authentication };
  const report = await testBucket(connection, path, { machine: machineWith(), clock }, maxTestMs);
  await until("no connection is left", () => bucket.connections.open === 0);
  assert.ok(!JSON.stringify(report).includes(bucket.serviceAccount.private_key.slice(40, 80)));
  return report;
}

async function filled(names = ["internal/a"]): Promise<SimulatedBucket> {
  const bucket = await simulate();
  for (const name of names) bucket.put(name, name.endsWith("/") ? "" : "x".repeat(1_000_000));
  return bucket;
}

describe("testBucket", () => {
  test("lists and reads, and no more than it has to", async () => {
    const bucket = await filled(["internal/", "internal/a", "internal/b"]);
    const report = await run(bucket, { path: ` gs://${bucket.name}/internal/ ` });
    assert.deepEqual([report.ok, report.code], [true, "XDR_OK"]);
    assert.match(report.message, /key of event-reader@.* accepted.* can be listed and read\.$/);
    assert.deepEqual([bucket.counts.token, bucket.counts.list, bucket.counts.media], [1, 1, 1]);
    assert.equal(bucket.requests.find(({ kind }) => kind === "list")?.query["prefix"], "internal/");
    assert.equal(bucket.requests.find(({ kind }) => kind === "media")?.name, "internal/a");
  });

  test("is well with a bucket that has nothing yet", async () => {
    for (const bucket of [await simulate(), await filled(["internal/"])]) {
      const report = await run(bucket);
      assert.equal(report.ok, true);
      assert.match(report.message, /up to two hours are normal/);
      assert.equal(bucket.counts.media, 0);
    }
  });

  test("is well with an object of no bytes", async () => {
    const bucket = await simulate();
    bucket.put("a", "");
    const report = await run(bucket);
    assert.deepEqual([report.ok, bucket.counts.media], [true, 1]);
  });

  test("looks behind pages without objects, but not for ever", async () => {
    const behind = await filled(["a"]);
    behind.faults.add({ kind: "list", emptyPage: true });
    assert.match((await run(behind)).message, /listed and read/);
    const endless = await filled(["a"]);
    endless.faults.add({ kind: "list", emptyPage: true, times: 1000 });
    assert.equal((await run(endless)).ok, true);
    assert.equal(endless.counts.list, 3);
  });

  test("tries only the key without a bucket", async () => {
    const bucket = await filled();
    const report = await run(bucket, { path: " " });
    assert.equal(report.ok, true);
    assert.match(report.message, /is accepted\. Enter a bucket/);
    assert.deepEqual([bucket.counts.token, bucket.counts.list], [1, 0]);
    const nothing = await run(bucket, { path: "", authentication: { kind: "anonymous" } });
    assert.deepEqual([nothing.ok, nothing.code], [false, "XDR_CONFIG_INVALID"]);
    assert.match(nothing.message, /Enter a bucket/);
  });

  test("needs no key where none is asked for", async () => {
    const bucket = await simulate({ anonymous: true });
    bucket.put("a", "x");
    const report = await run(bucket, { authentication: { kind: "anonymous" } });
    assert.match(report.message, /^No key is needed; /);
  });

  type Row = readonly [what: string, upset: (bucket: SimulatedBucket) => void, code: string, says: RegExp];
  const rows: readonly Row[] = [
    ["a key that was revoked", (bucket) => bucket.revokeKey(), "GCS_KEY_REJECTED", /revoked or replaced/],
    ["no such bucket", (bucket) => (bucket.gone = true), "GCS_BUCKET_NOT_FOUND", /no bucket "xdr-eu/],
    ["no right to list", (bucket) => (bucket.denyList = true), "GCS_LIST_FORBIDDEN", /storage\.objects\.list/],
    ["no right to read", (bucket) => (bucket.denyRead = true), "GCS_READ_FORBIDDEN", /storage\.objects\.get/],
    [
      "a service that fails",
      (bucket) => void bucket.faults.add({ kind: "list", status: 503 }),
      "XDR_SERVER_ERROR",
      /failed to list/,
    ],
    [
      "a token endpoint that fails",
      (bucket) => void bucket.faults.add({ kind: "token", status: 503 }),
      "XDR_SERVER_ERROR",
      /failed to give a token/,
    ],
    [
      "an object that breaks off",
      (bucket) => void bucket.faults.add({ kind: "media", endAfterBytes: 0 }),
      "XDR_CONNECTION_LOST",
      /broke/,
    ],
  ];
  for (const [what, upset, code, says] of rows) {
    test(`names ${what}`, async () => {
      const bucket = await filled();
      upset(bucket);
      const report = await run(bucket);
      assert.deepEqual([report.ok, report.code], [false, code]);
      assert.match(report.message, says);
    });
  }

  test("names a bucket that is none", async () => {
    const report = await run(await filled(), { path: "https://example.com/x" });
    assert.deepEqual([report.ok, report.code], [false, "XDR_CONFIG_INVALID"]);
  });

  test("names the clock, whether it is in the way or not", async () => {
    const bucket = await filled();
    const working = await run(bucket, { clock: shiftedClock(-3_600_000) });
    assert.equal(working.ok, true);
    assert.match(working.message, /this machine's clock is 36\d\d s behind Google's: set the clock/);
    bucket.revokeKey();
    const refused = await run(bucket, { clock: shiftedClock(-3_600_000) });
    assert.deepEqual([refused.ok, refused.code], [false, "XDR_CLOCK_SKEW"]);
  });

  test("names the network", async () => {
    const bucket = await filled();
    const authentication = keyFor(`http://127.0.0.1:${await unusedPort()}/token`);
    assert.equal((await run(bucket, { authentication })).code, "XDR_CONNECTION_REFUSED");
  });

  test("ends in time, whatever is silent", { timeout: 30_000 }, async () => {
    const silent = await serve(() => undefined);
    const stalling = await filled();
    stalling.faults.add({ kind: "media", stallAfterBytes: 0, times: 10 });
    const atToken = await run(stalling, { authentication: keyFor(silent.url), maxTestMs: 300 });
    const atMedia = await run(stalling, { maxTestMs: 2000 });
    for (const report of [atToken, atMedia]) {
      assert.deepEqual([report.ok, report.code], [false, "XDR_TIMEOUT"]);
      assert.match(report.message, /0\.3 s|2 s/);
    }
    await until("the token's connection is closed", () => silent.sockets.size === 0);
  });

  test("leaves no connection open", async () => {
    const server = await serve((_seen, request, response) => {
      // Neither side would close it by itself.
      (request.socket as Socket & { server: Server }).server.keepAliveTimeout = 600_000;
      response.setHeader("keep-alive", "timeout=600").end('{"kind":"storage#objects"}');
    });
    const connection = { baseUrl: `${server.url}/storage/v1`, authentication: { kind: "anonymous" } } as const;
    assert.equal((await testBucket(connection, "some-bucket", { machine: machineWith() })).ok, true);
    await until("no socket is left", () => server.sockets.size === 0);
  });

  test("shows no proxy password when the environment's proxy is none", async () => {
    const connection = { baseUrl: "https://storage.invalid/storage/v1", authentication: keyFor("https://t.invalid") };
    const machine = machineWith({}, { env: { HTTPS_PROXY: "me:SECRET" } });
    const report = await testBucket(connection, "b", { machine });
    assert.deepEqual([report.ok, report.code], [false, "XDR_CONFIG_INVALID"]);
    assert.ok(!report.message.includes("SECRET"));
  });
});
