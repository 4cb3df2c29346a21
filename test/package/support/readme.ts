import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export const README = readFileSync(resolve(__dirname, "../../../README.md"), "utf8");

/** The part below a heading, down to the next one of the same or a higher level. */
export function section(title: string): string {
  const start = new RegExp(`^(#+) ${title}$`, "m").exec(README);
  assert.ok(start !== null, `README has a heading "${title}"`);
  const rest = README.slice(start.index + start[0].length);
  const end = new RegExp(`^#{1,${start[1]?.length ?? 1}} `, "m").exec(rest);
  return end === null ? rest : rest.slice(0, end.index);
}

/** Rows of all tables in a text, header rows included; a row whose first cell is a name in code. */
export function rows(text: string): Map<string, readonly string[]> {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  const cells = lines.map((line) => line.split("|").slice(1, -1));
  const named = cells.map((row) => row.map((cell) => cell.trim()));
  return new Map(
    named.flatMap((row) => (/^`[^`]+`$/.test(row[0] ?? "") ? [[row[0]!.slice(1, -1), row] as const] : [])),
  );
}
