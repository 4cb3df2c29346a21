import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRedactor } from "../../../nodes/lib/http/redactor";

const TOKEN = "ya29.a0AfH6SMBx_secretsecretsecretsecret_0123456789ABCDEFtail";

describe("createRedactor", () => {
  test("takes out pieces in any case also beside letters whose lower case is longer", () => {
    const redact = createRedactor([TOKEN]);
    assert.equal(
      redact(`\u0130 token ${TOKEN.slice(0, -1)} x ${TOKEN.toUpperCase()} y ${TOKEN.slice(-12)}\u0130`),
      "\u0130 token [redacted] x [redacted] y [redacted]\u0130",
    );
  });

  test("takes out secrets that have such letters themselves", () => {
    assert.equal(createRedactor([`\u0130${TOKEN}`])(`a \u0130${TOKEN}`), "a [redacted]");
  });

  test("takes out short secrets as a whole, beside long ones and one another", () => {
    const redact = createRedactor(["red", undefined, "hunter2", TOKEN, ""]);
    assert.equal(redact(`HUNTER2, hunter and ${TOKEN}red`), "[redacted], hunter and [redacted]");
    assert.equal(redact("nothing here, edact"), "nothing here, edact");
    assert.equal(redact(""), "");
  });

  test("leaves pieces of eleven characters", () => {
    const piece = TOKEN.slice(0, 11);
    assert.equal(createRedactor([TOKEN])(`${piece}!`), `${piece}!`);
  });

  test("needs no time for long secrets and texts that repeat themselves", () => {
    const long = "a".repeat(65_000);
    const startedMs = performance.now();
    assert.equal(createRedactor([long])(long), "[redacted]");
    assert.ok(performance.now() - startedMs < 2000);
  });
});
