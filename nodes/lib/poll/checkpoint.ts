import { z } from "zod";
import { XdrError } from "../errors";
import type { PollOptions } from "./poll-options";

/**
 * How far a poller has come. All times are epoch milliseconds on the tenant's clock.
 *
 *     keptFrom ............. cursor - overlap ............. cursor
 *     known from here on     the next run begins            latest record read
 */
export interface Checkpoint {
  /** What is polled; see {@link scopeOf}. */
  readonly scope: string;
  /** Grows by one with every write. */
  readonly revision: number;
  /** The latest time read completely; null before the first. Never beyond the start of the run that read it. */
  readonly cursor: number | null;
  /** Where the first run began; later, the time before which nothing is remembered. Only a full sync reaches further back. */
  readonly keptFrom: number;
  /** When the last full sync ended, on our clock; null before the first. */
  readonly lastFullAtMs: number | null;
}

const schema = z.object({
  scope: z.string(),
  revision: z.int().min(0),
  cursor: z.number().nullable(),
  keptFrom: z.number(),
  lastFullAtMs: z.number().nullable(),
});

/** What a checkpoint belongs to: with anything of it changed, what is known says nothing about what is asked for. */
export function scopeOf(tenantUrl: string, options: PollOptions): string {
  const { resource, apiVersion, severities, statuses, sources, tags } = options;
  const sorted = [severities, statuses, sources, tags].map((values) => values.toSorted());
  return JSON.stringify([tenantUrl, resource, resource === "alerts" ? apiVersion : "", ...sorted]);
}

export function encodeCheckpoint(checkpoint: Checkpoint): string {
  return JSON.stringify(checkpoint);
}

/** @throws XdrError `STORE_DAMAGED` when the text is no checkpoint */
export function decodeCheckpoint(text: string): Checkpoint {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new XdrError("STORE_DAMAGED", "A checkpoint in the store cannot be read: polling starts anew.");
  }
}
