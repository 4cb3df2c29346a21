import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const FOLDER = resolve(__dirname, "../../../examples");

/** A node of an exported flow. */
export interface ExampleNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly wires?: readonly (readonly string[])[];
  readonly [property: string]: unknown;
}

export interface Example {
  readonly file: string;
  readonly text: string;
  readonly nodes: readonly ExampleNode[];
}

/** All examples, in the order of the import menu. */
export function examples(): Example[] {
  const files = readdirSync(FOLDER, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => {
    const text = readFileSync(join(FOLDER, file), "utf8");
    return { file, text, nodes: JSON.parse(text) as ExampleNode[] };
  });
}
