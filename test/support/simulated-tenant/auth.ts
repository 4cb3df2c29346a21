import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { TenantKey } from "./keys";
import type { TenantOptions } from "./options";

/** Who calls, or why we do not know (for the record only: the caller just gets the 401). */
export type AuthResult = { readonly key: TenantKey } | { readonly refused: string };

/**
 * Checks the four headers against the key table. Advanced keys sign
 * `sha256(key + nonce + timestamp)`, lower-case hex; Standard keys are sent as they are, and nonce and timestamp
 * beside them are ignored.
 * @param seen nonces and timestamps used so far; only filled when replays are refused
 */
export function authenticate(
  headers: IncomingHttpHeaders,
  options: Readonly<TenantOptions>,
  seen: Set<string>,
): AuthResult {
  const id = headers["x-xdr-auth-id"];
  const nowMs = options.now() + options.dateSkewMs;
  const key = options.keys.find((candidate) => candidate.id === id);
  if (typeof id !== "string" || id === "") return { refused: "x-xdr-auth-id is missing" };
  if (key === undefined) return { refused: "unknown key id" };
  if (key.revoked === true) return { refused: "the key is revoked" };
  if (key.expiresAtMs !== undefined && nowMs >= key.expiresAtMs) return { refused: "the key is expired" };
  const given = headers.authorization ?? "";
  if (given === "") return { refused: "Authorization is missing" };
  if (key.level === "standard") return sameText(given, key.secret) ? { key } : { refused: "wrong key" };
  return checkSignature(headers, { key, given, nowMs, options, seen });
}

interface SignatureCheck {
  readonly key: TenantKey;
  readonly given: string;
  readonly nowMs: number;
  readonly options: Readonly<TenantOptions>;
  readonly seen: Set<string>;
}

function checkSignature(headers: IncomingHttpHeaders, check: SignatureCheck): AuthResult {
  const nonce = headers["x-xdr-nonce"];
  const timestamp = headers["x-xdr-timestamp"];
  if (typeof nonce !== "string" || nonce === "") return { refused: "x-xdr-nonce is missing" };
  if (check.options.strictNonce && !/^[A-Za-z0-9]{64}$/.test(nonce)) {
    return { refused: "x-xdr-nonce is not 64 letters and digits" };
  }
  if (typeof timestamp !== "string" || !/^[0-9]{13}$/.test(timestamp)) {
    return { refused: "x-xdr-timestamp is not 13 digits" };
  }
  if (Math.abs(Number(timestamp) - check.nowMs) > check.options.clockWindowMs) {
    return { refused: "x-xdr-timestamp is outside the clock window" };
  }
  if (!sameText(check.given, signatureOf(check.key.secret, nonce, timestamp))) return { refused: "wrong signature" };
  if (!check.options.rejectReplays) return { key: check.key };
  const token = `${nonce} ${timestamp}`;
  if (check.seen.has(token)) return { refused: "nonce and timestamp were used before" };
  check.seen.add(token);
  return { key: check.key };
}

/** The digest an Advanced key must send. */
export function signatureOf(secret: string, nonce: string, timestamp: string): string {
  return createHash("sha256")
    .update(secret + nonce + timestamp, "utf8")
    .digest("hex");
}

function sameText(given: string, wanted: string): boolean {
  const a = Buffer.from(given, "utf8");
  const b = Buffer.from(wanted, "utf8");
  return a.length === b.length && timingSafeEqual(a, b);
}
