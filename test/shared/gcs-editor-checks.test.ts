import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, test } from "node:test";
import { apiBaseUrl } from "../../nodes/lib/gcs/account-options";
import { keySummary } from "../../nodes/lib/gcs/key-summary";
import { parseServiceAccount } from "../../nodes/lib/gcs/service-account";
import { isApiEndpoint } from "../../nodes/shared/editor/gcs-endpoint";
import { keyProblem, PASSWORD_MASK, withoutMask } from "../../nodes/shared/editor/gcs-key";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const KEY = {
  type: "service_account",
  project_id: "example-project",
  private_key: privateKey,
  client_email: "reader@example-project.iam.gserviceaccount.com",
};

const holds = (action: () => unknown): boolean => {
  try {
    return action() !== false;
  } catch {
    return false;
  }
};

void describe("what the account's dialog takes", () => {
  for (const [what, text] of [
    ["a key file", JSON.stringify(KEY, null, 2)],
    ["one with a byte order mark", `\uFEFF${JSON.stringify(KEY)}\n`],
    ["one whose line breaks have become real ones", JSON.stringify(KEY).replaceAll("\\n", "\n")],
  ] as const) {
    void test(`for a key: ${what}, as the runtime does`, () => {
      assert.equal(keyProblem(text), undefined);
      assert.equal(parseServiceAccount(text).clientEmail, KEY.client_email);
      assert.deepEqual(keySummary(text), { projectId: KEY.project_id, clientEmail: KEY.client_email });
    });
  }

  for (const [what, text, problem] of [
    ["no JSON", "-----BEGIN PRIVATE KEY-----", { key: "errors.key-json", fields: "" }],
    ["a part of a key file", JSON.stringify(KEY).slice(0, -1), { key: "errors.key-json", fields: "" }],
    ["an array", JSON.stringify([KEY]), { key: "errors.key-json", fields: "" }],
    ["null", "null", { key: "errors.key-json", fields: "" }],
    ["nothing in it", "{}", { key: "errors.key-fields", fields: "type, client_email, private_key" }],
    [
      "no private key",
      JSON.stringify({ ...KEY, private_key: "" }),
      { key: "errors.key-fields", fields: "private_key" },
    ],
    ["no account", JSON.stringify({ ...KEY, client_email: 7 }), { key: "errors.key-fields", fields: "client_email" }],
    [
      "another kind of credentials, which lacks the rest too",
      JSON.stringify({ type: "authorized_user", refresh_token: "x" }),
      { key: "errors.key-type", fields: "" },
    ],
  ] as const) {
    void test(`is not ${what}, and the runtime refuses that too`, () => {
      assert.deepEqual(keyProblem(text), problem);
      assert.throws(() => parseServiceAccount(text));
    });
  }

  void test("for an API endpoint is what the runtime takes", () => {
    const samples: Readonly<Record<string, boolean>> = {
      "https://storage.googleapis.com": true,
      "https://storage.googleapis.com/storage/v1/": true,
      "HTTPS://storage.example.com:8443/base": true,
      "storage.example.com": true,
      "http://127.0.0.1:4443": true,
      "http://localhost:4443": true,
      "https://[::1]:4443": true,
      "http://storage.example.com": false,
      "http://127.0.0.1.example.com": false,
      "localhost:4443": false,
      "127.0.0.1:4443": false,
      "ftp://127.0.0.1": false,
      "ftp://storage.example.com": false,
      "https://user:password@storage.example.com": false,
      "https://user@storage.example.com": false,
      "https://storage.example.com?x=1": false,
      "https://storage.example.com#x": false,
      "no endpoint": false,
      "https://": false,
    };
    for (const [endpoint, isTaken] of Object.entries(samples)) {
      assert.equal(
        holds(() => apiBaseUrl(endpoint)),
        isTaken,
        `runtime: ${endpoint}`,
      );
      assert.equal(
        holds(() => isApiEndpoint(endpoint)),
        isTaken,
        `dialog: ${endpoint}`,
      );
    }
  });
});

void describe("the mask of a stored key", () => {
  void test("stays while nobody changes it", () => assert.equal(withoutMask(PASSWORD_MASK, false), PASSWORD_MASK));
  void test("goes when something is typed before or behind it", () => {
    assert.equal(withoutMask(`${PASSWORD_MASK}{`, false), "{");
    assert.equal(withoutMask(`{${PASSWORD_MASK}`, false), "{");
    assert.equal(withoutMask("{", false), "{");
  });
  void test("goes as a whole when a part of it is deleted", () => {
    assert.equal(withoutMask(PASSWORD_MASK.slice(0, -1), true), "");
  });
});
