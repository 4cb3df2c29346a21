import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findDefaultCredentials, type Machine } from "../../../nodes/lib/gcs/default-credentials";
import type { XdrError } from "../../../nodes/lib/errors";
import { everythingOf } from "../../support/everything-of";
import type { Script } from "../../support/scripted-server";
import { unusedPort } from "../../support/scripted-server";
import { EMAIL, keyFile, machineWith, never, serve } from "./account-rig";
import { granted, json, sourceOf } from "./token-rig";

const KEY = json(keyFile());
const USER = {
  type: "authorized_user",
  client_id: "id",
  client_secret: "SECRET-client",
  refresh_token: "SECRET-refresh",
};
const GCLOUD = "/home/me/.config/gcloud/application_default_credentials.json";

const failureOf = async (answer: Promise<unknown>): Promise<XdrError> =>
  answer.then(
    () => assert.fail("it succeeded"),
    (error: unknown) => {
      assert.ok(!everythingOf(error as XdrError).includes("SECRET"));
      return error as XdrError;
    },
  );

const kindOf = async (machine: Machine): Promise<string> => (await findDefaultCredentials(machine)).kind;

describe("findDefaultCredentials", () => {
  test("takes the named file first, then gcloud's, then the metadata server", async () => {
    const files = { "/key.json": KEY, [GCLOUD]: json(USER) };
    const env = { GOOGLE_APPLICATION_CREDENTIALS: "/key.json" };
    assert.equal(await kindOf(machineWith(files, { env })), "service_account");
    assert.equal(await kindOf(machineWith(files)), "authorized_user");
    assert.deepEqual(await findDefaultCredentials(machineWith()), {
      kind: "metadata",
      origin: "http://metadata.google.internal",
    });
  });

  test("looks where gcloud keeps its file", async () => {
    const content = json(USER);
    const name = "application_default_credentials.json";
    const windows = { platform: "win32", env: { APPDATA: "C:\\Users\\me\\AppData\\Roaming" } } as const;
    const file = `C:\\Users\\me\\AppData\\Roaming\\gcloud\\${name}`;
    assert.equal(await kindOf(machineWith({ [file]: content }, windows)), "authorized_user");
    const env = { CLOUDSDK_CONFIG: "/else" };
    assert.equal(await kindOf(machineWith({ [`/else/${name}`]: content }, { env })), "authorized_user");
    assert.equal(await kindOf(machineWith({ [GCLOUD]: content }, { env })), "metadata");
    assert.equal(await kindOf(machineWith({ [GCLOUD]: content }, { homeFolder: "" })), "metadata");
  });

  test("says that the named file is not there, and takes no other", async () => {
    const env = { GOOGLE_APPLICATION_CREDENTIALS: "/gone.json" };
    const error = await failureOf(findDefaultCredentials(machineWith({ [GCLOUD]: json(USER) }, { env })));
    assert.deepEqual([error.code, error.retryable], ["GCS_CREDENTIALS_MISSING", true]);
    assert.match(error.message, /GOOGLE_APPLICATION_CREDENTIALS names cannot be read \(ENOENT\): correct the variable/);
    assert.ok(!everythingOf(error).includes("gone"));
  });

  for (const value of [KEY, ` \n${json(USER)}`]) {
    test(`says that the variable must name a file, not hold ${value === KEY ? "a key" : "a sign-in"}, and does not show it`, async () => {
      const env = { GOOGLE_APPLICATION_CREDENTIALS: value };
      const error = await failureOf(findDefaultCredentials(machineWith({}, { env })));
      assert.equal(error.code, "GCS_CREDENTIALS_MISSING");
      assert.match(error.message, /it must name a file, not hold the key/);
      const everything = everythingOf(error);
      for (const secret of ["{", "private_key", "refresh_token", EMAIL]) assert.ok(!everything.includes(secret));
    });
  }

  const unusable: readonly (readonly [why: string, content: string, field: string, says: RegExp])[] = [
    ["no JSON", "SECRET", "type", /"type"/],
    ["another kind", json({ type: "external_account", x: "SECRET" }), "type", /external_account is not read here/],
    ["an unknown kind", json({ type: "SECRET" }), "type", /"type" cannot be used/],
    ["a sign-in without its token", json({ ...USER, refresh_token: undefined }), "refresh_token", /"refresh_token"/],
    [
      "a sign-in that goes elsewhere",
      json({ ...USER, token_uri: "http://SECRET.example" }),
      "token_uri",
      /"token_uri"/,
    ],
    ["a bad key", json(keyFile({ private_key: "SECRET" })), "private_key", /"private_key"/],
  ];
  for (const [why, content, field, says] of unusable) {
    test(`refuses a file with ${why}`, async () => {
      const error = await failureOf(findDefaultCredentials(machineWith({ [GCLOUD]: content })));
      assert.deepEqual([error.code, error.field], ["GCS_KEY_INVALID", field]);
      assert.match(error.message, says);
    });
  }

  test("refuses a metadata host that is none", async () => {
    const error = await failureOf(findDefaultCredentials(machineWith({}, { env: { GCE_METADATA_HOST: "a b" } })));
    assert.equal(error.code, "XDR_CONFIG_INVALID");
  });
});

