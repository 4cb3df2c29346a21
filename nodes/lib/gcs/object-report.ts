import type { XdrError } from "../errors";
import type { OpenObject } from "./open-object";
import type { ObjectReport } from "./reader-api";

/** What became of an object so far: what has left of it, and what was wrong. */
export function reportOf({ version, progress }: OpenObject, error: XdrError | undefined): ObjectReport {
  const { lines, events, bad, bytes } = progress.added;
  const totals = { lines, events, bad, bytes, storedBytes: version.sizeBytes };
  return error === undefined ? totals : { ...totals, error: { code: error.code, message: error.message } };
}
