import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSimulatedBucket, type Fault } from "../../support/simulated-bucket/bucket";
import { gzip } from "../../support/simulated-bucket/event-lines";
import { testCertificates } from "../../support/simulated-tenant/tls";
import { until } from "../../support/until";
import { endLater } from "../../lib/gcs/account-rig";
import { numbered, range, rangesOf, start, wide, world, type World } from "./rig";

/** Bytes of an object that no socket takes at once. */
const LARGE_LINES = 20_000;

describe("a body that", () => {
  const AT = 600_000;
  const cases: readonly [string, Omit<Fault, "kind">][] = [
    ["stalls is continued after the longest silence", { stallAfterBytes: AT }],
    ["ends short of its length is continued", { endAfterBytes: AT }],
    ["is reset is continued", { resetAfterBytes: AT }],
    ["ends short, without a length, is continued", { endAfterBytes: AT, noLength: true }],
  ];
  for (const [what, fault] of cases) {
    test(what, async () => {
      const w = await world();
      w.bucket.put("a", wide(2000));
      w.bucket.faults.add({ kind: "media", ...fault });
      const run = start(w, { timeoutMs: 500 });
      await run.reported(1);
      assert.deepEqual(run.numbers, range(2000));
      assert.deepEqual([run.bad, run.codesOf("a")], [[], [undefined]]);
      const [first, second, ...more] = rangesOf(w.bucket, "a");
      assert.deepEqual([first, more], [undefined, []]);
      // A reset throws away what was on its way; everything else arrives.
      if (fault.resetAfterBytes === undefined) assert.equal(second, `bytes=${AT}-`);
      else assert.ok(Number(/^bytes=(\d+)-$/.exec(second ?? "")?.[1] ?? 0) <= AT);
    });
  }

  test("breaks again and again ends some time, with each line once", async () => {
    const w = await world();
    w.bucket.put("a", wide(2000));
    for (let at = 1; at <= 20; at += 1) {
      w.bucket.faults.push({ kind: "media", endAfterBytes: 90_000 }, { kind: "media", status: 503 });
    }
    const run = start(w);
    await run.reported(1);
    assert.deepEqual(run.numbers, range(2000));
    assert.equal(rangesOf(w.bucket, "a").length, 41);
    assert.equal(run.state.trouble, undefined);
  });
});

describe("a flow that does not take what it gets", () => {
  test("stops the download, and gets the rest over another connection when that one was cut", async () => {
    const w = await world();
    w.bucket.put("a", wide(LARGE_LINES));
    w.bucket.faults.add({ kind: "media", endAfterBytes: 1_500_000 });
    let isBusy = true;
    let take = (): void => undefined;
    const busy = new Promise<void>((resolve) => (take = resolve));
    const run = start(w, { onSend: () => (isBusy ? busy : undefined) });
    await until("something arrives", () => run.sent.length > 0);
    const [media] = w.bucket.requests.filter(({ kind }) => kind === "media");
    await until("the service is rid of it", () => media!.bytesSent === 1_500_000);
    await until("the connection is cut", () => w.bucket.connections.open <= 1);
    assert.ok(run.sent.length < 1500);
    isBusy = false;
    take();
    await run.reported(1);
    assert.deepEqual(run.numbers, range(LARGE_LINES));
    assert.deepEqual(rangesOf(w.bucket, "a"), [undefined, "bytes=1500000-"]);
  });

  test("is waited for, and nothing is gathered meanwhile", async () => {
    const w = await world();
    w.bucket.put("a", wide(LARGE_LINES, 1, 2000));
    const run = start(w, { acknowledge: "message", maxUnacknowledged: 50 });
    await until("all that may be out is out", () => run.out.length === 50);
    const [media] = w.bucket.requests.filter(({ kind }) => kind === "media");
    let before = -1;
    await until("no byte is sent any more", async () => {
      const isStill = media!.bytesSent === before;
      before = media!.bytesSent;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return isStill;
    });
    assert.ok(media!.bytesSent < 20_000_000, `${media!.bytesSent} of 40 million bytes`);
    assert.equal(run.out.length, 50);
    for (const giveBack of run.out.slice(0, 20)) giveBack();
    await until("so many more", () => run.out.length === 70);
  });
});

