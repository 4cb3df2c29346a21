import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Authentication } from "../../../nodes/lib/gcs/account-options";
import { createGcsAccount, type GcsAccount } from "../../../nodes/lib/gcs/gcs-account";
import type { GcsClient, Media } from "../../../nodes/lib/gcs/gcs-api";
import type { XdrError } from "../../../nodes/lib/errors";
import { everythingOf } from "../../support/everything-of";
import { unusedPort, type Script } from "../../support/scripted-server";
import { until } from "../../support/until";
import { VirtualClock } from "../../support/virtual-clock";
import { EMAIL, endLater, keyFor, machineWith, never, serve } from "./account-rig";

const TOKEN = "ya29.SECRET-TOKEN-of-this-test";
const NEEDS = { timeoutMs: 5000, maxObjects: 2 };
const ANONYMOUS: Authentication = { kind: "anonymous" };

/** An account before an API and a token endpoint that a test scripts; it says which requests came to the API. */
async function accountBefore(
  script: Script,
  more: { isAnonymous?: boolean; clock?: VirtualClock } = {},
): Promise<{ account: GcsAccount; client: GcsClient; paths: () => string[]; headers: () => unknown[] }> {
  const tokenServer = await serve(
    (_seen, _request, response) => void response.end(JSON.stringify({ access_token: TOKEN, expires_in: 3600 })),
  );
  const api = await serve(script);
  const authentication = more.isAnonymous === true ? ANONYMOUS : keyFor(tokenServer.url);
  const account = accountAt(api.url, authentication, more.clock);
  return {
    account,
    client: account.client(NEEDS),
    paths: () => api.requests.map(({ path }) => path),
    headers: () => api.requests.map(({ headers }) => headers.authorization),
  };
}

function accountAt(origin: string, authentication = ANONYMOUS, clock?: VirtualClock, proxy?: string): GcsAccount {
  const connection = { baseUrl: `${origin}/storage/v1`, authentication, proxy };
  const account = createGcsAccount(connection, { machine: machineWith(), clock });
  endLater(() => account.close());
  return account;
}

const list = (client: GcsClient, more: object = {}): ReturnType<GcsClient["list"]> =>
  client.list({ bucket: "b", prefix: "", signal: never, ...more });
const read = (client: GcsClient, fromByte = 0): Promise<Media> =>
  client.read({ bucket: "b", name: "internal/a", generation: "1", fromByte, signal: never });
const failureOf = async (answer: Promise<unknown>): Promise<XdrError> =>
  answer.then(
    () => assert.fail("it succeeded"),
    (error: unknown) => {
      assert.ok(!everythingOf(error as XdrError).includes("SECRET"));
      return error as XdrError;
    },
  );

const envelope = (code: number, reason: string, message = "some words", more: object = {}): string =>
  JSON.stringify({ error: { code, message, errors: [{ message, domain: "global", reason }], ...more } });

