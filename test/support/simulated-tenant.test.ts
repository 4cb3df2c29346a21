import assert from "node:assert/strict";
import { after, beforeEach, describe, test } from "node:test";
import { signatureOf } from "./simulated-tenant/auth";
import { callTenant, goodAlert, signedHeaders, update, type CallOptions } from "./simulated-tenant/caller";
import { ADVANCED_KEY, STANDARD_KEY, type TenantKey } from "./simulated-tenant/keys";
import { SimulatedTenant } from "./simulated-tenant/tenant";

const START_MS = Date.UTC(2026, 0, 1);
const HEALTH: CallOptions = { path: "/public_api/v1/healthcheck", method: "GET" };
const INFO: CallOptions = { path: "/public_api/v1/system/get_tenant_info", body: { request_data: {} } };

let nowMs = START_MS;
const tenants: SimulatedTenant[] = [];
async function start(options: Parameters<typeof SimulatedTenant.start>[0] = {}): Promise<SimulatedTenant> {
  const tenant = await SimulatedTenant.start({ now: () => nowMs, requestsPerSecond: Infinity, ...options });
  tenants.push(tenant);
  return tenant;
}
/** One call, signed with the time of the test's clock. */
async function call(tenant: SimulatedTenant, options: CallOptions = {}) {
  return callTenant(tenant.url, { signedAtMs: nowMs, ...options });
}
const withAlerts = (...alerts: unknown[]): unknown => ({ request_data: { alerts } });
const envelope = (status: number, message: string, extra: unknown = null): unknown => ({
  reply: { err_code: status, err_msg: message, err_extra: extra },
});
const without = (field: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(goodAlert()).filter(([name]) => name !== field));

beforeEach(() => {
  nowMs = START_MS;
});
after(async () => {
  await Promise.all(tenants.map((tenant) => tenant.stop()));
});

describe("Simulated tenant, health and info", () => {
  test("answers the health check without a wrapper and the tenant info with one", async () => {
    const tenant = await start();
    assert.deepEqual((await call(tenant, HEALTH)).json, { status: "Healthy" });
    const info = await call(tenant, INFO);
    assert.equal(info.status, 200);
    const { reply } = info.json as { reply: Record<string, unknown> };
    const kinds = Object.entries(reply).map(([name, value]) => name.endsWith("_expiration") && typeof value);
    assert.deepEqual(new Set(kinds.filter(Boolean)), new Set(["string", "number"]));
  });
});

