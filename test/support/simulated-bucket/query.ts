import { badParameter, type Refusal } from "./answers";

/** The parameters of a request, each at most once. */
export type Query = ReadonlyMap<string, string>;

/** Parameters that every call takes. Source: Cloud Storage documentation, "Query parameters" (JSON API). */
const COMMON = ["alt", "fields", "key", "prettyPrint", "quotaUser", "userIp", "userProject"];

/** Refuses parameters that the call does not know, and ones given twice. */
export function checkQuery(given: URLSearchParams, known: readonly string[]): Query | Refusal {
  const query = new Map<string, string>();
  for (const [name, value] of given) {
    if (!known.includes(name) && !COMMON.includes(name)) {
      return badParameter(name, `Unknown parameter: '${name}'`);
    }
    if (query.has(name)) return badParameter(name, `Parameter given more than once: '${name}'`);
    query.set(name, value);
  }
  return query;
}

/** Digits only, at most `max`; undefined when not given. */
export function digits(query: Query, name: string, max: bigint = 2n ** 63n - 1n): bigint | undefined | Refusal {
  const text = query.get(name);
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,20}$/.test(text) || BigInt(text) > max)
    return badParameter(name, `Invalid value '${text}' for '${name}'`, "invalid");
  return BigInt(text);
}

/** One of `values`; the first when not given. */
export function oneOf(query: Query, name: string, values: readonly string[]): string | Refusal {
  const text = query.get(name) ?? values[0] ?? "";
  if (values.includes(text)) return text;
  return badParameter(name, `Invalid string value: '${text}'. Allowed values: [${values.join(", ")}]`);
}

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === "object" && value !== null && "reason" in value && "status" in value;
