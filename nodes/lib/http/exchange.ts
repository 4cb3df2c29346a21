import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Clock } from "../clock";

/** One request as it goes out. */
export interface ExchangeRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

export interface ExchangeLimits {
  /** Longest time for connecting, sending and the whole answer together, milliseconds. */
  readonly timeoutMs: number;
  /** Largest body on the wire, bytes. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** A complete answer, body as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** When the request left, epoch milliseconds. */
  readonly sentAtMs: number;
  /** When the head of the answer was here, epoch milliseconds. */
  readonly headAtMs: number;
}

/** A header of an answer; the first one, where there are several. */
export function header(answer: Pick<Answer, "headers">, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Why no complete answer came. */
export class ExchangeFailure extends Error {
  /** Whether the request may have left: false only when no connection was ready for it. */
  readonly sent: boolean;
  readonly reason: "aborted" | "timeout" | "too-large" | "transport";
  /** What the network layer threw; not for display. */
  readonly thrown: unknown;

  constructor(reason: ExchangeFailure["reason"], sent: boolean, thrown?: unknown) {
    super(reason);
    this.reason = reason;
    this.sent = sent;
    this.thrown = thrown;
  }
}

/**
 * One request, one answer. Redirects are not followed.
 * @throws ExchangeFailure
 */
export function exchange(dispatcher: Dispatcher, request: ExchangeRequest, limits: ExchangeLimits): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const handler = new AnswerCollector(limits, resolve, reject);
    dispatcher.dispatch(
      { ...request, body: request.body ?? null, headersTimeout: limits.timeoutMs, bodyTimeout: limits.timeoutMs },
      handler,
    );
  });
}

/** Collects one answer within its limits; the first of answer, failure, abort and timeout wins. */
class AnswerCollector implements Dispatcher.DispatchHandler {
  readonly #limits: ExchangeLimits;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (failure: ExchangeFailure) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#fail("aborted");
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #sentAtMs = 0;
  #headAtMs = 0;
  #sent = false;
  #settled = false;
  #controller: Dispatcher.DispatchController | undefined;

  constructor(limits: ExchangeLimits, resolve: (answer: Answer) => void, reject: (failure: ExchangeFailure) => void) {
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#fail("timeout"), limits.timeoutMs);
    limits.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (limits.signal.aborted) this.#onAbort();
  }

  /** A connection is there and the request is about to be written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
      controller.abort(new Error("no longer wanted"));
      return;
    }
    this.#controller = controller;
    this.#sent = true;
    this.#sentAtMs = this.#limits.clock.now();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#headAtMs = this.#limits.clock.now();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.maxBytes) this.#fail("too-large");
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    const body = Buffer.concat(this.#chunks);
    const [status, headers, sentAtMs, headAtMs] = [this.#status, this.#headers, this.#sentAtMs, this.#headAtMs];
    this.#resolve({ status, headers, body, sentAtMs, headAtMs });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail("transport", error);
  }

  #fail(reason: ExchangeFailure["reason"], thrown?: unknown): void {
    if (!this.#settle()) return;
    this.#chunks.length = 0;
    this.#reject(new ExchangeFailure(reason, this.#sent, thrown));
    this.#controller?.abort(new Error(reason));
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#limits.signal.removeEventListener("abort", this.#onAbort);
    return true;
  }
}
