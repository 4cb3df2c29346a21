import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { askForToken, assertion, call, errorOf, objectsPath, type Answered } from "./simulated-bucket/caller";
import { createSimulatedBucket, type SimulatedBucket } from "./simulated-bucket/bucket";
import { newServiceAccountKey } from "./simulated-bucket/service-account";
import { VirtualClock } from "./virtual-clock";

const START_MS = Date.UTC(2026, 8, 21, 12);
const clock = new VirtualClock(START_MS);
let bucket: SimulatedBucket;

before(async () => {
  bucket = await createSimulatedBucket({ clock, tokenLifeSeconds: 600 });
});
after(() => bucket.close());

/** Asks with an assertion that is signed at the clock's time. */
const ask = (changes: Parameters<typeof assertion>[2] = {}, key = bucket.serviceAccount): Promise<Answered> =>
  askForToken(bucket, assertion(key, clock.now(), changes));
const list = (authorization: string | null): Promise<Answered> => call(bucket, objectsPath(bucket), { authorization });
const tokenOf = ({ json }: Answered): string => (json as { access_token: string }).access_token;
const refusalOf = ({ status, json }: Answered): unknown => [status, (json as { error: string }).error];
const described = ({ json }: Answered): string => (json as { error_description: string }).error_description;

describe("Simulated bucket, token endpoint", () => {
  test("gives a token for a good assertion, and the token opens the bucket", async () => {
    const given = await ask();
    assert.equal(given.status, 200);
    const { access_token, ...rest } = given.json as Record<string, unknown>;
    assert.deepEqual(rest, { expires_in: 600, token_type: "Bearer" });
    assert.equal((await list(`Bearer ${String(access_token)}`)).status, 200);
    assert.equal(bucket.serviceAccount.token_uri, bucket.tokenUri);
  });

  const nowSeconds = START_MS / 1000;
  const claims: Record<string, [object, string, RegExp]> = {
    "another issuer": [{ iss: "somebody@else.example" }, "invalid_grant", /account not found/],
    "another audience": [{ aud: "https://oauth2.googleapis.com/token" }, "invalid_grant", /audience/],
    "no audience": [{ aud: undefined }, "invalid_grant", /audience/],
    "an iat in the future": [{ iat: nowSeconds + 1 }, "invalid_grant", /reasonable timeframe/],
    "an expired assertion": [{ iat: nowSeconds - 3600, exp: nowSeconds }, "invalid_grant", /reasonable timeframe/],
    "a life of an hour and a second": [{ exp: nowSeconds + 3601 }, "invalid_grant", /reasonable timeframe/],
    "times as text": [{ iat: String(nowSeconds) }, "invalid_grant", /reasonable timeframe/],
    "no exp": [{ exp: undefined }, "invalid_grant", /reasonable timeframe/],
    "no scope": [{ scope: undefined }, "invalid_scope", /scope/],
    "an empty scope": [{ scope: " " }, "invalid_scope", /scope/],
    "a scope of nobody": [{ scope: "devstorage.read_only" }, "invalid_scope", /scope/],
  };
  for (const [what, [changed, error, description]] of Object.entries(claims)) {
    test(`refuses ${what}`, async () => {
      const refused = await ask({ claims: changed });
      assert.deepEqual(refusalOf(refused), [400, error]);
      assert.match(described(refused), description);
    });
  }

  test("takes an assertion of the last second that it allows", async () => {
    assert.equal((await ask({ claims: { iat: nowSeconds - 3599, exp: nowSeconds + 1 } })).status, 200);
  });

  test("refuses another kid, algorithm and key", async () => {
    assert.match(described(await ask({ header: { kid: "0".repeat(40) } })), /Signature/);
    assert.match(described(await ask({ header: { kid: undefined } })), /Signature/);
    assert.match(described(await ask({ header: { alg: "HS256" } })), /RS256/);
    const { private_key } = newServiceAccountKey(bucket.tokenUri);
    const forged = await ask({}, { ...bucket.serviceAccount, private_key });
    assert.deepEqual(refusalOf(forged), [400, "invalid_grant"]);
    assert.match(described(forged), /Invalid JWT Signature/);
  });

  test("refuses claims that were changed after signing, and what is no assertion", async () => {
    const [head = "", body = "", signature = ""] = assertion(bucket.serviceAccount, clock.now()).split(".");
    const changed = JSON.parse(Buffer.from(body, "base64url").toString()) as object;
    const other = Buffer.from(JSON.stringify({ ...changed, admin: true })).toString("base64url");
    assert.match(described(await askForToken(bucket, `${head}.${other}.${signature}`)), /Signature/);
    for (const broken of [
      "",
      "x",
      `${head}.${body}`,
      `${head}.${body}.${signature}.x`,
      `${head}=.${body}.${signature}`,
    ]) {
      assert.deepEqual(refusalOf(await askForToken(bucket, broken)), [400, "invalid_grant"], broken.slice(-20));
    }
  });

  test("refuses another grant type, content type and method, and a missing assertion", async () => {
    const good = assertion(bucket.serviceAccount, clock.now());
    const grant = await askForToken(bucket, good, { grantType: "client_credentials" });
    assert.deepEqual(refusalOf(grant), [400, "unsupported_grant_type"]);
    const json = await askForToken(bucket, good, { contentType: "application/json" });
    assert.deepEqual(refusalOf(json), [400, "invalid_request"]);
    assert.deepEqual(refusalOf(await askForToken(bucket, undefined)), [400, "invalid_request"]);
    assert.equal((await askForToken(bucket, good, { method: "PUT" })).status, 405);
  });

  test("judges times by its own clock, which it tells in Date", async () => {
    bucket.clockOffsetMs = -60_000;
    const refused = await ask();
    assert.match(described(refused), /reasonable timeframe/);
    assert.equal(Date.parse(String(refused.headers.date)), clock.now() - 60_000);
    bucket.clockOffsetMs = 0;
  });
});

