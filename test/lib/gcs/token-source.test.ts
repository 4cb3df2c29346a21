import assert from "node:assert/strict";
import type { Server } from "node:http";
import { createServer, type Socket } from "node:net";
import { describe, test } from "node:test";
import type { XdrError } from "../../../nodes/lib/errors";
import { everythingOf } from "../../support/everything-of";
import { unusedPort } from "../../support/scripted-server";
import { testCertificates } from "../../support/simulated-tenant/tls";
import { until } from "../../support/until";
import { EMAIL, keyFor, never, serve } from "./account-rig";
import { dateHeader, granted, json, sourceOf, START_MS, tokenRig } from "./token-rig";

const failureOf = async (answer: Promise<unknown>): Promise<XdrError> =>
  answer.then(
    () => assert.fail("a token was given"),
    (error: unknown) => error as XdrError,
  );

describe("a token", () => {
  test("is asked for as RFC 7523 has it", async () => {
    const rig = await tokenRig((_nth, seen, _request, response) => {
      const { method, path, headers } = seen;
      assert.deepEqual(
        [method, path, headers["content-type"]],
        ["POST", "/token", "application/x-www-form-urlencoded"],
      );
      response.end(granted("t1"));
    });
    assert.equal(await rig.tokens.token(never), "t1");
    assert.equal(rig.tokens.clientEmail, EMAIL);
    const form = new URLSearchParams(rig.bodies()[0]);
    assert.deepEqual([...form.keys()], ["grant_type", "assertion"]);
    assert.equal(form.get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert.equal(rig.claims()[0]?.iat, START_MS / 1000 - 30);
  });

  const renewals: readonly (readonly [lifeSeconds: unknown, renewedAfterMs: number])[] = [
    [3600, 3_300_000],
    ["3600", 3_300_000],
    [undefined, 3_300_000],
    [100, 80_000],
    [1500, 1_200_000],
    [0, 0],
  ];
  for (const [expires_in, renewedAfterMs] of renewals) {
    test(`that expires in ${json(expires_in)} s is renewed after ${renewedAfterMs} ms`, async () => {
      const rig = await tokenRig((nth, _seen, _request, response) => response.end(granted(`t${nth}`, { expires_in })));
      assert.equal(await rig.tokens.token(never), "t1");
      if (renewedAfterMs > 0) {
        rig.clock.advance(renewedAfterMs - 1);
        assert.equal(await rig.tokens.token(never), "t1");
        rig.clock.advance(1);
      }
      assert.equal(await rig.tokens.token(never), "t2");
    });
  }

  test("is asked for once by all who want one at the same time", async () => {
    const waiting: (() => void)[] = [];
    const rig = await tokenRig((nth, _seen, _request, response) =>
      waiting.push(() => response.end(granted(`t${nth}`))),
    );
    const impatient = new AbortController();
    const all = Array.from({ length: 20 }, () => rig.tokens.token(never));
    const left = failureOf(rig.tokens.token(impatient.signal));
    await until("the request is there", () => waiting.length === 1);
    impatient.abort();
    assert.equal((await left).code, "XDR_CANCELLED");
    waiting[0]?.();
    assert.deepEqual(new Set(await Promise.all(all)), new Set(["t1"]));
    assert.equal(rig.requests(), 1);
  });

  test("that was refused is replaced, and no other", async () => {
    const rig = await tokenRig((nth, _seen, _request, response) => response.end(granted(`t${nth}`)));
    assert.equal(await rig.tokens.token(never), "t1");
    rig.tokens.invalidate("t1");
    assert.equal(await rig.tokens.token(never), "t2");
    rig.tokens.invalidate("t1");
    assert.equal(await rig.tokens.token(never), "t2");
  });

  test("that still works is used on when there is no new one", async () => {
    const rig = await tokenRig((nth, _seen, _request, response) =>
      nth === 1 || nth > 3 ? response.end(granted(`t${nth}`)) : response.writeHead(503).end(),
    );
    assert.equal(await rig.tokens.token(never), "t1");
    rig.clock.advance(3_300_000);
    for (let call = 0; call < 3; call += 1) assert.equal(await rig.tokens.token(never), "t1");
    assert.equal(rig.requests(), 2);
    rig.clock.advance(10_000);
    assert.equal(await rig.tokens.token(never), "t1");
    assert.equal(rig.requests(), 3);
    rig.clock.advance(10_000);
    assert.equal(await rig.tokens.token(never), "t4");
  });

  test("is never used when its life is over", async () => {
    const rig = await tokenRig((nth, _seen, _request, response) =>
      nth === 1 ? response.end(granted("t1")) : response.writeHead(503).end(),
    );
    assert.equal(await rig.tokens.token(never), "t1");
    rig.clock.advance(3_600_000);
    assert.equal((await failureOf(rig.tokens.token(never))).code, "XDR_SERVER_ERROR");
  });
});

describe("an answer without a token", () => {
  const answers: readonly (readonly [status: number, body: string, code: string, says: RegExp])[] = [
    [
      400,
      json({ error: "invalid_grant", error_description: "Invalid JWT Signature." }),
      "GCS_KEY_REJECTED",
      /Signature/,
    ],
    [401, json({ error: "invalid_client" }), "GCS_KEY_REJECTED", /invalid_client/],
    [403, json({ error: "access_denied" }), "GCS_KEY_REJECTED", /access_denied/],
    [403, json({ error: "rate_limit_exceeded" }), "XDR_RATE_LIMITED", /rate_limit/],
    [403, "<html><body>Blocked by the firewall</body></html>", "XDR_RESPONSE_INVALID", /"Blocked by the firewall"/],
    [404, "", "XDR_RESPONSE_INVALID", /no token endpoint/],
    [400, json({ error: "temporarily_unavailable" }), "XDR_SERVER_ERROR", /failed/],
    [429, json({ error: "x" }), "XDR_RATE_LIMITED", /no more tokens/],
    [500, json({ error: "internal_failure" }), "XDR_SERVER_ERROR", /failed/],
    [408, "", "XDR_SERVER_ERROR", /failed/],
    [302, "", "XDR_REDIRECTED", /never followed/],
    [407, "", "XDR_PROXY_FAILED", /proxy/],
    [200, "<html>", "XDR_RESPONSE_INVALID", /no access token/],
    [200, json({ id_token: "SECRET" }), "XDR_RESPONSE_INVALID", /no access token/],
    [200, granted("SECRET token"), "XDR_RESPONSE_INVALID", /no access token/],
    [200, granted("SECRET", { expires_in: "soon" }), "XDR_RESPONSE_INVALID", /no access token/],
    [200, granted("SECRET", { token_type: "mac" }), "XDR_RESPONSE_INVALID", /no access token/],
    [200, "x".repeat(70_000), "XDR_RESPONSE_TOO_LARGE", /larger/],
  ];
  for (const [status, body, code, says] of answers) {
    test(`${status} ${body.slice(0, 50)} is ${code}`, async () => {
      const rig = await tokenRig((_nth, _seen, _request, response) => response.writeHead(status).end(body));
      const error = await failureOf(rig.tokens.token(never));
      assert.equal(error.code, code);
      assert.match(error.message, says);
      assert.ok(!everythingOf(error).includes("SECRET"));
    });
  }

  test("that echoes the assertion shows nothing of it", async () => {
    const rig = await tokenRig((_nth, seen, _request, response) => {
      const assertion = new URLSearchParams(seen.body).get("assertion") ?? "";
      response.writeHead(400).end(json({ error: "invalid_grant", error_description: assertion.slice(40) }));
    });
    const error = await failureOf(rig.tokens.token(never));
    assert.match(error.message, /redacted/);
    const assertion = new URLSearchParams(rig.bodies()[0]).get("assertion") ?? "";
    for (let at = 0; at + 20 < assertion.length; at += 20) {
      assert.ok(!everythingOf(error).includes(assertion.slice(at, at + 20)));
    }
  });

  test("that asks to wait holds the account", async () => {
    const rig = await tokenRig((_nth, _seen, _request, response) =>
      response.writeHead(429, { "Retry-After": "7" }).end(),
    );
    const error = await failureOf(rig.tokens.token(never));
    assert.deepEqual([error.status, error.retryAfterMs, rig.hold.leftMs], [429, 7000, 7000]);
  });
});

describe("a refused key", () => {
  test("is not shown again for a minute", async () => {
    let isGood = false;
    const rig = await tokenRig((_nth, _seen, _request, response) => {
      if (isGood) response.end(granted("t"));
      else response.writeHead(400).end(json({ error: "invalid_grant" }));
    });
    const first = await failureOf(rig.tokens.token(never));
    assert.equal(first.code, "GCS_KEY_REJECTED");
    assert.match(first.message, new RegExp(EMAIL));
    isGood = true;
    rig.clock.advance(59_999);
    assert.equal(await failureOf(rig.tokens.token(never)), first);
    assert.equal(rig.requests(), 1);
    rig.clock.advance(1);
    assert.equal(await rig.tokens.token(never), "t");
    assert.equal(rig.requests(), 2);
  });

  test("is told from an endpoint that fails, which is asked again at once", async () => {
    const rig = await tokenRig((nth, _seen, _request, response) =>
      nth === 1 ? response.writeHead(503).end() : response.end(granted("t")),
    );
    await failureOf(rig.tokens.token(never));
    assert.equal(await rig.tokens.token(never), "t");
  });
});

describe("a clock that is off", () => {
  /** An endpoint whose clock is so much ahead; it takes what is dated within five minutes of it. */
  const strict =
    (aheadMs: () => number, refuse = false): Parameters<typeof tokenRig>[0] =>
    (_nth, seen, _request, response) => {
      const [, part = ""] = (new URLSearchParams(seen.body).get("assertion") ?? "").split(".");
      const { iat } = JSON.parse(Buffer.from(part, "base64url").toString()) as { iat: number };
      const nowMs = START_MS + aheadMs();
      const isGood = !refuse && Math.abs(nowMs / 1000 - iat) < 300;
      response
        .writeHead(isGood ? 200 : 400, dateHeader(nowMs))
        .end(isGood ? granted("t", { expires_in: 0 }) : json({ error: "invalid_grant" }));
    };

  for (const aheadMs of [900_000, -900_000]) {
    test(`by ${aheadMs} ms is made up for`, async () => {
      const told: number[] = [];
      const rig = await tokenRig(
        strict(() => aheadMs),
        { onClockCorrected: (skewMs) => told.push(skewMs) },
      );
      assert.equal(await rig.tokens.token(never), "t");
      // A Date header is half a second behind on average, which is made up for.
      assert.deepEqual(told, [aheadMs + 500]);
      assert.equal(rig.requests(), 2);
      assert.equal(await rig.tokens.token(never), "t");
      assert.equal(rig.requests(), 3, "the correction is kept");
    });
  }

  test("and is set later is noticed too", async () => {
    let aheadMs = 900_000;
    const rig = await tokenRig(strict(() => aheadMs));
    assert.equal(await rig.tokens.token(never), "t");
    aheadMs = 0;
    assert.equal(await rig.tokens.token(never), "t");
    assert.equal(rig.claims().at(-1)?.iat, START_MS / 1000 - 30);
  });

  test("is named when the key is refused all the same", async () => {
    const rig = await tokenRig(strict(() => 900_000, true));
    const error = await failureOf(rig.tokens.token(never));
    assert.equal(error.code, "XDR_CLOCK_SKEW");
    assert.match(error.message, /901 s behind Google's/);
    assert.equal(rig.requests(), 2);
    assert.equal(await failureOf(rig.tokens.token(never)), error);
    assert.equal(rig.requests(), 2);
  });

  test("by little is no reason to ask twice", async () => {
    const rig = await tokenRig(strict(() => 20_000, true));
    assert.equal((await failureOf(rig.tokens.token(never))).code, "GCS_KEY_REJECTED");
    assert.equal(rig.requests(), 1);
  });
});

describe("the way to the token endpoint", () => {
  test("names what is in it", async () => {
    const port = await unusedPort();
    const refused = await failureOf(sourceOf(keyFor(`http://127.0.0.1:${port}/token`)).token(never));
    assert.equal(refused.code, "XDR_CONNECTION_REFUSED");
    const unknown = await failureOf(sourceOf(keyFor("https://token.invalid/x")).token(never));
    assert.equal(unknown.code, "XDR_NAME_NOT_FOUND");
    assert.match(unknown.message, /"token_uri"/);
    const silent = await serve(() => undefined);
    const slow = await failureOf(sourceOf(keyFor(silent.url), { timeoutMs: 100 }).token(never));
    assert.equal(slow.code, "XDR_TIMEOUT");
    assert.ok(!slow.message.includes("timeoutSeconds"));
    const large = await serve((_seen, _request, response) => void response.end(" ".repeat(100_000)));
    const elsewhere = await failureOf(sourceOf(keyFor(large.url)).token(never));
    assert.equal(elsewhere.code, "XDR_RESPONSE_TOO_LARGE");
    assert.match(elsewhere.message, /check "token_uri"/);
    assert.ok(!elsewhere.message.includes("ask for less"));
  });

  test("leaves no connection open", async () => {
    const server = await serve((_seen, request, response) => {
      // Neither side would close it by itself.
      (request.socket as Socket & { server: Server }).server.keepAliveTimeout = 600_000;
      response.setHeader("keep-alive", "timeout=600").end(granted("t"));
    });
    assert.equal(await sourceOf(keyFor(server.url)).token(never), "t");
    await until("no socket is left", () => server.sockets.size === 0);
  });

  test("goes through the proxy", async () => {
    const target = await serve((_seen, _request, response) => void response.end(granted("t")));
    const proxy = await serve(() => undefined);
    const targets: string[] = [];
    proxy.tunnel(targets);
    assert.equal(await sourceOf(keyFor(target.url), { proxy: proxy.url }).token(never), "t");
    assert.deepEqual(targets, [`127.0.0.1:${new URL(target.url).port} -`]);
    const refusing = await serve(() => undefined);
    refusing.tunnel([], "403 Forbidden");
    const env = { HTTPS_PROXY: refusing.url };
    const error = await failureOf(sourceOf(keyFor("https://token.invalid/x"), { env }).token(never));
    assert.equal(error.code, "XDR_PROXY_FAILED");
  });

  test("trusts the CA, and takes no server name meant for the storage", async () => {
    const { ca, server } = testCertificates();
    const secure = await serve((_seen, _request, response) => void response.end(granted("t")), server);
    const untrusted = await failureOf(sourceOf(keyFor(secure.url)).token(never));
    assert.equal(untrusted.code, "XDR_TLS_FAILED");
    const tls = { ca, servername: "storage.example" };
    assert.equal(await sourceOf(keyFor(secure.url), { tls }).token(never), "t");
  });

  test("ends with the account", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = silent.address() as { port: number };
      const tokens = sourceOf(keyFor(`http://127.0.0.1:${port}/`));
      const failed = failureOf(tokens.token(never));
      tokens.close();
      assert.equal((await failed).code, "XDR_CANCELLED");
      assert.equal((await failureOf(tokens.token(never))).code, "XDR_CANCELLED");
    } finally {
      await new Promise((resolve) => silent.close(resolve));
    }
  });

  test("is not gone where no token is wanted", async () => {
    const tokens = sourceOf({ kind: "anonymous" });
    assert.equal(await tokens.token(never), undefined);
    assert.equal(tokens.clientEmail, undefined);
  });
});
