/** A threat's name and id. */
export interface Threat {
  readonly name: string | undefined;
  readonly id: string | undefined;
}

/**
 * Takes `Name(12345)` apart. The last group of digits is the id, since names hold parentheses of their own: `Windows Executable
 * (EXE)(52020)`. A name that is nothing but the id (`27379(27379)`) is none.
 */
export function parseThreat(text: string | undefined): Threat {
  if (text === undefined) return { name: undefined, id: undefined };
  const open = text.endsWith(")") ? text.lastIndexOf("(") : -1;
  const digits = open < 0 ? "" : text.slice(open + 1, -1);
  if (open < 0 || !isDigits(digits))
    return isDigits(text) ? { name: undefined, id: text } : { name: text, id: undefined };
  const name = text.slice(0, open).trim();
  return { name: name === "" || isDigits(name) ? undefined : name, id: digits };
}

function isDigits(text: string): boolean {
  return text.length > 0 && text.length <= 20 && /^\d+$/.test(text);
}
