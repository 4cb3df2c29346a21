/** Control characters that a JSON parser makes of a backslash and a letter. */
const BACK: Readonly<Record<string, string>> = { "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Undoes JSON's reading of a backslash that was never meant as an escape: the firewall pastes `CORP\nina` as it is, and
 * strict JSON sees a line break. A control character in a strict JSON string can only come from an escape, so the way back is exact.
 */
export function withBackslashes(value: string): string {
  if (!hasEscapeControl(value)) return value;
  return value.replace(/[\b\f\n\r\t]/g, (char) => BACK[char] ?? char);
}

function hasEscapeControl(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 14 && code > 7 && code !== 11) return true;
  }
  return false;
}

/**
 * Reads the inside of a JSON string that may or may not have been escaped: escapes are taken as such only when all of them are valid
 * and none yields a control character, as every unescaped Windows path would.
 */
export function unescapedOrRaw(raw: string): string {
  if (!raw.includes("\\")) return raw;
  try {
    const value: unknown = JSON.parse(`"${raw}"`);
    if (typeof value === "string" && !hasEscapeControl(value)) return value;
  } catch {
    // Not escaped: the raw text is the value.
  }
  return raw;
}
