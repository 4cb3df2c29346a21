import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterEach, describe, test } from "node:test";
import { Agent, request } from "undici";
import type { Clock } from "../../../nodes/lib/clock";
import { XdrError } from "../../../nodes/lib/errors";
import type { GcsClient, Media } from "../../../nodes/lib/gcs/gcs-api";
import { StartOver, storedBytes } from "../../../nodes/lib/gcs/stored-bytes";
import { ScriptedServer } from "../../support/scripted-server";
import { until } from "../../support/until";
import { VirtualClock } from "../../support/virtual-clock";

const CONTENT = randomBytes(400_000);
const OBJECT = { name: "internal/a b/1", generation: "1790000200123456" };
const START_MS = 1_790_000_000_000;

/** What the service does with the n-th request, from 1; `from` is the first byte that is asked for. */
type Answer = (response: ServerResponse, from: number) => void;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The head of an answer with the rest of the content. */
function head(response: ServerResponse, from: number, headers: Record<string, string> = {}): void {
  const range = `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}`;
  response.writeHead(from > 0 ? 206 : 200, {
    "content-length": `${CONTENT.length - from}`,
    ...(from > 0 ? { "content-range": range } : {}),
    ...headers,
  });
}

const whole: Answer = (response, from) => {
  head(response, from);
  response.end(CONTENT.subarray(from));
};

/** Bytes that the test has read: a reset throws away what is still on its way. */
let receivedBytes = 0;

function whenReceived(bytes: number, then: () => void): void {
  void until(`${bytes} bytes have arrived`, () => receivedBytes >= bytes).then(then);
}

/** Sends `count` bytes, lets them arrive, then does something to the connection. */
function broken(count: number, then: (response: ServerResponse) => void): Answer {
  return (response, from) => {
    head(response, from);
    response.write(CONTENT.subarray(from, from + count));
    whenReceived(from + count, () => then(response));
  };
}

/** An answer in chunks: without length. */
function chunked(count: number, then: (response: ServerResponse) => void): Answer {
  return (response, from) => {
    response.writeHead(200);
    response.write(CONTENT.subarray(from, from + count));
    whenReceived(from + count, () => then(response));
  };
}

const faults = {
  "is reset": (response: ServerResponse) => response.socket?.resetAndDestroy(),
  "is closed": (response: ServerResponse) => response.socket?.end(),
  stalls: () => undefined,
};

interface Rig {
  readonly server: ScriptedServer;
  readonly bytes: AsyncGenerator<Buffer>;
  readonly clock: VirtualClock;
  readonly abort: () => void;
  /** Codes of failures, and "ok". */
  readonly troubles: string[];
  readonly nextAtMs: number[];
}

async function start(
  answers: readonly Answer[],
  options: { clock?: Clock; isAsStored?: boolean[] } = {},
): Promise<Rig> {
  receivedBytes = 0;
  const server = await ScriptedServer.start((seen, _request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(seen.headers.range ?? "")?.[1] ?? 0);
    assert.equal(seen.path, "/bucket/internal%2Fa%20b%2F1?generation=1790000200123456");
    (answers[server.requests.length - 1] ?? whole)(response, from);
  });
  const agent = new Agent({ bodyTimeout: 300, headersTimeout: 5000 });
  closing.push(
    () => server.stop(),
    () => agent.destroy(),
  );
  const clock = new VirtualClock(START_MS);
  const controller = new AbortController();
  const troubles: string[] = [];
  const nextAtMs: number[] = [];
  const bytes = storedBytes(
    {
      client: clientOf(server.url, agent, options.isAsStored ?? []),
      bucket: "bucket",
      clock: options.clock ?? impatient(clock),
      random: () => 0.5,
      signal: controller.signal,
      onTrouble: (error, at) => {
        troubles.push(error?.code ?? "ok");
        nextAtMs.push(at - START_MS);
      },
    },
    OBJECT,
  );
  return { server, bytes, clock, troubles, nextAtMs, abort: () => controller.abort() };
}

/** Sleeps by letting time pass. */
function impatient(clock: VirtualClock): Clock {
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms) => {
      clock.advance(ms);
      return Promise.resolve();
    },
  };
}

