import { isLoopback } from "../http/loopback";

/** A URL, or undefined when the text is none. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Whether what is sent there stays between the two sides: https, or http on this machine. */
export function isPrivateUrl(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}
