import { z } from "zod";

// Properties of nodes as Node-RED hands them over: numbers may be text, and what is empty takes its default.

/** Empty text and null mean that nothing was entered. */
const filled = (value: unknown): unknown =>
  value === null || (typeof value === "string" && value.trim() === "") ? undefined : value;

/** A number from `min` to `max`, as one or as text. */
export const range = (min: number, max: number, fallback: number): z.ZodType<number> =>
  z.preprocess(
    (value) => (filled(value) === undefined ? fallback : Number(value)),
    z
      .number(`must be a number from ${min} to ${max}`)
      .min(min, `must be at least ${min}`)
      .max(max, `must be at most ${max}`),
  );

/** One of these texts. */
export const choice = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z.preprocess((value) => filled(value) ?? fallback, z.enum(values, `must be one of ${values.join(", ")}`));

const FLAGS: ReadonlyMap<unknown, boolean> = new Map([
  ["true", true],
  ["false", false],
  ["", false],
]);

/** True or false, also as text. */
export const flag = z.preprocess(
  (value) => (typeof value === "string" ? FLAGS.get(value.trim().toLowerCase()) : (value ?? false)),
  z.boolean("must be true or false"),
);
