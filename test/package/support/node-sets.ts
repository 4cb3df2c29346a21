import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

const ROOT = resolve(__dirname, "../../..");
const read = (...parts: string[]): string => readFileSync(join(ROOT, ...parts), "utf8");

interface Manifest {
  readonly name: string;
  readonly "node-red": { readonly nodes: Readonly<Record<string, string>> };
}
export const MANIFEST = JSON.parse(read("package.json")) as Manifest;

/** Names of our node sets; each holds one node type of the same name. */
export const NODE_SETS: readonly string[] = Object.keys(MANIFEST["node-red"].nodes);

/** Nested texts of a catalogue. */
export interface Catalogue {
  readonly [key: string]: string | Catalogue;
}

export const dialogOf = (name: string): string => read("nodes", `${name}.html`);
export const builtHtmlOf = (name: string): string => read("dist", "nodes", `${name}.html`);
export const helpOf = (name: string): string => read("nodes", "locales", "en-US", `${name}.html`);
export const catalogueOf = (name: string): Catalogue =>
  JSON.parse(read("nodes", "locales", "en-US", `${name}.json`)) as Catalogue;

/** The text of a catalogue's key; undefined when there is none. */
export function textOf(catalogue: Catalogue, key: string): string | undefined {
  let found: string | Catalogue | undefined = catalogue;
  for (const part of key.split(".")) found = typeof found === "object" ? found[part] : undefined;
  return typeof found === "string" ? found : undefined;
}

/** Keys that a dialog's `data-i18n` attributes name. */
export function keysInHtml(html: string): string[] {
  const attributes = [...html.matchAll(/data-i18n="([^"]*)"/g)].map((match) => match[1] ?? "");
  return attributes.flatMap((value) => value.split(";").map((part) => part.replace(/^\[[^\]]*\]/, "")));
}

/** A property of `defaults` or `credentials`, as far as it is literal. */
export interface PropertyShape {
  readonly name: string;
  readonly members: ReadonlyMap<string, ts.Expression>;
}

/** What a static reader finds in the `registerType` call. */
export interface DefinitionShape {
  readonly type: string;
  readonly members: ReadonlyMap<string, ts.Node>;
  readonly defaults: readonly PropertyShape[];
  readonly credentials: readonly PropertyShape[];
}

/** The script of a built HTML file, parsed as the Flow Library does: never run. */
export function scriptOf(name: string): ts.SourceFile {
  const match = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(builtHtmlOf(name));
  if (match?.[1] === undefined) throw new Error(`${name}.html has no script of type text/javascript`);
  return ts.createSourceFile(`${name}.js`, match[1], ts.ScriptTarget.ES2020, true, ts.ScriptKind.JS);
}

/** All nodes of a syntax tree. */
export function descendants(node: ts.Node): ts.Node[] {
  return [node, ...node.getChildren().flatMap(descendants)];
}

/** @throws when anything in it is not literal: then the library would list no node types. */
export function definitionOf(name: string): DefinitionShape {
  const calls = descendants(scriptOf(name))
    .filter(ts.isCallExpression)
    .filter((call) => call.expression.getText() === "RED.nodes.registerType");
  const [type, definition] = calls[0]?.arguments ?? [];
  if (calls.length !== 1 || type === undefined || !ts.isStringLiteral(type)) {
    throw new Error(`${name}: one registerType call with a literal type is expected`);
  }
  const members = literalMembers(definition);
  return {
    type: type.text,
    members,
    defaults: properties(members.get("defaults")),
    credentials: members.has("credentials") ? properties(members.get("credentials")) : [],
  };
}

function properties(node: ts.Node | undefined): PropertyShape[] {
  return [...literalMembers(node)].map(([name, value]) => ({
    name,
    members: literalMembers(value) as Map<string, ts.Expression>,
  }));
}

function literalMembers(node: ts.Node | undefined): Map<string, ts.Node> {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) throw new Error("an inline object is expected");
  return new Map(
    node.properties.map((property) => {
      const name = property.name;
      if (name === undefined || ts.isSpreadAssignment(property)) throw new Error("a spread is not allowed");
      if (!ts.isIdentifier(name) && !ts.isStringLiteral(name)) throw new Error("a computed key is not allowed");
      return [name.text, ts.isPropertyAssignment(property) ? property.initializer : property];
    }),
  );
}

/** The value of a literal of text, number or boolean; undefined for anything else. */
export function literalValue(node: ts.Node | undefined): string | number | boolean | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteral(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  return undefined;
}

/** The default of a property: as {@link literalValue}, or an empty array. */
export function defaultValue({ members }: PropertyShape): string | number | boolean | readonly [] | undefined {
  const value = members.get("value");
  const isEmptyArray = value !== undefined && ts.isArrayLiteralExpression(value) && value.elements.length === 0;
  return isEmptyArray ? [] : literalValue(value);
}
