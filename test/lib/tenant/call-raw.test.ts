import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { XdrError } from "../../../nodes/lib/errors";
import { brokenClient } from "../../../nodes/lib/tenant/broken-client";
import { createTenantClient } from "../../../nodes/lib/tenant/client";
import type { RawAnswer } from "../../../nodes/lib/tenant/client-api";
import { ScriptedServer } from "../../support/scripted-server";

const VALUE = { reply: { alerts: ["é".repeat(2000), 1] } };
const TEXT = JSON.stringify(VALUE);

async function rawOf(t: TestContext, body: Buffer, contentEncoding?: string): Promise<RawAnswer> {
  const server = await ScriptedServer.start((_seen, _request, response) => {
    if (contentEncoding !== undefined) response.setHeader("content-encoding", contentEncoding);
    response.end(body);
  });
  const apiKey = { keyType: "standard", keyId: "7", key: "FAKE-KEY-ONLY-FOR-TESTS" } as const;
  const client = createTenantClient({ baseUrl: server.url, apiKey, timeoutMs: 5000 }, { env: {} });
  t.after(async () => {
    await client.close();
    await server.stop();
  });
  return client.callRaw({ path: "x" });
}

for (const name of ["gzip", "x-gzip", " GZIP "]) {
  test(`callRaw keeps the wire's bytes of "${name}"`, async (t) => {
    const wire = gzipSync(TEXT);
    const { value, body, encoding } = await rawOf(t, wire, name);
    assert.deepEqual([value, encoding], [VALUE, "gzip"]);
    assert.deepEqual(body, wire);
    assert.equal(gunzipSync(body).toString("utf8"), TEXT);
  });
}

for (const [name, wire] of [
  [undefined, Buffer.from(TEXT)],
  ["identity", Buffer.from(TEXT)],
  ["br", brotliCompressSync(TEXT)],
  ["deflate", deflateSync(TEXT)],
] as const) {
  test(`callRaw gives text for ${name ?? "no encoding"}`, async (t) => {
    const { value, body, encoding } = await rawOf(t, wire, name);
    assert.deepEqual([value, encoding, body.toString("utf8")], [VALUE, "identity", TEXT]);
  });
}

test("callRaw of a tenant that is not configured fails with the reason", async () => {
  const client = brokenClient(new XdrError("XDR_HOST_INVALID", "No host."));
  await assert.rejects(client.callRaw({ path: "x" }), { code: "XDR_HOST_INVALID" });
  assert.equal(client.heldMs, 0);
});
