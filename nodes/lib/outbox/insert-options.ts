import { z } from "zod";
import { XdrError } from "../errors";
import { MAX_ALERTS_PER_UPDATE } from "../tenant/alert-schema";

/** Options of the insert node, parsed once. */
export interface InsertOptions {
  /** Alerts per update, 1-60. @default 60 */
  readonly updateSize: number;
  /** Longest wait for a fuller update, milliseconds. @default 2000 */
  readonly lingerMs: number;
  /** Alerts the outbox may hold for this node. @default 100000 */
  readonly maxQueued: number;
}

const whole = (min: number, max: number, fallback: number): z.ZodType<number> =>
  z.preprocess(
    (value) => (value === undefined || value === null || value === "" ? fallback : Number(value)),
    z
      .int(`must be a whole number from ${min} to ${max}`)
      .min(min, `must be at least ${min}`)
      .max(max, `must be at most ${max}`),
  );

const schema = z.object({
  updateSize: whole(1, MAX_ALERTS_PER_UPDATE, MAX_ALERTS_PER_UPDATE),
  lingerMs: whole(0, 3_600_000, 2000),
  maxQueued: whole(1, 10_000_000, 100_000),
});

/** Numbers may be text, as an editor's input or an `${ENV}` gives them. @throws XdrError `XDR_CONFIG_INVALID` naming the property */
export function parseInsertOptions(config: object): InsertOptions {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = String(issue?.path[0] ?? "");
  throw new XdrError("XDR_CONFIG_INVALID", `${field} ${issue?.message ?? "is not valid"}.`, { field });
}