describe("an answer that is no success", () => {
  type Row = readonly [status: number, body: string, list: string, read: string, says: RegExp];
  const rows: readonly Row[] = [
    [400, envelope(400, "invalid"), "XDR_REJECTED", "XDR_REJECTED", /refuses to (?:list|read from) the bucket "b"/],
    [403, envelope(403, "forbidden"), "GCS_LIST_FORBIDDEN", "GCS_READ_FORBIDDEN", /storage\.objects\.(?:list|get)/],
    [403, "Forbidden", "GCS_LIST_FORBIDDEN", "GCS_READ_FORBIDDEN", /It says: "Forbidden"/],
    [403, envelope(403, "rateLimitExceeded"), "XDR_RATE_LIMITED", "XDR_RATE_LIMITED", /rate limit/],
    [403, envelope(403, "userRateLimitExceeded"), "XDR_RATE_LIMITED", "XDR_RATE_LIMITED", /rate limit/],
    [403, envelope(403, "quotaExceeded"), "XDR_RATE_LIMITED", "XDR_RATE_LIMITED", /rate limit/],
    [403, envelope(403, "x", "y", { status: "RESOURCE_EXHAUSTED" }), "XDR_RATE_LIMITED", "XDR_RATE_LIMITED", /rate/],
    [403, envelope(403, "x", "rateLimitExceeded"), "GCS_LIST_FORBIDDEN", "GCS_READ_FORBIDDEN", /permission/],
    [404, envelope(404, "notFound"), "GCS_BUCKET_NOT_FOUND", "GCS_OBJECT_GONE", /no bucket "b"|"internal\/a"/],
    [404, "No such object: b/internal/a", "GCS_BUCKET_NOT_FOUND", "GCS_OBJECT_GONE", /It says: "No such object/],
    [404, "", "GCS_BUCKET_NOT_FOUND", "GCS_OBJECT_GONE", /404/],
    [404, "\n<!DOCTYPE html><p>Nothing", "XDR_RESPONSE_INVALID", "XDR_RESPONSE_INVALID", /no Cloud Storage/],
    [404, "<HTML>", "XDR_RESPONSE_INVALID", "XDR_RESPONSE_INVALID", /no Cloud Storage/],
    [408, "", "XDR_SERVER_ERROR", "XDR_SERVER_ERROR", /failed to/],
    [429, envelope(429, "rateLimitExceeded"), "XDR_RATE_LIMITED", "XDR_RATE_LIMITED", /rate limit/],
    [500, envelope(500, "backendError"), "XDR_SERVER_ERROR", "XDR_SERVER_ERROR", /some words/],
    [503, "", "XDR_SERVER_ERROR", "XDR_SERVER_ERROR", /503/],
    [412, envelope(412, "conditionNotMet"), "XDR_REJECTED", "XDR_REJECTED", /412/],
    [416, envelope(416, "requestedRangeNotSatisfiable"), "XDR_REJECTED", "XDR_REJECTED", /416/],
    [407, "", "XDR_PROXY_FAILED", "XDR_PROXY_FAILED", /proxy/],
    [302, "", "XDR_REDIRECTED", "XDR_REDIRECTED", /never followed/],
    [204, "", "XDR_RESPONSE_INVALID", "XDR_RESPONSE_INVALID", /204/],
  ];
  for (const [status, body, listCode, readCode, says] of rows) {
    test(`${status} ${body.slice(0, 60)} is ${listCode} or ${readCode}`, async () => {
      const { client, paths } = await accountBefore((_seen, _request, response) =>
        response.writeHead(status, { location: "/elsewhere" }).end(body),
      );
      const [listing, reading] = [await failureOf(list(client)), await failureOf(read(client))];
      assert.deepEqual([listing.code, reading.code], [listCode, readCode]);
      for (const error of [listing, reading]) {
        assert.equal(error.status, status);
        assert.match(error.message, says);
      }
      assert.equal(paths().length, 2, "one attempt each");
    });
  }

  test("names the account where rights are missing, and who has none", async () => {
    const script: Script = (_seen, _request, response) => void response.writeHead(403).end();
    const { client } = await accountBefore(script);
    for (const error of [await failureOf(list(client)), await failureOf(read(client))]) {
      assert.match(error.message, new RegExp(`The account ${EMAIL}`));
    }
    const anonymous = await accountBefore(script, { isAnonymous: true });
    assert.match((await failureOf(list(anonymous.client))).message, /^Who calls without a key/);
  });

  test("is a page token's fault only where there is one", async () => {
    const { client } = await accountBefore((_seen, _request, response) =>
      response.writeHead(400).end(envelope(400, "invalid")),
    );
    assert.equal((await failureOf(list(client, { pageToken: "old" }))).code, "GCS_PAGE_TOKEN_REJECTED");
    assert.equal((await failureOf(list(client))).code, "XDR_REJECTED");
  });

  test("shows neither the token nor control characters", async () => {
    const { client } = await accountBefore((seen, _request, response) =>
      response.writeHead(403).end(envelope(403, "forbidden", `you sent ${seen.headers.authorization ?? ""}\u001b[2J`)),
    );
    const error = await failureOf(list(client));
    assert.match(error.message, /you sent .*redacted/);
    assert.ok(!error.message.includes("\u001b"));
  });

  test("is read as far as it says something, compressed or not", async () => {
    let sentAll = false;
    const { client } = await accountBefore((seen, _request, response) => {
      if (seen.path.includes("prefix=packed")) {
        const headers = { "content-encoding": "gzip" };
        response.writeHead(403, headers).end(gzipSync(envelope(403, "rateLimitExceeded")));
        return;
      }
      response.writeHead(500);
      // As much as it is let; only a closed connection ends it.
      const more = (): void => {
        while (!response.destroyed && response.write("no such luck ".repeat(1000)));
      };
      response.on("drain", more).on("close", () => (sentAll = true));
      more();
    });
    assert.equal((await failureOf(list(client, { prefix: "packed" }))).code, "XDR_RATE_LIMITED");
    const endless = await failureOf(list(client));
    assert.equal(endless.code, "XDR_SERVER_ERROR");
    assert.match(endless.message, /no such luck/);
    await until("the connection is closed", () => sentAll);
  });

  test("counts although its body breaks", async () => {
    const { client } = await accountBefore((_seen, _request, response) => {
      response.writeHead(404, { "content-length": 100 });
      response.write("No", () => response.destroy());
    });
    assert.equal((await failureOf(read(client))).code, "GCS_OBJECT_GONE");
  });
});

describe("an answer with bytes", () => {
  const media = async (status: number, headers: Record<string, string>, fromByte: number): Promise<Media> => {
    const { client } = await accountBefore((_seen, _request, response) =>
      response.writeHead(status, headers).end(status === 416 ? "?" : "12345"),
    );
    return read(client, fromByte);
  };
  const bytes = async ({ body }: Media): Promise<string> => {
    let text = "";
    for await (const chunk of body) text += chunk.toString();
    return text;
  };

  test("may begin before what was asked for, not behind it", async () => {
    const early = await media(206, { "content-range": "bytes 3-7/8" }, 5);
    assert.deepEqual([early.firstByte, early.totalBytes, await bytes(early)], [3, 8, "12345"]);
    const open = await media(206, { "content-range": "bytes 5-9/*" }, 5);
    assert.deepEqual([open.firstByte, open.totalBytes], [5, undefined]);
    await bytes(open);
    const wrong: readonly Record<string, string>[] = [
      { "content-range": "bytes 6-10/11" },
      { "content-range": "bytes */11" },
      { "content-range": "bytes 99999999999999999999-1/1" },
      { "content-type": "multipart/byteranges; boundary=x" },
    ];
    for (const headers of wrong) {
      assert.equal((await failureOf(media(206, headers, 5))).code, "XDR_RESPONSE_INVALID", JSON.stringify(headers));
    }
  });

  test("that are none left is empty, when it is true", async () => {
    const end = await media(416, { "content-range": "bytes */5" }, 5);
    assert.deepEqual([end.firstByte, end.totalBytes, end.isAsStored, await bytes(end)], [5, 5, true, ""]);
    const shrunk = await media(416, { "content-range": "bytes */3" }, 5);
    assert.deepEqual([shrunk.firstByte, shrunk.totalBytes], [5, 3]);
    const silent = await media(416, {}, 5);
    assert.deepEqual([silent.firstByte, silent.totalBytes], [5, undefined]);
    assert.equal((await failureOf(media(416, { "content-range": "bytes */6" }, 5))).code, "XDR_RESPONSE_INVALID");
  });

  const stored = "x-goog-stored-content-encoding";
  const rows: readonly (readonly [headers: Record<string, string>, isAsStored: boolean])[] = [
    [{}, true],
    [{ "content-encoding": "gzip" }, true],
    [{ [stored]: "identity" }, true],
    [{ [stored]: "gzip", "content-encoding": "gzip" }, true],
    [{ [stored]: "gzip" }, false],
    [{ [stored]: "identity", "content-encoding": "gzip" }, false],
  ];
  for (const [headers, isAsStored] of rows) {
    test(`${JSON.stringify(headers)} ${isAsStored ? "are" : "are not"} as stored, and not decoded`, async () => {
      const got = await media(200, { "content-length": "5", ...headers }, 0);
      assert.deepEqual([got.isAsStored, got.totalBytes, await bytes(got)], [isAsStored, 5, "12345"]);
    });
  }
});

describe("a page", () => {
  test("may come compressed, and has a largest size either way", async () => {
    const { client } = await accountBefore((seen, _request, response) => {
      const name = seen.path.includes("prefix=bomb") ? "x".repeat(17_000_000) : "x";
      const page = gzipSync(JSON.stringify({ nextPageToken: name }));
      if (!seen.path.includes("prefix=plain")) response.writeHead(200, { "content-encoding": "gzip" }).end(page);
      else response.end("x".repeat(17_000_000));
    });
    assert.equal((await list(client)).nextPageToken, "x");
    for (const prefix of ["bomb", "plain"]) {
      assert.equal((await failureOf(list(client, { prefix }))).code, "XDR_RESPONSE_TOO_LARGE");
    }
  });

  test("that is cut or damaged is told as such", async () => {
    const { client } = await accountBefore((seen, _request, response) => {
      if (seen.path.includes("prefix=cut")) {
        response.writeHead(200, { "content-length": 100 });
        response.write("{", () => response.destroy());
      } else response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip");
    });
    assert.equal((await failureOf(list(client, { prefix: "cut" }))).code, "XDR_CONNECTION_LOST");
    assert.equal((await failureOf(list(client))).code, "XDR_RESPONSE_INVALID");
  });
});

describe("Retry-After", () => {
  test("of any answer holds all calls of the account", async () => {
    const clock = new VirtualClock(1_790_000_000_000);
    let isBusy = true;
    const { account, client, paths } = await accountBefore(
      (_seen, _request, response) =>
        isBusy ? response.writeHead(503, { "retry-after": "30" }).end() : response.end('{"kind":"storage#objects"}'),
      { clock },
    );
    const error = await failureOf(list(client));
    assert.deepEqual([error.code, error.retryAfterMs], ["XDR_SERVER_ERROR", 30_000]);
    isBusy = false;
    const held = [list(client), list(account.client(NEEDS))];
    const impatient = new AbortController();
    const left = failureOf(list(client, { signal: impatient.signal }));
    impatient.abort();
    assert.equal((await left).code, "XDR_CANCELLED");
    await until("they wait", () => clock.sleepers.count === 1);
    clock.advance(29_999);
    await until("they wait on", () => clock.sleepers.count === 1);
    assert.equal(paths().length, 1);
    clock.advance(1);
    await Promise.all(held);
    assert.equal(paths().length, 3);
  });

  test("does not outlive the account", async () => {
    const { account, client } = await accountBefore((_seen, _request, response) =>
      response.writeHead(429, { "retry-after": "3600" }).end(),
    );
    await failureOf(list(client));
    const held = failureOf(list(client));
    await account.close();
    assert.equal((await held).code, "XDR_CANCELLED");
  });
});

describe("no answer at all", () => {
  test("is told by its cause", async () => {
    const refused = await failureOf(list(accountAt(`http://127.0.0.1:${await unusedPort()}`).client(NEEDS)));
    assert.equal(refused.code, "XDR_CONNECTION_REFUSED");
    assert.match(refused.message, /"apiEndpoint"/);
    const unknown = await failureOf(list(accountAt("https://storage.invalid").client(NEEDS)));
    assert.equal(unknown.code, "XDR_NAME_NOT_FOUND");
    const dropping = await accountBefore((_seen, request) => request.socket.destroy());
    assert.equal((await failureOf(read(dropping.client))).code, "XDR_CONNECTION_LOST");
    const { account } = await accountBefore(() => undefined);
    const silent = await failureOf(read(account.client({ timeoutMs: 500, maxObjects: 1 })));
    assert.equal(silent.code, "XDR_TIMEOUT");
    assert.match(silent.message, /no complete answer/);
  });

  test("of the token endpoint is not waited for after the account is closed", async () => {
    const silent = await serve(() => undefined);
    const account = accountAt(silent.url, keyFor(silent.url));
    const left = failureOf(list(account.client(NEEDS)));
    await until("the token is asked for", () => silent.requests.length === 1);
    await account.close();
    assert.equal((await left).code, "XDR_CANCELLED");
    await until("its connection is closed", () => silent.sockets.size === 0);
  });

  test("is the proxy's fault where it is", async () => {
    const proxy = await serve(() => undefined);
    const targets: string[] = [];
    proxy.tunnel(targets, "407 Proxy Authentication Required");
    const through = proxy.url.replace("//", "//me:SECRET@");
    const error = await failureOf(
      list(accountAt("https://storage.invalid", ANONYMOUS, undefined, through).client(NEEDS)),
    );
    assert.equal(error.code, "XDR_PROXY_FAILED");
    assert.match(error.message, /asks for credentials/);
    assert.match(targets[0] ?? "", /^storage\.invalid:443 Basic /);
  });

  test(
    "is not waited for after an abort, while a connection is still being made too",
    { timeout: 30_000 },
    async () => {
      const proxy = await serve(() => undefined);
      const targets: string[] = [];
      proxy.silence(targets);
      const client = accountAt("https://storage.invalid", ANONYMOUS, undefined, proxy.url).client({
        ...NEEDS,
        timeoutMs: 600_000,
      });
      const abort = new AbortController();
      const left = failureOf(list(client, { signal: abort.signal }));
      await until("the proxy is asked", () => targets.length === 1);
      abort.abort();
      assert.equal((await left).code, "XDR_CANCELLED");
      assert.equal((await failureOf(list(client, { signal: abort.signal }))).code, "XDR_CANCELLED");
    },
  );
});
