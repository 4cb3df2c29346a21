import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import { authHeaders, checkedApiKey, createNonce } from "../../../nodes/lib/tenant/auth-headers";
import { everythingOf } from "../../support/everything-of";

describe("authHeaders", () => {
  test("gives the digest of the known-answer vector", () => {
    // Invented inputs; the digest was computed apart from this code.
    const apiKey = { keyType: "advanced", keyId: "7", key: "SAMPLE-KEY-0123456789" } as const;
    const nonce = "n0nceA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2W3x4Y5z6A7b8C9d";
    assert.deepEqual(authHeaders(apiKey, { timestampMs: 1_735_689_600_000, nonce }), {
      authorization: "e00cc77683eeb38548343442002db204b4aec4e4faa1c062b34fc1fc22de26c4",
      "x-xdr-auth-id": "7",
      "x-xdr-nonce": nonce,
      "x-xdr-timestamp": "1735689600000",
    });
  });

  test("sends a Standard key as it is, without nonce and timestamp", () => {
    const apiKey = { keyType: "standard", keyId: "8", key: "SECRET" } as const;
    assert.deepEqual(authHeaders(apiKey, { timestampMs: 1, nonce: "n" }), {
      authorization: "SECRET",
      "x-xdr-auth-id": "8",
    });
  });

  test("signs with whole milliseconds", () => {
    const apiKey = { keyType: "advanced", keyId: "7", key: "k" } as const;
    assert.equal(authHeaders(apiKey, { timestampMs: 12.7, nonce: "n" })["x-xdr-timestamp"], "12");
  });
});

describe("createNonce", () => {
  test("gives 64 letters and digits, new ones each time, from the whole alphabet", () => {
    const nonces = Array.from({ length: 200 }, () => createNonce());
    for (const nonce of nonces) assert.match(nonce, /^[A-Za-z0-9]{64}$/);
    assert.equal(new Set(nonces).size, nonces.length);
    assert.equal(new Set(nonces.join("")).size, 62);
  });

  test("asks for integers below 62 only, so that no character is likelier", () => {
    const asked = new Set<number>();
    createNonce((max) => {
      asked.add(max);
      return max - 1;
    });
    assert.deepEqual([...asked], [62]);
  });
});

describe("checkedApiKey", () => {
  const problem = (keyId: string | undefined, key: string | undefined): XdrError => {
    try {
      checkedApiKey("advanced", keyId, key);
    } catch (error) {
      if (error instanceof XdrError) return error;
    }
    throw new assert.AssertionError({ message: "no XdrError" });
  };

  test("takes blanks off both ends", () => {
    assert.deepEqual(checkedApiKey("standard", " 7\n", "\tabc "), { keyType: "standard", keyId: "7", key: "abc" });
  });

  test("names what is missing", () => {
    assert.deepEqual([problem("7", undefined).code, problem("7", "  ").field], ["XDR_CREDENTIALS_MISSING", "key"]);
    assert.equal(problem("", "abc").field, "keyId");
    assert.equal(problem("7", "__PWRD__").code, "XDR_CREDENTIALS_MISSING");
  });

  test("names an environment variable that is not set", () => {
    assert.match(problem("7", "${XDR_KEY}").message, /environment variable XDR_KEY is not set/);
    assert.match(problem("$(XDR_ID)", "abc").message, /environment variable XDR_ID is not set/);
  });

  for (const bad of ["SECRET\nVALUE", "SECRET VALUE", "SECRET\u0000", "SECRET\u00e9", "SECRET\u2026"]) {
    test(`refuses ${JSON.stringify(bad)} without showing it`, () => {
      const error = problem("7", bad);
      assert.equal(error.code, "XDR_CREDENTIALS_MISSING");
      assert.doesNotMatch(everythingOf(error), /SECRET/);
    });
  }
});
