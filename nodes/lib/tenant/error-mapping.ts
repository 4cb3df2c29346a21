import { XdrError, type ErrorCode } from "../errors";
import { CLOCK_SKEW_LIMIT_MS, describeClockSkew } from "../http/clock-skew";
import { readErrorWords } from "./error-envelope";
import type { Redactor } from "../http/redactor";
import { shown } from "../shown";

/** A complete answer that is no success. */
export interface FailedAnswer {
  readonly status: number;
  /** The inflated body. */
  readonly text: string;
  /** What it asks us to wait, milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** What a message may tell of the call. */
export interface CallContext {
  /** Host of the tenant, for display. */
  readonly host: string;
  /** Path below `/public_api/`. */
  readonly path: string;
  readonly keyType: "advanced" | "standard";
  /** Takes our secrets out of the tenant's words. */
  readonly redact: Redactor;
  /** The tenant's clock minus the one the request was signed with, milliseconds. */
  readonly clockSkewMs: number | undefined;
}

/** The live service answers 500 with such a text when the alert budget is spent. Source: live tenants. */
const RATE_LIMIT_WORDS = /rate[\s_-]?limit|too many requests/i;
/** Statuses by which the tenant refuses this very request; their text may echo the request, so it decides nothing. */
const REJECTED = new Set([400, 413, 422]);
/** A gateway answered for a tenant that may have taken the request. */
const GATEWAY = new Set([502, 504]);

/** Permission that a call needs, by the start of its path. Source: Cortex XDR REST API, the page of each call. */
const PERMISSIONS: readonly (readonly [prefix: RegExp, permission: string])[] = [
  [/^v\d\/alerts\/insert_/, '"External Issues Mapping"'],
  [/^v\d\/(?:alerts|incidents)\//, "to view alerts and incidents"],
  [/^v\d\/endpoints\//, "to view endpoints (Endpoint Administration)"],
];
const ANY_PERMISSION = 'for this call; inserting alerts needs "External Issues Mapping"';

/** The permission that the call of `path` needs, in words that complete "the permission ...". */
export function permissionFor(path: string): string {
  return PERMISSIONS.find(([prefix]) => prefix.test(path))?.[1] ?? ANY_PERMISSION;
}

/** Licence that a call needs. Source: Cortex XDR REST API, the page of each call. */
const LICENCES: readonly (readonly [prefix: RegExp, licence: string])[] = [
  [/^v\d\/alerts\/insert_/, "Cortex XDR Pro"],
  [/^v\d\/endpoints\//, "Cortex XDR Prevent or Pro per Endpoint"],
];

function licenceFor(path: string): string {
  return LICENCES.find(([prefix]) => prefix.test(path))?.[1] ?? "Cortex XDR Prevent or Pro";
}

/** The error of an answer with a status outside 200-299, or of a 200 that carries an error envelope. */
export function answerError(answer: FailedAnswer, context: CallContext): XdrError {
  const { words } = readErrorWords(answer.text);
  const code = codeOf(answer.status, words, context);
  const facts = {
    status: answer.status,
    retryAfterMs: answer.retryAfterMs,
    outcome: isInDoubt(answer.status, code) ? ("unknown" as const) : ("refused" as const),
  };
  return new XdrError(code, sentence(code, answer.status, context) + tenantSays(words, context.redact), facts);
}

function codeOf(status: number, words: string, context: CallContext): ErrorCode {
  if (status >= 300 && status < 400) return "XDR_REDIRECTED";
  if (status === 401) return isClockOff(context) ? "XDR_CLOCK_SKEW" : "XDR_UNAUTHORIZED";
  if (status === 402) return "XDR_LICENCE_MISSING";
  if (status === 407) return "XDR_PROXY_FAILED";
  if (REJECTED.has(status)) return "XDR_REJECTED";
  if (status === 429 || RATE_LIMIT_WORDS.test(words)) return "XDR_RATE_LIMITED";
  if (status === 403) return "XDR_FORBIDDEN";
  if (status === 404) return "XDR_NOT_FOUND";
  return "XDR_SERVER_ERROR";
}

function isClockOff(context: CallContext): boolean {
  return context.keyType === "advanced" && Math.abs(context.clockSkewMs ?? 0) >= CLOCK_SKEW_LIMIT_MS;
}

/** Rate-limit answers count as in doubt: nothing says whether a part was taken or counted before the limit struck. */
function isInDoubt(status: number, code: ErrorCode): boolean {
  return code === "XDR_RATE_LIMITED" || GATEWAY.has(status);
}

function sentence(code: ErrorCode, status: number, context: CallContext): string {
  const { host } = context;
  switch (code) {
    case "XDR_REDIRECTED":
      return `${host} answered ${status}, a redirect, which is never followed: use the API host (it starts with "api-"), not the console's.`;
    case "XDR_CLOCK_SKEW":
      return `${host} refused the signature (401) and ${describeClockSkew(context.clockSkewMs ?? 0)}: set the clock; if it is right, check the API key, its ID and its type.`;
    case "XDR_UNAUTHORIZED":
      return `${host} refused the API key (401): check the key, its ID, its expiry and its type (this node uses ${context.keyType}).`;
    case "XDR_LICENCE_MISSING":
      return `The tenant has no licence for ${context.path} (402): it needs ${licenceFor(context.path)}.`;
    case "XDR_FORBIDDEN":
      return `The API key's role lacks the permission ${permissionFor(context.path)} (403): add it to the key's role.`;
    case "XDR_PROXY_FAILED":
      return `The proxy asks for credentials (${status}): put them into the proxy's URL.`;
    case "XDR_NOT_FOUND":
      return `${host} does not know the object or the call ${context.path} (404).`;
    case "XDR_REJECTED":
      return `The tenant refuses the request ${context.path} (${status}).`;
    case "XDR_RATE_LIMITED":
      return `The tenant's rate limit is reached (${status}): the call is to be repeated later.`;
    default:
      return `${host} failed to serve ${context.path} (${status}).`;
  }
}

/** The tenant's own words: redacted first, then shortened, so that no cut leaves a piece of a secret. */
function tenantSays(words: string, redact: Redactor): string {
  return words === "" ? "" : ` It says: ${shown(redact(words))}.`;
}
