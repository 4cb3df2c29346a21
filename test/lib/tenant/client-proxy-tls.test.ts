import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import { createTenantClient, type ConnectionSettings } from "../../../nodes/lib/tenant/client";
import type { TenantClient } from "../../../nodes/lib/tenant/client-api";
import { everythingOf } from "../../support/everything-of";
import { ScriptedServer, unusedPort, type Script } from "../../support/scripted-server";
import { testCertificates } from "../../support/simulated-tenant/tls";
import { until } from "../../support/until";

const { ca, server: SERVER, client: CLIENT } = testCertificates();
const PASSWORD = "hunter2-proxy-password";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const healthy: Script = (_seen, _request, response) => void response.end('{"status":"Healthy"}');

async function serve(tls?: Parameters<typeof ScriptedServer.start>[1]): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(healthy, tls);
  ends.push(() => server.stop());
  return server;
}

async function proxyServer(answer?: string): Promise<{ server: ScriptedServer; targets: string[] }> {
  const server = await serve();
  const targets: string[] = [];
  server.tunnel(targets, answer);
  return { server, targets };
}

function clientOf(
  baseUrl: string,
  settings: Partial<ConnectionSettings> = {},
  env: Record<string, string> = {},
): TenantClient {
  const apiKey = { keyType: "advanced", keyId: "7", key: "FAKE-KEY-ONLY-FOR-TESTS" } as const;
  const client = createTenantClient({ baseUrl, apiKey, timeoutMs: 5000, ...settings }, { env });
  ends.push(() => client.close());
  return client;
}

const check = (client: TenantClient): Promise<unknown> => client.call({ path: "v1/healthcheck", method: "GET" });

