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

/** The same nodes, with all files of theirs below a folder instead of Node-RED's working directory. */
export function withFilesIn(folder: string, nodes: readonly ExampleNode[]): ExampleNode[] {
  const moved = (value: unknown): unknown => (/\.\w+$/.test(String(value)) ? join(folder, String(value)) : value);
  return nodes.map((node) => {
    if (node.type === "file") return { ...node, filename: moved(node["filename"]) };
    if (node.type !== "tab") return node;
    const env = node["env"] as readonly { value: unknown }[];
    return { ...node, env: env.map((variable) => ({ ...variable, value: moved(variable.value) })) };
  });
}

/** The same nodes, with another Cloud Storage. */
export function withApiEndpoint(apiEndpoint: string, nodes: readonly ExampleNode[]): ExampleNode[] {
  return nodes.map((node) => (node.type === "cortex-xdr-gcs-account" ? { ...node, apiEndpoint } : node));
}
