import { createHash, randomInt } from "node:crypto";
import { XdrError } from "../errors";
import { unsetVariable } from "../env-leftover";

/** Security levels of a tenant's API key. */
export const KEY_TYPES = ["advanced", "standard"] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** What identifies us to the tenant. */
export interface ApiKey {
  readonly keyType: KeyType;
  readonly keyId: string;
  readonly key: string;
}

/** What one attempt is signed with. */
export interface Signature {
  /** Epoch milliseconds by the tenant's clock. */
  readonly timestampMs: number;
  readonly nonce: string;
}

/** Length and alphabet of a nonce. Source: Cortex XDR REST API, "Get Started with APIs". */
const NONCE_LENGTH = 64;
const NONCE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** What Node-RED's editor shows in place of a stored password. */
const PASSWORD_MASK = "__PWRD__";
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** 64 random letters and digits; `pick(n)` gives an unbiased integer in [0, n). */
export function createNonce(pick: (max: number) => number = randomInt): string {
  return Array.from({ length: NONCE_LENGTH }, () => NONCE_ALPHABET.charAt(pick(NONCE_ALPHABET.length))).join("");
}

/**
 * Headers that authorise one attempt. Never reuse them: the tenant refuses signatures that are too old.
 * Advanced keys send the lower-case hex SHA-256 of key + nonce + timestamp instead of the key.
 */
export function authHeaders(apiKey: ApiKey, signature: Signature): Record<string, string> {
  if (apiKey.keyType === "standard") return { authorization: apiKey.key, "x-xdr-auth-id": apiKey.keyId };
  const timestamp = String(Math.trunc(signature.timestampMs));
  const digest = createHash("sha256")
    .update(apiKey.key + signature.nonce + timestamp, "utf8")
    .digest("hex");
  return {
    authorization: digest,
    "x-xdr-auth-id": apiKey.keyId,
    "x-xdr-nonce": signature.nonce,
    "x-xdr-timestamp": timestamp,
  };
}

/**
 * A key and its id, blanks around them removed, fit for a header.
 * @throws XdrError `XDR_CREDENTIALS_MISSING`; the message never contains the value.
 */
export function checkedApiKey(keyType: KeyType, keyId: string | undefined, key: string | undefined): ApiKey {
  return { keyType, keyId: checked(keyId, "keyId", "API key ID"), key: checked(key, "key", "API key") };
}

function checked(value: string | undefined, field: string, name: string): string {
  const text = (value ?? "").trim();
  const unset = unsetVariable(text);
  if (unset !== undefined)
    throw missing(`The ${name} cannot be read: the environment variable ${unset} is not set.`, field);
  if (text === "" || text === PASSWORD_MASK) {
    throw missing(`The ${name} is missing: enter it in the tenant node (the console shows it under API Keys).`, field);
  }
  if (!HEADER_SAFE.test(text)) {
    throw missing(`The ${name} contains blanks, line breaks or characters that no key has: copy it again.`, field);
  }
  return text;
}

function missing(message: string, field: string): XdrError {
  return new XdrError("XDR_CREDENTIALS_MISSING", message, { field, outcome: "unsent" });
}
