import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErrorCode } from "../../../nodes/lib/errors";
import { answerError, permissionFor, type CallContext } from "../../../nodes/lib/tenant/error-mapping";
import { ExchangeFailure } from "../../../nodes/lib/http/exchange";
import { createRedactor } from "../../../nodes/lib/http/redactor";
import { transportError } from "../../../nodes/lib/http/transport-errors";
import { everythingOf } from "../../support/everything-of";

const KEY = "FAKE-KEY-ONLY-FOR-TESTS-0123456789";
const INSERT = "v1/alerts/insert_parsed_alerts";
const context = (more: Partial<CallContext> = {}): CallContext => ({
  host: "api-acme.example",
  path: INSERT,
  keyType: "advanced",
  redact: createRedactor([KEY]),
  clockSkewMs: 0,
  ...more,
});
const envelope = (message: string, extra: unknown = null): string =>
  JSON.stringify({ reply: { err_code: 500, err_msg: message, err_extra: extra } });

type Outcome = "refused" | "unknown";
const answers: readonly (readonly [status: number, text: string, code: ErrorCode, outcome: Outcome])[] = [
  [301, "", "XDR_REDIRECTED", "refused"],
  [302, "<html>moved</html>", "XDR_REDIRECTED", "refused"],
  [400, envelope("The request contains invalid or missing parameters"), "XDR_REJECTED", "refused"],
  [400, envelope("bad alert", 'name: "rate limit exceeded"'), "XDR_REJECTED", "refused"],
  [401, envelope("Public API request unauthorized"), "XDR_UNAUTHORIZED", "refused"],
  [402, "", "XDR_LICENCE_MISSING", "refused"],
  [403, envelope("Insufficient permissions for api key"), "XDR_FORBIDDEN", "refused"],
  [404, "", "XDR_NOT_FOUND", "refused"],
  [405, "", "XDR_SERVER_ERROR", "refused"],
  [407, "", "XDR_PROXY_FAILED", "refused"],
  [408, "", "XDR_SERVER_ERROR", "refused"],
  [413, "", "XDR_REJECTED", "refused"],
  [422, '{"code":1,"message":"no"}', "XDR_REJECTED", "refused"],
  [429, "", "XDR_RATE_LIMITED", "unknown"],
  [429, envelope("Too many requests"), "XDR_RATE_LIMITED", "unknown"],
  [500, envelope("Alert RATE LIMIT exceeded"), "XDR_RATE_LIMITED", "unknown"],
  [500, envelope("An error occurred", "Rate-limit exceeded"), "XDR_RATE_LIMITED", "unknown"],
  [500, "rate_limit", "XDR_RATE_LIMITED", "unknown"],
  [500, envelope("An error occurred", [{ msg: "rate limit" }]), "XDR_RATE_LIMITED", "unknown"],
  [500, envelope("An error occurred", [{ msg: "bad", input: "rate limit" }]), "XDR_SERVER_ERROR", "refused"],
  [500, envelope("An error occurred", "No identity threat"), "XDR_SERVER_ERROR", "refused"],
  [500, "Internal Server Error (waitress)", "XDR_SERVER_ERROR", "refused"],
  [500, "", "XDR_SERVER_ERROR", "refused"],
  [502, "<html>Bad gateway</html>", "XDR_SERVER_ERROR", "unknown"],
  [503, "", "XDR_SERVER_ERROR", "refused"],
  [503, "Too Many Requests", "XDR_RATE_LIMITED", "unknown"],
  [504, "", "XDR_SERVER_ERROR", "unknown"],
  [599, "", "XDR_SERVER_ERROR", "refused"],
];