function clientOf(url: string, dispatcher: Agent, isAsStored: boolean[]): Pick<GcsClient, "read" | "bodyError"> {
  return {
    async read({ bucket, name, generation, fromByte, signal }): Promise<Media> {
      const path = `${url}/${bucket}/${encodeURIComponent(name)}?generation=${generation}`;
      const headers = fromByte > 0 ? { range: `bytes=${fromByte}-` } : {};
      const answer = await request(path, { dispatcher, headers, signal }).catch((error: unknown) => {
        throw connectionLost(error);
      });
      answer.body.on("error", () => undefined);
      if (answer.statusCode >= 400) {
        await answer.body.dump();
        if (answer.statusCode === 404) throw new XdrError("GCS_OBJECT_GONE", "gone");
        throw new XdrError("XDR_SERVER_ERROR", "no", { status: answer.statusCode, retryAfterMs: 7000 });
      }
      const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(answer.headers["content-range"] ?? ""));
      const length = answer.headers["content-length"];
      const totalBytes = range === null ? (length === undefined ? undefined : Number(length)) : Number(range[2]);
      return {
        body: answer.body,
        firstByte: Number(range?.[1] ?? 0),
        totalBytes,
        isAsStored: isAsStored.shift() ?? true,
      };
    },
    bodyError: connectionLost,
  };
}

const connectionLost = (error: unknown): XdrError =>
  new XdrError("XDR_CONNECTION_LOST", error instanceof Error ? error.message : "lost");

async function all(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) {
    chunks.push(chunk);
    receivedBytes += chunk.length;
  }
  return Buffer.concat(chunks);
}

const asked = ({ server }: Rig): (string | undefined)[] => server.requests.map(({ headers }) => headers.range);
const isCode = (code: string) => (error: unknown) => error instanceof XdrError && error.code === code;