describe("Simulated tenant, authentication", () => {
  test("computes the signature of the fact sheet's vector", () => {
    const nonce = "n0nceA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v2W3x4Y5z6A7b8C9d";
    const digest = "e00cc77683eeb38548343442002db204b4aec4e4faa1c062b34fc1fc22de26c4";
    assert.equal(signatureOf("SAMPLE-KEY-0123456789", nonce, "1735689600000"), digest);
  });

  const expired: TenantKey = { ...ADVANCED_KEY, id: "21", expiresAtMs: START_MS };
  const revoked: TenantKey = { ...STANDARD_KEY, id: "22", revoked: true };
  const keys = [ADVANCED_KEY, STANDARD_KEY, expired, revoked];
  const signed = signedHeaders(ADVANCED_KEY, START_MS);
  const refused: Record<string, CallOptions> = {
    "a missing key id": { headers: { "x-xdr-auth-id": undefined } },
    "an unknown key id": { headers: { "x-xdr-auth-id": "99" } },
    "an expired key": { key: expired },
    "a revoked key": { key: revoked },
    "no Authorization": { headers: { authorization: undefined } },
    "a wrong Standard key": { key: { ...STANDARD_KEY, secret: "x".repeat(128) } },
    "a Bearer prefix": { key: STANDARD_KEY, headers: { authorization: `Bearer ${STANDARD_KEY.secret}` } },
    "a wrong Advanced key": { key: { ...ADVANCED_KEY, secret: "x".repeat(128) } },
    "an Advanced key sent raw": { key: { ...ADVANCED_KEY, level: "standard" } },
    "a Standard key that signs": { key: { ...STANDARD_KEY, level: "advanced" } },
    "an upper-case digest": { headers: { ...signed, Authorization: signed["Authorization"]?.toUpperCase() } },
    "a missing nonce": { headers: { "x-xdr-nonce": undefined } },
    "a short nonce": resigned("a".repeat(63), String(START_MS)),
    "a nonce with other characters": resigned("-".repeat(64), String(START_MS)),
    "a missing timestamp": { headers: { "x-xdr-timestamp": undefined } },
    "a timestamp in seconds": resigned("a".repeat(64), String(START_MS / 1000)),
    "a timestamp with a fraction": resigned("a".repeat(64), `${START_MS}.5`),
    "a clock 5 minutes and 1 ms slow": { signedAtMs: START_MS - 300_001 },
    "a clock 5 minutes and 1 ms fast": { signedAtMs: START_MS + 300_001 },
  };
  for (const [name, options] of Object.entries(refused)) {
    test(`refuses ${name} with 401`, async () => {
      const tenant = await start({ keys });
      const answer = await call(tenant, { ...HEALTH, ...options });
      assert.deepEqual([answer.status, answer.json], [401, envelope(401, "Public API request unauthorized")]);
    });
  }

  const accepted: Record<string, CallOptions> = {
    "a signature at either end of the clock window": { signedAtMs: START_MS - 300_000 },
    "a Standard key": { key: STANDARD_KEY },
    "a Standard key with nonce and timestamp beside it": {
      key: STANDARD_KEY,
      headers: { "x-xdr-nonce": "no", "x-xdr-timestamp": "1" },
    },
  };
  for (const [name, options] of Object.entries(accepted)) {
    test(`takes ${name}`, async () => {
      assert.equal((await call(await start(), { ...HEALTH, ...options })).status, 200);
    });
  }

  test("takes any nonce when nonces are not strict", async () => {
    const options = { ...HEALTH, ...resigned("-", String(START_MS)) };
    assert.equal((await call(await start({ strictNonce: false }), options)).status, 200);
  });

  test("takes a replay, and refuses it when told to", async () => {
    const [lenient, strict] = [await start(), await start({ rejectReplays: true })];
    const statuses: number[] = [];
    for (const tenant of [lenient, lenient, strict, strict]) {
      statuses.push((await call(tenant, { ...HEALTH, headers: signed })).status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 401]);
  });

  test("shifts the Date header and the signature check, but not the quota's clock", async () => {
    const tenant = await start({ dateSkewMs: 600_000 });
    const refusedOne = await call(tenant);
    assert.equal(refusedOne.status, 401);
    assert.equal(refusedOne.headers.date, new Date(START_MS + 600_000).toUTCString());
    assert.equal((await call(tenant, { signedAtMs: START_MS + 600_000 })).status, 200);
    assert.equal(tenant.alerts[0]?.receivedAtMs, START_MS);
  });

  test("checks key, then licence, then permission, then body", async () => {
    const tenant = await start({ keys: [{ ...ADVANCED_KEY, licences: ["prevent"], permissions: [] }] });
    const statuses = [];
    statuses.push((await call(tenant, { body: "no JSON", key: STANDARD_KEY })).status);
    statuses.push((await call(tenant, { body: "no JSON" })).status);
    tenant.options.keys = [{ ...ADVANCED_KEY, permissions: ["alerts_view"] }];
    const forbidden = await call(tenant, { body: "no JSON" });
    statuses.push(forbidden.status);
    tenant.options.keys = [ADVANCED_KEY];
    statuses.push((await call(tenant, { body: "no JSON" })).status);
    assert.deepEqual(statuses, [401, 402, 403, 400]);
    assert.deepEqual(forbidden.json, envelope(403, "Insufficient permissions for api key"));
  });

  test("lets any valid key and licence ask for health and info", async () => {
    const tenant = await start({ licences: ["prevent"], keys: [{ ...ADVANCED_KEY, permissions: [] }] });
    assert.equal((await call(tenant, HEALTH)).status, 200);
    assert.equal((await call(tenant, INFO)).status, 200);
  });

  function resigned(nonce: string, timestamp: string): CallOptions {
    const Authorization = signatureOf(ADVANCED_KEY.secret, nonce, timestamp);
    return { headers: { "x-xdr-nonce": nonce, "x-xdr-timestamp": timestamp, Authorization } };
  }
});

