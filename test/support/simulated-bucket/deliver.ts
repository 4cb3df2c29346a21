import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline, Readable } from "node:stream";
import { createGunzip, gzipSync } from "node:zlib";
import type { Answer, MediaBody } from "./answers";
import { acceptsGzip } from "./call";
import type { Fault } from "./faults";
import type { RecordedRequest } from "./records";

const CHUNK_BYTES = 64 * 1024;

/** An answer on its way out. */
export interface Delivery {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: Answer;
  readonly fault: Fault | undefined;
  readonly record: RecordedRequest;
}

/**
 * Sends an answer, no faster than the socket takes it, with all that goes wrong on the way. Resolves when nothing more is to
 * be sent, also when the caller left. Throws when the object itself does not give its bytes.
 */
export async function deliver(delivery: Delivery): Promise<void> {
  const { request, response, answer, fault, record } = delivery;
  const body = outgoing(delivery);
  const length = fault?.noLength === true ? undefined : body.length;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...body.headers,
    ...(length === undefined ? {} : { "Content-Length": length }),
  });
  const cut = cutOf(fault);
  if (cut?.afterBytes === 0) {
    await write(response, undefined);
    cut.act(request);
    return;
  }
  let at = body.from;
  for await (const chunk of body.chunks()) {
    const piece = chunk.subarray(0, (cut?.afterBytes ?? Infinity) - record.bytesSent);
    if (!(await write(response, corrupted(piece, (fault?.corruptAt ?? -1) - at)))) return;
    at += piece.length;
    record.bytesSent += piece.length;
    if (cut !== undefined && record.bytesSent >= cut.afterBytes) {
      cut.act(request);
      return;
    }
  }
  await new Promise<void>((resolve) => response.once("close", resolve).end(resolve));
  record.isComplete = response.writableFinished;
}

interface Outgoing {
  /** Undefined when nobody knows before the end. */
  readonly length: number | undefined;
  /** Where `chunks` begin in the whole. */
  readonly from: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: () => AsyncIterable<Buffer> | Iterable<Buffer>;
}

function outgoing({ request, answer, record }: Delivery): Outgoing {
  const { body } = answer;
  if (typeof body !== "string") return outgoingMedia(body);
  // JSON answers are compressed for whoever accepts that. Source: Cloud Storage documentation, "gzip compression" of the
  // performance tips for the JSON API.
  const isZipped = answer.status === 200 && record.kind !== "token" && acceptsGzip(request.headers);
  const bytes = isZipped ? gzipSync(body, { level: 1 }) : Buffer.from(body, "utf8");
  return {
    length: answer.status === 304 ? undefined : bytes.length,
    from: 0,
    headers: isZipped ? { "Content-Encoding": "gzip", Vary: "Accept-Encoding" } : {},
    chunks: function* () {
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
    },
  };
}

function outgoingMedia({ object, from, to, isTranscoded }: MediaBody): Outgoing {
  const { content } = object;
  if (!isTranscoded) return { length: to - from, from, headers: {}, chunks: () => content.open(from, to) };
  return { length: undefined, from: 0, headers: {}, chunks: () => gunzipped(content.open(from, to)) };
}

function gunzipped(stored: AsyncGenerator<Buffer>): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // What breaks either of them is thrown to whoever reads.
  pipeline(Readable.from(stored, { objectMode: false }), gunzip, () => undefined);
  return gunzip;
}

interface Cut {
  readonly afterBytes: number;
  readonly act: (request: IncomingMessage) => void;
}

function cutOf({ resetAfterBytes, endAfterBytes, stallAfterBytes }: Fault = { kind: "other" }): Cut | undefined {
  if (resetAfterBytes !== undefined) return { afterBytes: resetAfterBytes, act: resetOnceRead };
  if (endAfterBytes !== undefined) return { afterBytes: endAfterBytes, act: ({ socket }) => socket.end() };
  // A stalled answer just is not gone on with; the socket closes with the caller, or with the bucket.
  return stallAfterBytes === undefined ? undefined : { afterBytes: stallAfterBytes, act: () => undefined };
}

/**
 * A reset that meets unread data looks to a Node.js caller like an orderly end. After two turns of the event loop a caller in
 * this process has read what there is.
 */
function resetOnceRead(request: IncomingMessage): void {
  setImmediate(() => setImmediate(() => resetSocket(request)));
}

/** A TCP reset where the socket allows it; TLS sockets can only be closed. */
export function resetSocket({ socket }: IncomingMessage): void {
  if ("encrypted" in socket) socket.destroy();
  else socket.resetAndDestroy();
}

function corrupted(chunk: Buffer, at: number): Buffer {
  const byte = chunk[at];
  if (byte === undefined) return chunk;
  const copy = Buffer.from(chunk);
  copy[at] = byte ^ 0x10;
  return copy;
}

/** Resolves when the socket has taken it; with false when there is nobody any more to take it. Undefined = the head alone. */
function write(response: ServerResponse, chunk: Buffer | undefined): Promise<boolean> {
  if (response.destroyed || response.socket?.destroyed === true) return Promise.resolve(false);
  return new Promise((resolve) => {
    const leave = (): void => resolve(false);
    response.once("close", leave);
    const taken = (error?: Error | null): void => {
      response.off("close", leave);
      resolve(error === undefined || error === null);
    };
    if (chunk !== undefined) {
      response.write(chunk, taken);
      return;
    }
    response.flushHeaders();
    response.socket?.write("", taken);
  });
}