describe("storedBytes", () => {
  test("reads an object in one request, on a connection that is used again", async () => {
    const rig = await start([]);
    assert.ok((await all(rig.bytes)).equals(CONTENT));
    assert.deepEqual([asked(rig), rig.troubles], [[undefined], []]);
  });

  test("an object of no bytes has none", async () => {
    const empty: Answer = (response) => response.writeHead(200, { "content-length": "0" }).end();
    const rig = await start([empty]);
    assert.equal((await all(rig.bytes)).length, 0);
    assert.equal(rig.server.requests.length, 1);
  });

  for (const [what, fault] of Object.entries(faults)) {
    test(`goes on where a connection ${what}`, async () => {
      const rig = await start([broken(100_000, fault), broken(150_000, fault)]);
      assert.ok((await all(rig.bytes)).equals(CONTENT));
      assert.equal(rig.server.requests.length, 3);
      const [first, second, third] = asked(rig).map((range) => Number(/\d+/.exec(range ?? "0")?.[0]));
      assert.deepEqual([first, second, third], [0, 100_000, 250_000]);
      assert.deepEqual(rig.troubles, ["XDR_CONNECTION_LOST", "ok", "XDR_CONNECTION_LOST", "ok"]);
      assert.deepEqual(rig.nextAtMs, [500, 500, 1000, 1000]);
    });
  }

  for (const what of ["is reset", "is closed"] as const) {
    test(`goes on where an answer without length ${what}`, async () => {
      const rig = await start([chunked(100_000, faults[what])]);
      assert.ok((await all(rig.bytes)).equals(CONTENT));
      assert.deepEqual(asked(rig), [undefined, "bytes=100000-"]);
    });
  }

  test("without a length, the end that the service marks is the end", async () => {
    const rig = await start([chunked(100_000, (response) => response.end())]);
    assert.ok((await all(rig.bytes)).equals(CONTENT.subarray(0, 100_000)));
    assert.deepEqual([asked(rig), rig.troubles], [[undefined], []]);
  });

  test("an answer in chunks that ends short of the length that is known is continued", async () => {
    const short: Answer = (response, from) => {
      response.writeHead(206, { "content-range": `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` });
      response.end(CONTENT.subarray(from, from + 50_000));
    };
    const rig = await start([broken(100_000, faults["is reset"]), short]);
    assert.ok((await all(rig.bytes)).equals(CONTENT));
    assert.deepEqual(asked(rig), [undefined, "bytes=100000-", "bytes=150000-"]);
  });

  test("a connection that breaks behind the last byte has done its work", async () => {
    const late: Answer = (response, from) => {
      response.writeHead(206, { "content-range": `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` });
      response.write(CONTENT.subarray(from));
      whenReceived(CONTENT.length, () => response.socket?.resetAndDestroy());
    };
    const rig = await start([broken(100_000, faults["is reset"]), late]);
    assert.ok((await all(rig.bytes)).equals(CONTENT));
    assert.deepEqual(rig.troubles, ["XDR_CONNECTION_LOST", "ok"]);
    assert.equal(rig.server.requests.length, 2);
  });

  describe("when the service sends everything again", () => {
    const fromStart: Answer = (response) => whole(response, 0);

    test("drops what it has", async () => {
      const rig = await start([broken(100_000, faults["is reset"]), fromStart]);
      assert.ok((await all(rig.bytes)).equals(CONTENT));
    });

    test("and breaks off while it repeats: that is no progress", async () => {
      const again: Answer = (response) => broken(70_000, faults["is reset"])(response, 0);
      const rig = await start([broken(100_000, faults["is reset"]), again, again, fromStart]);
      assert.ok((await all(rig.bytes)).equals(CONTENT));
      assert.deepEqual(rig.troubles, [...Array<string>(3).fill("XDR_CONNECTION_LOST"), "ok"]);
      assert.deepEqual(rig.nextAtMs.slice(0, 3), [500, 1500, 3500]);
    });

    test("and ends while it repeats, without a length: the end is not believed", async () => {
      const again: Answer = (response) => chunked(70_000, (ended) => ended.end())(response, 0);
      const lost = chunked(100_000, faults["is reset"]);
      const rig = await start([lost, again, fromStart]);
      assert.ok((await all(rig.bytes)).equals(CONTENT));
      assert.equal(rig.server.requests.length, 3);
    });

    test("decompressed by itself or not, the object is begun anew", async () => {
      for (const isAsStored of [
        [true, false],
        [false, true],
      ]) {
        const rig = await start([broken(100_000, faults["is reset"]), fromStart], { isAsStored });
        await assert.rejects(all(rig.bytes), StartOver);
        await until("the connection is closed", () => rig.server.sockets.size === 0);
      }
      const rig = await start([broken(100_000, faults["is reset"]), fromStart], { isAsStored: [false, false] });
      assert.ok((await all(rig.bytes)).equals(CONTENT));
    });

    test("with another length, the object is begun anew", async () => {
      const longer: Answer = (response, from) => {
        head(response, from, { "content-range": `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length + 1}` });
        response.end(CONTENT.subarray(from));
      };
      const rig = await start([broken(100_000, faults["is reset"]), longer]);
      await assert.rejects(all(rig.bytes), StartOver);
    });
  });

  test("asks again, slower and slower, no sooner than it is asked to, and at once after progress", async () => {
    const busy: Answer = (response) => response.writeHead(503).end();
    const lost: Answer = (response) => response.socket?.resetAndDestroy();
    const rig = await start([lost, lost, lost, busy, broken(10_000, faults["is reset"]), lost]);
    assert.ok((await all(rig.bytes)).equals(CONTENT));
    assert.deepEqual(
      rig.nextAtMs.map((at, index) => at - (rig.nextAtMs[index - 1] ?? 0)),
      [500, 1000, 2000, 7000, 0, 500, 1000, 0],
    );
    assert.equal(rig.troubles.filter((code) => code === "ok").length, 2);
    assert.equal(rig.troubles[3], "XDR_SERVER_ERROR");
  });

  test("gives up after five failures in a row: it may be this object alone, and others wait", async () => {
    const lost: Answer = (response) => response.socket?.resetAndDestroy();
    const rig = await start([lost, lost, lost, lost, lost]);
    await assert.rejects(all(rig.bytes), { code: "XDR_CONNECTION_LOST" });
    assert.equal(rig.troubles.length, 4);
  });

  test("waits as long as the service asks for", async () => {
    const rig = await start([(response) => response.writeHead(429).end()]);
    assert.ok((await all(rig.bytes)).equals(CONTENT));
    assert.deepEqual(rig.nextAtMs, [7000, 7000]);
  });

  test("an object that is gone is gone, at the start and in the middle", async () => {
    const gone: Answer = (response) => response.writeHead(404).end();
    const early = await start([gone]);
    await assert.rejects(all(early.bytes), isCode("GCS_OBJECT_GONE"));
    assert.deepEqual(early.troubles, []);
    const late = await start([broken(100_000, faults["is reset"]), gone]);
    await assert.rejects(all(late.bytes), isCode("GCS_OBJECT_GONE"));
    assert.equal(receivedBytes, 100_000);
  });

  test("passes on what is no error of the service, instead of asking for ever", async () => {
    const mistake = new TypeError("mistake");
    const client = { read: () => Promise.reject(mistake), bodyError: connectionLost };
    const ports = { client, bucket: "b", random: () => 0, onTrouble: () => assert.fail() };
    const { signal } = new AbortController();
    await assert.rejects(all(storedBytes({ ...ports, clock: new VirtualClock(0), signal }, OBJECT)), mistake);
  });

  test("reads no further than it is read itself", async () => {
    const size = 200_000_000;
    let sentBytes = 0;
    const endless: Answer = (response) => {
      response.writeHead(200, { "content-length": `${size}` });
      const chunk = Buffer.alloc(100_000);
      const send = (): void => {
        while (sentBytes < size && response.writable) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", send);
        }
      };
      send();
    };
    const rig = await start([endless]);
    await rig.bytes.next();
    let seenBytes = -1;
    // What is on its way fills the sockets' buffers, then all stands still, longer than the longest silence.
    await until("nothing is sent any more", async () => {
      const stands = sentBytes === seenBytes;
      seenBytes = sentBytes;
      await new Promise((resolve) => setTimeout(resolve, 700));
      return stands;
    });
    assert.ok(sentBytes < 50_000_000, `${sentBytes} bytes`);
    assert.equal((await rig.bytes.next()).done, false);
    assert.equal(rig.server.requests.length, 1);
    await rig.bytes.return(undefined);
    await until("the connection is closed", () => rig.server.sockets.size === 0);
  });

  describe("ended early", () => {
    test("between two chunks, closes the connection", async () => {
      const rig = await start([]);
      await rig.bytes.next();
      await rig.bytes.return(undefined);
      await until("the connection is closed", () => rig.server.sockets.size === 0);
      assert.deepEqual(await rig.bytes.next(), { done: true, value: undefined });
    });

    const waits: Record<string, Answer> = {
      "for a head": () => undefined,
      "for a chunk": (response, from) => {
        head(response, from);
        response.flushHeaders();
      },
      "for the next attempt": (response) => response.socket?.resetAndDestroy(),
    };
    for (const [what, answer] of Object.entries(waits)) {
      test(`while it waits ${what}: at once, by its consumer or by the signal`, async () => {
        for (const way of ["return", "abort"] as const) {
          const clock = new VirtualClock(START_MS);
          const rig = await start([answer], { clock });
          const next = rig.bytes.next();
          await until("it waits", () => rig.server.requests.length === 1);
          if (what === "for the next attempt") await until("it sleeps", () => clock.sleepers.count === 1);
          const rejected = assert.rejects(next, isCode("XDR_CANCELLED"));
          if (way === "abort") rig.abort();
          else void rig.bytes.return(undefined);
          await rejected;
          await until("the connection is closed", () => rig.server.sockets.size === 0);
          assert.equal(rig.server.requests.length, 1);
          assert.equal(clock.sleepers.count, 0);
          assert.deepEqual(await rig.bytes.next(), { done: true, value: undefined });
        }
      });
    }

    test("by the signal while nobody reads, without an error that nobody catches", async () => {
      const rig = await start([]);
      await rig.bytes.next();
      rig.abort();
      await until("the connection is closed", () => rig.server.sockets.size === 0);
      await assert.rejects(rig.bytes.next(), isCode("XDR_CANCELLED"));
    });
  });
});
