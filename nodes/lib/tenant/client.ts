import { setMaxListeners } from "node:events";
import type { Dispatcher } from "undici";
import { systemClock, type Clock } from "../clock";
import { XdrError } from "../errors";
import { linkSignals } from "../http/abort-link";
import type { XdrAlert } from "./alert-schema";
import { authHeaders, createNonce, type ApiKey } from "./auth-headers";
import type { RawAnswer, TenantClient, TenantRequest } from "./client-api";
import { measureClockSkew } from "../http/clock-skew";
import { createDispatcher, endDispatcher, type TlsOptions } from "../http/dispatcher";
import { isRecord } from "../json";
import { exchange, ExchangeFailure, header, type Answer, type ExchangeRequest } from "../http/exchange";
import { Hold } from "../http/hold";
import { chooseProxy, type Environment } from "../http/proxy-choice";
import { readAnswer } from "./read-answer";
import { createRedactor } from "../http/redactor";
import type { RequestLimit } from "./request-limiter";
import { RequestLimits } from "./request-limits";
import { parseRetryAfter, senderNowMs } from "../http/retry-after";
import { transportError } from "../http/transport-errors";

/** How one tenant is reached. */
export interface ConnectionSettings {
  /** Origin of the API, from `tenantBaseUrl`. */
  readonly baseUrl: string;
  readonly apiKey: ApiKey;
  /** One attempt, connecting and the whole body included, milliseconds. */
  readonly timeoutMs: number;
  /** Explicit proxy URL; undefined = the environment's. */
  readonly proxy?: string | undefined;
  readonly tls?: TlsOptions | undefined;
}

export interface ClientSurroundings {
  /** Where `HTTPS_PROXY` and `NO_PROXY` are looked up. */
  readonly env: Environment;
  readonly clock?: Clock;
  /** @default 10 requests a second, the tenant's own limit */
  readonly limit?: RequestLimit;
  /** @default MAX_RESPONSE_BYTES */
  readonly maxResponseBytes?: number;
  /** Called with each new measure of the tenant's clock minus ours, milliseconds. */
  readonly onClockSkew?: (skewMs: number) => void;
}

/**
 * Largest answer we read, bytes, on the wire and inflated. The largest real ones are lists of all endpoints: about 2 KB
 * each, so 25,000 of them fit; a page of 100 alerts is far below.
 */
export const MAX_RESPONSE_BYTES = 50_000_000;

const INSERT_PATH = "v1/alerts/insert_parsed_alerts";
/** Longest wait for a connection; a host that is silent for so long is down or behind a firewall. */
const MAX_CONNECT_MS = 10_000;

/**
 * Client of one tenant.
 * @throws XdrError `XDR_CONFIG_INVALID` when the proxy is no URL
 */
export function createTenantClient(settings: ConnectionSettings, surroundings: ClientSurroundings): TenantClient {
  return new HttpTenantClient(settings, surroundings);
}

class HttpTenantClient implements TenantClient {
  readonly #settings: ConnectionSettings;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #onClockSkew: (skewMs: number) => void;
  readonly #hold: Hold;
  readonly #limits: RequestLimits;
  readonly #dispatcher: Dispatcher;
  readonly #proxyOrigin: string | undefined;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  #clockSkewMs: number | undefined;
  /** Added to our clock when signing; moves only after the tenant accepted a signature made with it. */
  #correctionMs = 0;

