import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { apiBaseUrl, parseAccount } from "../../../nodes/lib/gcs/account-options";
import { everythingOf } from "../../support/everything-of";
import { EMAIL, keyFile } from "./account-rig";

const KEY = JSON.stringify(keyFile());

describe("parseAccount", () => {
  test("reads with a key from Google", () => {
    const { options, connection, problem } = parseAccount({ serviceAccount: KEY, bucket: " gs://b/internal/ " });
    assert.equal(problem, undefined);
    const baseUrl = "https://storage.googleapis.com/storage/v1";
    assert.deepEqual(options, {
      baseUrl,
      authentication: "key",
      projectId: "acme",
      clientEmail: EMAIL,
      bucket: "gs://b/internal/",
    });
    assert.equal(connection?.baseUrl, baseUrl);
    assert.equal(connection.authentication.kind, "key");
    assert.equal(connection.proxy, undefined);
  });

  test("reads from the key's own cloud", () => {
    const serviceAccount = JSON.stringify(keyFile({ universe_domain: "Cloud.Example" }));
    assert.equal(parseAccount({ serviceAccount }).options.baseUrl, "https://storage.cloud.example/storage/v1");
  });

  test("chooses how to sign in", () => {
    const kindOf = (properties: Record<string, unknown>): string | undefined =>
      parseAccount(properties).connection?.authentication.kind;
    const apiEndpoint = "http://127.0.0.1:4443";
    assert.equal(kindOf({ serviceAccount: KEY, apiEndpoint }), "key");
    assert.equal(kindOf({ apiEndpoint, serviceAccount: "  " }), "anonymous");
    assert.equal(kindOf({}), "default");
    assert.equal(kindOf({ serviceAccount: undefined, apiEndpoint: null, proxy: null }), "default");
  });

  const faults: readonly (readonly [why: string, properties: Record<string, unknown>, code: string, field: string])[] =
    [
      ["a key that is none", { serviceAccount: "SECRET" }, "GCS_KEY_INVALID", "serviceAccount"],
      ["a key that is no text", { serviceAccount: { x: "SECRET" } }, "XDR_CONFIG_INVALID", "serviceAccount"],
      ["an endpoint over http", { apiEndpoint: "http://storage.example" }, "XDR_CONFIG_INVALID", "apiEndpoint"],
      ["a proxy that is none", { proxy: "SECRET" }, "XDR_CONFIG_INVALID", "proxy"],
      ["a variable that is not set", { proxy: "${NOWHERE}" }, "XDR_CONFIG_INVALID", "proxy"],
      ["an endpoint of a variable that is not set", { apiEndpoint: "${X}" }, "XDR_CONFIG_INVALID", "apiEndpoint"],
      ["a bucket that is no text", { bucket: 5 }, "XDR_CONFIG_INVALID", "bucket"],
    ];
  for (const [why, properties, code, field] of faults) {
    test(`has a problem with ${why}`, () => {
      const { connection, problem } = parseAccount({ serviceAccount: KEY, ...properties });
      assert.equal(connection, undefined);
      assert.deepEqual([problem?.code, problem?.field], [code, field]);
      assert.ok(problem);
      assert.ok(!everythingOf(problem).includes("SECRET"));
    });
  }

  test("keeps the proxy as it was entered", () => {
    const { connection } = parseAccount({ serviceAccount: KEY, proxy: " http://me:pw@proxy.example:3128 " });
    assert.equal(connection?.proxy, "http://me:pw@proxy.example:3128");
  });
});

describe("apiBaseUrl", () => {
  test("puts the API's path behind the endpoint once", () => {
    const expected = "https://storage.example/storage/v1";
    for (const endpoint of [
      "https://storage.example",
      "https://storage.example///",
      " https://storage.example/storage/v1 ",
      "https://storage.example/storage/v1//",
      "storage.example",
      "HTTPS://Storage.Example/",
    ]) {
      assert.equal(apiBaseUrl(endpoint), expected, endpoint);
    }
    assert.equal(apiBaseUrl("https://gw.example/gcs/"), "https://gw.example/gcs/storage/v1");
    assert.equal(apiBaseUrl("https://gw.example/gcs/storage/v1/"), "https://gw.example/gcs/storage/v1");
    assert.equal(apiBaseUrl("http://localhost:4443"), "http://localhost:4443/storage/v1");
    assert.equal(apiBaseUrl("http://[::1]:4443"), "http://[::1]:4443/storage/v1");
  });

  test("refuses what would send a token in the clear, or is no endpoint", () => {
    const refused: readonly (readonly [string, RegExp])[] = [
      ["http://storage.example", /starts with "http:/],
      ["ftp://127.0.0.1", /starts with "ftp:/],
      ["https://me:SECRET@storage.example", /password/],
      ["https://storage.example/?a=b", /more than a path/],
      ["https://storage.example/#x", /more than a path/],
      ["localhost:4443", /full URL/],
      ["https://", /no URL/],
      ["not a url", /no URL/],
      ["me:SECRET@", /no URL|password/],
    ];
    for (const [endpoint, says] of refused) {
      assert.throws(
        () => apiBaseUrl(endpoint),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "XDR_CONFIG_INVALID");
          assert.match(error.message, says);
          assert.ok(!error.message.includes("SECRET"));
          return true;
        },
      );
    }
  });

  test("takes time in proportion to its length", () => {
    assert.equal(apiBaseUrl(`https://a.example/${"/".repeat(100_000)}`), "https://a.example/storage/v1");
  });
});