const tokenOf = (machine: Machine, env = machine.env): Promise<string | undefined> =>
  sourceOf({ kind: "default" }, { machine, env }).token(never);

describe("application default credentials", () => {
  test("of a key in a file", async () => {
    const server = await serve((_seen, _request, response) => void response.end(granted("t")));
    const machine = machineWith({ [GCLOUD]: json(keyFile({ token_uri: server.url })) });
    const tokens = sourceOf({ kind: "default" }, { machine });
    assert.equal(tokens.clientEmail, undefined);
    assert.equal(await tokens.token(never), "t");
    assert.equal(tokens.clientEmail, EMAIL);
  });

  test("of gcloud's sign-in", async () => {
    const server = await serve((_seen, _request, response) => void response.end(granted("t")));
    assert.equal(await tokenOf(machineWith({ [GCLOUD]: json({ ...USER, token_uri: server.url }) })), "t");
    assert.deepEqual(Object.fromEntries(new URLSearchParams(server.requests[0]?.body)), {
      grant_type: "refresh_token",
      client_id: "id",
      client_secret: "SECRET-client",
      refresh_token: "SECRET-refresh",
    });
    const refusing = await serve((seen, _request, response) =>
      response.writeHead(400).end(json({ error: "invalid_grant", error_description: seen.body })),
    );
    const error = await failureOf(tokenOf(machineWith({ [GCLOUD]: json({ ...USER, token_uri: refusing.url }) })));
    assert.equal(error.code, "GCS_KEY_REJECTED");
    assert.match(error.message, /gcloud's sign-in/);
  });

  const metadata = async (script: Script): Promise<Machine> => {
    const server = await serve(script);
    return machineWith({}, { env: { GCE_METADATA_HOST: new URL(server.url).host } });
  };
  const FLAVOR = { "Metadata-Flavor": "Google" };

  test("of the metadata server, past every proxy", async () => {
    const machine = await metadata((seen, _request, response) => {
      assert.equal(seen.headers["metadata-flavor"], "Google");
      assert.match(seen.path, /^\/computeMetadata\/v1\/instance\/service-accounts\/default\/token\?scopes=https%3A/);
      response.writeHead(200, FLAVOR).end(granted("t"));
    });
    const dead = `http://127.0.0.1:${await unusedPort()}`;
    const env = { ...machine.env, HTTP_PROXY: dead };
    assert.equal(await sourceOf({ kind: "default" }, { machine, env, proxy: dead }).token(never), "t");
  });

  test("are missing where no metadata server is, or it is none", async () => {
    const nothing = machineWith({}, { env: { GCE_METADATA_HOST: `127.0.0.1:${await unusedPort()}` } });
    const portal = await metadata((_seen, _request, response) => void response.end(granted("SECRET")));
    const bare = await metadata((_seen, _request, response) => void response.writeHead(404, FLAVOR).end());
    const silent = await metadata(() => undefined);
    for (const machine of [nothing, portal, bare]) {
      assert.equal((await failureOf(tokenOf(machine))).code, "GCS_CREDENTIALS_MISSING");
    }
    const slow = sourceOf({ kind: "default" }, { machine: silent, timeoutMs: 100 });
    assert.equal((await failureOf(slow.token(never))).code, "GCS_CREDENTIALS_MISSING");
  });

  test("are asked for again where the metadata server only fails", async () => {
    const machine = await metadata((_seen, _request, response) => void response.writeHead(503, FLAVOR).end());
    assert.equal((await failureOf(tokenOf(machine))).code, "XDR_SERVER_ERROR");
  });
});
