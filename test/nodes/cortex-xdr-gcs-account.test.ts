import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import type { Node } from "node-red";
import { findGcsAccount, type GcsAccountNode } from "../../nodes/shared/gcs-account-node";
import type { GcsClient } from "../../nodes/lib/gcs/gcs-api";
import { builtNode, helper, startServer, stopServer, useUserDir } from "../support/helper";
import { ScriptedServer } from "../support/scripted-server";
import { createSimulatedBucket, type SimulatedBucket } from "../support/simulated-bucket/bucket";
import { testCertificates } from "../support/simulated-tenant/tls";

const TYPE = "cortex-xdr-gcs-account";
const NODES = [builtNode(TYPE)];
const NEEDS = { timeoutMs: 5000, maxObjects: 2 };

const userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-test-"));
let bucket: SimulatedBucket;
let key: string;
before(async () => {
  useUserDir(userDir);
  await startServer();
  bucket = await createSimulatedBucket();
  bucket.put("internal/a", "{}\n");
  key = JSON.stringify(bucket.serviceAccount);
});
after(async () => {
  await bucket.close();
  await stopServer();
  rmSync(userDir, { recursive: true, force: true });
});
afterEach(() => helper.unload());

const config = (more: object = {}): object => ({ id: "a1", type: TYPE, name: "", apiEndpoint: bucket.url, ...more });

async function load(more: object = {}, credentials?: object): Promise<GcsAccountNode> {
  await helper.load(NODES, [config(more)], { a1: credentials ?? { serviceAccount: key } });
  return helper.getNode("a1") as GcsAccountNode;
}

const names = async (client: GcsClient): Promise<string[]> => {
  const { signal } = new AbortController();
  const { objects } = await client.list({ bucket: bucket.name, prefix: "", signal });
  return objects.map(({ name }) => name);
};

/** All text that can be reached from a value by own properties, hidden ones too, except through the runtime (`_...`). */
function textsOf(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === "string") return [value];
  if (value === null || (typeof value !== "object" && typeof value !== "function") || seen.has(value)) return [];
  seen.add(value);
  const names = Reflect.ownKeys(value).filter((name) => !String(name).startsWith("_"));
  return names.flatMap((name) => textsOf(Object.getOwnPropertyDescriptor(value, name)?.value, seen));
}

const loggedErrors = (): string[] =>
  helper
    .log()
    .args.map(([entry]) => entry as { level: number; msg: string; type?: string })
    .filter((entry) => entry.level === 20 && entry.type === TYPE)
    .map((entry) => entry.msg);

async function withEnvironment(values: Record<string, string>, action: () => Promise<void>): Promise<void> {
  Object.assign(process.env, values);
  try {
    await action();
  } finally {
    for (const name of Object.keys(values)) Reflect.deleteProperty(process.env, name);
  }
}

