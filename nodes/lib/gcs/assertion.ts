import { sign } from "node:crypto";
import type { ServiceAccountKey } from "./service-account";

/** All that reading needs. Source: Cloud Storage documentation, "Cloud Storage authentication", OAuth scopes. */
export const READ_ONLY_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only";

/** How far back an assertion is dated, seconds: a clock a little ahead is forgiven. */
const BACKDATED_SECONDS = 30;
/** Longest life of an assertion, seconds. Source: Google Identity, "Using OAuth 2.0 for Server to Server Applications". */
const LIFE_SECONDS = 3600;

/**
 * A signed JSON Web Token that is exchanged for an access token. Source: RFC 7523, and Google's page named above.
 * @param nowMs the time on Google's clock as far as known, epoch milliseconds
 */
export function createAssertion(key: ServiceAccountKey, nowMs: number): string {
  const iat = Math.floor(nowMs / 1000) - BACKDATED_SECONDS;
  const kid = key.privateKeyId;
  const head = { alg: "RS256", typ: "JWT", ...(kid === undefined ? {} : { kid }) };
  const claims = { iss: key.clientEmail, scope: READ_ONLY_SCOPE, aud: key.tokenUri, iat, exp: iat + LIFE_SECONDS };
  const signed = `${base64Url(head)}.${base64Url(claims)}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key.privateKey).toString("base64url")}`;
}

function base64Url(value: object): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
}
