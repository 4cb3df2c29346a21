import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { after, afterEach, describe, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { XdrError } from "../../../nodes/lib/errors";
import type { XdrAlert } from "../../../nodes/lib/tenant/alert-schema";
import { createTenantClient, type ClientSurroundings, type ConnectionSettings } from "../../../nodes/lib/tenant/client";
import type { TenantClient } from "../../../nodes/lib/tenant/client-api";
import { everythingOf } from "../../support/everything-of";
import { ScriptedServer, unusedPort, type Script } from "../../support/scripted-server";
import { ADVANCED_KEY } from "../../support/simulated-tenant/keys";
import { SimulatedTenant } from "../../support/simulated-tenant/tenant";
import { until } from "../../support/until";

const KEY = "FAKE-KEY-ONLY-FOR-TESTS-0123456789";
const ALERT: XdrAlert = {
  product: "PAN-OS",
  vendor: "Palo Alto Networks",
  local_ip: "192.0.2.1",
  local_port: 1,
  remote_ip: "198.51.100.1",
  remote_port: 2,
  event_timestamp: 1_735_689_600_000,
  severity: "Low",
  alert_name: "test",
};

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(script: Script): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script);
  ends.push(() => server.stop());
  return server;
}

function clientOf(
  baseUrl: string,
  settings: Partial<ConnectionSettings> = {},
  surroundings: Partial<ClientSurroundings> = {},
): TenantClient {
  const apiKey = { keyType: "advanced", keyId: "7", key: KEY } as const;
  const client = createTenantClient({ baseUrl, apiKey, timeoutMs: 5000, ...settings }, { env: {}, ...surroundings });
  ends.push(() => client.close());
  return client;
}

const json =
  (body: unknown): Script =>
  (_seen, _request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  };