describe("Simulated tenant, transport", () => {
  const path = "/public_api/v1/alerts/insert_parsed_alerts";
  const accented = JSON.stringify(withAlerts(goodAlert({ alert_description: "caf\u00e9" })));
  const cases: Record<string, [CallOptions, number]> = {
    "takes a trailing slash": [{ path: `${path}/` }, 200],
    "refuses two trailing slashes": [{ path: `${path}//` }, 500],
    "refuses an unknown path": [{ path: "/public_api/v1/health_check" }, 500],
    "refuses the root": [{ path: "/" }, 500],
    "refuses GET where POST is due": [{ path, method: "GET" }, 500],
    "refuses POST where GET is due": [{ path: "/public_api/v1/healthcheck" }, 500],
    "takes a content type with a charset": [{ headers: { "content-type": "Application/JSON; charset=utf-8" } }, 200],
    "refuses another content type": [{ headers: { "content-type": "text/plain" } }, 400],
    "refuses a missing content type": [{ headers: { "content-type": undefined } }, 400],
    "refuses an empty body": [{ body: "" }, 400],
    "refuses broken JSON": [{ body: '{"request_data":' }, 400],
    "takes UTF-8": [{ body: Buffer.from(accented, "utf8") }, 200],
    "refuses the same in Latin-1": [{ body: Buffer.from(accented, "latin1") }, 400],
    "refuses a byte order mark": [{ body: `\uFEFF${accented}` }, 400],
    "refuses an array as body": [{ body: [update(1)] }, 400],
    "refuses a missing request_data": [{ body: { alerts: [goodAlert()] } }, 400],
    "refuses request_data that is no object": [{ ...INFO, body: { request_data: [] } }, 400],
    "refuses a body above 10 MB": [{ body: Buffer.alloc(10 * 1024 * 1024 + 1, " ") }, 413],
  };
  for (const [name, [options, status]] of Object.entries(cases)) {
    test(name, async () => {
      const tenant = await start();
      const answer = await call(tenant, options);
      assert.equal(answer.status, status);
      assert.equal(tenant.alerts.length, status === 200 ? 1 : 0);
      const isPlain = status === 500;
      assert.equal(answer.headers["content-type"], isPlain ? "text/plain" : "application/json");
      if (isPlain) assert.match(answer.text, /^Internal Server Error/);
    });
  }

  test("answers unknown paths with 404 when told to, and disabled routes like unknown paths", async () => {
    const tenant = await start({ unknownPathStatus: 404, disabledRoutes: ["insert_parsed_alerts"] });
    assert.equal((await call(tenant)).status, 404);
  });

  test("compresses only when asked to", async () => {
    const tenant = await start();
    const encodings = [];
    for (const accept of [undefined, "gzip", "br, gzip;q=0.5", "gzip;q=0", "identity"]) {
      const answer = await call(tenant, { ...HEALTH, headers: { "accept-encoding": accept } });
      assert.deepEqual(answer.json, { status: "Healthy" });
      encodings.push(answer.headers["content-encoding"]);
    }
    assert.deepEqual(encodings, [undefined, "gzip", "gzip", undefined, undefined]);
  });

  test("records requests with the secrets masked", async () => {
    const tenant = await start();
    await call(tenant, { key: STANDARD_KEY });
    await call(tenant, { body: "no JSON" });
    const [first, second] = tenant.requests;
    assert.equal(first?.headers.authorization, "[128 characters]");
    assert.equal(JSON.stringify(tenant.requests).includes(STANDARD_KEY.secret), false);
    assert.deepEqual([first.id, first.route, first.status, first.atMs], [1, "insert_parsed_alerts", 200, START_MS]);
    assert.deepEqual(first.body, update(1));
    assert.deepEqual([second?.status, second?.body, second?.why], [400, "no JSON", "the body is not valid JSON"]);
  });

  test("records neither headers nor bodies when only decisions are wanted", async () => {
    const tenant = await start({ record: "decisions" });
    await call(tenant);
    const [first] = tenant.requests;
    assert.deepEqual([first?.headers, first?.body, first?.status], [{}, undefined, 200]);
    assert.ok((first?.bytes ?? 0) > 100);
  });
});