describe("a service that is too busy", () => {
  for (const [status, kind] of [
    [429, "list"],
    [503, "list"],
    [429, "media"],
    [503, "media"],
  ] as const) {
    test(`says ${status} to ${kind} requests: they are made again after the time that it names`, async () => {
      const w = await world({ pageSize: 2 });
      for (const n of range(6)) w.bucket.put(`o${n}`, gzip(numbered(1, n)));
      w.bucket.faults.add({ kind, skip: 1, times: 2, status, retryAfter: 90 });
      const run = start(w, { maxObjects: 1 });
      await run.troubled(status === 429 ? "XDR_RATE_LIMITED" : "XDR_SERVER_ERROR");
      await run.reported(6);
      await run.atRest();
      assert.deepEqual(run.numbers.toSorted(), range(6));
      const asked = w.bucket.requests.filter((request) => request.kind === kind);
      const [, refused, again, last] = asked;
      assert.deepEqual(
        [refused, again, last].map((each) => each!.status),
        [status, status, 200],
      );
      assert.ok(again!.atMs - refused!.atMs >= 90_000 && last!.atMs - again!.atMs >= 90_000);
      // The same page, the same object.
      assert.deepEqual([again!.query, again!.name], [refused!.query, refused!.name]);
      assert.equal(asked.length, (kind === "list" ? 3 : 6) + 2);
    });
  }
});

describe("no way to the service", () => {
  test("shows, and goes on when there is one", async () => {
    const w = await world();
    const { url, name } = w.bucket;
    await w.bucket.close();
    const run = start(w, { authentication: { kind: "anonymous" } });
    await run.troubled("XDR_CONNECTION_REFUSED");
    assert.equal(run.state.hasListed, false);
    const back = await createSimulatedBucket({ bucket: name, port: Number(new URL(url).port), anonymous: true });
    endLater(() => back.close());
    back.put("a", gzip(numbered(3)));
    await run.reported(1);
    await run.atRest();
    assert.deepEqual(run.numbers, range(3));
  });

  test("because of a certificate that nobody trusts says so", async () => {
    const { server } = testCertificates();
    const w = await world({ tls: server, anonymous: true });
    const run = start(w, { authentication: { kind: "anonymous" } });
    await run.troubled("XDR_TLS_FAILED");
    assert.match(run.lastTrouble!.message, /certificate/i);
    assert.deepEqual(w.bucket.requests, []);
  });
});

describe("a close", () => {
  const stalls: readonly [string, Fault][] = [
    ["a token", { kind: "token", stallAfterBytes: 0 }],
    ["a listing", { kind: "list", skip: 1, stallAfterBytes: 10 }],
    ["a body", { kind: "media", skip: 1, stallAfterBytes: 50_000 }],
    ["the next attempt", { kind: "media", skip: 1, status: 503, retryAfter: 3600, times: 100 }],
  ];
  for (const [what, fault] of stalls) {
    test(`does not wait for ${what}, leaves no connection, and what was taken is written down`, async () => {
      const w = await world({ pageSize: 1 });
      w.bucket.put("a", gzip(numbered(3)), { createdMs: 1_790_000_000_000 });
      w.bucket.put("b", wide(200, 4), { createdMs: 1_790_000_001_000 });
      w.bucket.faults.add(fault);
      const run = start(w, { maxObjects: 1 });
      await until("it waits", () => isWaiting(w, fault));
      if (fault.kind !== "token") await run.reported(1);
      await until("it is closed", () => run.close().then(() => true));
      const left = run.sent.length;
      await until("no connection is left", () => w.bucket.connections.open === 0);
      w.bucket.faults.clear();
      const next = start(w);
      await next.reported(fault.kind === "token" ? 2 : 1);
      await next.again();
      assert.deepEqual([...run.numbers, ...next.numbers], range(203));
      assert.equal(run.sent.length, left);
      assert.equal(run.reports.length + next.reports.length, 2);
    });
  }
});

/** The request that does not come to its end has come. */
function isWaiting({ bucket }: World, { kind, skip = 0 }: Fault): boolean {
  const asked = bucket.requests.filter((request) => request.kind === kind);
  return asked.length > skip && asked[skip]!.status !== 0;
}