describe("answerError", () => {
  for (const [status, text, code, outcome] of answers) {
    test(`maps ${status} ${text.slice(0, 70)} to ${code}, ${outcome}`, () => {
      const error = answerError({ status, text, retryAfterMs: undefined }, context());
      assert.deepEqual([error.code, error.status, error.outcome], [code, status, outcome]);
      assert.equal(error.cause, undefined);
    });
  }

  test("never shows the key, wherever the tenant puts it", () => {
    for (const [status] of answers) {
      for (const text of [
        KEY,
        envelope(`a ${KEY} b`),
        envelope("x", KEY),
        envelope("x", [{ msg: KEY }]),
        `${"y".repeat(190)}${KEY}`,
      ]) {
        const shown = everythingOf(answerError({ status, text, retryAfterMs: undefined }, context()));
        for (let at = 0; at + 12 <= KEY.length; at += 1) assert.ok(!shown.includes(KEY.slice(at, at + 12)), shown);
      }
    }
  });

  test("carries the tenant's words, escaped and shortened", () => {
    const text = envelope("bad\u001b[31m\n", "z".repeat(1000));
    const { message } = answerError({ status: 400, text, retryAfterMs: undefined }, context());
    assert.match(message, /bad\\u001b\[31m/);
    assert.ok(message.length < 400);
  });

  test("leaves out the input that validation errors echo", () => {
    const text = envelope("invalid", [{ loc: ["alerts", 0, "local_ip"], msg: "not an address", input: "PRIVATE" }]);
    const { message } = answerError({ status: 400, text, retryAfterMs: undefined }, context());
    assert.match(message, /alerts\.0\.local_ip: not an address/);
    assert.doesNotMatch(message, /PRIVATE/);
  });

  test("carries the wait that was asked for", () => {
    assert.equal(answerError({ status: 429, text: "", retryAfterMs: 9000 }, context()).retryAfterMs, 9000);
  });

  test("blames the clock for a 401 only when it is off and the key is an Advanced one", () => {
    const code = (more: Partial<CallContext>): ErrorCode =>
      answerError({ status: 401, text: "", retryAfterMs: undefined }, context(more)).code;
    assert.equal(code({ clockSkewMs: 30_000 }), "XDR_CLOCK_SKEW");
    assert.equal(code({ clockSkewMs: -30_000 }), "XDR_CLOCK_SKEW");
    assert.equal(code({ clockSkewMs: 29_000 }), "XDR_UNAUTHORIZED");
    assert.equal(code({ clockSkewMs: undefined }), "XDR_UNAUTHORIZED");
    assert.equal(code({ clockSkewMs: 99_000, keyType: "standard" }), "XDR_UNAUTHORIZED");
  });

  test("names the permission", () => {
    assert.match(permissionFor(INSERT), /External Issues Mapping/);
    assert.match(permissionFor("v2/alerts/get_alerts_multi_events"), /alerts and incidents/);
    assert.match(permissionFor("v1/endpoints/get_endpoint"), /endpoints/);
    assert.match(permissionFor("v1/healthcheck"), /External Issues Mapping/);
  });
});

describe("transportError", () => {
  const thrown = (code: string, message = `secret ${KEY}`): Error => Object.assign(new Error(message), { code });
  const wrapped = (code: string): Error => new Error("outer", { cause: thrown(code) });
  type Row = readonly [code: string, sent: boolean, proxy: boolean, expected: ErrorCode];
  const table: readonly Row[] = [
    ["ENOTFOUND", false, false, "XDR_NAME_NOT_FOUND"],
    ["EAI_AGAIN", false, false, "XDR_NAME_NOT_FOUND"],
    ["ECONNREFUSED", false, false, "XDR_CONNECTION_REFUSED"],
    ["EHOSTUNREACH", false, false, "XDR_CONNECTION_REFUSED"],
    ["ENETUNREACH", false, false, "XDR_CONNECTION_REFUSED"],
    ["ETIMEDOUT", false, false, "XDR_TIMEOUT"],
    ["UND_ERR_CONNECT_TIMEOUT", false, false, "XDR_TIMEOUT"],
    ["UND_ERR_HEADERS_TIMEOUT", true, false, "XDR_TIMEOUT"],
    ["UND_ERR_BODY_TIMEOUT", true, false, "XDR_TIMEOUT"],
    ["ECONNRESET", true, false, "XDR_CONNECTION_LOST"],
    ["ECONNRESET", false, false, "XDR_CONNECTION_LOST"],
    ["EPIPE", true, false, "XDR_CONNECTION_LOST"],
    ["UND_ERR_SOCKET", true, false, "XDR_CONNECTION_LOST"],
    ["HPE_INVALID_EOF_STATE", true, false, "XDR_CONNECTION_LOST"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", false, false, "XDR_TLS_FAILED"],
    ["SELF_SIGNED_CERT_IN_CHAIN", false, true, "XDR_TLS_FAILED"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", false, false, "XDR_TLS_FAILED"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", false, false, "XDR_TLS_FAILED"],
    ["CERT_HAS_EXPIRED", false, false, "XDR_TLS_FAILED"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", false, false, "XDR_TLS_FAILED"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", false, false, "XDR_TLS_FAILED"],
    ["ERR_OSSL_PEM_NO_START_LINE", false, false, "XDR_TLS_FAILED"],
    ["EPROTO", false, false, "XDR_TLS_FAILED"],
    ["ECONNREFUSED", false, true, "XDR_PROXY_FAILED"],
    ["ENOTFOUND", false, true, "XDR_PROXY_FAILED"],
    ["UND_ERR_ABORTED", false, true, "XDR_PROXY_FAILED"],
    ["ECONNRESET", true, true, "XDR_CONNECTION_LOST"],
    ["UND_ERR_DESTROYED", false, false, "XDR_CANCELLED"],
  ];
  for (const [code, sent, proxy, expected] of table) {
    test(`maps ${code}, ${sent ? "sent" : "unsent"}${proxy ? ", by proxy" : ""}, to ${expected}`, () => {
      for (const error of [thrown(code), wrapped(code)]) {
        const mapped = transportError(new ExchangeFailure("transport", sent, error), {
          host: "api-acme.example",
          setting: "host",
          proxy: proxy ? "http://proxy.example:3128" : undefined,
          timeoutMs: 30_000,
        });
        assert.deepEqual([mapped.code, mapped.outcome], [expected, sent ? "unknown" : "unsent"]);
        assert.ok(!everythingOf(mapped).includes(KEY));
        assert.equal(mapped.cause, undefined);
      }
    });
  }

  test("reads how a proxy refused", () => {
    const refused = (status: number): string =>
      transportError(
        new ExchangeFailure(
          "transport",
          false,
          thrown("UND_ERR_ABORTED", `Proxy response (${status}) !== 200 when HTTP Tunneling`),
        ),
        { host: "api-acme.example", setting: "host", proxy: "http://proxy.example:3128", timeoutMs: 1 },
      ).message;
    assert.match(refused(407), /asks for credentials/);
    assert.match(refused(403), /refuses to connect to api-acme\.example \(403\)/);
  });
});