  constructor(settings: ConnectionSettings, surroundings: ClientSurroundings) {
    this.#settings = settings;
    // Every call under way listens to it; more than ten at once are no leak.
    setMaxListeners(0, this.#closing.signal);
    this.#clock = surroundings.clock ?? systemClock;
    this.#maxBytes = surroundings.maxResponseBytes ?? MAX_RESPONSE_BYTES;
    this.#onClockSkew = surroundings.onClockSkew ?? ((): void => undefined);
    this.#hold = new Hold(this.#clock);
    this.#limits = new RequestLimits(surroundings.limit, this.#hold);
    const proxy = chooseProxy(settings.baseUrl, settings.proxy, surroundings.env);
    this.#proxyOrigin = proxy?.origin;
    this.#dispatcher = createDispatcher({
      origin: settings.baseUrl,
      proxy,
      tls: settings.tls,
      connectTimeoutMs: Math.min(settings.timeoutMs, MAX_CONNECT_MS),
      proxyTimeoutMs: settings.timeoutMs,
    });
  }

  get clockSkewMs(): number | undefined {
    return this.#clockSkewMs;
  }

  get heldMs(): number {
    return this.#hold.leftMs;
  }

  async insertAlerts(alerts: readonly XdrAlert[], signal?: AbortSignal): Promise<void> {
    const answer = await this.call({ path: INSERT_PATH, body: { request_data: { alerts } }, signal });
    assertAccepted(answer);
  }

  async call(request: TenantRequest): Promise<unknown> {
    return (await this.callRaw(request)).value;
  }

  async callRaw(request: TenantRequest): Promise<RawAnswer> {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const link = linkSignals(request.signal, this.#closing.signal);
    try {
      return await this.#signedCall(request, body, link.signal);
    } finally {
      link.unlink();
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#closing.abort();
    this.#limits.close();
    this.#hold.close();
    await endDispatcher(this.#dispatcher);
  }

  /** Signs with our clock; when that is refused and our clock is off, once more with the tenant's. */
  async #signedCall(request: TenantRequest, body: string | undefined, signal: AbortSignal): Promise<RawAnswer> {
    const correctionMs = this.#correctionMs;
    try {
      return await this.#attempt(request, body, signal, correctionMs);
    } catch (error) {
      if (!(error instanceof XdrError) || error.code !== "XDR_CLOCK_SKEW" || this.#clockSkewMs === undefined)
        throw error;
    }
    const tenantClockMs = this.#clockSkewMs;
    try {
      const answer = await this.#attempt(request, body, signal, tenantClockMs, tenantClockMs - correctionMs);
      this.#correctionMs = tenantClockMs;
      return answer;
    } catch (error) {
      // Any other complete answer also means that the signature was accepted.
      if (error instanceof XdrError && error.status !== undefined && error.status !== 401)
        this.#correctionMs = tenantClockMs;
      throw error;
    }
  }

  /**
   * @param correctionMs added to our clock when signing
   * @param knownSkewMs how far the clock was off before the correction, for the message when the correction was in vain
   */
  async #attempt(
    request: TenantRequest,
    body: string | undefined,
    signal: AbortSignal,
    correctionMs: number,
    knownSkewMs?: number,
  ): Promise<RawAnswer> {
    const secrets: string[] = [this.#settings.apiKey.key];
    const run = (): Promise<Answer> => {
      const signature = { timestampMs: this.#clock.now() + correctionMs, nonce: createNonce() };
      const headers = authHeaders(this.#settings.apiKey, signature);
      secrets.push(headers["authorization"] ?? "", signature.nonce);
      return this.#exchange(request, body, headers, signal);
    };
    const answer = await this.#limits.run(request.path, run, signal, () => this.#cancelled());
    const measuredMs = this.#measureClock(answer);
    const clockSkewMs = knownSkewMs ?? (measuredMs === undefined ? undefined : measuredMs - correctionMs);
    return readAnswer(answer, this.#maxBytes, this.#noteRetryAfter(answer), {
      host: this.#host,
      path: request.path,
      keyType: this.#settings.apiKey.keyType,
      redact: createRedactor(secrets),
      clockSkewMs,
    });
  }

  async #exchange(
    request: TenantRequest,
    body: string | undefined,
    authorization: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const outgoing: ExchangeRequest = {
      origin: this.#settings.baseUrl,
      path: `/public_api/${request.path}`,
      method: request.method ?? "POST",
      headers: {
        ...authorization,
        accept: "application/json",
        "accept-encoding": "gzip",
        "user-agent": "node-red-cortex-xdr",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body,
    };
    const { timeoutMs } = this.#settings;
    try {
      return await exchange(this.#dispatcher, outgoing, {
        timeoutMs,
        maxBytes: this.#maxBytes,
        signal,
        clock: this.#clock,
      });
    } catch (error) {
      if (this.#closing.signal.aborted && !(error instanceof ExchangeFailure)) throw this.#cancelled();
      const failure = error instanceof ExchangeFailure ? error : new ExchangeFailure("transport", false, error);
      throw transportError(failure, { host: this.#host, setting: "host", proxy: this.#proxyOrigin, timeoutMs });
    }
  }

  /** Any answer's `Retry-After` holds back all calls. */
  #noteRetryAfter(answer: Answer): number | undefined {
    const time = { date: header(answer, "date"), nowMs: this.#clock.now(), skewMs: this.#clockSkewMs };
    const waitMs = parseRetryAfter(header(answer, "retry-after"), senderNowMs(time));
    if (waitMs !== undefined) this.#hold.extend(waitMs);
    return waitMs;
  }

  #measureClock(answer: Answer): number | undefined {
    const skewMs = measureClockSkew(header(answer, "date"), answer.sentAtMs, answer.headAtMs);
    if (skewMs === undefined) return undefined;
    this.#clockSkewMs = skewMs;
    this.#onClockSkew(skewMs);
    return skewMs;
  }

  #cancelled(): XdrError {
    return new XdrError("XDR_CANCELLED", `The call to ${this.#host} was cancelled.`, { outcome: "unsent" });
  }

  get #host(): string {
    return new URL(this.#settings.baseUrl).host;
  }
}

/**
 * The documented successes are `{"reply": true}` and a bare `true`. Any other reply that is neither false, empty nor an
 * error counts as accepted too: repeating an accepted update for ever would flood the tenant.
 */
function assertAccepted(answer: unknown): void {
  const reply = isRecord(answer) ? answer["reply"] : answer;
  if (reply === true || (isRecord(answer) && Boolean(reply) && reply !== "false")) return;
  if (reply === false || reply === "false") {
    throw new XdrError("XDR_SERVER_ERROR", 'The tenant answered "false": it did not take the alerts.', {
      status: 200,
      outcome: "refused",
    });
  }
  throw new XdrError("XDR_RESPONSE_INVALID", 'The tenant\'s answer to the alerts is not {"reply": true}.', {
    status: 200,
    outcome: "unknown",
  });
}
