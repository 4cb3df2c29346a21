import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { describe, test } from "node:test";
import { createAssertion } from "../../../nodes/lib/gcs/assertion";
import { keySummary } from "../../../nodes/lib/gcs/key-summary";
import { parseServiceAccount } from "../../../nodes/lib/gcs/service-account";
import type { XdrError } from "../../../nodes/lib/errors";
import { everythingOf } from "../../support/everything-of";
import { EMAIL, keyFile, PEM, PUBLIC_KEY } from "./account-rig";

const refusal = (text: string): XdrError => {
  try {
    parseServiceAccount(text);
  } catch (error) {
    return error as XdrError;
  }
  assert.fail("the key was taken");
};

/** Whether a key signs what the pair's public key takes. */
const works = (text: string): boolean => {
  const [head, claims, signature] = createAssertion(parseServiceAccount(text), 0).split(".");
  return verify("RSA-SHA256", Buffer.from(`${head}.${claims}`), PUBLIC_KEY, Buffer.from(signature ?? "", "base64url"));
};

describe("parseServiceAccount", () => {
  test("reads a key file", () => {
    const { privateKey, ...key } = parseServiceAccount(JSON.stringify(keyFile(), null, 2));
    assert.equal(privateKey.asymmetricKeyType, "rsa");
    assert.deepEqual(key, {
      clientEmail: EMAIL,
      privateKeyId: "0123abcd",
      tokenUri: "https://oauth2.googleapis.com/token",
      projectId: "acme",
      universeDomain: "googleapis.com",
    });
  });

  test("fills in what older keys lack", () => {
    const { type, private_key, client_email } = keyFile();
    const key = parseServiceAccount(JSON.stringify({ type, private_key, client_email }));
    assert.deepEqual(
      [key.privateKeyId, key.tokenUri, key.projectId, key.universeDomain],
      [undefined, "https://oauth2.googleapis.com/token", undefined, "googleapis.com"],
    );
  });

  const json = JSON.stringify(keyFile());
  const oneLine = (separator: string): string =>
    JSON.stringify(keyFile({ private_key: PEM.replaceAll("\n", separator) }));
  const spellings: readonly (readonly [how: string, text: string])[] = [
    ["as it was downloaded", JSON.stringify(keyFile(), null, 2)],
    ["with line breaks written as two characters", oneLine("\\n")],
    ["with Windows line breaks written as four", oneLine("\\r\\n")],
    ["without line breaks, as input fields leave it", oneLine("")],
    ["with blanks for line breaks", oneLine(" ")],
    ["with real line breaks inside its text", json.replaceAll("\\n", "\n")],
    ["with a byte order mark and blanks around", `\ufeff ${json}\n`],
  ];
  for (const [how, text] of spellings) test(`reads a key ${how}`, () => assert.ok(works(text)));

  const ecKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const faults: readonly (readonly [why: string, more: object, field: string, says: RegExp])[] = [
    ["another kind of credentials", { type: "authorized_user" }, "type", /"type" cannot be used/],
    ["no type", { type: undefined }, "type", /"type" is missing/],
    ["no e-mail address", { client_email: undefined }, "client_email", /"client_email" is missing/],
    ["a wrong e-mail address", { client_email: "SECRET nobody" }, "client_email", /cannot be used/],
    ["no private key", { private_key: undefined }, "private_key", /"private_key" is missing/],
    ["a private key of another form", { private_key: "SECRET" }, "private_key", /PKCS#8/],
    ["a cut private key", { private_key: PEM.slice(0, 200) }, "private_key", /PKCS#8/],
    [
      "a private key with a piece missing",
      { private_key: PEM.split("\n").toSpliced(3, 2).join("\n") },
      "private_key",
      /PKCS#8/,
    ],
    ["a PEM without base64", { private_key: PEM.replace("MII", "M*I") }, "private_key", /PKCS#8/],
    [
      "a private key that is not RSA",
      { private_key: ecKey.export({ type: "pkcs8", format: "pem" }) },
      "private_key",
      /RSA/,
    ],
    ["a token endpoint over http", { token_uri: "http://SECRET.example/token" }, "token_uri", /https/],
    ["a token endpoint with a password", { token_uri: "https://me:SECRET@example.com/" }, "token_uri", /https/],
    ["a token endpoint that is no URL", { token_uri: "SECRET" }, "token_uri", /https/],
    ["a universe with a path", { universe_domain: "SECRET.example/x?" }, "universe_domain", /domain/],
  ];
  for (const [why, more, field, says] of faults) {
    test(`refuses ${why}, and shows no value`, () => {
      const error = refusal(JSON.stringify(keyFile(more)));
      assert.deepEqual([error.code, error.field, error.retryable], ["GCS_KEY_INVALID", field, false]);
      assert.match(error.message, says);
      assert.ok(!/SECRET|MII/.test(everythingOf(error)));
    });
  }

  test("takes a token endpoint on this machine over http", () => {
    const key = parseServiceAccount(JSON.stringify(keyFile({ token_uri: "http://127.0.0.1:8080/token" })));
    assert.equal(key.tokenUri, "http://127.0.0.1:8080/token");
  });

  test("says what text is no key at all", () => {
    for (const text of ["SECRET", "[]", "null", '"SECRET"', '{"type":', ""]) {
      const error = refusal(text);
      assert.deepEqual([error.code, error.field], ["GCS_KEY_INVALID", "serviceAccount"]);
      assert.match(error.message, /no JSON object/);
      assert.ok(!everythingOf(error).includes("SECRET"));
    }
    assert.match(refusal("${GCP_KEY}").message, /environment variable GCP_KEY is not set/);
  });
});

describe("keySummary", () => {
  test("names project and account", () => {
    assert.deepEqual(keySummary(JSON.stringify(keyFile())), { projectId: "acme", clientEmail: EMAIL });
    assert.deepEqual(keySummary('{"type":"service_account","project_id":5}'), { projectId: "", clientEmail: "" });
  });

  test("knows what is no key", () => {
    for (const text of ["", "x", "[]", "{}", "__PWRD__", JSON.stringify(keyFile({ type: "external_account" }))]) {
      assert.equal(keySummary(text), undefined);
    }
  });
});

describe("createAssertion", () => {
  const decode = (part: string | undefined): unknown => JSON.parse(Buffer.from(part ?? "", "base64url").toString());

  test("is dated half a minute back and good for an hour, read-only", () => {
    const key = parseServiceAccount(JSON.stringify(keyFile({ token_uri: "https://token.example/x" })));
    const [head, claims, signature] = createAssertion(key, 1_790_000_000_900).split(".");
    assert.deepEqual(decode(head), { alg: "RS256", typ: "JWT", kid: "0123abcd" });
    assert.deepEqual(decode(claims), {
      iss: EMAIL,
      scope: "https://www.googleapis.com/auth/devstorage.read_only",
      aud: "https://token.example/x",
      iat: 1_789_999_970,
      exp: 1_790_003_570,
    });
    assert.ok(signature);
    assert.ok(works(JSON.stringify(keyFile())));
  });

  test("names no key where the file does not", () => {
    const key = parseServiceAccount(JSON.stringify(keyFile({ private_key_id: undefined })));
    assert.deepEqual(decode(createAssertion(key, 0).split(".")[0]), { alg: "RS256", typ: "JWT" });
  });
});
