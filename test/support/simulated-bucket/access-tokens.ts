import { randomBytes } from "node:crypto";
import type { Refusal } from "./answers";

const REALM = 'Bearer realm="https://accounts.google.com/"';
const AUTHORIZATION = { location: "Authorization", locationType: "header" } as const;
const HEADER = "Bearer ";

/** Scopes that allow reading objects. Source: Cloud Storage documentation, "OAuth 2.0 scopes". */
const READING_SCOPES = [
  "https://www.googleapis.com/auth/devstorage.read_only",
  "https://www.googleapis.com/auth/devstorage.read_write",
  "https://www.googleapis.com/auth/devstorage.full_control",
  "https://www.googleapis.com/auth/cloud-platform",
  "https://www.googleapis.com/auth/cloud-platform.read-only",
];

interface Issued {
  readonly expiresAtMs: number;
  readonly scopes: readonly string[];
}

/** The access tokens that are out. They outlive the key that they were issued for, as the real ones do. */
export class AccessTokens {
  readonly #issued = new Map<string, Issued>();

  issue(scopes: readonly string[], expiresAtMs: number): string {
    const token = `ya29.c.${randomBytes(96).toString("base64url")}`;
    this.#issued.set(token, { scopes, expiresAtMs });
    return token;
  }

  /** None of those issued so far is good any more. */
  expireAll(): void {
    this.#issued.clear();
  }

  /**
   * Undefined when the caller may read objects, as far as its token goes.
   * @param permission what the call needs, for the text
   */
  refusal(
    header: string | undefined,
    nowMs: number,
    isAnonymousAllowed: boolean,
    permission: string,
  ): Refusal | undefined {
    if (header === undefined) return isAnonymousAllowed ? undefined : anonymousRefusal(permission);
    const isBearer = header.slice(0, HEADER.length).toLowerCase() === HEADER.toLowerCase();
    const issued = isBearer ? this.#issued.get(header.slice(HEADER.length)) : undefined;
    if (issued === undefined || issued.expiresAtMs <= nowMs) {
      return {
        status: 401,
        reason: "authError",
        message: "Invalid Credentials",
        at: AUTHORIZATION,
        headers: { "WWW-Authenticate": `${REALM}, error="invalid_token"` },
      };
    }
    if (issued.scopes.some((scope) => READING_SCOPES.includes(scope))) return undefined;
    return {
      status: 403,
      reason: "insufficientPermissions",
      message: "Insufficient Permission: Request had insufficient authentication scopes.",
      headers: { "WWW-Authenticate": `${REALM}, error="insufficient_scope"` },
    };
  }
}

function anonymousRefusal(permission: string): Refusal {
  return {
    status: 401,
    reason: "required",
    message:
      `Anonymous caller does not have ${permission} access to the Google Cloud Storage bucket. ` +
      `Permission '${permission}' denied on resource (or it may not exist).`,
    at: AUTHORIZATION,
    headers: { "WWW-Authenticate": REALM },
  };
}
