/** Longest piece of foreign text in a message, characters. */
const MAX_SHOWN = 200;

/** Foreign text made fit for a log line: control and invisible direction characters escaped, at most 200 characters, in quotes. */
export function shown(text: string, maxLength = MAX_SHOWN): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;

  const escaped = cut.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (char) =>
    char === "\n" ? "\\n" : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}
