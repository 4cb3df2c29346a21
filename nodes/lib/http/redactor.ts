/** Takes secrets out of text that came from elsewhere. */
export type Redactor = (text: string) => string;

/** A piece of a secret this long is taken out too: texts may show the start or the end of a key. */
const FRAGMENT_LENGTH = 12;
const MASK = "[redacted]";
/** Our own headers, echoed. */
const ECHOED_HEADER =
  /((?:proxy-)?authorization|x-xdr-(?:auth-id|nonce|timestamp))(["']?\s*[:=]\s*["']?)((?:basic |bearer )?[^\s"',;}<]+)/gi;

/** Pieces of secrets by their length; only secrets that are shorter than a fragment have another one. */
type Pieces = ReadonlyMap<number, ReadonlySet<string>>;

/** A redactor for these secrets, in any case of ASCII letters, whole or in pieces of twelve characters or more. */
export function createRedactor(secrets: readonly (string | undefined)[]): Redactor {
  const wanted = secrets.filter((secret): secret is string => secret !== undefined && secret.length > 0);
  let pieces: Pieces | undefined;
  return (text) => {
    // Most redactors are never used: the pieces are made for the first text.
    pieces ??= piecesOf(wanted);
    return maskPieces(text, pieces).replace(ECHOED_HEADER, `$1$2${MASK}`);
  };
}

/** Other letters stay: the lower case of some is longer, and then positions would not match. */
function fold(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function piecesOf(secrets: readonly string[]): Pieces {
  const pieces = new Map<number, Set<string>>();
  for (const secret of secrets.map(fold)) {
    const width = Math.min(FRAGMENT_LENGTH, secret.length);
    const known = pieces.get(width) ?? new Set();
    for (let start = 0; start + width <= secret.length; start += 1) known.add(secret.slice(start, start + width));
    pieces.set(width, known);
  }
  return pieces;
}

function maskPieces(text: string, pieces: Pieces): string {
  const folded = fold(text);
  const covered = new Uint8Array(text.length);
  for (const [width, known] of pieces) {
    for (let at = 0, end = 0; at + width <= folded.length; at += 1) {
      if (!known.has(folded.slice(at, at + width))) continue;
      // What an overlapping piece has covered is not covered again.
      covered.fill(1, Math.max(at, end), at + width);
      end = at + width;
    }
  }
  if (!covered.includes(1)) return text;
  let result = "";
  for (let at = 0; at < text.length; at += 1) {
    if (covered[at] === 0) result += text.charAt(at);
    else if (covered[at - 1] !== 1) result += MASK;
  }
  return result;
}
