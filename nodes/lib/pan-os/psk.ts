import { createHash, timingSafeEqual } from "node:crypto";

/**
 * True when an `Authorization` header carries the shared key: as the whole header (as the first relay had it), or as the password of HTTP
 * Basic (as firewalls send it). Both readings are compared in every case, in constant time.
 *
 * @param header the header's value, undefined when there was none
 */
export function isAuthorized(header: string | undefined, psk: string): boolean {
  const wanted = digest(psk);
  const raw = timingSafeEqual(digest(header?.trim() ?? ""), wanted);
  const password = timingSafeEqual(digest(basicPassword(header) ?? ""), wanted);
  return header !== undefined && psk !== "" && (raw || password);
}

/** Hashes make both sides equally long, which the comparison needs, and hide the key's length. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}

/** Password of a Basic header. Source: RFC 7617, section 2: user and password part at the first colon. */
function basicPassword(header: string | undefined): string | undefined {
  const match = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const pair = Buffer.from(match[1] ?? "", "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon < 0 ? undefined : pair.slice(colon + 1);
}
