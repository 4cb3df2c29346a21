import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseStoragePath } from "../../../nodes/lib/gcs/storage-path";

const BUCKET = "xdr-us-0000-event-forwarding";
const CONSOLE = "https://console.cloud.google.com/storage/browser";

describe("storage path", () => {
  const accepted: readonly (readonly [text: string, bucket: string, prefix: string])[] = [
    [BUCKET, BUCKET, ""],
    [` ${BUCKET}\n`, BUCKET, ""],
    [`${BUCKET}/`, BUCKET, ""],
    [`gs://${BUCKET}`, BUCKET, ""],
    [`GS://${BUCKET}`, BUCKET, ""],
    [`gs://${BUCKET}/`, BUCKET, ""],
    [`gs://${BUCKET}///`, BUCKET, ""],
    [`gs://${BUCKET}/internal/`, BUCKET, "internal/"],
    [`gs://${BUCKET}/internal`, BUCKET, "internal"],
    [`gs://${BUCKET}/internal/2026-09-21/a`, BUCKET, "internal/2026-09-21/a"],
    [`gs://${BUCKET}/100%25;x?y#z/ü😀`, BUCKET, "100%25;x?y#z/ü😀"],
    [`gs://${BUCKET}//double`, BUCKET, "/double"],
    [`${CONSOLE}/${BUCKET}`, BUCKET, ""],
    [`${CONSOLE}/${BUCKET}/`, BUCKET, ""],
    [`${CONSOLE}/${BUCKET};tab=objects`, BUCKET, ""],
    [`${CONSOLE}/${BUCKET}?project=p`, BUCKET, ""],
    [`${CONSOLE}/${BUCKET}#top`, BUCKET, ""],
    [`${CONSOLE}/${BUCKET};tab=objects?forceOnBucketsSortingFiltering=true&project=p/q`, BUCKET, ""],
    [`${CONSOLE}/${BUCKET}/internal`, BUCKET, "internal/"],
    [`${CONSOLE}/${BUCKET}/internal/;tab=objects?prefix=`, BUCKET, "internal/"],
    [`${CONSOLE}/${BUCKET}/a%20b/%C3%BC%3B1;tab=objects`, BUCKET, "a b/ü;1/"],
    [`HTTPS://Console.cloud.google.com/storage/browser/${BUCKET}`, BUCKET, ""],
    ["a_b.example.com", "a_b.example.com", ""],
    ["abc", "abc", ""],
    ["x".repeat(222), "x".repeat(222), ""],
  ];
  for (const [text, bucket, prefix] of accepted) {
    test(`takes ${JSON.stringify(text.slice(0, 100))}`, () => {
      assert.deepEqual(parseStoragePath(text), { bucket, prefix });
    });
  }

  const refused: readonly (readonly [text: string, message: RegExp])[] = [
    ["", /is empty/],
    [" \n", /is empty/],
    ["ab", /3 to 222/],
    ["x".repeat(223), /3 to 222/],
    ["Bucket", /a-z/],
    ["-abc", /cannot be used/],
    ["abc-", /cannot be used/],
    ["a b c", /cannot be used/],
    ["bücket", /cannot be used/],
    ["${BUCKET}", /cannot be used/],
    [`${BUCKET}/internal/`, /gs:\/\/bucket\/prefix/],
    ["gs://", /cannot be used/],
    ["gs:///internal", /cannot be used/],
    [`gs://${BUCKET}?x`, /cannot be used/],
    [`s3://${BUCKET}`, /cannot be used/],
    [`https://storage.googleapis.com/${BUCKET}`, /cannot be used/],
    [`http://console.cloud.google.com/storage/browser/${BUCKET}`, /cannot be used/],
    [CONSOLE, /cannot be used/],
    [`${CONSOLE}/`, /cannot be used/],
    [`${CONSOLE}/_details/${BUCKET}/a`, /cannot be used/],
    [`${CONSOLE}/${BUCKET}/100%`, /"%" that stands for nothing/],
    ["gs://ab\u0007c/x", /\\u0007/],
  ];
  for (const [text, message] of refused) {
    test(`refuses ${JSON.stringify(text.slice(0, 100))}`, () => {
      assert.throws(() => parseStoragePath(text), { code: "XDR_CONFIG_INVALID", field: "bucket", message });
    });
  }

  test("reads long nonsense in a moment", () => {
    const text = `gs://${"a.".repeat(500_000)}/`;
    assert.throws(() => parseStoragePath(text), { code: "XDR_CONFIG_INVALID" });
    assert.equal(parseStoragePath(`gs://${BUCKET}${"/".repeat(1_000_000)}`).prefix, "");
  });
});
