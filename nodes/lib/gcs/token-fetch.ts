import type { Clock } from "../clock";
import { XdrError } from "../errors";
import { measureClockSkew } from "../http/clock-skew";
import { createDispatcher, endDispatcher, type TlsOptions } from "../http/dispatcher";
import { exchange, ExchangeFailure, header, type Answer } from "../http/exchange";
import type { Hold } from "../http/hold";
import { chooseProxy, type Environment } from "../http/proxy-choice";
import { createRedactor } from "../http/redactor";
import { parseRetryAfter, senderNowMs } from "../http/retry-after";
import { transportError } from "../http/transport-errors";
import type { Credentials } from "./default-credentials";
import { MAX_TOKEN_ANSWER_BYTES, readTokenAnswer, type GivenToken } from "./token-answer";
import { METADATA_FLAVOR, tokenRequest } from "./token-request";

/** The way to the token endpoint. */
export interface TokenRoute {
  /** Explicit proxy URL; undefined = the environment's. */
  readonly proxy: string | undefined;
  readonly tls: TlsOptions | undefined;
  readonly env: Environment;
  readonly clock: Clock;
  /** Held by a `Retry-After` of the endpoint. */
  readonly hold: Hold;
  /** One request, milliseconds. */
  readonly timeoutMs: number;
}

/** What came of one request. */
export interface TokenAttempt {
  readonly given: GivenToken | XdrError;
  /** When the request was begun, on the monotonic clock: the token's life is counted from there. */
  readonly begunAtMs: number;
  /** The endpoint's clock minus ours, milliseconds. */
  readonly skewMs: number | undefined;
}

/** Longest wait for a connection, milliseconds. */
const MAX_CONNECT_MS = 10_000;
/** The metadata server is on this very machine, or nowhere. */
const METADATA_TIMEOUT_MS = 3_000;

/**
 * Asks once for a token. It makes its own connection and closes it: the next request is most of an hour away. Never rejects.
 * @param nowMs the time on Google's clock as far as known, epoch milliseconds
 */
export async function fetchToken(
  credentials: Credentials,
  nowMs: number,
  route: TokenRoute,
  signal: AbortSignal,
): Promise<TokenAttempt> {
  const begunAtMs = route.clock.monotonicMs();
  try {
    return { ...(await attempt(credentials, nowMs, route, signal)), begunAtMs };
  } catch (error) {
    const given =
      error instanceof XdrError ? error : new XdrError("GCS_KEY_INVALID", "The key cannot be used to sign.");
    return { given, begunAtMs, skewMs: undefined };
  }
}

async function attempt(
  credentials: Credentials,
  nowMs: number,
  route: TokenRoute,
  signal: AbortSignal,
): Promise<Omit<TokenAttempt, "begunAtMs">> {
  const { request, secrets } = tokenRequest(credentials, nowMs);
  const isMetadata = credentials.kind === "metadata";
  const timeoutMs = isMetadata ? Math.min(METADATA_TIMEOUT_MS, route.timeoutMs) : route.timeoutMs;
  // The metadata server is never behind a proxy: what comes back is a token.
  const proxy = isMetadata ? undefined : chooseProxy(request.origin, route.proxy, route.env);
  const dispatcher = createDispatcher({
    origin: request.origin,
    proxy,
    // A server name that is set belongs to the storage's endpoint.
    tls: route.tls === undefined ? undefined : { ...route.tls, servername: undefined },
    connectTimeoutMs: Math.min(timeoutMs, MAX_CONNECT_MS),
    proxyTimeoutMs: timeoutMs,
    connections: 1,
  });
  const host = new URL(request.origin).host;
  try {
    const limits = { timeoutMs, maxBytes: MAX_TOKEN_ANSWER_BYTES, signal, clock: route.clock };
    const answer = await exchange(dispatcher, request, limits);
    const skewMs = measureClockSkew(header(answer, "date"), answer.sentAtMs, answer.headAtMs);
    if (isMetadata) assertMetadata(answer);
    const retryAfterMs = noteRetryAfter(answer, route, skewMs);
    const context = { host, whose: whose(credentials), redact: createRedactor(secrets), retryAfterMs };
    const given = await readTokenAnswer(answer, context).catch((error: unknown) => {
      if (error instanceof XdrError) return error;
      throw error;
    });
    return { given, skewMs };
  } catch (error) {
    if (!(error instanceof ExchangeFailure)) throw error;
    if (isMetadata && error.reason !== "aborted") throw noMetadata();
    throw unreachable(error, host, proxy?.origin, timeoutMs);
  } finally {
    await endDispatcher(dispatcher);
  }
}

/** Whose token is asked for, in words that begin a sentence. */
function whose(credentials: Credentials): string {
  if (credentials.kind === "service_account") return `The key of ${credentials.key.clientEmail}`;
  return credentials.kind === "authorized_user" ? "gcloud's sign-in on this machine" : "This machine's own account";
}

function noteRetryAfter(answer: Answer, route: TokenRoute, skewMs: number | undefined): number | undefined {
  const time = { date: header(answer, "date"), nowMs: route.clock.now(), skewMs };
  const waitMs = parseRetryAfter(header(answer, "retry-after"), senderNowMs(time));
  if (waitMs !== undefined) route.hold.extend(waitMs);
  return waitMs;
}

/** Elsewhere any portal may answer to the metadata server's name, and 404 means that no account is attached. */
function assertMetadata(answer: Answer): void {
  if (header(answer, METADATA_FLAVOR.name) !== METADATA_FLAVOR.value || answer.status === 404) throw noMetadata();
}

function noMetadata(): XdrError {
  return new XdrError(
    "GCS_CREDENTIALS_MISSING",
    "No service account key is entered, and this machine has no application default credentials: enter the key that the Cortex console hands out.",
    { field: "serviceAccount" },
  );
}

function unreachable(failure: ExchangeFailure, host: string, proxy: string | undefined, timeoutMs: number): XdrError {
  const error = transportError(failure, { host, setting: "token_uri", proxy, timeoutMs });
  if (error.code === "XDR_RESPONSE_TOO_LARGE") {
    // Nothing less can be asked for here.
    const words = `The answer of ${host} is larger than that of a token endpoint: check "token_uri" in the key, and that no portal is in between.`;
    return new XdrError(error.code, words, { outcome: error.outcome });
  }
  if (error.code !== "XDR_TIMEOUT") return error;
  // The node's own limit of time is another one: no advice to raise it.
  const message = `${host} gave no token within ${timeoutMs / 1000} s: check the network and whether a proxy is needed.`;
  return new XdrError("XDR_TIMEOUT", message, { outcome: error.outcome });
}
