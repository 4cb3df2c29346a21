import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ClockWatch } from "../../../nodes/lib/http/clock-watch";
import { describeClockSkew, measureClockSkew } from "../../../nodes/lib/http/clock-skew";
import { chooseProxy } from "../../../nodes/lib/http/proxy-choice";
import { createRedactor } from "../../../nodes/lib/http/redactor";
import { parseRetryAfter, senderNowMs } from "../../../nodes/lib/http/retry-after";
import { shown } from "../../../nodes/lib/shown";

const NOW = Date.parse("2026-01-02T03:04:05Z");

describe("parseRetryAfter", () => {
  const table: readonly (readonly [header: string | undefined, ms: number | undefined])[] = [
    [undefined, undefined],
    ["", undefined],
    ["0", 0],
    ["7", 7000],
    [" 12 ", 12_000],
    ["1.5", 1500],
    ["86400", 3_600_000],
    ["99999999999999999999", 3_600_000],
    ["Fri, 02 Jan 2026 03:04:35 GMT", 30_000],
    ["Fri, 02 Jan 2026 03:00:00 GMT", 0],
    ["Fri, 02 Jan 2027 03:04:35 GMT", 3_600_000],
    ["soon", undefined],
  ];
  for (const [header, ms] of table) {
    test(`reads ${String(header)} as ${String(ms)} ms`, () => assert.equal(parseRetryAfter(header, NOW), ms));
  }

  test("reads a negative number as no wait, or not at all", () => assert.ok((parseRetryAfter("-5", NOW) ?? 0) === 0));
});

describe("senderNowMs", () => {
  const DATE = "Fri, 02 Jan 2026 03:14:05 GMT";
  const table: readonly (readonly [
    why: string,
    date: string | undefined,
    skewMs: number | undefined,
    nowMs: number,
  ])[] = [
    ["the answer's own date", DATE, undefined, NOW + 600_000],
    ["the answer's own date before any measure", DATE, -5000, NOW + 600_000],
    ["our clock where nothing is known", undefined, undefined, NOW],
    ["our clock while the difference may be one of measuring", undefined, -2000, NOW],
    ["our clock and what it is off", undefined, -2001, NOW - 2001],
    ["our clock and what it is off, when the date cannot be read", "today", 60_000, NOW + 60_000],
  ];
  for (const [why, date, skewMs, nowMs] of table) {
    test(`is ${why}`, () => assert.equal(senderNowMs({ date, nowMs: NOW, skewMs }), nowMs));
  }

  test("makes a wait that is never too short, and at most a second too long", () => {
    // The sender's clock is 10 minutes ahead, 0.999 s into its second, and asks to wait until 3.001 s from now.
    const date = new Date(NOW + 600_999).toUTCString();
    const wait = parseRetryAfter("Fri, 02 Jan 2026 03:14:09 GMT", senderNowMs({ date, nowMs: NOW + 999, skewMs: 0 }));
    assert.equal(wait, 4000);
  });
});

describe("measureClockSkew", () => {
  test("compares the header's middle of a second with the middle of the request", () => {
    assert.equal(measureClockSkew("Fri, 02 Jan 2026 03:04:05 GMT", NOW + 400, NOW + 600), 0);
    assert.equal(measureClockSkew("Fri, 02 Jan 2026 03:05:05 GMT", NOW, NOW + 1000), 60_000);
    assert.equal(measureClockSkew("Fri, 02 Jan 2026 03:03:05 GMT", NOW, NOW + 1000), -60_000);
  });

  test("measures nothing without a date, over a slow answer, or when our clock was set back", () => {
    assert.equal(measureClockSkew(undefined, NOW, NOW), undefined);
    assert.equal(measureClockSkew("yesterday", NOW, NOW), undefined);
    assert.equal(measureClockSkew("Fri, 02 Jan 2026 03:04:05 GMT", NOW, NOW + 60_000), undefined);
    assert.equal(measureClockSkew("Fri, 02 Jan 2026 03:04:05 GMT", NOW, NOW - 1), undefined);
  });

  test("says who is ahead", () => {
    assert.equal(describeClockSkew(95_400), "this machine's clock is 95 s behind the tenant's");
    assert.equal(describeClockSkew(-95_400), "this machine's clock is 95 s ahead of the tenant's");
  });
});

describe("ClockWatch", () => {
  test("warns once per change", () => {
    const watch = new ClockWatch();
    const warned = [0, 29_999, 30_000, 31_000, 59_999, 60_000, 60_500, 1000, -30_000].map(
      (skewMs) => watch.note(skewMs) !== undefined,
    );
    assert.deepEqual(warned, [false, false, true, false, false, true, false, false, true]);
  });
});

