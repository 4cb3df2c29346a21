import { XdrError } from "../errors";
import { scopeOf } from "./checkpoint";
import { cancelled } from "./delivery";
import { ExtraDataQueue } from "./extra-data";
import { PollKeys } from "./known-pages";
import { KnownRecords } from "./known-records";
import type { Poller, PollerPorts, PollState, RunReport, SyncKind } from "./poller-api";
import { shapeOf } from "./resources";
import { retryDelayMs } from "./retry-delay";
import { freshCheckpoint, Run } from "./run";
import { Tally } from "./tally";

/** @see Poller */
export function createPoller(ports: PollerPorts): Poller {
  return new PollLoop(ports);
}

/** Failures in a row after which a run that was cut short is begun anew: where it is may be what the tenant fails on. */
const MAX_RESUMPTIONS = 5;

interface Request {
  readonly kind: SyncKind;
  readonly resolve: (report: RunReport) => void;
  readonly reject: (error: XdrError) => void;
}

/** One run after the other: when the interval is over, when somebody asks, or when a failed one is due again. */
class PollLoop implements Poller {
  readonly #ports: PollerPorts;
  readonly #known: KnownRecords;
  readonly #extra: ExtraDataQueue | undefined;
  readonly #closing = new AbortController();
  #requests: Request[] = [];
  #loop: Promise<void> | undefined;
  /** Ends the wait between two runs. */
  #wake: AbortController | undefined;
  /** Failed runs in a row that brought nothing. */
  #failures = 0;
  /** A run that the tenant has cut short. */
  #unfinished: Run | undefined;
  /** A full sync was asked for and has not succeeded yet. */
  #owesFull = false;

  constructor(ports: PollerPorts) {
    this.#ports = ports;
    const keys = new PollKeys(ports.id);
    this.#known = new KnownRecords(keys, shapeOf(ports.options));
    const { client, openStore, clock, random, onNotice } = ports;
    if (ports.options.extraData) {
      this.#extra = new ExtraDataQueue({ keys, client, openStore, clock, random, onNotice, emit: ports.emitExtra });
    }
  }

