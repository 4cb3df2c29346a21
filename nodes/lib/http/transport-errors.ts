import { systemCode, XdrError, type ErrorCode } from "../errors";
import type { ExchangeFailure } from "./exchange";

/** What a message may tell of the connection. */
export interface ConnectionContext {
  /** The other side's host, for display. */
  readonly host: string;
  /** The property that names the host, for hints. */
  readonly setting: string;
  /** Origin of the proxy, without credentials. */
  readonly proxy: string | undefined;
  readonly timeoutMs: number;
}

const NAME_CODES = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_NONAME", "ENODATA", "ESERVFAIL"]);
const UNREACHABLE_CODES = new Set([
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPERM",
]);
const TIMEOUT_CODES = new Set([
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);
const CLOSED_CODES = new Set(["UND_ERR_DESTROYED", "UND_ERR_CLOSED"]);
const SELF_SIGNED_CODES = new Set(["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN"]);
const ISSUER_CODES = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);
/** Codes of Node.js's TLS layer and of OpenSSL behind it. */
const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|EPROTO$|INVALID_CA$|INVALID_PURPOSE$|UND_ERR_PRX_TLS$)/;
const PROXY_ANSWER = /^Proxy response \((\d+)\)/;

/** The error of a call that got no complete answer. */
export function transportError(failure: ExchangeFailure, context: ConnectionContext): XdrError {
  const code = systemCode(failure.thrown) ?? "";
  const facts = { outcome: failure.sent ? ("unknown" as const) : ("unsent" as const) };
  const [errorCode, message] = describe(failure, code, context);
  return new XdrError(errorCode, message, facts);
}

function describe(failure: ExchangeFailure, code: string, context: ConnectionContext): [ErrorCode, string] {
  const { host, setting } = context;
  if (failure.reason === "aborted" || CLOSED_CODES.has(code))
    return ["XDR_CANCELLED", `The call to ${host} was cancelled.`];
  if (failure.reason === "timeout") return ["XDR_TIMEOUT", timeoutMessage(failure.sent, context)];
  if (failure.reason === "too-large") {
    return ["XDR_RESPONSE_TOO_LARGE", `The answer of ${host} is larger than this node reads: ask for less at once.`];
  }
  if (isTls(code))
    return ["XDR_TLS_FAILED", `No trusted TLS connection to ${host} (${code}): ${tlsHint(code, context.setting)}.`];
  if (!failure.sent && context.proxy !== undefined)
    return ["XDR_PROXY_FAILED", proxyMessage(failure.thrown, code, context)];
  if (NAME_CODES.has(code)) {
    return [
      "XDR_NAME_NOT_FOUND",
      `The name ${host} does not resolve (${code}): check "${setting}" and this machine's DNS.`,
    ];
  }
  if (code === "ECONNREFUSED" || UNREACHABLE_CODES.has(code)) {
    return [
      "XDR_CONNECTION_REFUSED",
      `${host} accepts no connection (${code}): check "${setting}", the firewall and whether a proxy is needed.`,
    ];
  }
  if (TIMEOUT_CODES.has(code)) return ["XDR_TIMEOUT", timeoutMessage(failure.sent, context)];
  if (isParserError(failure.thrown) && code !== "HPE_INVALID_EOF_STATE") {
    return ["XDR_RESPONSE_INVALID", `What answers at ${host} does not speak HTTP: check "${setting}".`];
  }
  const detail = code === "" ? "" : ` (${code})`;
  return failure.sent
    ? ["XDR_CONNECTION_LOST", `The connection to ${host} broke before its answer was complete${detail}.`]
    : ["XDR_CONNECTION_LOST", `The connection to ${host} broke before the request was sent${detail}.`];
}

function timeoutMessage(sent: boolean, context: ConnectionContext): string {
  const via = context.proxy === undefined || sent ? "" : ` through the proxy ${context.proxy}`;
  const what = sent ? "gave no complete answer" : `could not be connected${via}`;
  return `${context.host} ${what} within ${context.timeoutMs / 1000} s: check the network, or raise "timeoutSeconds".`;
}

function proxyMessage(thrown: unknown, code: string, context: ConnectionContext): string {
  const status = proxyStatus(thrown);
  const proxy = `The proxy ${context.proxy ?? ""}`;
  if (status === 407) return `${proxy} asks for credentials (407): put them into the proxy's URL.`;
  if (status !== undefined) return `${proxy} refuses to connect to ${context.host} (${status}): ask its administrator.`;
  if (NAME_CODES.has(code)) return `${proxy} cannot be found: its name does not resolve (${code}).`;
  return `${proxy} cannot be used${code === "" ? "" : ` (${code})`}: check its address and whether it runs.`;
}

/** The status by which a proxy refused to tunnel; the HTTP library only says it in words. */
function proxyStatus(thrown: unknown): number | undefined {
  const status = thrown instanceof Error ? PROXY_ANSWER.exec(thrown.message)?.[1] : undefined;
  return status === undefined ? undefined : Number(status);
}

/** Not every parser error has a code. */
function isParserError(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === "HTTPParserError" || isParserError(thrown.cause));
}

function isTls(code: string): boolean {
  return SELF_SIGNED_CODES.has(code) || ISSUER_CODES.has(code) || TLS_CODE.test(code);
}

function tlsHint(code: string, setting: string): string {
  if (SELF_SIGNED_CODES.has(code)) return "the certificate is self-signed; choose a TLS configuration with its CA";
  if (ISSUER_CODES.has(code)) return "the certificate's issuer is unknown; choose a TLS configuration with its CA";
  if (code === "CERT_HAS_EXPIRED") return "the certificate has expired; renew it, or set this machine's clock";
  if (code === "CERT_NOT_YET_VALID") return "the certificate is not valid yet; check this machine's clock";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `the certificate is for another host name; check "${setting}" or "servername"`;
  if (code.startsWith("ERR_OSSL_")) return "the key, certificate or passphrase of the TLS configuration cannot be read";
  return "check that the host speaks TLS and the TLS configuration fits";
}