describe("chooseProxy", () => {
  const URL = "https://api-acme.xdr.eu.paloaltonetworks.com";
  const HTTPS_PROXY = "http://proxy.example:3128";
  const table: readonly (readonly [why: string, env: Record<string, string>, origin: string | undefined])[] = [
    ["none", {}, undefined],
    ["HTTPS_PROXY", { HTTPS_PROXY }, HTTPS_PROXY],
    ["https_proxy before HTTPS_PROXY", { https_proxy: "http://low.example:1", HTTPS_PROXY }, "http://low.example:1"],
    ["HTTP_PROXY when there is no other", { HTTP_PROXY: HTTPS_PROXY }, HTTPS_PROXY],
    ["an empty variable", { https_proxy: "", HTTPS_PROXY }, HTTPS_PROXY],
    ["NO_PROXY, the name", { HTTPS_PROXY, NO_PROXY: "api-acme.xdr.eu.paloaltonetworks.com" }, undefined],
    ["NO_PROXY, a domain", { HTTPS_PROXY, NO_PROXY: "a.example, paloaltonetworks.com" }, undefined],
    ["NO_PROXY, a dotted domain", { HTTPS_PROXY, no_proxy: ".paloaltonetworks.com" }, undefined],
    ["NO_PROXY, a wildcard", { HTTPS_PROXY, no_proxy: "*.PaloAltoNetworks.com" }, undefined],
    ["NO_PROXY, everything", { HTTPS_PROXY, NO_PROXY: "*" }, undefined],
    ["NO_PROXY, the port", { HTTPS_PROXY, NO_PROXY: "paloaltonetworks.com:443" }, undefined],
    ["NO_PROXY, another port", { HTTPS_PROXY, NO_PROXY: "paloaltonetworks.com:8443" }, HTTPS_PROXY],
    ["NO_PROXY, only an ending", { HTTPS_PROXY, NO_PROXY: "networks.com" }, HTTPS_PROXY],
  ];
  for (const [why, env, origin] of table) {
    test(`follows the environment: ${why}`, () => assert.equal(chooseProxy(URL, undefined, env)?.origin, origin));
  }

  test("never takes the environment's proxy towards loopback, but an explicit one", () => {
    assert.equal(chooseProxy("http://127.0.0.1:8080", "", { HTTP_PROXY: HTTPS_PROXY }), undefined);
    assert.equal(chooseProxy("http://127.0.0.1:8080", HTTPS_PROXY, {})?.origin, HTTPS_PROXY);
  });

  test("prefers the explicit proxy, whatever NO_PROXY says", () => {
    assert.equal(
      chooseProxy(URL, "https://mine.example:8443", { HTTPS_PROXY, NO_PROXY: "*" })?.origin,
      "https://mine.example:8443",
    );
  });

  test("keeps the credentials apart, decoded", () => {
    const proxy = chooseProxy(URL, "http://me:p%40ss@proxy.example:3128", {});
    assert.deepEqual(proxy, {
      origin: HTTPS_PROXY,
      authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
    });
  });

  for (const bad of [
    "proxy.example:3128",
    "socks5://u:hunter2@proxy.example",
    "http://u:hunter2%zz@proxy.example",
    "http://",
  ]) {
    test(`refuses ${bad} without showing a password`, () => {
      assert.throws(
        () => chooseProxy(URL, bad, {}),
        (error: Error & { code?: string }) => error.code === "XDR_CONFIG_INVALID" && !error.message.includes("hunter2"),
      );
      assert.throws(() => chooseProxy(URL, undefined, { HTTPS_PROXY: bad }), /environment variable HTTPS_PROXY/);
    });
  }
});

describe("createRedactor", () => {
  const KEY = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789";
  const redact = createRedactor([KEY]);

  test("takes out the key, in any case and in pieces", () => {
    assert.equal(redact(`key ${KEY}!`), "key [redacted]!");
    assert.equal(redact(`key ${KEY.toLowerCase()}!`), "key [redacted]!");
    assert.equal(redact(`key ${KEY.slice(0, 16)}...`), "key [redacted]...");
    assert.equal(redact(`key ...${KEY.slice(-12)}`), "key ...[redacted]");
    assert.equal(redact(`${KEY}${KEY}`), "[redacted]");
  });

  test("takes out echoes of our headers", () => {
    assert.equal(
      redact("x-xdr-auth-id: 17, Authorization=Basic abc"),
      "x-xdr-auth-id: [redacted], Authorization=[redacted]",
    );
    assert.equal(redact('{"authorization":"abc","x":1}'), '{"authorization":"[redacted]","x":1}');
  });

  test("leaves other text alone", () => {
    const words = "Insufficient permissions for api key";
    assert.equal(redact(words), words);
    assert.equal(createRedactor(["", undefined])(words), words);
  });

  test("finds a key also beside letters whose lower case is longer", () => {
    assert.ok(!redact(`\u0130 ${KEY}`).includes(KEY));
  });
});

describe("shown", () => {
  test("quotes, escapes and shortens", () => {
    assert.equal(shown("a\nb\u0000\u202e"), '"a\\nb\\u0000\\u202e"');
    assert.equal(shown("x".repeat(300)).length, 202);
  });
});
