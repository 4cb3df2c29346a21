/** `text` with lone halves of surrogate pairs replaced: they cannot be sent as UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** At most `max` code points of `text`; when it is cut, the last one is an ellipsis. */
export function cutCodePoints(text: string, max: number): string {
  if (text.length <= max) return text;
  const surplus = codePointCount(text) > max;
  return surplus ? `${firstCodePoints(text, max - 1)}…` : text;
}

/** Code points of `text`: an emoji is one. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at += 1) {
    if (isHighSurrogate(text, at) && at + 1 < text.length) {
      count -= 1;
      at += 1;
    }
  }
  return count;
}

function firstCodePoints(text: string, count: number): string {
  let at = 0;
  for (let left = count; left > 0 && at < text.length; left -= 1) at += isHighSurrogate(text, at) ? 2 : 1;
  return text.slice(0, at);
}

function isHighSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code <= 0xdbff;
}