describe("Simulated bucket, access", () => {
  test("asks callers without a token for one", async () => {
    const refused = await list(null);
    assert.equal(refused.headers["www-authenticate"], 'Bearer realm="https://accounts.google.com/"');
    const { message, ...error } = errorOf(refused);
    const at = { location: "Authorization", locationType: "header" };
    assert.deepEqual(error, { code: 401, domain: "global", reason: "required", ...at });
    assert.match(String(message), /Anonymous caller does not have storage\.objects\.list access/);
  });

  test("refuses unknown, expired and recalled tokens", async () => {
    const token = tokenOf(await ask());
    const refused = await list("Bearer ya29.unknown");
    assert.deepEqual([refused.status, errorOf(refused)["reason"]], [401, "authError"]);
    assert.match(refused.headers["www-authenticate"] ?? "", /^Bearer realm="[^"]+", error="invalid_token"$/);
    assert.equal((await list(`Basic ${token}`)).status, 401);
    assert.equal((await list(`bearer ${token}`)).status, 200);
    clock.advance(599_999);
    assert.equal((await list(`Bearer ${token}`)).status, 200);
    clock.advance(1);
    assert.equal((await list(`Bearer ${token}`)).status, 401);
    const next = tokenOf(await ask());
    bucket.expireTokens();
    assert.equal((await list(`Bearer ${next}`)).status, 401);
  });

  test("refuses a token of a scope that reads nothing", async () => {
    const scope = "https://www.googleapis.com/auth/pubsub";
    const refused = await list(`Bearer ${tokenOf(await ask({ claims: { scope } }))}`);
    assert.deepEqual([refused.status, errorOf(refused)["reason"]], [403, "insufficientPermissions"]);
    const both = `${scope} https://www.googleapis.com/auth/devstorage.read_only`;
    assert.equal((await list(`Bearer ${tokenOf(await ask({ claims: { scope: both } }))}`)).status, 200);
  });

  test("refuses a revoked key and a replaced one, and not the tokens they gave", async () => {
    const old = bucket.serviceAccount;
    const token = tokenOf(await ask());
    bucket.revokeKey();
    assert.match(described(await ask()), /Invalid JWT Signature/);
    assert.equal((await list(`Bearer ${token}`)).status, 200);
    const renewed = bucket.renewKey();
    assert.notEqual(renewed.private_key, old.private_key);
    assert.deepEqual(bucket.serviceAccount, renewed);
    assert.match(described(await ask({}, old)), /Invalid JWT Signature/);
    assert.equal((await ask()).status, 200);
  });

  test("serves everybody when it is anonymous, but no bad token", async () => {
    const open = await createSimulatedBucket({ anonymous: true });
    assert.equal((await call(open, objectsPath(open), { authorization: null })).status, 200);
    assert.equal((await call(open, objectsPath(open), { authorization: "Bearer x" })).status, 401);
    await open.close();
  });

  test("names account and permission when it denies, and hides a bucket that is gone", async () => {
    bucket.put("a", "1");
    const token = `Bearer ${bucket.issueToken()}`;
    bucket.denyList = true;
    const denied = await list(token);
    assert.equal(denied.status, 403);
    assert.match(String(errorOf(denied)["message"]), /^event-reader@\S+ does not have storage\.objects\.list access/);
    bucket.denyList = false;
    bucket.denyRead = true;
    assert.equal((await list(token)).status, 200);
    const media = await call(bucket, `${objectsPath(bucket)}/a?alt=media`);
    assert.equal(media.status, 403);
    assert.match(media.body.toString(), /storage\.objects\.get access/);
    assert.equal((await call(bucket, `${objectsPath(bucket)}/a`)).status, 403);
    bucket.denyRead = false;
    bucket.gone = true;
    const gone = await list(token);
    assert.deepEqual([errorOf(gone)["code"], errorOf(gone)["reason"]], [404, "notFound"]);
    assert.equal((await call(bucket, `${objectsPath(bucket)}/a?alt=media`)).status, 404);
    bucket.gone = false;
    assert.equal((await call(bucket, "/storage/v1/b/another/o")).status, 404);
    assert.equal((await list(token)).status, 200);
  });

  test("knows no other path, and lets nobody write", async () => {
    for (const path of ["/", "/storage/v1/b", `/storage/v1/b/${bucket.name}`, `${objectsPath(bucket)}/`, "/upload/x"]) {
      assert.equal((await call(bucket, path)).status, 404, path);
    }
    assert.equal((await call(bucket, `${objectsPath(bucket)}/a`, { method: "DELETE" })).status, 403);
    assert.equal((await call(bucket, objectsPath(bucket), { method: "POST", body: "{}" })).status, 403);
    assert.equal(bucket.objects().length, 1);
  });
});
