/**
 * Takes null, empty texts, arrays and objects out of plain data, at every depth and from the inside out, so that what
 * becomes empty goes, too. 0, false and text of blanks stay.
 * @returns the same value; undefined when nothing is left of it
 */
export function withoutEmpties(value: unknown): unknown {
  if (value === null || value === "") return undefined;
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) {
    let kept = 0;
    for (const element of value as unknown[]) {
      const rest = withoutEmpties(element);
      if (rest !== undefined) value[kept++] = rest;
    }
    value.length = kept;
    return kept === 0 ? undefined : value;
  }
  const object = value as Record<string, unknown>;
  let isEmpty = true;
  for (const name in object) {
    const member = object[name];
    if (withoutEmpties(member) === undefined) Reflect.deleteProperty(object, name);
    else isEmpty = false;
  }
  return isEmpty ? undefined : object;
}
