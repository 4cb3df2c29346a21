import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import type { Node } from "node-red";
import { builtNode, helper, once, startServer, stopServer, useUserDir } from "../support/helper";
import { ScriptedServer } from "../support/scripted-server";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { testCertificates } from "../support/simulated-tenant/tls";
import type { TenantNode } from "../../nodes/shared/tenant-node";

const CREDENTIALS = { keyId: ADVANCED_KEY.id, key: ADVANCED_KEY.secret };
const NODES = [builtNode("cortex-xdr-tenant")];

interface Report {
  ok: boolean;
  code: string;
  message: string;
}

const userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-test-"));
let tenant: SimulatedTenant;
before(async () => {
  useUserDir(userDir);
  await startServer();
  tenant = await SimulatedTenant.start({ requestsPerSecond: Infinity });
});
after(async () => {
  await tenant.stop();
  await stopServer();
  rmSync(userDir, { recursive: true, force: true });
});
afterEach(() => helper.unload());

const config = (more: object = {}): object => ({
  id: "t1",
  type: "cortex-xdr-tenant",
  name: "",
  host: tenant.url,
  ...more,
});

async function load(
  more: object = {},
  credentials: object = CREDENTIALS,
  others: object[] = [],
  nodes: unknown[] = [],
): Promise<TenantNode> {
  await helper.load([...NODES, ...nodes], [...others, config(more)], { t1: credentials });
  return helper.getNode("t1") as TenantNode;
}

const loggedErrors = (): string[] =>
  helper
    .log()
    .args.map(([entry]) => entry as { level: number; msg: string; type?: string })
    .filter((entry) => entry.level === 20 && entry.type === "cortex-xdr-tenant")
    .map((entry) => entry.msg);

describe("cortex-xdr-tenant", () => {
  test("offers a client that the tenant accepts", async () => {
    const node = await load();
    assert.equal(node.problem, undefined);
    assert.deepEqual(await node.client.call({ path: "v1/healthcheck", method: "GET" }), { status: "Healthy" });
    assert.deepEqual(node.options.baseUrl, tenant.url);
    assert.deepEqual(loggedErrors(), []);
  });

  test("has no secret among its own properties but Node-RED's credentials", async () => {
    const { credentials, ...own } = await load();
    assert.ok(credentials);
    const text = JSON.stringify(own, (name, value: unknown) =>
      name === "users" || name.startsWith("_") ? undefined : value,
    );
    assert.ok(!text.includes(ADVANCED_KEY.secret));
  });

  const problems: readonly (readonly [why: string, more: object, credentials: object, code: string])[] = [
    ["no host", { host: "" }, CREDENTIALS, "XDR_HOST_INVALID"],
    ["no credentials", {}, {}, "XDR_CREDENTIALS_MISSING"],
    ["a variable that is not set", { host: "${XDR_TEST_UNSET}" }, CREDENTIALS, "XDR_HOST_INVALID"],
    ["a key from a variable that is not set", {}, { keyId: "7", key: "${XDR_TEST_UNSET}" }, "XDR_CREDENTIALS_MISSING"],
    ["a bad number", { quotaAlerts: "none" }, CREDENTIALS, "XDR_CONFIG_INVALID"],
    ["a TLS configuration that is not there", { tls: "gone" }, CREDENTIALS, "XDR_CONFIG_INVALID"],
    ["a bad proxy", { proxy: "nowhere" }, CREDENTIALS, "XDR_CONFIG_INVALID"],
  ];
  for (const [why, more, credentials, code] of problems) {
    test(`exists with ${why}, and reports it once`, async () => {
      const node = await load(more, credentials);
      assert.equal(node.problem?.code, code);
      assert.equal(loggedErrors().length, 1);
      await assert.rejects(node.client.call({ path: "x" }), { code });
    });
  }

  test("replaces variables in every property, as a whole and inside", async () => {
    const { port } = tenant;
    Object.assign(process.env, {
      XDR_TEST_PORT: port,
      XDR_TEST_KEY: ADVANCED_KEY.secret,
      XDR_TEST_N: "5",
      XDR_TEST_ID: "7",
    });
    try {
      const node = await load(
        {
          host: "http://127.0.0.1:${XDR_TEST_PORT}",
          quotaAlerts: "${XDR_TEST_N}",
          quotaSeconds: "$(XDR_TEST_N)",
          timeoutSeconds: "${XDR_TEST_N}0",
        },
        { keyId: "${XDR_TEST_ID}", key: "${XDR_TEST_KEY}" },
      );
      assert.equal(node.problem, undefined);
      const { quotaAlerts, quotaWindowMs, timeoutMs } = node.options;
      assert.deepEqual([quotaAlerts, quotaWindowMs, timeoutMs], [5, 5000, 50_000]);
      await node.client.call({ path: "v1/healthcheck", method: "GET" });
    } finally {
      for (const name of ["PORT", "KEY", "N", "ID"]) Reflect.deleteProperty(process.env, `XDR_TEST_${name}`);
    }
  });

  test("warns once when the clock is off", async () => {
    const skewed = await SimulatedTenant.start({ dateSkewMs: 900_000 });
    try {
      const node = await load({ host: skewed.url });
      for (let call = 0; call < 3; call += 1) await node.client.call({ path: "v1/healthcheck", method: "GET" });
      const warnings = (node.warn as unknown as { args: unknown[][] }).args;
      assert.equal(warnings.length, 1);
      assert.match(String(warnings[0]?.[0]), /900 s behind/);
    } finally {
      await skewed.stop();
    }
  });

  test("takes the TLS options of a core TLS configuration", async () => {
    const { ca, server } = testCertificates();
    const secure = await SimulatedTenant.start({ tls: server });
    try {
      const tls = {
        id: "tls1",
        type: "tls-config",
        cert: "",
        key: "",
        ca: "",
        certname: "",
        keyname: "",
        caname: "ca",
        servername: "",
        verifyservercert: true,
      };
      await helper.load(
        [...NODES, createRequire(__filename)("@node-red/nodes/core/network/05-tls.js")],
        [tls, config({ host: secure.url, tls: "tls1" })],
        {
          t1: CREDENTIALS,
          tls1: { cadata: ca },
        },
      );
      const node = helper.getNode("t1") as TenantNode;
      assert.equal(node.problem, undefined);
      assert.deepEqual(await node.client.call({ path: "v1/healthcheck", method: "GET" }), { status: "Healthy" });
    } finally {
      await secure.stop();
    }
  });

  test("closes after its hooks and users, the client last", async () => {
    const node = await load();
    const user = Object.assign(Object.create(null) as Node, { id: "u1" });
    node.register(user);
    assert.deepEqual(Object.keys(node.users), ["u1"]);
    const order: string[] = [];
    node.onClose(async () => {
      await node.client.call({ path: "v1/healthcheck", method: "GET" });
      order.push("hook");
      node.deregister(user);
    });
    node.onClose(() => Promise.reject(new Error("a hook that fails")));
    await helper.unload();
    assert.deepEqual(order, ["hook"]);
    await assert.rejects(node.client.call({ path: "x" }), { code: "XDR_CANCELLED" });
  });
});

