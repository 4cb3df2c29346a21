import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  logged,
  numbered,
  numbersOf,
  placeOf,
  putLines,
  startEvents,
  surroundings,
  useSurroundings,
} from "../support/events-flow";
import { helper } from "../support/helper";
import { until } from "../support/until";

useSurroundings();

interface SuperTest {
  post(path: string): Promise<Answer> & { send(body: object): Promise<Answer> };
}
interface Answer {
  status: number;
  body: unknown;
}
const request = (): SuperTest => (helper as unknown as { request(): SuperTest }).request();

/** Something that happens when it is told to. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe("messages that come in", () => {
  test("list now, and are done when the listing has ended", async () => {
    const { events, completed, tell, reported, sync } = await startEvents();
    await sync();
    const count = completed.messages.length;
    putLines("a", numbered(1));
    const { opened, open } = gate();
    const { bucket } = surroundings;
    bucket.faults.add({ kind: "list", before: () => opened });
    bucket.clearRequests();
    tell({ topic: "sync" });
    await until("the listing has begun", () => bucket.counts.list === 1);
    assert.deepEqual([completed.messages.length, events.messages.length], [count, 0]);
    open();
    await until("done", () => completed.messages.length === count + 1);
    await reported(1);
    assert.equal(bucket.counts.list, 1);
  });

  test("reach Catch when their listing fails: once, with the code", async () => {
    const { caught, completed, tell, sync, statuses } = await startEvents();
    await sync();
    const count = completed.messages.length;
    surroundings.bucket.faults.add({ kind: "list", status: 503, times: 3 });
    tell({ topic: "sync" });
    await until("caught", () => caught.messages.length > 0);
    assert.deepEqual([caught.messages[0]!.error?.code, caught.messages[0]!.topic], ["XDR_SERVER_ERROR", "sync"]);
    // It tries again by itself until it works.
    await until("over", () => logged(40).length > 0 && statuses().at(-1)?.fill === "green", 20_000);
    assert.deepEqual(logged(40), ["Reading the bucket works again."]);
    assert.equal(caught.messages.length, 1);
    assert.equal(completed.messages.length, count);
    assert.ok(statuses().some(({ fill, text }) => fill === "yellow" && /retrying · \d\d:\d\d:\d\d$/.test(text ?? "")));
  });

  test("of another topic are refused, naming the topics", async () => {
    const { tell, caught, sync } = await startEvents();
    await sync();
    const { list } = surroundings.bucket.counts;
    const topics = [undefined, "Sync", "full", "constructor", ["sync"], 7];
    for (const topic of topics) tell({ topic });
    await until("caught", () => caught.messages.length === topics.length);
    for (const { error } of caught.messages) {
      assert.equal(error?.code, "XDR_CONFIG_INVALID");
      assert.match(error.message, /"sync" or "ack"/);
    }
    assert.equal(surroundings.bucket.counts.list, list);
  });
});

describe("the status", () => {
  test("goes from listing to reading to up to date, and waits in an empty bucket", async () => {
    const empty = await startEvents();
    await until("green", () => empty.statuses().at(-1)?.fill === "green");
    assert.match(empty.statuses()[0]?.text ?? "", /status\.listing$/);
    assert.equal(empty.statuses()[0]?.fill, "grey");
    assert.match(empty.statuses().at(-1)!.text!, /status\.waiting · \d\d:\d\d$/);
    const { opened, open } = gate();
    putLines("a", numbered(1));
    surroundings.bucket.faults.add({ kind: "media", before: () => opened });
    await empty.sync();
    await until("blue", () => empty.statuses().at(-1)?.fill === "blue");
    assert.deepEqual(empty.statuses().at(-1)?.shape, "dot");
    assert.match(empty.statuses().at(-1)!.text!, /status\.reading$/);
    open();
    await until("green", () => /status\.up-to-date · \d\d:\d\d$/.test(empty.statuses().at(-1)?.text ?? ""));
  });

  test("is a ring while only the flow is waited for", async () => {
    putLines("a", numbered(2));
    const { events, statuses, acknowledge } = await startEvents({ events: { acknowledge: "message" } });
    await until("both", () => events.messages.length === 2);
    // The rate is measured over seconds.
    await until("a ring", () => /status\.unacknowledged/.test(statuses().at(-1)?.text ?? ""));
    assert.deepEqual([statuses().at(-1)?.fill, statuses().at(-1)?.shape], ["blue", "ring"]);
    for (const message of events.messages) acknowledge(message);
    await until("green", () => statuses().at(-1)?.fill === "green");
  });

  for (const [what, spoil, code, text] of [
    ["listing is forbidden", () => (surroundings.bucket.denyList = true), "GCS_LIST_FORBIDDEN", /list-forbidden/],
    ["reading is forbidden", () => (surroundings.bucket.denyRead = true), "GCS_READ_FORBIDDEN", /read-forbidden/],
    ["the bucket is gone", () => (surroundings.bucket.gone = true), "GCS_BUCKET_NOT_FOUND", /no-bucket/],
  ] as const) {
    test(`is red when ${what}; Catch hears of it once`, async () => {
      putLines("a", numbered(1));
      spoil();
      const { statuses, caught, events, objects } = await startEvents({ events: { intervalSeconds: "1" } });
      await until("red", () => statuses().at(-1)?.fill === "red");
      assert.match(statuses().at(-1)!.text!, text);
      await until("caught", () => caught.messages.length > 0);
      assert.match(caught.messages[0]!.error!.message, new RegExp(code));
      assert.deepEqual([caught.messages.length, events.messages.length, objects.messages.length], [1, 0, 0]);
    });
  }
});

describe("settings", () => {
  for (const [what, settings, message, text] of [
    ["no account", { events: { account: "" } }, /account/i, /no-account/],
    ["an account that is gone", { events: { account: "nowhere" } }, /account/i, /no-account/],
    ["a node that is no account", { events: { account: "tab" } }, /account/i, /no-account/],
    ["an account with a key that is none", { serviceAccount: "SECRET{" }, /service account/i, /key-invalid/],
    ["an endpoint without encryption", { account: { apiEndpoint: "http://10.0.0.1" } }, /endpoint/, /account/],
    ["no bucket", { events: { bucket: "" } }, /bucket/, /config/],
    ["a bucket that cannot be", { events: { bucket: "not a bucket" } }, /bucket/, /config/],
    ["an interval of 0", { events: { intervalSeconds: "0" } }, /intervalSeconds/, /config/],
    ["a batch of 1.5", { events: { batchSize: "1.5" } }, /batchSize/, /config/],
    ["33 objects at once", { events: { maxObjects: "33" } }, /maxObjects/, /config/],
    ["no event out", { events: { maxUnacknowledged: "0" } }, /maxUnacknowledged/, /config/],
    ["a start that there is not", { events: { start: "never" } }, /start/, /config/],
    ["another way to acknowledge", { events: { acknowledge: "page" } }, /acknowledge/, /config/],
    ["a variable that is not set", { events: { prefix: "${NOT_SET_AT_ALL}" } }, /prefix.*NOT_SET_AT_ALL/, /config/],
  ] as const) {
    test(`${what}: red, told once, no reading, each message refused`, async () => {
      putLines("a", numbered(1));
      const { tell, statuses, caught } = await startEvents(settings);
      tell({ topic: "sync" });
      tell({ topic: "ack" });
      await until("caught", () => caught.messages.filter(({ topic }) => topic !== undefined).length === 2);
      for (const { error } of caught.messages) {
        assert.match(error!.message, message);
        assert.ok(!error!.message.includes("SECRET"));
      }
      const last = statuses().at(-1);
      assert.equal(last?.fill, "red");
      assert.match(last.text ?? "", text);
      // Once by itself, and that is what Catch got: what a Catch node has taken is not logged.
      assert.equal(caught.messages.filter(({ topic }) => topic === undefined).length, 1);
      assert.deepEqual(logged(20), []);
      assert.equal(surroundings.bucket.requests.length, 0);
    });
  }

  test("take environment variables in every form", async () => {
    const { bucket } = surroundings;
    Object.assign(process.env, {
      EVENTS_TEST_BUCKET: bucket.name,
      EVENTS_TEST_N: "3",
      EVENTS_TEST_A: "a1",
      EVENTS_TEST_RAW: "true",
      EVENTS_TEST_URL: bucket.url,
    });
    putLines("in/3", numbered(7));
    putLines("out/3", numbered(1, 100));
    const { events, reported, sync } = await startEvents({
      account: { apiEndpoint: "${EVENTS_TEST_URL}" },
      events: {
        account: "${EVENTS_TEST_A}",
        bucket: "gs://${EVENTS_TEST_BUCKET}/in/",
        prefix: "${EVENTS_TEST_N}",
        batchSize: "${EVENTS_TEST_N}",
        intervalSeconds: "36${EVENTS_TEST_N}",
        rawLines: "${EVENTS_TEST_RAW}",
      },
    });
    await reported(1);
    await sync();
    assert.deepEqual(numbersOf(events.messages), [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(
      events.messages.map((message) => placeOf(message).line),
      [1, 4, 7],
    );
    assert.deepEqual(events.messages[2]!["raw"], ['{"n":7}']);
  });
});

describe("the sync route", () => {
  const ask = (id: string, body: unknown) =>
    request()
      .post(`/cortex-xdr-events/${id}/sync`)
      .send(body as object);

  test("asks for a listing and answers at once", async () => {
    const { events, sync } = await startEvents();
    await sync();
    putLines("a", numbered(1));
    const { opened, open } = gate();
    surroundings.bucket.faults.add({ kind: "list", before: () => opened });
    const { status, body } = await ask("n1", { sync: "incremental" });
    assert.deepEqual([status, body], [202, { ok: true, sync: "incremental" }]);
    assert.equal(events.messages.length, 0);
    open();
    await until("the event", () => events.messages.length === 1);
  });

  test("answers for nodes that are not there, and for bodies that are none", async () => {
    await startEvents();
    for (const id of ["n2", "a1", "events", "__proto__", "constructor", "%2e%2e%2f", "x".repeat(4000), "%00"]) {
      const { status, body } = await ask(id, { sync: "incremental" });
      assert.deepEqual([status, (body as { ok: boolean }).ok], [404, false], id);
    }
    for (const body of [
      {},
      [],
      { sync: "all" },
      { sync: ["incremental"] },
      { sync: null },
      { sync: { toString: 1 } },
    ]) {
      assert.equal((await ask("n1", body)).status, 400);
    }
    assert.equal((await request().post("/cortex-xdr-events/n1/sync")).status, 400);
    assert.equal((await request().post("/cortex-xdr-events/%E0%A4%A/sync").send({ sync: "incremental" })).status, 400);
  });

  test("tells why a node cannot run", async () => {
    await startEvents({ events: { account: "" } });
    const { status, body } = await ask("n1", { sync: "incremental" });
    assert.equal(status, 409);
    assert.equal((body as { code: string }).code, "XDR_CONFIG_INVALID");
  });
});
