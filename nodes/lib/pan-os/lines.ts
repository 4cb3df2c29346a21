import { newFields, type DecodedRecord } from "./record";
import { variableOf } from "./variables";

/** First line of the line format. */
export const LINES_MAGIC = "PANXDR/2";

/**
 * Reads the line format: after the magic word one `key=value` a line, `misc` last with all the rest of the body. Only known keys
 * count, the first of two wins, and a line without a known key continues the value above it: so nothing that an outsider
 * can put into a late value changes an earlier one.
 */
export function decodeLines(text: string): DecodedRecord {
  const fields = newFields();
  const warnings: string[] = [];
  let current: string | undefined;
  let position = nextLine(text, 0);
  while (position < text.length) {
    const end = lineEnd(text, position);
    const line = text.slice(position, end);
    const equals = line.indexOf("=");
    const name = equals > 0 ? variableOf(line.slice(0, equals).trim()) : undefined;
    if (name !== undefined && name in fields) {
      warnings.push(`The key "${name}" occurs twice: the first value was kept.`);
      current = undefined;
    } else if (name === "misc") {
      fields[name] = text.slice(position + equals + 1);
      break;
    } else if (name !== undefined) {
      fields[name] = line.slice(equals + 1);
      current = name;
    } else if (current !== undefined) {
      fields[current] = `${fields[current] ?? ""}\n${line}`;
    }
    position = nextLine(text, end);
  }
  return { format: "lines", fields, repairs: [], warnings: warnings.slice(0, 20) };
}

function lineEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) return at;
  }
  return text.length;
}

function nextLine(text: string, start: number): number {
  const end = lineEnd(text, start);
  return text.startsWith("\r\n", end) ? end + 2 : end + 1;
}
