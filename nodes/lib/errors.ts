/**
 * Every error this package shows has one of these codes. They are stable: users route on `msg.error.code`.
 * `retryable` tells whether the same call may succeed later without anybody changing anything.
 */
const CODES = {
  /** The tenant node's host is empty, or not a host name or URL we may call. */
  XDR_HOST_INVALID: { retryable: false },
  /** A property of a node has a value that cannot be used. */
  XDR_CONFIG_INVALID: { retryable: false },
  /** The API key or its id is missing, or is an `${ENV}` that is not set. */
  XDR_CREDENTIALS_MISSING: { retryable: false },
  /** The tenant's name does not resolve. */
  XDR_NAME_NOT_FOUND: { retryable: true },
  /** Nothing listens at the tenant's address. */
  XDR_CONNECTION_REFUSED: { retryable: true },
  /** The connection broke before an answer was complete. */
  XDR_CONNECTION_LOST: { retryable: true },
  /** The certificate is not trusted, or the TLS handshake failed. */
  XDR_TLS_FAILED: { retryable: true },
  /** The proxy refused, or could not be reached. */
  XDR_PROXY_FAILED: { retryable: true },
  /** No answer within `timeoutSeconds`. */
  XDR_TIMEOUT: { retryable: true },
  /** The call was cancelled because the node closes. */
  XDR_CANCELLED: { retryable: true },
  /** A 3xx answer: the host is not the API host. Redirects are never followed. */
  XDR_REDIRECTED: { retryable: true },
  /** The answer is larger than we read. */
  XDR_RESPONSE_TOO_LARGE: { retryable: true },
  /** The answer is no JSON, or not of the documented shape. */
  XDR_RESPONSE_INVALID: { retryable: true },
  /** 401: wrong key, key id or key type. */
  XDR_UNAUTHORIZED: { retryable: true },
  /** 401 and this machine's clock is off: Advanced keys sign with the time. */
  XDR_CLOCK_SKEW: { retryable: true },
  /** 402: the tenant has no licence for this call. */
  XDR_LICENCE_MISSING: { retryable: true },
  /** 403: the key's role lacks a permission. */
  XDR_FORBIDDEN: { retryable: true },
  /** 404: unknown object or call. */
  XDR_NOT_FOUND: { retryable: true },
  /** 400, 413, 422 or a business error in a 500: the tenant refuses this very request. */
  XDR_REJECTED: { retryable: false },
  /** 429, or any answer whose text speaks of the rate limit. */
  XDR_RATE_LIMITED: { retryable: true },
  /** 408 or 5xx. */
  XDR_SERVER_ERROR: { retryable: true },
  /** A value handed to the insert node is not an XDR alert. */
  XDR_ALERT_INVALID: { retryable: false },
  /** The outbox holds `maxQueued` alerts. */
  OUTBOX_FULL: { retryable: true },
  /** The outbox cannot write: disk full, read-only, still opening, or closing. */
  OUTBOX_UNAVAILABLE: { retryable: true },
  /** Another process holds the store. */
  STORE_LOCKED: { retryable: true },
  /** The store was written by a newer version of this package. */
  STORE_VERSION: { retryable: false },
  /** Alerts that were on disk could not be read back after damage; the store works again without them. */
  STORE_DAMAGED: { retryable: true },
  /** The store failed to read or write. */
  STORE_FAILED: { retryable: true },
  /** `Authorization` is not the shared key. */
  PANOS_UNAUTHORIZED: { retryable: false },
  /** The body is larger than `maxBytes`, before or after inflating. */
  PANOS_TOO_LARGE: { retryable: false },
  /** The body is empty. */
  PANOS_EMPTY: { retryable: false },
  /** The body is in no known format. */
  PANOS_FORMAT_UNKNOWN: { retryable: false },
  /** The compressed body cannot be inflated. */
  PANOS_INFLATE_FAILED: { retryable: false },
  /** Node-RED's form or JSON parser has destroyed the body beyond repair. */
  PANOS_BODY_PARSED: { retryable: false },
  /** More records in one message than a batch may have. */
  PANOS_BATCH_TOO_LARGE: { retryable: false },
  /** The record has neither a usable address nor a name, or is a log type that is no alert. */
  PANOS_NOT_AN_ALERT: { retryable: false },
  /** A firewall's Send Test Log. Not a fault. */
  PANOS_TEST_LOG: { retryable: false },
  /** Below `minSeverity`. Not a fault. */
  PANOS_FILTERED: { retryable: false },
  /** The credential is no Google service account key. */
  GCS_KEY_INVALID: { retryable: false },
  /** No key is entered and this machine has no application default credentials. */
  GCS_CREDENTIALS_MISSING: { retryable: true },
  /** Google refuses the key: revoked, replaced, or of an account that is gone. */
  GCS_KEY_REJECTED: { retryable: true },
  /** 401 with a fresh token, or without one where one is needed. */
  GCS_UNAUTHORIZED: { retryable: true },
  /** 403: the account may not list the bucket's objects. */
  GCS_LIST_FORBIDDEN: { retryable: true },
  /** 403: the account may not read the bucket's objects. */
  GCS_READ_FORBIDDEN: { retryable: true },
  /** 404 on listing: no such bucket. */
  GCS_BUCKET_NOT_FOUND: { retryable: true },
  /** 400 on listing with a page token: it is too old. Not shown to users: the listing goes on without it. */
  GCS_PAGE_TOKEN_REJECTED: { retryable: true },
  /** 404 on reading: this version of the object is not there any more. */
  GCS_OBJECT_GONE: { retryable: false },
  /** The object was deleted before all of it was read. */
  GCS_OBJECT_DELETED: { retryable: false },
  /** The object was overwritten before all of it was read; the new version is read from its start. */
  GCS_OBJECT_REPLACED: { retryable: false },
  /** The object's gzip data are cut short, or damaged, also when read again. */
  GCS_OBJECT_DAMAGED: { retryable: false },
  /** Bytes that are no gzip data follow the compressed ones; what came before is complete. */
  GCS_TRAILING_BYTES: { retryable: false },
  /** Compressed more than twice over. */
  GCS_NESTED_TOO_DEEP: { retryable: false },
  /** Decompressed, the object is larger than `maxObjectBytes`. */
  GCS_OBJECT_TOO_LARGE: { retryable: false },
  /** A line is no JSON. */
  GCS_LINE_NOT_JSON: { retryable: false },
  /** A line is JSON and no object. */
  GCS_LINE_NOT_OBJECT: { retryable: false },
  /** A line is longer than `maxLineBytes`. */
  GCS_LINE_TOO_LONG: { retryable: false },
  /** Node-RED cannot copy the event for a second wire: it nests too deep. */
  GCS_LINE_TOO_DEEP: { retryable: false },
  /** The last line of a damaged object, as far as it could be read. */
  GCS_LINE_CUT: { retryable: false },
  /** Test connection: the key works with the other key type. */
  XDR_KEY_TYPE_WRONG: { retryable: false },
} as const;

