import { MappingStop } from "./mapping-stop";

/** Deepest record that is mapped. Elasticsearch takes 20 levels unless told otherwise (index.mapping.depth.limit). */
export const MAX_DEPTH = 200;

/** Names that reach a prototype when code further down copies objects name by name. */
const PROTOTYPE_NAMES = new Set(["__proto__", "constructor", "prototype"]);

/**
 * A copy of a value as plain data: what JSON cannot hold becomes what `JSON.stringify` makes of it (big integers their
 * digits), and names of prototypes are left out. `withoutEmpties` leaves out what is empty, too (see there).
 * @returns undefined when nothing is left of it
 * @throws MappingStop for a value deeper than {@link MAX_DEPTH}
 */
export function plainCopy(value: unknown, withoutEmpties = false, depth = 0): unknown {
  if (typeof value !== "object" || value === null) {
    const scalar = scalarOf(value);
    return withoutEmpties && (scalar === null || scalar === "") ? undefined : scalar;
  }
  if (depth >= MAX_DEPTH) throw new MappingStop(`The record nests deeper than ${MAX_DEPTH} levels.`);
  if (Array.isArray(value)) return listCopy(value, withoutEmpties, depth + 1);
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return plainCopy((value as { toJSON: () => unknown }).toJSON(), withoutEmpties, depth + 1);
  }
  const copy: Record<string, unknown> = {};
  let isEmpty = true;
  for (const name of Object.keys(value)) {
    const member = plainCopy((value as Record<string, unknown>)[name], withoutEmpties, depth + 1);
    if (member === undefined || PROTOTYPE_NAMES.has(name)) continue;
    copy[name] = member;
    isEmpty = false;
  }
  return withoutEmpties && isEmpty ? undefined : copy;
}

function listCopy(list: readonly unknown[], withoutEmpties: boolean, depth: number): unknown[] | undefined {
  const copy: unknown[] = [];
  for (const element of list) {
    const copied = plainCopy(element, withoutEmpties, depth);
    if (copied !== undefined) copy.push(copied);
    else if (!withoutEmpties) copy.push(null);
  }
  return withoutEmpties && copy.length === 0 ? undefined : copy;
}

function scalarOf(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}
