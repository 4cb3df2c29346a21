import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError, type ErrorCode } from "../../../nodes/lib/errors";
import { gcsRetryDelayMs } from "../../../nodes/lib/gcs/gcs-retry";

const ALMOST_ONE = 1 - Number.EPSILON;

describe("gcsRetryDelayMs", () => {
  const error = (code: ErrorCode, retryAfterMs?: number): XdrError => new XdrError(code, "x", { retryAfterMs });
  const range = (failures: number, code: ErrorCode): number[] =>
    [0, 0.5, ALMOST_ONE].map((random) => Math.round(gcsRetryDelayMs(failures, random, error(code))));

  const passing: readonly (readonly [failures: number, longestMs: number])[] = [
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [6, 32_000],
    [7, 64_000],
    [8, 64_000],
    [100_000, 64_000],
  ];
  for (const [failures, longestMs] of passing) {
    test(`waits up to ${longestMs} ms after failure ${failures} of what passes by itself`, () => {
      for (const code of ["XDR_CONNECTION_LOST", "XDR_SERVER_ERROR", "XDR_RATE_LIMITED", "XDR_TIMEOUT"] as const) {
        assert.deepEqual(range(failures, code), [0, longestMs / 2, longestMs]);
      }
    });
  }

  for (const code of [
    "GCS_KEY_REJECTED",
    "XDR_CLOCK_SKEW",
    "GCS_UNAUTHORIZED",
    "GCS_CREDENTIALS_MISSING",
  ] satisfies ErrorCode[]) {
    test(`waits about a minute after ${code}, however often`, () => {
      for (const failures of [1, 20]) assert.deepEqual(range(failures, code), [45_000, 60_000, 75_000]);
    });
  }

  for (const code of ["GCS_LIST_FORBIDDEN", "GCS_READ_FORBIDDEN", "GCS_BUCKET_NOT_FOUND"] satisfies ErrorCode[]) {
    test(`waits about five minutes after ${code}, however often`, () => {
      for (const failures of [1, 20]) assert.deepEqual(range(failures, code), [270_000, 300_000, 330_000]);
    });
  }

  test("never waits less than the service asks for, nor less because it asks", () => {
    assert.equal(gcsRetryDelayMs(1, 0.5, error("XDR_RATE_LIMITED", 30_000)), 30_000);
    assert.equal(gcsRetryDelayMs(9, 0.5, error("XDR_RATE_LIMITED", 1000)), 32_000);
    assert.equal(gcsRetryDelayMs(1, 0.5, error("GCS_READ_FORBIDDEN", 1000)), 300_000);
    assert.equal(gcsRetryDelayMs(1, 0.5, error("GCS_UNAUTHORIZED", 600_000)), 600_000);
  });
});
