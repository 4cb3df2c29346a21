import { z } from "zod";
import { XdrError, type ErrorCode } from "../errors";
import { bodyText } from "../http/answer-body";
import { header, type Answer } from "../http/exchange";
import type { Redactor } from "../http/redactor";
import { isRecord, parseJson } from "../json";
import { shown } from "../shown";
import { readErrorWords } from "../tenant/error-envelope";

/** An access token as it was given. */
export interface GivenToken {
  readonly token: string;
  readonly lifeMs: number;
}

/** What a message may tell of the exchange. */
export interface TokenContext {
  /** Where the token was asked for, for display. */
  readonly host: string;
  /** Whose token, in words that begin a sentence, e.g. "The key of reader@project.iam.gserviceaccount.com". */
  readonly whose: string;
  readonly redact: Redactor;
  readonly retryAfterMs: number | undefined;
}

/** Largest answer, bytes. Access tokens have at most 2,048. Source: Google Identity, "Using OAuth 2.0 to Access Google APIs". */
export const MAX_TOKEN_ANSWER_BYTES = 65_536;
/** Life of a token whose answer does not say it, seconds: what Google gives. Source: as above. */
const USUAL_LIFE_SECONDS = 3600;

/** OAuth errors that pass by themselves. Source: RFC 6749, section 4.1.2.1, and google-auth-library's list. */
const TRANSIENT_ERRORS = new Set(["server_error", "temporarily_unavailable", "internal_failure"]);
const RATE_ERRORS = new Set(["rate_limit_exceeded", "quota_exceeded"]);

// Source: RFC 6749, section 5.1. Some services send the number as text.
const tokenSchema = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  token_type: z.string().toLowerCase().pipe(z.literal("bearer")).default("bearer"),
  expires_in: z
    .union([
      z.number(),
      z
        .string()
        .trim()
        .regex(/^\d{1,15}$/),
    ])
    .transform(Number)
    .pipe(z.number().nonnegative())
    .default(USUAL_LIFE_SECONDS),
});

/**
 * Reads the answer of a token endpoint.
 * @throws XdrError `GCS_KEY_REJECTED` when it refuses what it was shown; `XDR_RATE_LIMITED`, `XDR_SERVER_ERROR`,
 *   `XDR_REDIRECTED`, `XDR_PROXY_FAILED`, `XDR_RESPONSE_INVALID`
 */
export async function readTokenAnswer(answer: Answer, context: TokenContext): Promise<GivenToken> {
  const body = await bodyText(answer.body, header(answer, "content-encoding"), MAX_TOKEN_ANSWER_BYTES);
  const text = "text" in body ? body.text : "";
  const json = parseJson(text);
  if (answer.status < 200 || answer.status >= 300) throw refusal(answer.status, json, text, context);
  const parsed = tokenSchema.safeParse(json);
  if (parsed.success) return { token: parsed.data.access_token, lifeMs: parsed.data.expires_in * 1000 };
  // The answer may hold a token all the same: nothing of it is shown.
  throw new XdrError(
    "XDR_RESPONSE_INVALID",
    `${context.host} gave no access token: check "token_uri" in the key, and that no portal is in between.`,
    { status: answer.status },
  );
}

function refusal(status: number, json: unknown, text: string, context: TokenContext): XdrError {
  const error = isRecord(json) && typeof json["error"] === "string" ? json["error"] : undefined;
  const described = isRecord(json) && typeof json["error_description"] === "string" ? json["error_description"] : "";
  const code = codeOf(status, error);
  const words =
    error === undefined ? readErrorWords(text).words : [error, described].filter((part) => part !== "").join(": ");
  const says = words === "" ? "" : ` It says: ${shown(context.redact(words))}.`;
  return new XdrError(code, sentence(code, status, context) + says, { status, retryAfterMs: context.retryAfterMs });
}

function codeOf(status: number, error: string | undefined): ErrorCode {
  if (status >= 300 && status < 400) return "XDR_REDIRECTED";
  if (status === 407) return "XDR_PROXY_FAILED";
  if (status === 429 || RATE_ERRORS.has(error ?? "")) return "XDR_RATE_LIMITED";
  if (status === 408 || status >= 500 || TRANSIENT_ERRORS.has(error ?? "")) return "XDR_SERVER_ERROR";
  // Without OAuth's word for it, it is somebody else who refuses: a firewall, a portal, another service.
  const isOauth = error !== undefined && (status === 400 || status === 401 || status === 403);
  return isOauth ? "GCS_KEY_REJECTED" : "XDR_RESPONSE_INVALID";
}

function sentence(code: ErrorCode, status: number, { host, whose }: TokenContext): string {
  switch (code) {
    case "GCS_KEY_REJECTED":
      return `${whose} is refused by ${host} (${status}): it was revoked or replaced, or its account is gone. Enter the present key.`;
    case "XDR_RATE_LIMITED":
      return `${host} gives no more tokens for now (${status}): the call is to be repeated later.`;
    case "XDR_REDIRECTED":
      return `${host} answered ${status}, a redirect, which is never followed: check "token_uri" in the key.`;
    case "XDR_PROXY_FAILED":
      return `The proxy asks for credentials (${status}): put them into the proxy's URL.`;
    case "XDR_RESPONSE_INVALID":
      return `What answers at ${host} is no token endpoint (${status}): check "token_uri" in the key, and that no portal is in between.`;
    default:
      return `${host} failed to give a token (${status}).`;
  }
}
