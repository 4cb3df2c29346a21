import type { Answer } from "./answers";
import { isSignedBy, type ServiceAccountKey } from "./service-account";

/** A POST to the token endpoint. */
export interface TokenRequest {
  readonly contentType: string | undefined;
  readonly body: string;
}

/** What an assertion is checked against. */
export interface TokenRules {
  /** Undefined = the account has none any more. */
  readonly key: ServiceAccountKey | undefined;
  readonly tokenUri: string;
  readonly nowMs: number;
}

/** What a good assertion asks for, or the refusal. */
export type TokenVerdict = { readonly scopes: readonly string[] } | TokenRefusal;

/** Source of the names: RFC 6749, section 5.2. */
export interface TokenRefusal {
  readonly error: string;
  readonly error_description: string;
}

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** Longest life of an assertion, seconds. Source: Google, "Using OAuth 2.0 for server to server applications". */
const MAX_LIFE_SECONDS = 3600;
const SCOPE_PREFIX = "https://www.googleapis.com/auth/";

const refuse = (error: string, description: string): TokenRefusal => ({ error, error_description: description });
const BAD_SIGNATURE = refuse("invalid_grant", "Invalid JWT Signature.");
const BAD_TIME = refuse(
  "invalid_grant",
  "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
    "Check your iat and exp values in the JWT claim.",
);

/** Judges a request for a token (RFC 7523 as Google has it): form, signature, account, audience, scope and times. */
export function judgeTokenRequest(request: TokenRequest, rules: TokenRules): TokenVerdict {
  const mediaType = (request.contentType ?? "").split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/x-www-form-urlencoded") {
    return refuse("invalid_request", "The body must be application/x-www-form-urlencoded.");
  }
  const form = new URLSearchParams(request.body);
  const grantType = form.get("grant_type");
  if (grantType === null) return refuse("invalid_request", "Missing required parameter: grant_type");
  if (grantType !== GRANT_TYPE) return refuse("unsupported_grant_type", `Invalid grant_type: ${grantType}`);
  const assertion = form.get("assertion");
  if (assertion === null) return refuse("invalid_request", "Missing required parameter: assertion");
  return judgeAssertion(assertion, rules);
}

function judgeAssertion(assertion: string, { key, tokenUri, nowMs }: TokenRules): TokenVerdict {
  const [head = "", body = "", signature = "", ...more] = assertion.split(".");
  const [header, claims] = [parsePart(head), parsePart(body)];
  if (header === undefined || claims === undefined || more.length > 0) {
    return refuse("invalid_grant", "Invalid JWT: Failed to parse.");
  }
  if (header["alg"] !== "RS256" || (header["typ"] ?? "JWT") !== "JWT") {
    return refuse("invalid_grant", "Invalid JWT: only RS256 is allowed.");
  }
  if (claims["iss"] !== key?.client_email && key !== undefined) {
    return refuse("invalid_grant", "Invalid grant: account not found");
  }
  if (key === undefined || header["kid"] !== key.private_key_id) return BAD_SIGNATURE;
  if (!isSignedBy(key, `${head}.${body}`, signature)) return BAD_SIGNATURE;
  if (claims["aud"] !== tokenUri) {
    return refuse("invalid_grant", `Invalid JWT: Failed audience check. The right audience is ${tokenUri}`);
  }
  if (!isInTime(claims["iat"], claims["exp"], nowMs)) return BAD_TIME;
  const scope = claims["scope"];
  const scopes = typeof scope === "string" ? scope.split(" ").filter((part) => part !== "") : [];
  if (scopes.length === 0) return refuse("invalid_scope", "Empty or missing scope not allowed.");
  if (!scopes.every((part) => part.startsWith(SCOPE_PREFIX) && part.length > SCOPE_PREFIX.length)) {
    return refuse("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
  }
  return { scopes };
}

function isInTime(issued: unknown, expires: unknown, nowMs: number): boolean {
  if (!Number.isInteger(issued) || !Number.isInteger(expires)) return false;
  const [iat, exp] = [issued as number, expires as number];
  const nowSeconds = nowMs / 1000;
  return iat <= nowSeconds && exp > nowSeconds && exp > iat && exp - iat <= MAX_LIFE_SECONDS;
}

/** Undefined when it is no JSON object in base64url without padding. */
function parsePart(part: string): Record<string, unknown> | undefined {
  const bytes = Buffer.from(part, "base64url");
  if (part === "" || bytes.toString("base64url") !== part) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The token endpoint's own form of an answer. */
export function tokenAnswer(status: number, value: object): Answer {
  const headers = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
    Pragma: "no-cache",
  };
  return { status, headers, body: JSON.stringify(value, null, 2) };
}