describe("sourceStore", () => {
  const folder = join(userDir, "cortex-xdr", "t1");
  const user = (id = "u1"): Node => Object.assign(Object.create(null) as Node, { id });
  const warnings = (node: Node): string[] =>
    (node.warn as unknown as { args: unknown[][] }).args.map(([message]) => String(message));

  test("takes the users' last writes while they close, and is closed with the tenant", async () => {
    const node = await load();
    const reader = user();
    node.register(reader);
    assert.equal(existsSync(join(folder, "sources")), false, "nothing is opened before it is used");
    const shared = node.sourceStore();
    assert.equal(node.sourceStore(), shared);
    await (await shared.use()).write([{ type: "put", key: "p/cursor", value: "1" }]);
    const checkpoint = (async () => {
      await once(node, "close");
      await new Promise((resolve) => setTimeout(resolve, 200));
      await (await shared.use()).write([{ type: "put", key: "p/cursor", value: "2" }]);
      node.deregister(reader);
    })();
    await helper.unload();
    await checkpoint;
    await assert.rejects(shared.use(), { code: "XDR_CANCELLED" });

    const again = await load();
    assert.equal(await (await again.sourceStore().use()).get("p/cursor"), "2");
    assert.deepEqual(readdirSync(folder), ["sources"], "it is no outbox");
  });

  test("is closed within the time of a close although a user does not leave", async () => {
    const node = await load();
    node.register(user());
    await (await node.sourceStore().use()).write([{ type: "put", key: "p/cursor", value: "3" }]);
    const startedMs = performance.now();
    await helper.unload();
    assert.ok(performance.now() - startedMs < 6000);
    await assert.rejects(node.sourceStore().use(), { code: "XDR_CANCELLED" });
    const again = await load();
    assert.equal(await (await again.sourceStore().use()).get("p/cursor"), "3");
  });

  test("works beside the outbox, and tells of damage once", async () => {
    const node = await load();
    node.outbox();
    await (await node.sourceStore().use()).write([{ type: "put", key: "p/cursor", value: "4" }]);
    await helper.unload();
    const manifest = readdirSync(join(folder, "sources")).find((name) => name.startsWith("MANIFEST"));
    assert.ok(manifest);
    writeFileSync(join(folder, "sources", manifest), "damaged");
    const again = await load();
    assert.equal(await (await again.sourceStore().use()).get("p/cursor"), "4");
    await again.sourceStore().use();
    assert.equal(warnings(again).length, 1);
    assert.match(warnings(again)[0] ?? "", /read from this tenant was damaged and has been repaired.*STORE_DAMAGED/);
    await helper.unload();
    assert.deepEqual(readdirSync(folder).sort(), ["acknowledged", "sources", "store"]);
  });
});

