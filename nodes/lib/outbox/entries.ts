import { z } from "zod";
import { xdrAlertSchema, type XdrAlert } from "../tenant/alert-schema";
import type { ErrorCode } from "../errors";

/*
 * Keys of the outbox in the store. A fixed number of digits makes their order the order of arrival.
 *
 *   q/<seq>       an alert that waits:  [origin, queuedAtMs, alert], with its old error at the end when it was replayed
 *   d/<seq>       a dead letter:        [origin, queuedAtMs, alert, error]
 *   c/<origin>    counters of one insert node
 *   s             last sequence number given out
 *   w/<id>        a share of the quota that is spent (see tenant/quota.ts)
 */
export const QUEUE = { gte: "q/", lt: "q0" } as const;
export const DEAD = { gte: "d/", lt: "d0" } as const;
export const COUNTERS = { gte: "c/", lt: "c0" } as const;
export const SEQUENCE_KEY = "s";

/** Digits of a sequence number in a key: the width of the largest safe integer. */
const SEQ_WIDTH = 16;

const seqText = (seq: number): string => String(seq).padStart(SEQ_WIDTH, "0");
export const queueKey = (seq: number): string => QUEUE.gte + seqText(seq);
export const deadKey = (seq: number): string => DEAD.gte + seqText(seq);
export const countersKey = (origin: string): string => COUNTERS.gte + origin;
/** The sequence number in a `q/` or `d/` key. */
export const seqOfKey = (key: string): number => Number(key.slice(2));

/** Why the tenant refused an alert for good: `msg.error` of output 3. */
export interface DeadLetterError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly status: number | undefined;
  readonly attempts: number;
}

/** An alert on its way, with the insert node it came in by. */
export interface Entry {
  readonly seq: number;
  readonly origin: string;
  readonly queuedAtMs: number;
  readonly alert: XdrAlert;
  /** What it had been given up for, of a dead letter that was put back into the queue. */
  readonly replayed?: DeadLetterError | undefined;
}

/** A dead letter as it is kept. */
export interface DeadEntry extends Entry {
  readonly error: DeadLetterError;
}

const deadError = z.object({
  code: z.string(),
  message: z.string(),
  status: z.number().optional(),
  attempts: z.number(),
});
const queueValue = z.tuple([z.string(), z.number(), xdrAlertSchema, deadError.optional()]);
const deadValue = z.tuple([z.string(), z.number(), xdrAlertSchema, deadError]);

export function encodeEntry(entry: Omit<Entry, "seq">): string {
  const { origin, queuedAtMs, alert, replayed } = entry;
  return JSON.stringify(replayed === undefined ? [origin, queuedAtMs, alert] : [origin, queuedAtMs, alert, replayed]);
}

export function encodeDead(entry: Omit<DeadEntry, "seq">): string {
  return JSON.stringify([entry.origin, entry.queuedAtMs, entry.alert, entry.error]);
}

/** Undefined when the value is damaged. */
export function decodeEntry(key: string, value: string): Entry | undefined {
  const parsed = queueValue.safeParse(parseJson(value));
  if (!parsed.success) return undefined;
  const [origin, queuedAtMs, alert, replayed] = parsed.data;
  const entry = { seq: seqOfKey(key), origin, queuedAtMs, alert };
  return replayed === undefined ? entry : { ...entry, replayed: asDeadError(replayed) };
}

/** Undefined when the value is damaged. */
export function decodeDead(key: string, value: string): DeadEntry | undefined {
  const parsed = deadValue.safeParse(parseJson(value));
  if (!parsed.success) return undefined;
  const [origin, queuedAtMs, alert, error] = parsed.data;
  return {
    seq: seqOfKey(key),
    origin,
    queuedAtMs,
    alert,
    error: asDeadError(error),
  };
}

function asDeadError(error: z.infer<typeof deadError>): DeadLetterError {
  return { ...error, code: error.code as ErrorCode, status: error.status };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
