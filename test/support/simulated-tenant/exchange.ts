import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { htmlError, json, plainError, refusal, type Answer } from "./answers";
import type { Call } from "./call";
import { decide } from "./dispatcher";
import type { Fault } from "./faults";
import { maskSecrets } from "./records";
import { findRoute } from "./routes/routes";
import type { TenantState } from "./state";

/** Longest body read, bytes: far above the largest update, and a bound for a client gone wild. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const HUGE_BYTES = 64 * 1024 * 1024;

/** One request and its answer. `isUp` turns false when the tenant goes down: what is not decided by then never is. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly state: TenantState;
  readonly isUp: () => boolean;
}

/** Serves one request from its first byte to the last one of the answer, faults included. */
export async function serve(exchange: Exchange): Promise<void> {
  const { request, state, isUp } = exchange;
  const id = state.nextId();
  const body = await readBody(request);
  const call = toCall(id, exchange, body);
  if (!isUp()) return;
  if (body === "left") {
    record(exchange, call, { status: 0, why: "the caller left" });
    return;
  }
  if (body === "too-large") {
    const answer = refusal(413, "the body is too large");
    record(exchange, call, answer);
    send(exchange, { ...answer, headers: { Connection: "close" } });
    return;
  }
  const fault = state.faults.take(call);
  if (fault?.kind === "slow" && fault.phase === "before") await delay(fault.ms);
  if (!isUp()) return;
  const planned = plannedAnswer(fault, exchange);
  const nowMs = state.options.now();
  if (planned !== undefined) state.requestRate.add(nowMs);
  const answer = planned ?? decide(call, state, nowMs);
  record(exchange, call, answer, { fault, atMs: nowMs });
  await deliver(exchange, answer, fault);
}

type Outcome = Pick<Answer, "status" | "why">;
type Facts = { readonly atMs?: number; readonly fault?: Fault | undefined };

/** The answer of a fault that keeps the tenant from processing the request; undefined when it is to be processed. */
function plannedAnswer(fault: Fault | undefined, { request }: Exchange): Answer | undefined {
  const why = `fault: ${fault?.kind ?? "none"}`;
  const nothing = { status: 0, contentType: "", body: "", why };
  switch (fault?.kind) {
    case "status":
      return statusAnswer(fault, why);
    case "reply-false":
      return json(200, { reply: false }, why);
    case "redirect": {
      const location = fault.location ?? `${urlOf(request)}/login`;
      return { ...htmlError(302, why), headers: { Location: location } };
    }
    case "reset":
      return nothing;
    case "hang":
      return fault.processed === true ? undefined : nothing;
    default:
      return undefined;
  }
}

function statusAnswer(fault: Extract<Fault, { kind: "status" }>, why: string): Answer {
  const { status, body = "envelope", message, extra = null, retryAfter } = fault;
  const plain = body === "html" ? htmlError(status, why) : plainError(status, why);
  const answer = body === "envelope" ? refusal(status, why, { message, extra }) : plain;
  const wait = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
  return { ...answer, headers: { ...wait, ...fault.headers } };
}

async function deliver(exchange: Exchange, answer: Answer, fault: Fault | undefined): Promise<void> {
  const { request, response } = exchange;
  switch (fault?.kind) {
    case "reset":
      resetSocket(request);
      return;
    case "lost-answer":
      request.socket.destroy();
      return;
    case "hang":
      return;
    case "cut-answer":
      response.writeHead(answer.status, {
        ...headersOf(exchange, answer),
        "Content-Length": Buffer.byteLength(answer.body),
      });
      response.write(answer.body.slice(0, answer.body.length / 2), () => request.socket.destroy());
      return;
    case "huge":
      await sendHuge(exchange, answer, fault.bytes ?? HUGE_BYTES);
      return;
    case "truncated-json":
      send(exchange, { ...answer, body: answer.body.slice(0, answer.body.length / 2) });
      return;
    case "slow":
      if (fault.phase !== "before") await delay(fault.ms);
      break;
    default:
  }
  send(exchange, answer);
}