/** The error a call ends with, checked for the key. */
async function failureOf(call: Promise<unknown>): Promise<XdrError> {
  const error = await call.then(
    () => assert.fail("the call succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof XdrError)) throw error;
  assert.ok(!everythingOf(error).includes(KEY));
  assert.equal(error.cause, undefined);
  return error;
}

describe("request", () => {
  test("posts the alerts in the documented form, signed afresh each time", async () => {
    const server = await serve(json({ reply: true }));
    const client = clientOf(server.url);
    await client.insertAlerts([ALERT]);
    await client.insertAlerts([ALERT]);
    const [first, second] = server.requests;
    assert.equal(first?.path, "/public_api/v1/alerts/insert_parsed_alerts");
    assert.deepEqual([first.method, JSON.parse(first.body)], ["POST", { request_data: { alerts: [ALERT] } }]);
    assert.equal(first.headers["content-type"], "application/json");
    assert.equal(first.headers["x-xdr-auth-id"], "7");
    assert.match(first.headers.authorization ?? "", /^[0-9a-f]{64}$/);
    assert.notEqual(first.headers["x-xdr-nonce"], second?.headers["x-xdr-nonce"]);
    assert.equal(server.connections, 1, "the connection is kept");
  });

  test("gets without a body", async () => {
    const server = await serve(json({ status: "Healthy" }));
    assert.deepEqual(await clientOf(server.url).call({ path: "v1/healthcheck", method: "GET" }), { status: "Healthy" });
    assert.deepEqual([server.requests[0]?.method, server.requests[0]?.body], ["GET", ""]);
    assert.equal(server.requests[0]?.headers["content-type"], undefined);
  });

  test("is accepted by the strict tenant", async () => {
    const tenant = await SimulatedTenant.start();
    ends.push(() => tenant.stop());
    await clientOf(tenant.url, { apiKey: { keyType: "advanced", keyId: "7", key: ADVANCED_KEY.secret } }).insertAlerts([
      ALERT,
    ]);
    assert.equal(tenant.alerts.length, 1);
  });
});

describe("answer", () => {
  for (const body of [{ reply: true }, true, { reply: "ok" }, { reply: { done: 1 } }]) {
    test(`${JSON.stringify(body)} means accepted`, async () => {
      await clientOf((await serve(json(body))).url).insertAlerts([ALERT]);
    });
  }

  const refusals: readonly (readonly [body: unknown, code: string, outcome: string])[] = [
    [{ reply: false }, "XDR_SERVER_ERROR", "refused"],
    [false, "XDR_SERVER_ERROR", "refused"],
    [{ reply: "false" }, "XDR_SERVER_ERROR", "refused"],
    [{ reply: null }, "XDR_RESPONSE_INVALID", "unknown"],
    [{}, "XDR_RESPONSE_INVALID", "unknown"],
    ["text", "XDR_RESPONSE_INVALID", "unknown"],
    [null, "XDR_RESPONSE_INVALID", "unknown"],
    [{ reply: { err_code: 400, err_msg: "no" } }, "XDR_REJECTED", "refused"],
    [{ reply: { err_code: 500, err_msg: "rate limit" } }, "XDR_RATE_LIMITED", "unknown"],
  ];
  for (const [body, code, outcome] of refusals) {
    test(`200 ${JSON.stringify(body)} is ${code}, ${outcome}`, async () => {
      const error = await failureOf(clientOf((await serve(json(body))).url).insertAlerts([ALERT]));
      assert.deepEqual([error.code, error.outcome], [code, outcome]);
    });
  }

  test("that is no JSON is of unknown outcome", async () => {
    for (const text of ["", "<html>portal</html>", '{"reply": tr']) {
      const server = await serve((_seen, _request, response) => void response.end(text));
      const error = await failureOf(clientOf(server.url).insertAlerts([ALERT]));
      assert.deepEqual([error.code, error.status, error.outcome], ["XDR_RESPONSE_INVALID", 200, "unknown"]);
    }
  });

  test("may be compressed", async () => {
    const body = Buffer.from(JSON.stringify({ reply: "é".repeat(1000) }));
    for (const [encoding, bytes] of [
      ["gzip", gzipSync(body)],
      ["br", brotliCompressSync(body)],
    ] as const) {
      const server = await serve((_seen, _request, response) => {
        response.setHeader("content-encoding", encoding).end(bytes);
      });
      assert.deepEqual(await clientOf(server.url).call({ path: "x" }), { reply: "é".repeat(1000) });
      assert.equal(server.requests[0]?.headers["accept-encoding"], "gzip");
    }
  });

  test("that is damaged gzip is of unknown outcome", async () => {
    const server = await serve((_seen, _request, response) => {
      response.setHeader("content-encoding", "gzip").end(gzipSync("{}").subarray(0, 12));
    });
    assert.equal((await failureOf(clientOf(server.url).call({ path: "x" }))).code, "XDR_RESPONSE_INVALID");
  });

  test("that is too large is cut off, on the wire and when inflated", async () => {
    const endless = await serve((_seen, _request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000, 32)));
        response.once("drain", more);
      };
      more();
    });
    const bomb = await serve((_seen, _request, response) => {
      response.setHeader("content-encoding", "gzip").end(gzipSync(Buffer.alloc(1_000_000, 32)));
    });
    for (const server of [endless, bomb]) {
      const error = await failureOf(clientOf(server.url, {}, { maxResponseBytes: 100_000 }).call({ path: "x" }));
      assert.deepEqual([error.code, error.outcome], ["XDR_RESPONSE_TOO_LARGE", "unknown"]);
    }
  });

  test("that redirects is not followed", async () => {
    const server = await serve((_seen, _request, response) => {
      response.writeHead(302, { location: "/public_api/elsewhere" }).end();
    });
    const error = await failureOf(clientOf(server.url).insertAlerts([ALERT]));
    assert.deepEqual([error.code, error.status], ["XDR_REDIRECTED", 302]);
    assert.match(error.message, /api-/);
    assert.equal(server.requests.length, 1);
  });

  test("of 429 says how long to wait", async () => {
    const server = await serve((_seen, _request, response) => {
      response.writeHead(429, { "retry-after": "17" }).end();
    });
    const error = await failureOf(clientOf(server.url).insertAlerts([ALERT]));
    assert.deepEqual([error.code, error.retryAfterMs], ["XDR_RATE_LIMITED", 17_000]);
  });

  test("that echoes our headers and key shows none of it", async () => {
    const server = await serve((seen, _request, response) => {
      const extra = `${KEY} ${JSON.stringify(seen.headers)}`;
      response.writeHead(500).end(JSON.stringify({ reply: { err_code: 500, err_msg: extra, err_extra: extra } }));
    });
    for (const keyType of ["advanced", "standard"] as const) {
      const error = await failureOf(
        clientOf(server.url, { apiKey: { keyType, keyId: "7", key: KEY } }).call({ path: "x" }),
      );
      const { headers } = server.requests.at(-1)!;
      assert.ok(!error.message.includes(headers.authorization!));
      assert.ok(!error.message.includes(String(headers["x-xdr-nonce"])));
    }
  });
});

