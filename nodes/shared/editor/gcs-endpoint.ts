import { isLoopback } from "../../lib/http/loopback";

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Whether a text may be an account's `apiEndpoint`: the base of an HTTPS address, the scheme may be left out; on this machine
 * a full address, also of HTTP. It follows `apiBaseUrl` of the runtime, which is nothing for browsers.
 */
export function isApiEndpoint(text: string): boolean {
  const hasScheme = SCHEME.test(text);
  const { protocol, hostname, username, password, search, hash } = new URL(hasScheme ? text : `https://${text}`);
  if (hostname === "" || [username, password, search, hash].some((part) => part !== "")) return false;
  if (isLoopback(hostname)) return hasScheme && (protocol === "http:" || protocol === "https:");
  return protocol === "https:";
}

/** Whether a text may be an account's `proxy`. */
export function isProxyUrl(text: string): boolean {
  return /^https?:$/.test(new URL(text).protocol);
}
