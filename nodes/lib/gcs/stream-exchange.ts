import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { ExchangeFailure } from "../http/exchange";
import { orAbort } from "../or-abort";

/** One GET as it goes out. */
export interface StreamRequest {
  readonly origin: string;
  readonly path: string;
  readonly headers: Record<string, string>;
}

export interface StreamLimits {
  /** Longest silence, before the head and between pieces of the body, milliseconds. */
  readonly idleMs: number;
  /** Ends the request, and the body too. */
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** The head of an answer, its body still on its way. Whoever does not read the body to its end destroys it. */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it comes over the wire, never decoded. */
  readonly body: Readable;
  /** When the request left, epoch milliseconds. */
  readonly sentAtMs: number;
  /** When the head was here, epoch milliseconds. */
  readonly headAtMs: number;
}

/**
 * One GET, answered by a stream. Redirects are not followed.
 * @throws ExchangeFailure
 */
export async function streamExchange(
  dispatcher: Dispatcher,
  request: StreamRequest,
  { idleMs, signal, now }: StreamLimits,
): Promise<StreamedAnswer> {
  let sentAtMs: number | undefined;
  const noting = dispatcher.compose((dispatch) => (options, handler) => {
    return dispatch(options, new StartNote(handler, () => (sentAtMs = now())));
  });
  const failure = (thrown: unknown): ExchangeFailure =>
    new ExchangeFailure(signal.aborted ? "aborted" : "transport", sentAtMs !== undefined, thrown);
  try {
    const answer = noting.request({
      ...request,
      method: "GET",
      headersTimeout: idleMs,
      bodyTimeout: idleMs,
      signal,
    });
    // An abort while the connection is still being made would be noticed only when that has ended.
    const { statusCode: status, headers, body } = await orAbort(answer, signal, () => failure(undefined));
    // A body may break, or be destroyed, while nobody reads it; whoever reads it is told by what it iterates.
    body.on("error", () => undefined);
    return { status, headers, body, sentAtMs: sentAtMs ?? now(), headAtMs: now() };
  } catch (thrown) {
    throw thrown instanceof ExchangeFailure ? thrown : failure(thrown);
  }
}

/** Passes everything on, and tells when a connection is there and the request is about to be written. */
class StartNote implements Dispatcher.DispatchHandler {
  readonly #inner: Dispatcher.DispatchHandler;
  readonly #onStart: () => void;

  constructor(inner: Dispatcher.DispatchHandler, onStart: () => void) {
    this.#inner = inner;
    this.#onStart = onStart;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#onStart();
    this.#inner.onRequestStart?.(controller, context);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    this.#inner.onResponseStart?.(controller, status, headers, statusMessage);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#inner.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#inner.onResponseEnd?.(controller, trailers);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.#inner.onResponseError?.(controller, error);
  }
}
