import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** An address in the form XDR wants. */
export interface Address {
  readonly family: 4 | 6;
  readonly text: string;
}

/**
 * The IP address in a firewall's text: brackets, a zone id, `:port` and a whole-host prefix length are taken off, IPv4-mapped IPv6
 * becomes IPv4, and IPv6 gets its canonical short form (RFC 5952).
 *
 * @returns undefined for a host name, a network or anything else
 */
export function parseAddress(raw: string | undefined): Address | undefined {
  if (raw === undefined) return undefined;
  if (isDottedQuad(raw)) return { family: 4, text: raw };
  return raw.length > 80 ? undefined : parseOddAddress(raw.trim());
}

function parseOddAddress(raw: string): Address | undefined {
  let text = raw;
  if (text.startsWith("[")) {
    const close = text.indexOf("]");
    if (close < 0) return undefined;
    text = text.slice(1, close);
  }
  const percent = text.indexOf("%");
  if (percent > 0) text = text.slice(0, percent);
  if (text.endsWith("/32") && text.includes(".")) text = text.slice(0, -3);
  else if (text.endsWith("/128")) text = text.slice(0, -4);
  if (isIPv6(text)) return addressV6(text);
  const colon = text.indexOf(":");
  if (colon > 0 && /^\d{1,5}$/.test(text.slice(colon + 1))) text = text.slice(0, colon);
  return isIPv4(text) ? { family: 4, text } : undefined;
}

function addressV6(text: string): Address {
  const canonical = new SocketAddress({ address: text, family: "ipv6" }).address;
  const mapped = canonical.startsWith("::ffff:") ? canonical.slice(7) : "";
  return isIPv4(mapped) ? { family: 4, text: mapped } : { family: 6, text: canonical };
}

/** Four decimal numbers up to 255, none with a leading zero. */
function isDottedQuad(text: string): boolean {
  if (text.length > 15) return false;
  let dots = 0;
  let value = -1;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9 && value !== 0) value = value < 0 ? digit : value * 10 + digit;
    else if (digit === -2 && value >= 0) {
      dots += 1;
      value = -1;
    } else return false;
    if (value > 255) return false;
  }
  return dots === 3 && value >= 0;
}