function send(exchange: Exchange, answer: Answer): void {
  const { request, response } = exchange;
  if (response.destroyed) return;
  const zipped = acceptsGzip(request);
  const body = zipped ? gzipSync(answer.body) : Buffer.from(answer.body, "utf8");
  response.writeHead(answer.status, {
    ...headersOf(exchange, answer),
    ...(zipped ? { "Content-Encoding": "gzip" } : {}),
    "Content-Length": body.length,
  });
  response.end(body);
}

async function sendHuge(exchange: Exchange, answer: Answer, bytes: number): Promise<void> {
  const { response } = exchange;
  response.writeHead(answer.status, headersOf(exchange, answer));
  const spaces = function* (): Generator<string> {
    const piece = " ".repeat(64 * 1024);
    for (let left = bytes - answer.body.length; left > 0; left -= piece.length) yield piece.slice(0, left);
    yield answer.body;
  };
  // Rejects when the caller has had enough, which is the point of it.
  await pipeline(Readable.from(spaces()), response).catch(() => undefined);
}

function headersOf({ state }: Exchange, answer: Answer): Record<string, string> {
  const { now, dateSkewMs } = state.options;
  return {
    Date: new Date(now() + dateSkewMs).toUTCString(),
    "Content-Type": answer.contentType,
    ...answer.headers,
  };
}

function acceptsGzip(request: IncomingMessage): boolean {
  const accepted = (request.headers["accept-encoding"] ?? "").toLowerCase();
  return accepted.split(",").some((part) => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/.test(part));
}

/** A TCP reset where the socket allows it; TLS sockets can only be closed. */
function resetSocket({ socket }: IncomingMessage): void {
  if ("encrypted" in socket) socket.destroy();
  else socket.resetAndDestroy();
}

function urlOf({ socket }: IncomingMessage): string {
  const scheme = "encrypted" in socket ? "https" : "http";
  return `${scheme}://127.0.0.1:${socket.localPort ?? 0}`;
}

/** Does not keep the process alive: a stopped tenant leaves nothing behind. */
function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function record({ state }: Exchange, call: Call, outcome: Outcome, facts: Facts = {}): void {
  const isFull = state.options.record === "all";
  state.requests.push({
    id: call.id,
    route: call.route?.name,
    method: call.method,
    path: call.path,
    headers: isFull ? maskSecrets(call.headers) : {},
    body: isFull ? call.body : undefined,
    bytes: call.bytes,
    status: outcome.status,
    why: outcome.why,
    atMs: facts.atMs ?? state.options.now(),
    fault: facts.fault?.kind,
    warnings: call.warnings,
  });
  state.onRequest();
}

function toCall(id: number, { request, state }: Exchange, body: Buffer | "too-large" | "left"): Call {
  const { method = "", url: path = "", headers } = request;
  const bytes = Buffer.isBuffer(body) ? body.length : 0;
  const route = findRoute(method, path, state.options.disabledRoutes);
  return {
    id,
    method,
    path,
    headers,
    bytes,
    route,
    warnings: [],
    ...parse(Buffer.isBuffer(body) ? body : Buffer.of()),
  };
}

function parse(body: Buffer): { body: unknown; isJson: boolean } {
  if (body.length === 0) return { body: undefined, isJson: false };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return { body: JSON.parse(text) as unknown, isJson: true };
  } catch {
    return { body: body.toString("utf8"), isJson: false };
  }
}

function readBody(request: IncomingMessage): Promise<Buffer | "too-large" | "left"> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on("data", (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= MAX_BODY_BYTES) {
        pieces.push(piece);
        return;
      }
      // Read on without keeping it, so that the caller gets to see the answer; `Connection: close` ends it.
      pieces.length = 0;
      resolve("too-large");
    });
    request.on("end", () => resolve(Buffer.concat(pieces, Math.min(bytes, MAX_BODY_BYTES))));
    request.on("error", () => resolve("left"));
    request.on("close", () => resolve("left"));
  });
}
