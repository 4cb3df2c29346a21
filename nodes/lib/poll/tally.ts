import type { XdrError } from "../errors";
import type { PollResource } from "./poll-limits";
import type { RunReport, SyncKind } from "./poller-api";

/** Counts one run; becomes its report. */
export class Tally {
  readonly resource: PollResource;
  readonly sync: SyncKind;
  from: number | null = null;
  to: number | null = null;
  pages = 0;
  received = 0;
  emitted = 0;
  duplicates = 0;
  filtered = 0;
  removed = 0;
  requests = 0;
  /** What the tenant says that there is. */
  total: number | undefined;

  constructor(resource: PollResource, sync: SyncKind) {
    this.resource = resource;
    this.sync = sync;
  }

  /** @param lagMs how far behind the tenant the node is now */
  report(durationMs: number, lagMs: number, error?: XdrError): RunReport {
    const { resource, sync, from, to, pages, received, emitted, duplicates, filtered, removed, requests } = this;
    return {
      resource,
      sync,
      from,
      to,
      pages,
      received,
      emitted,
      duplicates,
      filtered,
      removed,
      requests,
      lagSeconds: Math.max(0, Math.round(lagMs / 1000)),
      durationMs: Math.round(durationMs),
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    };
  }
}
