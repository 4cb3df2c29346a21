import { setMaxListeners } from "node:events";
import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { Clock } from "../clock";
import { XdrError } from "../errors";
import { linkSignals } from "../http/abort-link";
import { bodyText } from "../http/answer-body";
import { measureClockSkew } from "../http/clock-skew";
import { createDispatcher, endDispatcher } from "../http/dispatcher";
import { ExchangeFailure, header } from "../http/exchange";
import type { Hold } from "../http/hold";
import type { Proxy } from "../http/proxy-choice";
import { createRedactor } from "../http/redactor";
import { parseRetryAfter, senderNowMs } from "../http/retry-after";
import { transportError } from "../http/transport-errors";
import { orAbort } from "../or-abort";
import type { GcsConnection } from "./account-options";
import type { GcsClient, ListPage, ListRequest, Media, MediaRequest } from "./gcs-api";
import { gcsAnswerError, type GcsCall } from "./gcs-errors";
import { listPath, MAX_PAGE_BYTES, readPage } from "./list-answer";
import { isMedia, mediaPath, mediaPlace } from "./media-answer";
import { readUpTo } from "./read-up-to";
import { streamExchange, type StreamedAnswer } from "./stream-exchange";
import type { TokenSource } from "./token-source";

/** What a client shares with the others of its account, and what it has of its own. */
export interface GcsSurroundings {
  readonly tokens: TokenSource;
  /** Held by the `Retry-After` of any answer. */
  readonly hold: Hold;
  readonly proxy: Proxy | undefined;
  readonly clock: Clock;
  /** Longest silence of the service, milliseconds. */
  readonly timeoutMs: number;
  /** Most connections. */
  readonly connections: number;
  /** Told once when the client is closed. */
  readonly onClose?: () => void;
}

type Description = Pick<GcsCall, "kind" | "bucket" | "name" | "hasPageToken">;

/** Longest wait for a connection, milliseconds. */
const MAX_CONNECT_MS = 10_000;
/** This much of an error's body is looked at, bytes. */
const MAX_ERROR_BYTES = 65_536;
const HEADERS = {
  // Without it the service decompresses objects that are stored with Content-Encoding: gzip, and takes no ranges then.
  // Source: Cloud Storage documentation, "Transcoding of gzip-compressed files".
  "accept-encoding": "gzip",
  // Only with "gzip" in it are listings compressed. Source: Cloud Storage JSON API, "Performance tips".
  "user-agent": "node-red-cortex-xdr (gzip)",
} as const;

/** A client of Cloud Storage's JSON API with its own connections. */
export function createGcsClient(connection: GcsConnection, surroundings: GcsSurroundings): GcsClient {
  return new HttpGcsClient(connection, surroundings);
}

/** An answer that is no object may take as long as so many silences: one that drips would never end. Ours. */
const MAX_SILENCES = 10;

class HttpGcsClient implements GcsClient {
  readonly #surroundings: GcsSurroundings;
  readonly #origin: string;
  readonly #basePath: string;
  readonly #host: string;
  readonly #dispatcher: Dispatcher;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  #clockSkewMs: number | undefined;

  constructor(connection: GcsConnection, surroundings: GcsSurroundings) {
    const { origin, host, pathname } = new URL(connection.baseUrl);
    [this.#origin, this.#host, this.#basePath] = [origin, host, pathname];
    this.#surroundings = surroundings;
    // Every call under way listens to it; more than ten at once are no leak.
    setMaxListeners(0, this.#closing.signal);
    this.#dispatcher = createDispatcher({
      origin,
      proxy: surroundings.proxy,
      tls: connection.tls,
      connectTimeoutMs: Math.min(surroundings.timeoutMs, MAX_CONNECT_MS),
      proxyTimeoutMs: surroundings.timeoutMs,
      connections: surroundings.connections,
    });
  }

  get clockSkewMs(): number | undefined {
    return this.#clockSkewMs;
  }

