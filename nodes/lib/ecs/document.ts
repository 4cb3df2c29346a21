/** A document, or an object inside one. */
export type EcsDocument = Record<string, unknown>;

/** A dotted name, taken apart once. */
export type Path = readonly string[];

export function pathOf(name: string): Path {
  return name.split(".");
}

/** What stands at a path; undefined where a part of the way is missing or no object. */
export function read(root: unknown, path: Path): unknown {
  let value = root;
  for (const name of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as EcsDocument)[name];
  }
  return value;
}

/** {@link read} of one path. Most are a single name, for which there is no way to go. */
export function reader(path: Path): (root: unknown) => unknown {
  const [name = ""] = path;
  if (path.length > 1) return (root) => read(root, path);
  return (root) => (typeof root === "object" && root !== null ? (root as EcsDocument)[name] : undefined);
}

/** Writes at a path and makes the objects on the way. */
export function write(root: EcsDocument, path: Path, value: unknown): void {
  let parent = root;
  const last = path.length - 1;
  for (let depth = 0; depth < last; depth += 1) {
    const name = path[depth] as string;
    const next = parent[name];
    parent = typeof next === "object" && next !== null ? (next as EcsDocument) : (parent[name] = {});
  }
  parent[path[last] as string] = value;
}

/** Removes what stands at a path; the objects on the way stay. */
export function remove(root: EcsDocument, path: Path): void {
  const parent = read(root, path.slice(0, -1));
  // Only the record's own objects have been copied to be changed: nothing else is ever removed from.
  if (typeof parent === "object" && parent !== null) Reflect.deleteProperty(parent, path.at(-1) as string);
}

/** More values than that are not looked for one by one: a list may be long. */
const FEW = 16;

/**
 * Adds values to a field, each unless it is there already. A missing field becomes an array; one that holds a single value
 * becomes an array only when something is added to it.
 */
export function append(root: EcsDocument, path: Path, values: readonly unknown[]): void {
  if (values.length === 0) return;
  const present = read(root, path);
  const isArray = Array.isArray(present);
  const all: unknown[] = isArray ? (present as unknown[]) : present === undefined ? [] : [present];
  const before = all.length;
  if (values.length > FEW) {
    const known = new Set(all);
    for (const value of values) if (known.size < known.add(value).size) all.push(value);
  } else for (const value of values) if (!all.includes(value)) all.push(value);
  if (!isArray && all.length > before) write(root, path, all);
}

/** A field that holds a single value holds a list of it then. */
export function makeList(root: EcsDocument, path: Path): void {
  const present = read(root, path);
  if (present !== undefined && !Array.isArray(present)) write(root, path, [present]);
}