describe("failure", () => {
  test("nothing listens: refused, unsent", async () => {
    const error = await failureOf(clientOf(`http://127.0.0.1:${await unusedPort()}`).insertAlerts([ALERT]));
    assert.deepEqual([error.code, error.outcome], ["XDR_CONNECTION_REFUSED", "unsent"]);
  });

  test("no such name: unsent", async () => {
    // A label of 64 characters is refused by the resolver itself: no network is needed.
    const error = await failureOf(clientOf(`https://${"a".repeat(64)}.invalid`).insertAlerts([ALERT]));
    assert.deepEqual([error.code, error.outcome], ["XDR_NAME_NOT_FOUND", "unsent"]);
  });

  test("the answer is lost, reset or cut: unknown", async () => {
    const scripts: Script[] = [
      (_seen, request) => void request.socket.destroy(),
      (_seen, request) => void request.socket.resetAndDestroy(),
      (_seen, request, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write('{"reply"', () => request.socket.destroy());
      },
      (_seen, request, response) => {
        response.write('{"reply"', () => request.socket.destroy());
      },
    ];
    for (const script of scripts) {
      const error = await failureOf(clientOf((await serve(script)).url).insertAlerts([ALERT]));
      assert.deepEqual([error.code, error.outcome], ["XDR_CONNECTION_LOST", "unknown"]);
    }
  });

  test("no answer, a slow head or a slow body: timeout over all of it, unknown, and the socket is gone", async () => {
    const scripts: Script[] = [
      () => undefined,
      (_seen, _request, response) => {
        response.writeHead(200).write('{"reply": true');
      },
      (_seen, _request, response) => {
        const drip = setInterval(() => response.write(" "), 20);
        response.once("close", () => clearInterval(drip));
      },
    ];
    for (const script of scripts) {
      const sockets: Socket[] = [];
      const server = await serve((seen, request, response) => {
        sockets.push(request.socket);
        script(seen, request, response);
      });
      const error = await failureOf(clientOf(server.url, { timeoutMs: 150 }).insertAlerts([ALERT]));
      assert.deepEqual([error.code, error.outcome], ["XDR_TIMEOUT", "unknown"]);
      assert.equal(sockets.length, 1);
      await until("the socket of the request is gone", () => sockets[0]!.destroyed);
    }
  });

  test("the caller aborts: cancelled", async () => {
    const server = await serve(() => undefined);
    const client = clientOf(server.url);
    const controller = new AbortController();
    const call = failureOf(client.insertAlerts([ALERT], controller.signal));
    await until("the request is there", () => server.requests.length === 1);
    controller.abort();
    assert.deepEqual([(await call).code, (await call).outcome], ["XDR_CANCELLED", "unknown"]);
    const late = await failureOf(client.insertAlerts([ALERT], controller.signal));
    assert.deepEqual([late.code, late.outcome], ["XDR_CANCELLED", "unsent"]);
    assert.equal(server.requests.length, 1);
  });

  test("what answers does not speak HTTP", async () => {
    const server = await serve((_seen, request) => void request.socket.end("SSH-2.0-OpenSSH_9\r\n"));
    assert.equal((await failureOf(clientOf(server.url).call({ path: "x" }))).code, "XDR_RESPONSE_INVALID");
  });
});

