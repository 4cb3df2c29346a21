/** Takes secrets out of text that came from elsewhere. */
export type Redactor = (text: string) => string;

/** A piece of a secret this long is taken out too: texts may show the start or the end of a key. */
const FRAGMENT_LENGTH = 12;
const MASK = "[redacted]";
/** Our own headers, echoed. */
const ECHOED_HEADER =
  /((?:proxy-)?authorization|x-xdr-(?:auth-id|nonce|timestamp))(["']?\s*[:=]\s*["']?)((?:basic |bearer )?[^\s"',;}<]+)/gi;

/** A redactor for these secrets, in any case of letters, whole or in pieces of twelve characters or more. */
export function createRedactor(secrets: readonly (string | undefined)[]): Redactor {
  const wanted = secrets.filter((secret): secret is string => secret !== undefined && secret.length > 0);
  return (text) => {
    const masked = wanted.reduce(maskSecret, text);
    return masked.replace(ECHOED_HEADER, `$1$2${MASK}`);
  };
}

function maskSecret(text: string, secret: string): string {
  const haystack = text.toLowerCase();
  // Lower-casing may change the length of exotic text; then positions do not match and only whole secrets are masked.
  if (haystack.length !== text.length) return text.replaceAll(secret, MASK);
  const needle = secret.toLowerCase();
  const width = Math.min(FRAGMENT_LENGTH, needle.length);
  const covered = new Set<number>();
  for (let start = 0; start + width <= needle.length; start += 1) {
    const piece = needle.slice(start, start + width);
    for (let at = haystack.indexOf(piece); at !== -1; at = haystack.indexOf(piece, at + 1)) {
      for (let offset = 0; offset < width; offset += 1) covered.add(at + offset);
    }
  }
  if (covered.size === 0) return text;
  let result = "";
  for (let at = 0; at < text.length; at += 1) {
    if (!covered.has(at)) result += text.charAt(at);
    else if (!covered.has(at - 1)) result += MASK;
  }
  return result;
}
