import { z } from "zod";
import { XdrError } from "../errors";
import { compareNames } from "./name-order";

/** Which parts of a bucket a listing has gone through to its end. */
export interface Coverage {
  /** Prefixes, none the start of another. */
  readonly covered: readonly string[];
  /** A listing under way that marks what it finds as skipped, and the name up to which it has; undefined = none yet. */
  readonly baseline: { readonly prefix: string; readonly after: string | undefined } | undefined;
}

/** Nothing was listed yet. */
export const NO_COVERAGE: Coverage = { covered: [], baseline: undefined };

const schema = z.object({
  covered: z.array(z.string()),
  baseline: z.object({ prefix: z.string(), after: z.string().optional() }).optional(),
});

/** Whether a name, or all names with a prefix, were listed. */
export function isCovered({ covered }: Coverage, nameOrPrefix: string): boolean {
  return covered.some((prefix) => nameOrPrefix.startsWith(prefix));
}

/** The coverage after a listing of `prefix` has come to its end. */
export function withCovered({ covered, baseline }: Coverage, prefix: string): Coverage {
  const others = covered.filter((each) => !each.startsWith(prefix));
  const isOver = baseline?.prefix.startsWith(prefix) === true;
  return { covered: [...others, prefix].sort(compareNames), baseline: isOver ? undefined : baseline };
}

export function encodeCoverage(coverage: Coverage): string {
  return JSON.stringify(coverage);
}

/** @throws XdrError `STORE_DAMAGED` when the text is no coverage */
export function decodeCoverage(text: string): Coverage {
  try {
    const { covered, baseline } = schema.parse(JSON.parse(text));
    return { covered, baseline: baseline && { prefix: baseline.prefix, after: baseline.after } };
  } catch {
    throw new XdrError("STORE_DAMAGED", "What the store knows of earlier listings cannot be read.");
  }
}