describe("POST cortex-xdr-tenant/test", () => {
  const post = async (body: unknown): Promise<Report> => {
    const response = await (helper as unknown as { request(): SuperTest })
      .request()
      .post("/cortex-xdr-tenant/test")
      .send(body as object);
    assert.equal(response.status, 200);
    assert.ok(!JSON.stringify(response.body).includes(ADVANCED_KEY.secret));
    return response.body as Report;
  };
  interface SuperTest {
    post(path: string): { send(body: object): Promise<{ status: number; body: unknown }> };
  }
  const typed = (more: object = {}): object => ({
    id: "new",
    host: tenant.url,
    keyType: "advanced",
    ...CREDENTIALS,
    proxy: "",
    tls: "",
    timeoutSeconds: "5",
    ...more,
  });

  test("tries what was typed, without a deployed node", async () => {
    await load();
    assert.deepEqual((await post(typed())).code, "XDR_OK");
    assert.equal((await post(typed({ key: "wrong" }))).code, "XDR_UNAUTHORIZED");
    assert.equal((await post(typed({ keyType: "standard" }))).code, "XDR_KEY_TYPE_WRONG");
    assert.equal((await post(typed({ host: "" }))).code, "XDR_HOST_INVALID");
    assert.equal((await post(typed({ tls: "gone" }))).code, "XDR_CONFIG_INVALID");
  });

  test("uses the stored key for the deployed host", async () => {
    await load();
    for (const key of ["__PWRD__", "", undefined]) assert.equal((await post(typed({ id: "t1", key }))).code, "XDR_OK");
    assert.equal(
      (await post(typed({ id: "t1", key: "__PWRD__", host: ` ${tenant.url}/public_api/v1/ ` }))).code,
      "XDR_OK",
    );
  });

  test("sends the stored key nowhere else", async () => {
    await load();
    const stranger = await ScriptedServer.start(
      (_seen, _request, response) => void response.end('{"status":"Healthy"}'),
    );
    const targets: string[] = [];
    stranger.tunnel(targets);
    try {
      const stored = { id: "t1", key: "__PWRD__" };
      for (const more of [
        { host: stranger.url },
        { proxy: stranger.url },
        { tls: "other" },
        { id: "unknown" },
        { id: "" },
      ]) {
        const report = await post(typed({ ...stored, ...more }));
        assert.deepEqual([report.ok, report.code], [false, "XDR_CREDENTIALS_MISSING"]);
      }
      assert.deepEqual([stranger.connections, targets], [0, []]);
    } finally {
      await stranger.stop();
    }
  });

  test("replaces variables in what was typed", async () => {
    await load();
    process.env["XDR_TEST_KEY"] = ADVANCED_KEY.secret;
    try {
      assert.equal((await post(typed({ key: "${XDR_TEST_KEY}" }))).code, "XDR_OK");
    } finally {
      delete process.env["XDR_TEST_KEY"];
    }
    const report = await post(typed({ key: "${XDR_TEST_KEY}" }));
    assert.equal(report.code, "XDR_CREDENTIALS_MISSING");
    assert.match(report.message, /XDR_TEST_KEY is not set/);
  });

  test("runs one test at a time", async () => {
    await load();
    const slow = await ScriptedServer.start((_seen, _request, response) => {
      void post(typed()).then((report) => {
        second = report;
        response.end('{"status":"Healthy"}');
      });
    });
    let second: Report | undefined;
    try {
      assert.equal((await post(typed({ host: slow.url }))).code, "XDR_OK");
      assert.deepEqual([second?.ok, second?.code], [false, "XDR_RATE_LIMITED"]);
      assert.equal((await post(typed())).code, "XDR_OK");
    } finally {
      await slow.stop();
    }
  });

  test("answers bodies that make no sense", async () => {
    await load();
    for (const body of [[], { host: 5 }, { ...typed(), key: "x".repeat(10_000) }]) {
      assert.deepEqual((await post(body)).ok, false);
    }
    assert.equal((await post(typed())).code, "XDR_OK");
  });
});