  start(): void {
    if (this.#loop !== undefined || this.#closing.signal.aborted) return;
    this.#show({ phase: "starting" });
    this.#loop = this.#runUntilClosed();
    this.#extra?.start();
  }

  sync(kind: SyncKind): Promise<RunReport> {
    return new Promise((resolve, reject) => {
      if (this.#closing.signal.aborted) {
        reject(cancelled());
        return;
      }
      this.#requests.push({ kind, resolve, reject });
      this.#wake?.abort();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake?.abort();
    await Promise.all([this.#loop, this.#extra?.close()]);
    // A page that has left and is not written down leaves again after the restart: nothing more can be done about it.
    await this.#known.settle(this.#ports.openStore).catch(() => undefined);
    for (const request of this.#requests.splice(0)) request.reject(cancelled());
  }

  async #runUntilClosed(): Promise<void> {
    while (!this.#closing.signal.aborted) await this.#idle(await this.#runOnce(this.#ports.clock.monotonicMs()));
  }

  /** Waits for the next run, as long as nobody asks for one. */
  async #idle(waitMs: number): Promise<void> {
    if (this.#requests.length > 0 || this.#closing.signal.aborted) return;
    this.#wake = new AbortController();
    await this.#ports.clock.sleep(waitMs, this.#wake.signal);
    this.#wake = undefined;
  }

  /** One run with all that belongs to it. @returns how long to wait for the next, milliseconds. Never rejects. */
  async #runOnce(startedMs: number): Promise<number> {
    const { options, clock, onReport } = this.#ports;
    let tally = new Tally(options.resource, "incremental");
    let requests: readonly Request[] | undefined;
    const durationMs = (): number => clock.monotonicMs() - startedMs;
    try {
      await this.#open();
      if (this.#isFullDue() || this.#requests.some(({ kind }) => kind === "full")) this.#owesFull = true;
      tally = new Tally(options.resource, this.#owesFull ? "full" : "incremental");
      // Whoever asks from here on gets a run of his own.
      requests = this.#requests.splice(0);
      await this.#run(tally);
      if (tally.sync === "full") this.#owesFull = false;
      this.#failures = 0;
      this.#extra?.wake();
      const report = tally.report(durationMs(), durationMs());
      const waitMs = Math.max(0, options.intervalMs - durationMs());
      this.#show({ phase: "idle", last: report, nextAtMs: clock.now() + waitMs });
      onReport(report);
      for (const request of requests) request.resolve(report);
      return waitMs;
    } catch (thrown) {
      return this.#failed(asXdrError(thrown), tally, durationMs(), requests ?? this.#requests.splice(0));
    }
  }

  #failed(error: XdrError, tally: Tally, durationMs: number, requests: readonly Request[]): number {
    const { options, clock, random, onReport } = this.#ports;
    if (requests.some(({ kind }) => kind === "full")) this.#owesFull = true;
    if (!this.#closing.signal.aborted) {
      this.#failures = tally.pages > 0 ? 1 : this.#failures + 1;
      const waitMs = retryDelayMs(options.intervalMs, this.#failures, random(), error);
      this.#show({ phase: "failed", error, nextAtMs: clock.now() + waitMs });
      onReport(tally.report(durationMs, this.#lagMs(), error));
      for (const request of requests) request.reject(error);
      return waitMs;
    }
    for (const request of requests) request.reject(cancelled());
    return 0;
  }

  async #run(tally: Tally): Promise<void> {
    const ports = this.#ports;
    const onProgress = (): void => {
      const { sync, total } = tally;
      this.#show({ phase: "running", sync, done: tally.emitted + tally.duplicates + tally.filtered, total });
    };
    onProgress();
    const { options, clock } = ports;
    const { signal } = this.#closing;
    const unfinished = this.#unfinished?.sync === tally.sync ? this.#unfinished : undefined;
    this.#unfinished = undefined;
    const run = unfinished ?? new Run({ options, sync: tally.sync, ports, clock, known: this.#known, signal });
    try {
      await run.execute(tally, onProgress);
      if (signal.aborted) throw cancelled();
    } catch (error) {
      if (run.canGoOn && this.#failures < MAX_RESUMPTIONS) this.#unfinished = run;
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { options, tenantUrl, client, clock, openStore, onNotice } = this.#ports;
    const scope = scopeOf(tenantUrl, options);
    const fresh = freshCheckpoint(scope, clock.now() + (client.clockSkewMs ?? 0), options.lookbackMs);
    const obstacle = await this.#known.open(await openStore(), fresh);
    if (obstacle === undefined) return;
    const what =
      obstacle === "changed"
        ? "The tenant, the resource or a filter was changed"
        : "The checkpoint in the store cannot be read";
    const reach = options.resource === "endpoints" ? "" : `, ${options.lookbackMs / 3_600_000} hours back`;
    onNotice(`${what}: polling starts anew with a new checkpoint${reach}.`);
  }

  #isFullDue(): boolean {
    const { options, clock } = this.#ports;
    if (options.fullSyncMs === 0) return false;
    const { lastFullAtMs } = this.#known.checkpoint;
    return lastFullAtMs === null || clock.now() - lastFullAtMs >= options.fullSyncMs;
  }

  /** How far the records that are read completely are behind. */
  #lagMs(): number {
    const { client, clock, options } = this.#ports;
    if (options.resource === "endpoints" || !this.#known.isOpen) return 0;
    const { cursor, keptFrom } = this.#known.checkpoint;
    return clock.now() + (client.clockSkewMs ?? 0) - (cursor ?? keptFrom);
  }

  #show(state: PollState): void {
    if (!this.#closing.signal.aborted) this.#ports.onState(state);
  }
}

function asXdrError(thrown: unknown): XdrError {
  if (thrown instanceof XdrError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : "unknown reason";
  return new XdrError("STORE_FAILED", `The run failed unexpectedly: ${reason}. It is tried again by itself.`);
}
