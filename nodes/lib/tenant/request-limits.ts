import type { Hold } from "../http/hold";
import { RequestLimiter, type RequestLimit } from "./request-limiter";

/**
 * Calls with a limit of their own, on top of the tenant's. Source: Cortex XDR REST API, "Get Extra Incident Data":
 * 10 requests a minute.
 */
export const CALL_LIMITS: ReadonlyMap<string, RequestLimit> = new Map([
  ["v1/incidents/get_incident_extra_data", { requests: 10, windowMs: 60_000 }],
]);

/** All limits of one tenant: calls that wait for a limit of their own do not hold up the others. */
export class RequestLimits {
  readonly #all: RequestLimiter;
  readonly #own: ReadonlyMap<string, RequestLimiter>;

  constructor(limit: RequestLimit | undefined, hold: Hold) {
    this.#all = new RequestLimiter(limit, hold);
    this.#own = new Map([...CALL_LIMITS].map(([path, own]) => [path, new RequestLimiter(own)]));
  }

  /** As {@link RequestLimiter.run}, for the call of `path`. */
  run<T>(path: string, task: () => Promise<T>, signal: AbortSignal, cancelled: () => Error): Promise<T> {
    const run = (): Promise<T> => this.#all.run(task, signal, cancelled);
    const own = this.#own.get(path);
    return own === undefined ? run() : own.run(run, signal, cancelled);
  }

  close(): void {
    this.#all.close();
    for (const limiter of this.#own.values()) limiter.close();
  }
}