describe("limit of requests", () => {
  test("holds in every rolling window, and aborted waiters neither call nor block", async () => {
    const windowMs = 200;
    const server = await serve(json({ reply: true }));
    const client = clientOf(server.url, {}, { limit: { requests: 10, windowMs } });
    const controller = new AbortController();
    const calls = Array.from({ length: 35 }, () => client.call({ path: "x" }));
    const aborted = Array.from({ length: 5 }, () =>
      failureOf(client.call({ path: "never", signal: controller.signal })),
    );
    const last = client.call({ path: "last" });
    controller.abort();
    assert.deepEqual([...new Set((await Promise.all(aborted)).map((error) => error.code))], ["XDR_CANCELLED"]);
    await Promise.all([...calls, last]);
    assert.equal(server.requests.filter((seen) => seen.path.endsWith("never")).length, 0);
    const times = server.requests.map((seen) => seen.atMs).sort((a, b) => a - b);
    assert.equal(times.length, 36);
    for (const [index, start] of times.entries()) {
      const inWindow = times.slice(index).filter((time) => time < start + windowMs).length;
      assert.ok(inWindow <= 10, `${inWindow} requests within ${windowMs} ms`);
    }
    assert.ok(times.at(-1)! - times[0]! < windowMs * 6, "the limit is used");
  });
});

describe("clock", () => {
  const tenantOf = async (dateSkewMs: number): Promise<SimulatedTenant> => {
    const tenant = await SimulatedTenant.start({ dateSkewMs, clockWindowMs: 20_000 });
    ends.push(() => tenant.stop());
    return tenant;
  };
  const apiKey = { keyType: "advanced", keyId: "7", key: ADVANCED_KEY.secret } as const;

  for (const skewMs of [600_000, -600_000]) {
    test(`off by ${skewMs} ms: signs again once with the tenant's clock, and keeps to it`, async () => {
      const tenant = await tenantOf(skewMs);
      const measured: number[] = [];
      const client = clientOf(tenant.url, { apiKey }, { onClockSkew: (ms) => measured.push(ms) });
      await client.insertAlerts([ALERT]);
      await client.insertAlerts([ALERT]);
      assert.deepEqual(
        tenant.requests.map(({ status }) => status),
        [401, 200, 200],
      );
      assert.ok(Math.abs(client.clockSkewMs! - skewMs) < 5000);
      assert.equal(measured.length, 3);
    });
  }

  test("comes right again: signs with the new measure", async () => {
    const tenant = await tenantOf(600_000);
    const client = clientOf(tenant.url, { apiKey });
    await client.insertAlerts([ALERT]);
    tenant.options.dateSkewMs = 0;
    await client.insertAlerts([ALERT]);
    assert.deepEqual(
      tenant.requests.map(({ status }) => status),
      [401, 200, 401, 200],
    );
  });

  test("off, and the key is wrong: one more attempt, then the clock is named", async () => {
    const tenant = await tenantOf(600_000);
    const client = clientOf(tenant.url);
    const error = await failureOf(client.insertAlerts([ALERT]));
    assert.deepEqual([error.code, error.status, tenant.requests.length], ["XDR_CLOCK_SKEW", 401, 2]);
    assert.match(error.message, /600 s behind/);
  });

  test("right, and the key is wrong: no second attempt", async () => {
    const tenant = await tenantOf(0);
    const error = await failureOf(clientOf(tenant.url).insertAlerts([ALERT]));
    assert.deepEqual([error.code, tenant.requests.length], ["XDR_UNAUTHORIZED", 1]);
  });
});

describe("close", () => {
  test("ends calls under way and waiting ones, and leaves no socket", async () => {
    const server = await serve(() => undefined);
    const client = clientOf(server.url, {}, { limit: { requests: 2, windowMs: 60_000 } });
    const calls = Array.from({ length: 4 }, () => failureOf(client.call({ path: "x" })));
    await until("two requests are there", () => server.requests.length === 2);
    await client.close();
    const errors = await Promise.all(calls);
    assert.deepEqual(
      errors.map(({ code }) => code),
      Array(4).fill("XDR_CANCELLED"),
    );
    assert.deepEqual(
      errors.map(({ outcome }) => outcome),
      ["unknown", "unknown", "unsent", "unsent"],
    );
    await until("no socket is left", () => server.sockets.size === 0);
    assert.equal((await failureOf(client.call({ path: "x" }))).code, "XDR_CANCELLED");
    await client.close();
  });

  test("also closes kept-alive connections", async () => {
    const server = await serve(json({ reply: true }));
    const client = clientOf(server.url);
    await client.call({ path: "x" });
    const [socket] = server.sockets;
    assert.ok(socket);
    const closed = once(socket, "close");
    await client.close();
    await closed;
  });
});

after(() => assert.equal(ends.length, 0));