/** Stable code of an {@link XdrError}. */
export type ErrorCode = keyof typeof CODES;

/** Facts of an {@link XdrError} that are safe to show: no secret, header or body ever belongs here. */
export interface ErrorFacts {
  /** HTTP status of the tenant's answer. */
  readonly status?: number | undefined;
  /** What the other side asked us to wait, milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /**
   * What became of the request: `unsent` = not a byte of it left, `refused` = the tenant answered that it did not
   * take it, `unknown` = it may have been taken although no answer says so.
   */
  readonly outcome?: "unsent" | "refused" | "unknown" | undefined;
  /** The property or field at fault. */
  readonly field?: string | undefined;
}

/**
 * The one error family. `message` says what happened, what was expected and what to do; match on `code`.
 * All facts are own properties, because Node-RED's Catch copies only those.
 */
export class XdrError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly outcome: ErrorFacts["outcome"];
  readonly field: string | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message);
    this.name = "XdrError";
    this.code = code;
    this.retryable = CODES[code].retryable;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.outcome = facts.outcome;
    this.field = facts.field;
  }
}

/** All codes, for the documentation test. */
export const ERROR_CODES = Object.keys(CODES) as readonly ErrorCode[];

/** The system code of anything thrown (`ENOSPC`, `LEVEL_LOCKED`, `UND_ERR_SOCKET`, ...), looking through `cause`. */
export function systemCode(thrown: unknown): string | undefined {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    const inner = error.cause instanceof Error ? systemCode(error.cause) : undefined;
    const code = (error as { code?: unknown }).code;
    if (inner !== undefined) return inner;
    if (typeof code === "string") return code;
  }
  return undefined;
}
