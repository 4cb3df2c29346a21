import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brokenClient } from "../../../nodes/lib/tenant/broken-client";
import { parseTenant } from "../../../nodes/lib/tenant/tenant-options";

const GOOD = { host: "acme.xdr.eu.paloaltonetworks.com", keyId: "7", key: "FAKE-KEY" };

describe("parseTenant", () => {
  test("fills in the defaults", () => {
    assert.deepEqual(parseTenant(GOOD), {
      options: {
        baseUrl: "https://api-acme.xdr.eu.paloaltonetworks.com",
        quotaAlerts: 600,
        quotaWindowMs: 60_000,
        timeoutMs: 30_000,
        state: "embedded",
        redisUrl: undefined,
      },
      connection: {
        baseUrl: "https://api-acme.xdr.eu.paloaltonetworks.com",
        apiKey: { keyType: "advanced", keyId: "7", key: "FAKE-KEY" },
        timeoutMs: 30_000,
        proxy: undefined,
      },
      problem: undefined,
    });
  });

  test("takes numbers as text, a numeric key id, and empty fields as defaults", () => {
    const { options, connection, problem } = parseTenant({
      ...GOOD,
      keyId: 7,
      keyType: "standard",
      quotaAlerts: " 120 ",
      quotaSeconds: "0.5",
      timeoutSeconds: "",
      proxy: "  ",
      tls: "",
      state: "",
    });
    assert.equal(problem, undefined);
    assert.deepEqual([options.quotaAlerts, options.quotaWindowMs, options.timeoutMs], [120, 500, 30_000]);
    assert.deepEqual(connection?.apiKey, { keyType: "standard", keyId: "7", key: "FAKE-KEY" });
  });

  test("takes a Redis URL only with Redis state, and never shows it", () => {
    const redisUrl = "redis://:hunter2@redis.example:6379/0";
    assert.equal(parseTenant({ ...GOOD, state: "redis", redisUrl }).options.redisUrl, redisUrl);
    assert.equal(parseTenant({ ...GOOD, redisUrl }).options.redisUrl, undefined);
    assert.equal(parseTenant({ ...GOOD, state: "redis" }).problem?.code, "XDR_CREDENTIALS_MISSING");
    const { problem } = parseTenant({ ...GOOD, state: "redis", redisUrl: "http://:hunter2@redis.example" });
    assert.equal(problem?.code, "XDR_CONFIG_INVALID");
    assert.doesNotMatch(problem.message, /hunter2/);
  });

  const bad: readonly (readonly [property: string, value: unknown, code: string])[] = [
    ["host", "", "XDR_HOST_INVALID"],
    ["host", "${FQDN}", "XDR_HOST_INVALID"],
    ["host", { a: 1 }, "XDR_CONFIG_INVALID"],
    ["keyId", "", "XDR_CREDENTIALS_MISSING"],
    ["keyId", "${API_KEY_ID}", "XDR_CREDENTIALS_MISSING"],
    ["key", undefined, "XDR_CREDENTIALS_MISSING"],
    ["key", "${API_KEY}", "XDR_CREDENTIALS_MISSING"],
    ["key", "a\nb", "XDR_CREDENTIALS_MISSING"],
    ["keyType", "extended", "XDR_CONFIG_INVALID"],
    ["keyType", "${KEY_TYPE}", "XDR_CONFIG_INVALID"],
    ["quotaAlerts", "0", "XDR_CONFIG_INVALID"],
    ["quotaAlerts", "1.5", "XDR_CONFIG_INVALID"],
    ["quotaAlerts", "many", "XDR_CONFIG_INVALID"],
    ["quotaAlerts", "${QUOTA}", "XDR_CONFIG_INVALID"],
    ["quotaSeconds", 0, "XDR_CONFIG_INVALID"],
    ["quotaSeconds", -1, "XDR_CONFIG_INVALID"],
    ["quotaSeconds", "Infinity", "XDR_CONFIG_INVALID"],
    ["timeoutSeconds", 0, "XDR_CONFIG_INVALID"],
    ["timeoutSeconds", "301", "XDR_CONFIG_INVALID"],
    ["timeoutSeconds", true, "XDR_CONFIG_INVALID"],
    ["proxy", "proxy.example:3128", "XDR_CONFIG_INVALID"],
    ["proxy", "http://${PROXY_HOST}:3128", "XDR_CONFIG_INVALID"],
    ["state", "memory", "XDR_CONFIG_INVALID"],
  ];
  for (const [property, value, code] of bad) {
    test(`refuses ${property} ${JSON.stringify(value)} with ${code}, naming it`, () => {
      const { problem, connection, options } = parseTenant({ ...GOOD, [property]: value });
      assert.deepEqual([problem?.code, problem?.field, connection], [code, property, undefined]);
      assert.deepEqual([options.quotaAlerts, options.quotaWindowMs, options.state], [600, 60_000, "embedded"]);
      if (typeof value === "string" && value.includes("${"))
        assert.match(problem!.message, /environment variable \w+ is not set/);
    });
  }
});

describe("brokenClient", () => {
  test("rejects every call with the problem", async () => {
    const { problem } = parseTenant({});
    const client = brokenClient(problem!);
    await assert.rejects(client.insertAlerts([]), { code: "XDR_HOST_INVALID", outcome: "unsent" });
    await assert.rejects(client.call({ path: "x" }), { code: "XDR_HOST_INVALID" });
    await client.close();
  });
});
