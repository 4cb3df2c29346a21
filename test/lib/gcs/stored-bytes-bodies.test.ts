import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { XdrError } from "../../../nodes/lib/errors";
import type { Media } from "../../../nodes/lib/gcs/gcs-api";
import { StartOver, storedBytes } from "../../../nodes/lib/gcs/stored-bytes";
import { VirtualClock } from "../../support/virtual-clock";

const OBJECT = { name: "a", generation: "1" };
const bodyError = (): XdrError => new XdrError("XDR_CONNECTION_LOST", "lost");

async function all(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("storedBytes, of bodies that do as they like,", () => {
  test("destroys each body that it is done with, whoever ends it", async () => {
    let destroyed = 0;
    const bodies: Buffer[][] = [];
    const client = {
      read: ({ fromByte }: { fromByte: number }): Promise<Media> => {
        const chunks = bodies.shift() ?? [];
        async function* body(): AsyncGenerator<Buffer> {
          for (const chunk of chunks) yield Promise.resolve(chunk);
          if (fromByte === 0) throw new Error("reset");
        }
        const media = Object.assign(body(), { destroy: () => (destroyed += 1) });
        return Promise.resolve({ body: media, firstByte: fromByte, totalBytes: 3 + bodies.length, isAsStored: true });
      },
      bodyError,
    };
    const clock = new VirtualClock(0);
    const { signal } = new AbortController();
    const ports = { client, bucket: "b", random: () => 0, onTrouble: () => undefined, clock, signal };
    bodies.push([Buffer.from("ab")]);
    const early = storedBytes(ports, OBJECT);
    await early.next();
    await early.return(undefined);
    assert.equal(destroyed, 1);
    bodies.push([Buffer.from("ab")], [Buffer.from("c")]);
    await assert.rejects(all(storedBytes(ports, OBJECT)), StartOver);
    assert.equal(destroyed, 3);
  });

  test("does not take a body that was cancelled for one that has ended", async () => {
    const controller = new AbortController();
    let end: (result: IteratorResult<Buffer>) => void = () => undefined;
    const body = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<Buffer>>((resolve) => (end = resolve)) }),
      destroy: () => end({ done: true, value: undefined }),
    };
    const media: Media = { body, firstByte: 0, totalBytes: undefined, isAsStored: true };
    const client = { read: () => Promise.resolve(media), bodyError };
    const ports = { client, bucket: "b", random: () => 0, onTrouble: () => undefined, clock: new VirtualClock(0) };
    const cancelled = assert.rejects(
      storedBytes({ ...ports, signal: controller.signal }, OBJECT).next(),
      (error) => error instanceof XdrError && error.code === "XDR_CANCELLED",
    );
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await cancelled;
  });

  test("leaves nothing behind on the signal", async () => {
    const { signal } = new AbortController();
    const body = Object.assign(
      (async function* () {
        yield Promise.resolve(Buffer.from("x"));
      })(),
      { destroy: () => undefined },
    );
    const media: Media = { body, firstByte: 0, totalBytes: 1, isAsStored: true };
    const client = { read: () => Promise.resolve(media), bodyError };
    const ports = { client, bucket: "b", random: () => 0, onTrouble: () => undefined, clock: new VirtualClock(0) };
    const bytes = storedBytes({ ...ports, signal }, OBJECT);
    await bytes.next();
    assert.equal(getEventListeners(signal, "abort").length, 1);
    await all(bytes);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
});
