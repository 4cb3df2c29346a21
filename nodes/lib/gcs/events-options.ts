import { z } from "zod";
import { choice, flag, range } from "../config-values";
import { XdrError } from "../errors";
import {
  MAX_BATCH_SIZE,
  MAX_INTERVAL_SECONDS,
  MAX_LINE_BYTES,
  MAX_OBJECTS,
  MAX_TIMEOUT_SECONDS,
  MAX_UNACKNOWLEDGED,
} from "./gcs-limits";
import { parseStoragePath } from "./storage-path";

/** What an events node is set to. */
export interface EventsOptions {
  readonly bucket: string;
  /** Literal start of the object names: that of the storage path and the node's own, joined. */
  readonly prefix: string;
  /** From the start of one listing to the start of the next. @default 60000 */
  readonly intervalMs: number;
  /** What a bucket or prefix that this node has not listed yet begins with. @default "all" */
  readonly start: "all" | "now";
  /** Most events in a message. @default 1 */
  readonly batchSize: number;
  /** Objects read at once. @default 2 */
  readonly maxObjects: number;
  /** @default "emit" */
  readonly acknowledge: "emit" | "message";
  /** Events out and not yet acknowledged. @default 1000 */
  readonly maxUnacknowledged: number;
  /** Longest silence of the service. @default 60000 */
  readonly timeoutMs: number;
  /** Longest line; a longer one is bad. @default 16777216 */
  readonly maxLineBytes: number;
  /** Most decompressed bytes of one object, 0 = any number. @default 0 */
  readonly maxObjectBytes: number;
  /** Adds the lines as they were: numbers above 2^53 lose digits in JSON. @default false */
  readonly rawLines: boolean;
}

const SECOND_MS = 1000;

const whole = (min: number, max: number, fallback: number) =>
  range(min, max, fallback).refine(Number.isInteger, "must be a whole number");
const text = z.preprocess((value) => value ?? "", z.string("must be text"));

const schema = z.object({
  bucket: text,
  prefix: text,
  intervalSeconds: range(1, MAX_INTERVAL_SECONDS, 60),
  start: choice(["all", "now"], "all"),
  batchSize: whole(1, MAX_BATCH_SIZE, 1),
  maxObjects: whole(1, MAX_OBJECTS, 2),
  acknowledge: choice(["emit", "message"], "emit"),
  maxUnacknowledged: whole(1, MAX_UNACKNOWLEDGED, 1000),
  timeoutSeconds: range(1, MAX_TIMEOUT_SECONDS, 60),
  maxLineBytes: whole(1, MAX_LINE_BYTES, 16_777_216),
  maxObjectBytes: whole(0, Number.MAX_SAFE_INTEGER, 0),
  rawLines: flag,
});

/** Numbers may be text. @throws XdrError `XDR_CONFIG_INVALID` naming the property */
export function parseEventsOptions(config: object): EventsOptions {
  const parsed = schema.safeParse(config);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = String(issue?.path[0] ?? "");
    throw new XdrError("XDR_CONFIG_INVALID", `${field} ${issue?.message ?? "is not valid"}.`, { field });
  }
  const { bucket, prefix, intervalSeconds, timeoutSeconds, ...options } = parsed.data;
  const path = parseStoragePath(bucket);
  return {
    ...options,
    bucket: path.bucket,
    prefix: path.prefix + prefix,
    intervalMs: intervalSeconds * SECOND_MS,
    timeoutMs: timeoutSeconds * SECOND_MS,
  };
}
