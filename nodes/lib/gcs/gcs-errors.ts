import { XdrError, type ErrorCode } from "../errors";
import type { Redactor } from "../http/redactor";
import { isRecord, parseJson } from "../json";
import { shown } from "../shown";
import { readErrorWords } from "../tenant/error-envelope";

/** What a message may tell of the call. */
export interface GcsCall {
  readonly kind: "list" | "read";
  /** Host of the API, for display. */
  readonly host: string;
  readonly bucket: string;
  /** Of the object, when one is read. */
  readonly name?: string | undefined;
  /** Whether the listing was asked to go on where a page had ended. */
  readonly hasPageToken?: boolean | undefined;
  /** The account's e-mail address, as far as known. */
  readonly clientEmail: string | undefined;
  /** Whether the call carried no token. */
  readonly isAnonymous: boolean;
  /** Takes our token out of the service's words. */
  readonly redact: Redactor;
}

/** A complete answer that is no success. */
export interface GcsRefusal {
  readonly status: number;
  /** The inflated body, as far as it was read. */
  readonly text: string;
  /** What it asks us to wait, milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** 403 with one of these is a limit, not a right. Source: Cloud Storage JSON API, "HTTP status and error codes". */
const RATE_REASONS = new Set(["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"]);
/** A page for people: no API wrote that. */
const HTML = /^\s*(?:<!doctype html|<html)/i;

/** The error of an answer that is not what was asked for. */
export function gcsAnswerError({ status, text, retryAfterMs }: GcsRefusal, call: GcsCall): XdrError {
  const code = codeOf(status, text, call);
  const { words } = readErrorWords(text);
  const says = words === "" ? "" : ` It says: ${shown(call.redact(words))}.`;
  return new XdrError(code, sentence(code, status, call) + says, { status, retryAfterMs });
}

function codeOf(status: number, text: string, call: GcsCall): ErrorCode {
  const isList = call.kind === "list";
  if (status < 300) return "XDR_RESPONSE_INVALID";
  if (status < 400) return "XDR_REDIRECTED";
  if (status === 400) return isList && call.hasPageToken === true ? "GCS_PAGE_TOKEN_REJECTED" : "XDR_REJECTED";
  if (status === 401) return "GCS_UNAUTHORIZED";
  if (status === 407) return "XDR_PROXY_FAILED";
  if (status === 429 || (status === 403 && isRateLimit(text))) return "XDR_RATE_LIMITED";
  if (status === 403) return isList ? "GCS_LIST_FORBIDDEN" : "GCS_READ_FORBIDDEN";
  if (status === 404) {
    // An object that is gone is never looked at again: a portal in between must not decide that.
    if (HTML.test(text)) return "XDR_RESPONSE_INVALID";
    return isList ? "GCS_BUCKET_NOT_FOUND" : "GCS_OBJECT_GONE";
  }
  return status === 408 || status >= 500 ? "XDR_SERVER_ERROR" : "XDR_REJECTED";
}

/** Looks at `error.errors[].reason` and at the newer `error.status`. Source: Cloud Storage JSON API, error responses. */
function isRateLimit(text: string): boolean {
  const body = parseJson(text);
  const error = isRecord(body) ? body["error"] : undefined;
  if (!isRecord(error)) return false;
  const entries = Array.isArray(error["errors"]) ? (error["errors"] as unknown[]) : [];
  const reasons = entries.map((entry) => (isRecord(entry) ? entry["reason"] : undefined));
  return (
    error["status"] === "RESOURCE_EXHAUSTED" ||
    reasons.some((reason) => typeof reason === "string" && RATE_REASONS.has(reason))
  );
}

function sentence(code: ErrorCode, status: number, call: GcsCall): string {
  const { host } = call;
  const bucket = shown(call.bucket);
  switch (code) {
    case "XDR_REDIRECTED":
      return `${host} answered ${status}, a redirect, which is never followed: check "apiEndpoint".`;
    case "GCS_PAGE_TOKEN_REJECTED":
      return `${host} does not go on with the listing of the bucket ${bucket} (${status}): its page token is too old.`;
    case "GCS_UNAUTHORIZED":
      return call.isAnonymous
        ? `${host} asks for a key (${status}), and the account has none: enter a service account key.`
        : `${host} refuses ${who(call)} although its token is new (${status}): check that "apiEndpoint" belongs to the key.`;
    case "XDR_PROXY_FAILED":
      return `The proxy asks for credentials (${status}): put them into the proxy's URL.`;
    case "XDR_RATE_LIMITED":
      return `The rate limit of ${host} is reached (${status}): the call is to be repeated later.`;
    case "GCS_LIST_FORBIDDEN":
      return `${subject(call)} may not list the bucket ${bucket} (${status}): check its name, and that the account has the permission storage.objects.list.`;
    case "GCS_READ_FORBIDDEN":
      return `${subject(call)} may not read objects of the bucket ${bucket} (${status}): give the account the permission storage.objects.get.`;
    case "GCS_BUCKET_NOT_FOUND":
      return `There is no bucket ${bucket} at ${host} (${status}): check its name, and that event forwarding is still on.`;
    case "GCS_OBJECT_GONE":
      return `This version of the object ${shown(call.name ?? "")} is not in the bucket ${bucket} any more (${status}).`;
    case "XDR_RESPONSE_INVALID":
      return `What answers at ${host} is no Cloud Storage (${status}): check "apiEndpoint", and that no portal is in between.`;
    case "XDR_REJECTED":
      return `${host} refuses to ${call.kind === "list" ? "list" : "read from"} the bucket ${bucket} (${status}).`;
    default:
      return `${host} failed to ${call.kind === "list" ? "list" : "read from"} the bucket ${bucket} (${status}).`;
  }
}

function who({ clientEmail }: GcsCall): string {
  return clientEmail === undefined ? "the account" : `the account ${clientEmail}`;
}

function subject(call: GcsCall): string {
  return call.isAnonymous ? "Who calls without a key" : `T${who(call).slice(1)}`;
}
