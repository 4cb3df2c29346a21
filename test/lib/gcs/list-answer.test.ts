import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ListPage, ListRequest } from "../../../nodes/lib/gcs/gcs-api";
import { listPath, readPage } from "../../../nodes/lib/gcs/list-answer";
import { compareNames } from "../../../nodes/lib/gcs/name-order";
import { never } from "./account-rig";

const request = (more: Partial<ListRequest> = {}): ListRequest => ({ bucket: "b", prefix: "", signal: never, ...more });
const item = (name: string, more: object = {}): object => ({
  name,
  generation: "1790000200123456",
  size: "49527254",
  timeCreated: "2026-09-21T14:16:40.130Z",
  md5Hash: "S3s+KhbT4Y4eicqB4aDy8w==",
  ...more,
});
const page = (body: unknown, more: Partial<ListRequest> = {}): ListPage =>
  readPage(typeof body === "string" ? body : JSON.stringify(body), request(more), "storage.example");
const names = (body: unknown, more: Partial<ListRequest> = {}): string[] =>
  page(body, more).objects.map(({ name }) => name);

describe("listPath", () => {
  const queryOf = (more: Partial<ListRequest>): Record<string, string> =>
    Object.fromEntries(new URL(listPath("/storage/v1", request(more)), "http://x").searchParams);
  const fields = "kind,nextPageToken,items(name,generation,size,timeCreated,md5Hash)";

  test("asks for what is needed and no more", () => {
    assert.deepEqual(queryOf({}), { fields, maxResults: "1000" });
    assert.deepEqual(queryOf({ prefix: "a/ü&", startOffset: "a/#", pageToken: "x+/=", maxResults: 1 }), {
      fields,
      maxResults: "1",
      prefix: "a/ü&",
      startOffset: "a/#",
      pageToken: "x+/=",
    });
  });

  test("escapes the bucket", () => {
    assert.match(
      listPath("/gw/storage/v1", request({ bucket: "a/../b?c" })),
      /^\/gw\/storage\/v1\/b\/a%2F\.\.%2Fb%3Fc\/o\?/,
    );
  });
});

describe("readPage", () => {
  test("reads the service's own form", () => {
    const body = { kind: "storage#objects", nextPageToken: "t", prefixes: [], items: [{ ...item("a"), kind: "x" }] };
    assert.deepEqual(page(body), {
      objects: [
        {
          name: "a",
          generation: "1790000200123456",
          sizeBytes: 49_527_254,
          createdMs: Date.UTC(2026, 8, 21, 14, 16, 40, 130),
          md5: "S3s+KhbT4Y4eicqB4aDy8w==",
        },
      ],
      lastName: "a",
      nextPageToken: "t",
    });
  });

  test("takes an empty bucket, an empty page, and a last page that says so", () => {
    const empty = { objects: [], lastName: undefined, nextPageToken: undefined };
    assert.deepEqual(page({ kind: "storage#objects" }), empty);
    assert.deepEqual(page({ items: [], nextPageToken: "" }), empty);
    assert.deepEqual(page({ nextPageToken: "t" }), { ...empty, nextPageToken: "t" });
  });

  test("keeps generations above 2^53, and takes numbers that are exact", () => {
    const [large] = page({ items: [item("a", { generation: "18446744073709551615" })] }).objects;
    assert.equal(large?.generation, "18446744073709551615");
    const [number] = page({
      items: [item("a", { generation: 1790000200123456, size: 5, md5Hash: undefined })],
    }).objects;
    assert.deepEqual([number?.generation, number?.sizeBytes, "md5" in (number ?? {})], ["1790000200123456", 5, false]);
  });

  test("leaves folder markers out, but knows how far the page went", () => {
    const body = {
      items: [
        item("a/", { size: "0" }),
        item("b/", { size: "1" }),
        item("c", { size: "0" }),
        item("d/", { size: "0" }),
      ],
    };
    assert.deepEqual(names(body), ["b/", "c"]);
    assert.equal(page(body).lastName, "d/");
  });

  const wrong: readonly (readonly [what: string, body: unknown])[] = [
    ["no JSON", "<html>SECRET</html>"],
    ["a list", "[]"],
    ["items that are none", { items: "SECRET" }],
    ["an object without a name", { items: [item("")] }],
    ["an object without a generation", { items: [item("a", { generation: undefined })] }],
    [
      "a generation that lost digits",
      `{"items":[${JSON.stringify(item("a")).replace('"1790000200123456"', "17900002001234567890")}]}`,
    ],
    ["a generation that is no number", { items: [item("a", { generation: "SECRET" })] }],
    ["a negative size", { items: [item("a", { size: "-1" })] }],
    ["a size above 2^53", { items: [item("a", { size: "99999999999999999" })] }],
    ["no time", { items: [item("a", { timeCreated: "SECRET" })] }],
    ["half a character in a name", { items: [item("a\ud800")] }],
    ["a page token that is no text", { nextPageToken: 5 }],
  ];
  for (const [what, body] of wrong) {
    test(`refuses ${what}, and shows nothing of it`, () => {
      assert.throws(
        () => page(body),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "XDR_RESPONSE_INVALID");
          assert.match(error.message, /storage\.example/);
          assert.ok(!error.message.includes("SECRET"));
          return true;
        },
      );
    });
  }

  test("refuses a page that leads back to itself", () => {
    assert.throws(() => page({ nextPageToken: "t", items: [item("a")] }, { pageToken: "t" }), {
      code: "XDR_RESPONSE_INVALID",
    });
    assert.equal(page({ nextPageToken: "t" }, { pageToken: "t" }).nextPageToken, "t");
  });

  test("sorts what is the whole listing, and refuses a part out of order", () => {
    const body = { items: [item("b"), item("\u{1f600}"), item("\uffee"), item("a")] };
    assert.deepEqual(names(body), ["a", "b", "\uffee", "\u{1f600}"]);
    assert.equal(page(body).lastName, "\u{1f600}");
    for (const [more, token] of [
      [{ nextPageToken: "t" }, {}],
      [{ kind: "storage#objects" }, { pageToken: "t" }],
    ] as const) {
      assert.throws(() => page({ ...body, ...more }, token), { code: "XDR_RESPONSE_INVALID", message: /out of order/ });
      const inOrder = { items: [item("\uffee"), item("\u{1f600}")], ...more };
      assert.equal(names(inOrder, token).length, 2);
    }
  });
});

describe("compareNames", () => {
  test("agrees with the bytes of UTF-8", () => {
    const samples = [
      "",
      "a",
      "aa",
      "b",
      "ab",
      "é",
      "z\u{10000}",
      "z\uffff",
      "z\ue000",
      "z\ud7ff",
      "\u{10ffff}",
      "\u{1f600}a",
      "\u{1f600}",
    ];
    for (const one of samples) {
      for (const other of samples) {
        const expected = Buffer.compare(Buffer.from(one), Buffer.from(other));
        assert.equal(Math.sign(compareNames(one, other)), expected, JSON.stringify([one, other]));
      }
    }
  });
});