async function failureOf(client: TenantClient): Promise<XdrError> {
  const error = await check(client).then(
    () => assert.fail("the call succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof XdrError)) throw error;
  assert.ok(!everythingOf(error).includes(PASSWORD));
  return error;
}

describe("proxy", () => {
  test("is used when it is explicit, also towards loopback, with its credentials", async () => {
    const target = await serve();
    const { server, targets } = await proxyServer();
    const proxy = server.url.replace("//", `//me:${PASSWORD}@`);
    assert.deepEqual(await check(clientOf(target.url, { proxy })), { status: "Healthy" });
    const basic = Buffer.from(`me:${PASSWORD}`).toString("base64");
    assert.deepEqual(targets, [`127.0.0.1:${target.port} Basic ${basic}`]);
    assert.equal(target.requests[0]?.headers["proxy-authorization"], undefined);
  });

  test("of the environment is used for a tenant, not for loopback", async () => {
    const target = await serve();
    const { server, targets } = await proxyServer("403 Forbidden");
    const env = { HTTPS_PROXY: server.url, HTTP_PROXY: server.url };
    assert.deepEqual(await check(clientOf(target.url, {}, env)), { status: "Healthy" });
    assert.deepEqual(targets, []);
    const error = await failureOf(clientOf("https://api-acme.invalid", {}, env));
    assert.deepEqual([error.code, error.outcome], ["XDR_PROXY_FAILED", "unsent"]);
    assert.match(error.message, /\(403\)/);
    assert.deepEqual(targets, ["api-acme.invalid:443 -"]);
  });

  test("that asks for credentials says so", async () => {
    const { server } = await proxyServer("407 Proxy Authentication Required");
    const error = await failureOf(clientOf("https://api-acme.invalid", { proxy: server.url }));
    assert.equal(error.code, "XDR_PROXY_FAILED");
    assert.match(error.message, /asks for credentials/);
  });

  test("that does not run is named, without its password", async () => {
    const proxy = `http://me:${PASSWORD}@127.0.0.1:${await unusedPort()}`;
    const error = await failureOf(clientOf("https://api-acme.invalid", { proxy }));
    assert.deepEqual([error.code, error.outcome], ["XDR_PROXY_FAILED", "unsent"]);
  });

  test("that never answers ends with the timeout, unsent, and leaves no socket after close", async () => {
    const server = await serve();
    const { port } = server;
    const targets: string[] = [];
    const client = clientOf("https://api-acme.invalid", { proxy: `http://127.0.0.1:${port}`, timeoutMs: 150 });
    server.silence(targets);
    const error = await failureOf(client);
    assert.deepEqual([error.code, error.outcome, targets.length], ["XDR_TIMEOUT", "unsent", 1]);
    await client.close();
    await until("no socket is left", () => server.sockets.size === 0);
  });

  test("tunnels leave no socket after close", async () => {
    const target = await serve({ ...SERVER });
    const { server } = await proxyServer();
    const client = clientOf(target.url, { proxy: server.url, tls: { ca } });
    await check(client);
    await client.close();
    await until("no socket is left", () => server.sockets.size === 0 && target.sockets.size === 0);
  });
});

describe("TLS", () => {
  test("of an unknown authority is refused before anything is sent", async () => {
    const target = await serve({ ...SERVER });
    const error = await failureOf(clientOf(target.url));
    assert.deepEqual([error.code, error.outcome, target.requests.length], ["XDR_TLS_FAILED", "unsent", 0]);
    assert.match(error.message, /its CA/);
  });

  test("of a private authority is accepted with its CA, directly and through a proxy", async () => {
    const target = await serve({ ...SERVER });
    const { server, targets } = await proxyServer();
    assert.deepEqual(await check(clientOf(target.url, { tls: { ca } })), { status: "Healthy" });
    assert.deepEqual(await check(clientOf(target.url, { tls: { ca }, proxy: server.url })), { status: "Healthy" });
    assert.equal(targets.length, 1);
    assert.equal((await failureOf(clientOf(target.url, { proxy: server.url }))).code, "XDR_TLS_FAILED");
  });

  test("for another name is refused, unless servername says which", async () => {
    const target = await serve({ ...SERVER });
    const { server } = await proxyServer();
    for (const proxy of [undefined, server.url]) {
      const error = await failureOf(clientOf(target.url, { tls: { ca, servername: "other.example" }, proxy }));
      assert.deepEqual([error.code, error.outcome], ["XDR_TLS_FAILED", "unsent"]);
      assert.match(error.message, /another host name/);
      const client = clientOf(target.url, { tls: { ca, servername: "localhost" }, proxy });
      assert.deepEqual(await check(client), { status: "Healthy" });
    }
  });

  test("may go unchecked when the user says so", async () => {
    const target = await serve({ ...SERVER });
    assert.deepEqual(await check(clientOf(target.url, { tls: { rejectUnauthorized: false } })), { status: "Healthy" });
  });

  test("sends the client certificate, directly and through a proxy", async () => {
    const target = await serve({ ...SERVER, ca, requestCert: true, rejectUnauthorized: true });
    const { server } = await proxyServer();
    for (const proxy of [undefined, server.url]) {
      assert.deepEqual(await check(clientOf(target.url, { tls: { ca, ...CLIENT }, proxy })), { status: "Healthy" });
      // TLS 1.3 tells a client only after its handshake that a certificate was wanted, or just hangs up.
      const { code } = await failureOf(clientOf(target.url, { tls: { ca }, proxy }));
      assert.ok(code === "XDR_TLS_FAILED" || code === "XDR_CONNECTION_LOST", code);
    }
  });

  test("with an unreadable key is named", async () => {
    const target = await serve({ ...SERVER });
    const error = await failureOf(clientOf(target.url, { tls: { ca, cert: CLIENT.cert, key: "no key" } }));
    assert.equal(error.code, "XDR_TLS_FAILED");
  });

  test("towards a server that speaks plain HTTP is named", async () => {
    const target = await serve();
    const error = await failureOf(clientOf(target.url.replace("http", "https")));
    assert.deepEqual([error.code, error.outcome], ["XDR_TLS_FAILED", "unsent"]);
  });
});
