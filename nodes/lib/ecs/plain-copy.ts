import { MappingStop } from "./mapping-stop";

/** Deepest record that is mapped. Elasticsearch takes 20 levels unless told otherwise (index.mapping.depth.limit). */
export const MAX_DEPTH = 200;

/** Names that reach a prototype when code further down copies objects name by name. */
const PROTOTYPE_NAMES = new Set(["__proto__", "constructor", "prototype"]);

/**
 * A copy of a value as plain data: what JSON cannot hold becomes what `JSON.stringify` makes of it (big integers their
 * digits), and names of prototypes are left out.
 * @throws MappingStop for a value deeper than {@link MAX_DEPTH}
 */
export function plainCopy(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return scalarOf(value);
  if (depth >= MAX_DEPTH) throw new MappingStop(`The record nests deeper than ${MAX_DEPTH} levels.`);
  if (Array.isArray(value)) return value.map((element) => plainCopy(element, depth + 1) ?? null);
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return plainCopy((value as { toJSON: () => unknown }).toJSON(), depth + 1);
  }
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (PROTOTYPE_NAMES.has(name)) continue;
    const member = plainCopy((value as Record<string, unknown>)[name], depth + 1);
    if (member !== undefined) copy[name] = member;
  }
  return copy;
}

function scalarOf(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}