  async list(request: ListRequest): Promise<ListPage> {
    const hasPageToken = request.pageToken !== undefined;
    const description = { kind: "list", bucket: request.bucket, hasPageToken } as const;
    const late = new Deadline(this.#surroundings.timeoutMs * MAX_SILENCES);
    const link = linkSignals(request.signal, this.#closing.signal, late.signal);
    try {
      const headers = { ...HEADERS, accept: "application/json" };
      const path = listPath(this.#basePath, request);
      const answer = await this.#open(path, headers, description, (status) => status === 200, link.signal);
      return readPage(await this.#text(answer, link.signal), request, this.#host);
    } catch (error) {
      throw late.signal.aborted ? this.#tooLate() : error;
    } finally {
      late.stop();
      link.unlink();
    }
  }

  async read(request: MediaRequest): Promise<Media> {
    const { fromByte } = request;
    const description = { kind: "read", bucket: request.bucket, name: request.name } as const;
    const late = new Deadline(this.#surroundings.timeoutMs * MAX_SILENCES);
    const link = linkSignals(request.signal, this.#closing.signal, late.signal);
    try {
      const range = fromByte > 0 ? { range: `bytes=${fromByte}-` } : {};
      const path = mediaPath(this.#basePath, request);
      const isWanted = (status: number): boolean => isMedia(status, fromByte);
      const answer = await this.#open(path, { ...HEADERS, ...range }, description, isWanted, link.signal);
      const body = this.#media(answer, request);
      // The signal reaches the body too, as long as there is one.
      body.body.once("close", () => link.unlink());
      return body;
    } catch (error) {
      link.unlink();
      throw late.signal.aborted ? this.#tooLate() : error;
    } finally {
      // The body may take as long as it likes, as long as it moves.
      late.stop();
    }
  }

  bodyError(thrown: unknown): Error {
    if (thrown instanceof XdrError) return thrown;
    const isAborted = this.#closing.signal.aborted || (thrown instanceof Error && thrown.name === "AbortError");
    return this.#transport(new ExchangeFailure(isAborted ? "aborted" : "transport", true, thrown));
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#closing.abort();
    this.#surroundings.onClose?.();
    await endDispatcher(this.#dispatcher);
  }

  /** An answer that `isWanted`, with a new token where the first one was refused. */
  async #open(
    path: string,
    headers: Record<string, string>,
    description: Description,
    isWanted: (status: number) => boolean,
    signal: AbortSignal,
  ): Promise<StreamedAnswer> {
    for (let isRepeated = false; ; isRepeated = true) {
      await orAbort(this.#surroundings.hold.over(), signal, () => this.#cancelled());
      const token = await this.#surroundings.tokens.token(signal);
      const answer = await this.#request(path, headers, token, signal);
      const retryAfterMs = this.#noteHead(answer);
      if (isWanted(answer.status)) return answer;
      const text = await errorText(answer);
      if (signal.aborted) throw this.#cancelled();
      if (answer.status === 401 && token !== undefined) {
        this.#surroundings.tokens.invalidate(token);
        if (!isRepeated) continue;
      }
      throw gcsAnswerError(
        { status: answer.status, text, retryAfterMs },
        {
          ...description,
          host: this.#host,
          clientEmail: this.#surroundings.tokens.clientEmail,
          isAnonymous: token === undefined,
          redact: createRedactor([token]),
        },
      );
    }
  }

  async #request(
    path: string,
    headers: Record<string, string>,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<StreamedAnswer> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const request = { origin: this.#origin, path, headers: { ...headers, ...authorization } };
    const { timeoutMs: idleMs, clock } = this.#surroundings;
    if (signal.aborted) throw this.#cancelled();
    try {
      return await streamExchange(this.#dispatcher, request, { idleMs, signal, now: () => clock.now() });
    } catch (error) {
      throw this.#transport(error);
    }
  }

  /** A page's text. @throws XdrError */
  async #text({ body, headers }: StreamedAnswer, signal: AbortSignal): Promise<string> {
    let bytes: Buffer | undefined;
    try {
      bytes = await readUpTo(body, MAX_PAGE_BYTES, false);
    } catch (error) {
      throw this.#transport(new ExchangeFailure(signal.aborted ? "aborted" : "transport", true, error));
    }
    if (bytes === undefined) throw this.#transport(new ExchangeFailure("too-large", true));
    const read = await bodyText(bytes, header({ headers }, "content-encoding"), MAX_PAGE_BYTES);
    if ("text" in read) return read.text;
    if (read.fault === "too-large") throw this.#transport(new ExchangeFailure("too-large", true));
    throw new XdrError("XDR_RESPONSE_INVALID", `The answer of ${this.#host} cannot be decompressed.`, { status: 200 });
  }

  #media(answer: StreamedAnswer, request: MediaRequest): Media & { body: Readable } {
    try {
      const place = mediaPlace(answer.status, answer.headers, request, this.#host);
      if (answer.status !== 416) return { ...place, body: answer.body };
      answer.body.destroy();
      return { ...place, body: Readable.from([]) };
    } catch (error) {
      answer.body.destroy();
      throw error;
    }
  }

  /** Any answer tells of the service's clock; its `Retry-After`, in milliseconds, holds back all calls of the account. */
  #noteHead({ headers, sentAtMs, headAtMs }: StreamedAnswer): number | undefined {
    const date = header({ headers }, "date");
    this.#clockSkewMs = measureClockSkew(date, sentAtMs, headAtMs) ?? this.#clockSkewMs;
    const time = { date, nowMs: this.#surroundings.clock.now(), skewMs: this.#clockSkewMs };
    const waitMs = parseRetryAfter(header({ headers }, "retry-after"), senderNowMs(time));
    if (waitMs !== undefined) this.#surroundings.hold.extend(waitMs);
    return waitMs;
  }

  #transport(error: unknown): XdrError {
    if (error instanceof XdrError) return error;
    const failure = error instanceof ExchangeFailure ? error : new ExchangeFailure("transport", false, error);
    const { proxy, timeoutMs } = this.#surroundings;
    return transportError(failure, { host: this.#host, setting: "apiEndpoint", proxy: proxy?.origin, timeoutMs });
  }

  #tooLate(): XdrError {
    const seconds = (this.#surroundings.timeoutMs * MAX_SILENCES) / 1000;
    const message = `${this.#host} gave no complete answer within ${seconds} s: check the network and what is in between.`;
    return new XdrError("XDR_TIMEOUT", message, { outcome: "unknown" });
  }

  #cancelled(): XdrError {
    return new XdrError("XDR_CANCELLED", `The call to ${this.#host} was cancelled.`, { outcome: "unsent" });
  }
}

/** Aborts its signal after a while, unless it is stopped. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** What an answer that is no success says, as far as it can be read: its status is what counts. */
async function errorText({ body, headers }: StreamedAnswer): Promise<string> {
  const bytes = await readUpTo(body, MAX_ERROR_BYTES, true).catch(() => undefined);
  const encoding = header({ headers }, "content-encoding");
  const read = bytes === undefined ? undefined : await bodyText(bytes, encoding, MAX_ERROR_BYTES);
  return read !== undefined && "text" in read ? read.text : "";
}
