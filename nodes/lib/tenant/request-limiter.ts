import Bottleneck from "bottleneck";
import type { Hold } from "../http/hold";

/** How many requests in how long a time. */
export interface RequestLimit {
  readonly requests: number;
  readonly windowMs: number;
  /**
   * Begin as if all had just been used up: a client that takes over from another (redeploy, restart) does not know what
   * that one sent in the last window. @default false
   */
  readonly startsSpent?: boolean;
}

/** All calls of one tenant together. Source: Cortex XDR REST API, "Get Started with APIs", request limits. */
export const TENANT_REQUEST_LIMIT: RequestLimit = { requests: 10, windowMs: 1000 };

/** Added to the window: timers and clocks of two machines differ by some milliseconds. */
const MARGIN_MS = 25;

/**
 * Keeps the requests within the limit in *any* window as the other side sees it. A request is seen somewhere between its
 * start and its end, so its permit comes back one window after its end:
 *
 *     start ...... seen ...... end ------ window ------ permit free
 */
export class RequestLimiter {
  readonly #bottleneck: Bottleneck;
  readonly #windowMs: number;
  readonly #hold: Hold | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  /** @param hold what else keeps requests back; it may begin while they wait for a permit */
  constructor(limit: RequestLimit = TENANT_REQUEST_LIMIT, hold?: Hold) {
    this.#windowMs = limit.windowMs;
    this.#hold = hold;
    this.#bottleneck = new Bottleneck({ reservoir: limit.startsSpent === true ? 0 : limit.requests });
    if (limit.startsSpent === true) this.#giveBack(limit.windowMs + MARGIN_MS, limit.requests);
  }

  /**
   * Runs `task` when a permit is free and nothing holds it back, in order of arrival. When `signal` aborts while waiting, the promise rejects with
   * what `cancelled()` makes and the task never runs.
   */
  run<T>(task: () => Promise<T>, signal: AbortSignal, cancelled: () => Error): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted || this.#closed) {
        reject(cancelled());
        return;
      }
      const onAbort = (): void => reject(cancelled());
      signal.addEventListener("abort", onAbort, { once: true });
      const job = async (): Promise<void> => {
        await this.#hold?.over();
        signal.removeEventListener("abort", onAbort);
        if (signal.aborted) {
          this.#giveBack(0);
          return;
        }
        try {
          resolve(await task());
        } catch (error) {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it is
          reject(error);
        } finally {
          this.#giveBack(this.#windowMs + MARGIN_MS);
        }
      };
      this.#bottleneck.schedule(job).catch(reject);
    });
  }

  /** Ends all timers. Waiting calls are the caller's to abort. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #giveBack(delayMs: number, permits = 1): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#bottleneck.incrementReservoir(permits);
    }, delayMs);
    this.#timers.add(timer);
  }
}