describe(TYPE, () => {
  test("offers clients that the service accepts, with one token for all", async () => {
    const node = await load();
    assert.equal(node.problem, undefined);
    bucket.clearRequests();
    const [one, other] = [node.client(NEEDS), node.client(NEEDS)];
    assert.deepEqual(await Promise.all([names(one), names(other)]), [["internal/a"], ["internal/a"]]);
    assert.equal(bucket.counts.token, 1);
    await one.close();
    await assert.rejects(names(one), { code: "XDR_CANCELLED" });
    assert.deepEqual(await names(other), ["internal/a"]);
    assert.deepEqual(loggedErrors(), []);
  });

  test("tells the other nodes what is no secret, and nothing else", async () => {
    const node = await load({ bucket: "gs://b/internal/" });
    assert.deepEqual(node.options, {
      baseUrl: `${bucket.url}/storage/v1`,
      authentication: "key",
      projectId: bucket.serviceAccount.project_id,
      clientEmail: bucket.serviceAccount.client_email,
      bucket: "gs://b/internal/",
    });
  });

  test("keeps the key off the node, where other nodes could read it", async () => {
    const { private_key, private_key_id } = bucket.serviceAccount;
    for (const more of [{}, { proxy: "nowhere" }]) {
      const node = await load(more);
      assert.ok(!("credentials" in node));
      const texts = textsOf(node);
      assert.ok(texts.includes(bucket.serviceAccount.client_email), "the search finds what is there");
      for (const text of texts) {
        for (const secret of [private_key_id, private_key, "PRIVATE KEY"]) assert.ok(!text.includes(secret));
      }
      await helper.unload();
    }
    // Node-RED still has it for the next deploy.
    assert.deepEqual(await names((await load()).client(NEEDS)), ["internal/a"]);
  });

  const problems: readonly (readonly [why: string, more: object, credentials: object, code: string])[] = [
    ["a key that is none", {}, { serviceAccount: "{}" }, "GCS_KEY_INVALID"],
    ["a key of a variable that is not set", {}, { serviceAccount: "${XDR_TEST_UNSET}" }, "GCS_KEY_INVALID"],
    ["a bad endpoint", { apiEndpoint: "http://storage.example" }, {}, "XDR_CONFIG_INVALID"],
    ["a bad proxy", { proxy: "nowhere" }, {}, "XDR_CONFIG_INVALID"],
    ["a TLS configuration that is not there", { tls: "gone" }, {}, "XDR_CONFIG_INVALID"],
  ];
  for (const [why, more, credentials, code] of problems) {
    test(`exists with ${why}, and reports it once`, async () => {
      const node = await load(more, credentials);
      assert.equal(node.problem?.code, code);
      assert.equal(loggedErrors().length, 1);
      const client = node.client(NEEDS);
      await assert.rejects(names(client), { code });
      await client.close();
    });
  }

  test("replaces variables in every property, as a whole and inside", async () => {
    const values = { XDR_TEST_PORT: new URL(bucket.url).port, XDR_TEST_KEY: key, XDR_TEST_BUCKET: "b" };
    await withEnvironment(values, async () => {
      const node = await load(
        { apiEndpoint: "http://127.0.0.1:${XDR_TEST_PORT}", bucket: "gs://${XDR_TEST_BUCKET}" },
        { serviceAccount: "${XDR_TEST_KEY}" },
      );
      assert.equal(node.problem, undefined);
      assert.equal(node.options.bucket, "gs://b");
      assert.deepEqual(await names(node.client(NEEDS)), ["internal/a"]);
    });
  });

  test("takes the machine's own credentials without a key and an endpoint", async () => {
    const file = join(userDir, "credentials.json");
    writeFileSync(file, JSON.stringify({ ...bucket.serviceAccount, token_uri: "http://127.0.0.1:9/" }));
    await withEnvironment({ GOOGLE_APPLICATION_CREDENTIALS: file }, async () => {
      const node = await load({ apiEndpoint: "" }, {});
      assert.deepEqual(
        [node.options.authentication, node.options.baseUrl],
        ["default", "https://storage.googleapis.com/storage/v1"],
      );
      // The token endpoint of the file is asked, which shows that it was read; nothing listens there.
      await assert.rejects(names(node.client(NEEDS)), { code: "XDR_CONNECTION_REFUSED", message: /127\.0\.0\.1:9 / });
    });
  });

  test("warns of a clock that had to be made up for", async () => {
    const skewed = await createSimulatedBucket();
    try {
      skewed.clockOffsetMs = 3_600_000;
      const serviceAccount = JSON.stringify(skewed.serviceAccount);
      const node = await load({ apiEndpoint: skewed.url }, { serviceAccount });
      const { signal } = new AbortController();
      await node.client(NEEDS).list({ bucket: skewed.name, prefix: "", signal });
      const warnings = (node.warn as unknown as { args: unknown[][] }).args;
      assert.equal(warnings.length, 1);
      assert.match(String(warnings[0]?.[0]), /36\d\d s behind Google's/);
    } finally {
      await skewed.close();
    }
  });

  test("takes the TLS options of a core TLS configuration", async () => {
    const { ca, server } = testCertificates();
    const secure = await createSimulatedBucket({ tls: server });
    try {
      const empty = { cert: "", key: "", ca: "", certname: "", keyname: "", servername: "" };
      const tls = { id: "tls1", type: "tls-config", ...empty, caname: "ca", verifyservercert: true };
      await helper.load(
        [...NODES, createRequire(__filename)("@node-red/nodes/core/network/05-tls.js")],
        [tls, config({ apiEndpoint: secure.url, tls: "tls1" })],
        { a1: { serviceAccount: JSON.stringify(secure.serviceAccount) }, tls1: { cadata: ca } },
      );
      const node = helper.getNode("a1") as GcsAccountNode;
      const { signal } = new AbortController();
      const page = await node.client(NEEDS).list({ bucket: secure.name, prefix: "", signal });
      assert.deepEqual(page.objects, []);
    } finally {
      await secure.close();
    }
  });

  test("closes after its hooks and users, the clients last", async () => {
    const node = await load();
    const user = Object.assign(Object.create(null) as Node, { id: "u1" });
    node.register(user);
    assert.deepEqual(Object.keys(node.users), ["u1"]);
    const client = node.client(NEEDS);
    const order: string[] = [];
    node.onClose(async () => {
      await names(client);
      order.push("hook");
      node.deregister(user);
    });
    await helper.unload();
    assert.deepEqual(order, ["hook"]);
    await assert.rejects(names(client), { code: "XDR_CANCELLED" });
    await assert.rejects(names(node.client(NEEDS)), { code: "XDR_CANCELLED" });
  });

  test("is found by its id, and nothing else is", async () => {
    const node = await load();
    const RED = { nodes: { getNode: (id: string) => helper.getNode(id) } } as Parameters<typeof findGcsAccount>[0];
    assert.equal(findGcsAccount(RED, "a1"), node);
    for (const id of [undefined, "", "gone"]) {
      assert.throws(() => findGcsAccount(RED, id), { code: "XDR_CONFIG_INVALID", field: "account" });
    }
  });
});

describe(`POST ${TYPE}/test`, () => {
  interface Report {
    ok: boolean;
    code: string;
    message: string;
  }
  interface SuperTest {
    post(path: string): { send(body: object): Promise<{ status: number; body: unknown }> };
  }
  const post = async (body: unknown): Promise<Report> => {
    const response = await (helper as unknown as { request(): SuperTest })
      .request()
      .post(`/${TYPE}/test`)
      .send(body as object);
    assert.equal(response.status, 200);
    assert.ok(!JSON.stringify(response.body).includes("PRIVATE KEY"));
    return response.body as Report;
  };
  const typed = (more: object = {}): object => ({
    id: "new",
    serviceAccount: key,
    apiEndpoint: bucket.url,
    proxy: "",
    tls: "",
    bucket: bucket.name,
    ...more,
  });
  const MASK = "__PWRD__";

  test("tries what was typed, without a deployed node", async () => {
    await load();
    assert.equal((await post(typed())).code, "XDR_OK");
    assert.equal((await post(typed({ serviceAccount: "x" }))).code, "GCS_KEY_INVALID");
    assert.equal((await post(typed({ bucket: "no-such-bucket" }))).code, "GCS_BUCKET_NOT_FOUND");
    assert.equal((await post(typed({ tls: "gone" }))).code, "XDR_CONFIG_INVALID");
    assert.equal((await post(typed({ serviceAccount: "" }))).code, "GCS_UNAUTHORIZED");
    const keyOnly = await post(typed({ bucket: undefined }));
    assert.deepEqual([keyOnly.ok, keyOnly.code], [true, "XDR_OK"]);
  });

  test("uses the stored key for the deployed endpoint", async () => {
    await load();
    const stored = { id: "a1", serviceAccount: MASK };
    assert.equal((await post(typed(stored))).code, "XDR_OK");
    assert.equal((await post(typed({ ...stored, apiEndpoint: ` ${bucket.url}/storage/v1/ ` }))).code, "XDR_OK");
    assert.equal((await post(typed({ ...stored, serviceAccount: "" }))).code, "GCS_UNAUTHORIZED", "empty is no key");
  });

  test("uses the stored key nowhere else", async () => {
    await load();
    const stranger = await ScriptedServer.start((_seen, _request, response) => void response.end("{}"));
    const targets: string[] = [];
    stranger.tunnel(targets);
    bucket.clearRequests();
    try {
      for (const more of [
        { apiEndpoint: stranger.url },
        { apiEndpoint: "" },
        { proxy: stranger.url },
        { tls: "other" },
        { id: "unknown" },
        { id: "" },
      ]) {
        const report = await post(typed({ id: "a1", serviceAccount: MASK, ...more }));
        assert.deepEqual([report.ok, report.code], [false, "GCS_CREDENTIALS_MISSING"], JSON.stringify(more));
      }
      assert.deepEqual([stranger.connections, targets, bucket.requests.length], [0, [], 0]);
    } finally {
      await stranger.stop();
    }
  });

  test("replaces variables in what was typed", async () => {
    await load();
    await withEnvironment({ XDR_TEST_KEY: key }, async () => {
      assert.equal((await post(typed({ serviceAccount: "${XDR_TEST_KEY}" }))).code, "XDR_OK");
    });
    const report = await post(typed({ serviceAccount: "${XDR_TEST_KEY}" }));
    assert.equal(report.code, "GCS_KEY_INVALID");
    assert.match(report.message, /XDR_TEST_KEY is not set/);
  });

  test("runs one test at a time", async () => {
    await load();
    let second: Report | undefined;
    const slow = await ScriptedServer.start((_seen, _request, response) => {
      void post(typed()).then((report) => {
        second = report;
        response.end(JSON.stringify({ kind: "storage#objects" }));
      });
    });
    try {
      assert.equal((await post(typed({ apiEndpoint: slow.url }))).code, "XDR_OK");
      assert.deepEqual([second?.ok, second?.code], [false, "XDR_RATE_LIMITED"]);
      assert.equal((await post(typed())).code, "XDR_OK");
    } finally {
      await slow.stop();
    }
  });

  test("answers bodies that make no sense", async () => {
    await load();
    for (const body of [[], { proxy: 5 }, { ...typed(), serviceAccount: "x".repeat(70_000) }]) {
      assert.equal((await post(body)).ok, false);
    }
    assert.equal((await post(typed())).code, "XDR_OK");
  });
});
