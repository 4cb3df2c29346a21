/** A single value as text, as it stands in lists of texts. Numbers, flags and objects have the one of JSON. */
export function textForm(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

/** The elements of a list; a single value is a list of one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value];
}