describe("Simulated tenant, alerts", () => {
  const refused: Record<string, unknown> = {
    "no alerts": { request_data: {} },
    "alerts that are no array": { request_data: { alerts: goodAlert() } },
    "an empty update": withAlerts(),
    "61 alerts": update(61),
    "an alert that is no object": withAlerts("alert"),
    "an unknown key of an alert": withAlerts(goodAlert({ alert_nmae: "x" })),
    "an inherited name as a key": '{"request_data":{"alerts":[{"__proto__":{}}]}}',
    "an unknown key beside the alerts": { request_data: { alerts: [goodAlert()], limit: 1 } },
    "one bad alert among good ones": withAlerts(goodAlert(), goodAlert({ severity: "Critical" }), goodAlert()),
    "an address family in the other's field": withAlerts(goodAlert({ local_ip: "2001:db8::1" })),
    "a v4 address as v6": withAlerts(goodAlert({ local_ip_v6: "192.0.2.1" })),
    "a v6 address with a zone": withAlerts(goodAlert({ local_ip_v6: "fe80::1%eth0" })),
    "an empty address without the other family": withAlerts(goodAlert({ remote_ip: "" })),
    "an empty address of both families": withAlerts(goodAlert({ remote_ip: "", remote_ip_v6: "" })),
    "an address that is no text": withAlerts(goodAlert({ remote_ip: 1 })),
    "an address that is null": withAlerts(goodAlert({ remote_ip_v6: null, remote_ip: 1 })),
  };
  for (const field of ["product", "vendor", "alert_name", "local_ip", "remote_ip", "local_port", "remote_port"]) {
    refused[`a missing ${field}`] = withAlerts(without(field));
  }
  refused["a missing event_timestamp"] = withAlerts(without("event_timestamp"));
  for (const field of ["product", "vendor", "alert_name"]) {
    refused[`an empty ${field}`] = withAlerts(goodAlert({ [field]: "" }));
    refused[`a ${field} that is no text`] = withAlerts(goodAlert({ [field]: 5 }));
  }
  for (const port of [-1, 65_536, 1.5, "65536", "", "-1", "1e3", null, true]) {
    refused[`the port ${JSON.stringify(port)}`] = withAlerts(goodAlert({ local_port: port }));
  }
  for (const time of [1_767_225_600, "1767225600123", 1_767_225_600_123.5, 17_672_256_001_234, -1_767_225_600_123]) {
    refused[`the timestamp ${JSON.stringify(time)}`] = withAlerts(goodAlert({ event_timestamp: time }));
  }
  for (const change of [
    ...["Critical", "high", "HIGH", "", null].map((severity) => ({ severity })),
    ...["blocked", "Allowed", "", null].map((action_status) => ({ action_status })),
    { alert_description: { text: "x" } },
    { alert_description: null },
  ]) {
    refused[JSON.stringify(change)] = withAlerts(goodAlert(change));
  }
  for (const [name, body] of Object.entries(refused)) {
    test(`refuses ${name} with 400 and stores nothing`, async () => {
      const tenant = await start();
      const answer = await call(tenant, { body });
      assert.equal(answer.status, 400);
      const { reply } = answer.json as { reply: Record<string, unknown> };
      assert.deepEqual([reply["err_code"], Array.isArray(reply["err_extra"])], [400, true]);
      assert.equal(tenant.alerts.length, 0);
    });
  }

  const taken: Record<string, Record<string, unknown>> = {
    "ports as text": goodAlert({ local_port: "0", remote_port: "65535" }),
    "only the required fields": Object.fromEntries(
      Object.entries(goodAlert()).filter(([name]) => !/severity|description|action/.test(name)),
    ),
    "v6 addresses alone": { ...without("local_ip"), local_ip_v6: "2001:db8::1" },
    "a v6 address and an empty v4": goodAlert({ remote_ip: "", remote_ip_v6: "2001:db8::1" }),
    "both families": goodAlert({ remote_ip_v6: "2001:db8::1" }),
  };
  for (const [name, alert] of Object.entries(taken)) {
    test(`takes ${name}`, async () => {
      const tenant = await start();
      const answer = await call(tenant, { body: withAlerts(alert) });
      assert.deepEqual([answer.status, answer.json], [200, { reply: true }]);
      assert.deepEqual(tenant.alerts, [{ alert, receivedAtMs: START_MS, requestId: 1 }]);
    });
  }

  test("names the field and the place of the first bad alert", async () => {
    const answer = await call(await start(), { body: withAlerts(goodAlert(), goodAlert({ local_port: 70_000 })) });
    const extra = [{ type: "port", loc: [1, "local_port"], msg: "must be an integer from 0 to 65535" }];
    assert.deepEqual(answer.json, envelope(400, "The request contains invalid or missing parameters", extra));
  });

  test("answers the bare true, lets unknown keys pass with a warning, and drops bad alerts silently when told to", async () => {
    const tenant = await start({ successBody: "bare", onUnknownKeys: "log", partialFailure: "drop-bad" });
    const answer = await call(tenant, { body: withAlerts(goodAlert({ extra: 1 }), goodAlert({ severity: "x" })) });
    assert.equal(answer.json, true);
    assert.deepEqual(tenant.requests[0]?.warnings, ["0.extra is not a known key"]);
    assert.deepEqual(
      tenant.alerts.map((entry) => entry.alert),
      [goodAlert({ extra: 1 })],
    );
  });

  test("merges alerts of one name, vendor and product in its view, never in the list", async () => {
    const tenant = await start();
    await call(tenant, { body: withAlerts(goodAlert(), goodAlert({ product: "other" })) });
    nowMs += 5000;
    await call(tenant, { body: withAlerts(goodAlert({ severity: "Low" })) });
    assert.equal(tenant.alerts.length, 3);
    assert.deepEqual(tenant.stored[0], {
      id: 1,
      alert: goodAlert({ severity: "Low" }),
      count: 2,
      firstReceivedAtMs: START_MS,
      lastReceivedAtMs: START_MS + 5000,
    });
    tenant.options.merge = false;
    await call(tenant);
    assert.equal(tenant.stored.length, 3);
  });

  test("refuses an update with poison as a whole, without naming it, until it is undone", async () => {
    const tenant = await start();
    const undo = tenant.poison((alert) => alert["alert_name"] === "bad");
    const body = withAlerts(goodAlert(), goodAlert({ alert_name: "bad" }));
    const answer = await call(tenant, { body });
    const text = "Failed to process one of the alerts";
    assert.deepEqual(answer.json, envelope(400, "The request contains invalid or missing parameters", text));
    assert.equal((await call(tenant)).status, 200);
    undo();
    tenant.poison((alert) => alert["alert_name"] === "bad", 500);
    assert.equal((await call(tenant, { body })).status, 500);
    assert.equal(tenant.alerts.length, 1);
  });
});
