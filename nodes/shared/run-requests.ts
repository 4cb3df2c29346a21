import type { Clock } from "../lib/clock";
import type { SyncKind } from "../lib/poll/poller-api";

/** What runs: a poller, or a reader of a bucket, which has one kind of run only. */
export interface Runner {
  sync(kind: SyncKind): Promise<unknown>;
}

/** Least time from a failed run to the next one that somebody asks for, milliseconds. */
export const PAUSE_MS = 5_000;
/** How many may wait for the end of one run: each keeps its message in memory. */
export const MAX_WAITING = 1000;

/** A run that was asked for. */
interface AskedRun {
  readonly ended: Promise<unknown>;
  waiting: number;
}

/**
 * Runs that messages and buttons ask for. However many ask, each kind has one run that was asked for and one to follow, and
 * a flow that asks again and again while the tenant refuses does not become a hot loop.
 */
export class RunRequests {
  readonly #runner: Runner;
  readonly #clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly #closing = new AbortController();
  readonly #runs: Readonly<Record<SyncKind, AskedRun[]>> = { incremental: [], full: [] };
  #notBeforeMs = -Infinity;

  constructor(runner: Runner, clock: Pick<Clock, "monotonicMs" | "sleep">) {
    this.#runner = runner;
    this.#clock = clock;
  }

  /**
   * Asks for a run that begins from now on.
   * @returns its end; it rejects as {@link Runner.sync} does. Undefined when so many wait for that run that one more may not
   */
  ask(kind: SyncKind): Promise<unknown> | undefined {
    const [underWay, following] = this.#runs[kind];
    if (following === undefined) return this.#add(kind, underWay?.ended).ended;
    if (following.waiting >= MAX_WAITING) return undefined;
    following.waiting += 1;
    return following.ended;
  }

  /** Ends all waiting; what was asked for goes to the runner at once, which refuses it when it is closed. */
  close(): void {
    this.#closing.abort();
  }

  #add(kind: SyncKind, before: Promise<unknown> | undefined): AskedRun {
    const runs = this.#runs[kind];
    const run: AskedRun = { ended: this.#run(kind, before).finally(() => runs.shift()), waiting: 1 };
    runs.push(run);
    return run;
  }

  async #run(kind: SyncKind, before: Promise<unknown> | undefined): Promise<void> {
    // How that one ended was told to those who asked for it.
    await before?.catch(() => undefined);
    const pauseMs = this.#notBeforeMs - this.#clock.monotonicMs();
    if (pauseMs > 0) await this.#clock.sleep(pauseMs, this.#closing.signal);
    try {
      await this.#runner.sync(kind);
    } catch (error) {
      this.#notBeforeMs = this.#clock.monotonicMs() + PAUSE_MS;
      throw error;
    }
  }
}
