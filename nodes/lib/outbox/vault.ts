import { backoffMs } from "./backoff";
import { OriginCounters, decodeCounters } from "./counters";
import { takeCensus } from "./census";
import { COUNTERS, SEQUENCE_KEY, countersKey } from "./entries";
import { XdrError } from "../errors";
import type { Clock } from "../clock";
import type { OpenedStore, Store, StoreChange, StoreRange } from "../store/store";
import type { Watermark } from "../store/watermark";

/** Longest wait between two tries to open the store, milliseconds: space that returns should be used soon. */
const MAX_REOPEN_MS = 5_000;

const STARTING = new XdrError("OUTBOX_UNAVAILABLE", "The outbox is still opening. Try again shortly.");

export interface VaultOptions {
  /** @param damages how often in a row the store turned out to be damaged after it had opened */
  readonly open: (damages: number) => Promise<OpenedStore>;
  readonly watermark: Watermark;
  readonly clock: Clock;
  readonly random: () => number;
  /** The state changed; `problem` says to what. Must not throw. */
  readonly onChange: () => void;
}

/** One caller's changes, and by how many entries they change what the store holds of each insert node. */
export interface Work {
  readonly changes: readonly StoreChange[];
  readonly stored: ReadonlyMap<string, number>;
}

interface Waiting {
  readonly work: Work;
  readonly resolve: () => void;
  readonly reject: (error: XdrError) => void;
}

/**
 * The outbox's store with all that keeps it honest: group commit (all changes that arrive while a write is under way share
 * the next fsync), counters in the same write, and recovery: a store that fails is closed and opened again until it works.
 */
export class Vault {
  readonly origins = new Map<string, OriginCounters>();
  /** Dead letters on disk, by insert node. */
  readonly deadKept = new Map<string, number>();
  /** Alerts that were on disk once and could not be read back. */
  lostAlerts = 0;
  damage: OpenedStore["damage"];
  /** Grows when another process owned the store in between, or damage took from it: what was read before holds no more. */
  generation = 0;
  readonly #options: VaultOptions;
  readonly #abort = new AbortController();
  #store: Store | undefined;
  #problem: XdrError | undefined = STARTING;
  #lastSeq = 0;
  /** Highest sequence number that is on disk for certain; undefined before the first opening. */
  #committedSeq: number | undefined;
  /** What {@link SEQUENCE_KEY} was last written as. */
  #mark = 0;
  #epoch: OpenedStore["epoch"];
  #queue: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #opening: Promise<void> | undefined;
  #waiters: (() => void)[] = [];

  constructor(options: VaultOptions) {
    this.#options = options;
  }

  /** Why nothing can be written now; undefined when all is well. */
  get problem(): XdrError | undefined {
    return this.#problem;
  }

  /** Whether the store is being opened for the first time, and has not failed to. */
  get isStarting(): boolean {
    return this.#problem === STARTING;
  }

  /** Starts opening, and goes on until it works or {@link close} is called. */
  start(): void {
    this.#opening ??= this.#openUntilDone().finally(() => {
      this.#opening = undefined;
    });
  }

  counters(origin: string): OriginCounters {
    let counters = this.origins.get(origin);
    if (counters === undefined) this.origins.set(origin, (counters = new OriginCounters()));
    return counters;
  }

  /** The next sequence number. */
  nextSeq(): number {
    this.#lastSeq += 1;
    return this.#lastSeq;
  }

  /** Resolves when the store can be written, or when `signal` aborts. */
  async whenReady(signal: AbortSignal): Promise<void> {
    while (this.#store === undefined && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener("abort", done);
          resolve();
        };
        this.#waiters.push(done);
        signal.addEventListener("abort", done, { once: true });
      });
    }
  }

  /** Resolves when the changes are on disk. @throws XdrError when they are not (they will not be there later either). */
  submit(work: Work): Promise<void> {
    if (this.#store === undefined) return Promise.reject(this.#unavailable());
    return new Promise<void>((resolve, reject) => {
      this.#queue.push({ work, resolve, reject });
      this.#draining ??= this.#drain().finally(() => {
        this.#draining = undefined;
      });
    });
  }

  async read(range: StoreRange): Promise<[string, string][]> {
    const store = this.#store;
    if (store === undefined) throw this.#unavailable();
    try {
      return await store.read(range);
    } catch (error) {
      const problem = asStoreError(error);
      this.#fail(store, problem);
      throw problem;
    }
  }

  /** Writes what waits, then closes the store. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#opening;
    await this.#draining;
    const store = this.#store;
    this.#store = undefined;
    this.#problem = new XdrError(
      "OUTBOX_UNAVAILABLE",
      "The outbox is closed: Node-RED stops or redeploys. Try again shortly.",
    );
    this.#wake();
    this.#options.watermark.close();
    await store?.close().catch(() => undefined);
  }

  #unavailable(): XdrError {
    const reason = this.#problem?.message ?? "The outbox is closed.";
    return new XdrError("OUTBOX_UNAVAILABLE", reason);
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      const store = this.#store;
      if (store === undefined) {
        for (const waiting of group) waiting.reject(this.#unavailable());
        continue;
      }
      const seq = this.#lastSeq;
      try {
        await store.write(this.#changesOf(group, seq));
      } catch (error) {
        // What was not written must not surface later as if it had been: see takeCensus.
        const problem = asStoreError(error);
        this.#fail(store, problem);
        for (const waiting of group) waiting.reject(this.#unavailable());
        continue;
      }
      this.#options.watermark.write({ seq, held: this.#held() });
      this.#committedSeq = seq;
      this.#mark = seq;
      for (const waiting of group) waiting.resolve();
    }
  }

  #changesOf(group: readonly Waiting[], seq: number): StoreChange[] {
    const changes: StoreChange[] = [];
    const touched = new Set<string>();
    for (const { work } of group) {
      for (const change of work.changes) changes.push(change);
      for (const [origin, count] of work.stored) {
        this.counters(origin).addStored(count);
        touched.add(origin);
      }
    }
    for (const origin of touched) {
      changes.push({ type: "put", key: countersKey(origin), value: this.counters(origin).encode() });
    }
    changes.push({ type: "put", key: SEQUENCE_KEY, value: String(seq) });
    return changes;
  }

  #held(): number {
    let held = 0;
    for (const { stored } of this.origins.values()) held += stored;
    return held;
  }

  #fail(store: Store, problem: XdrError): void {
    if (this.#store !== store) return;
    this.#store = undefined;
    this.#problem = problem;
    this.#options.onChange();
    // The old handle must be gone before the folder can be opened again.
    this.#opening = store
      .close()
      .catch(() => undefined)
      .then(() => this.#openUntilDone(isDamage(problem) ? 1 : 0))
      .finally(() => {
        this.#opening = undefined;
      });
  }

  async #openUntilDone(damages = 0): Promise<void> {
    for (let failures = 1; !this.#abort.signal.aborted; failures += 1) {
      let opened: OpenedStore | undefined;
      try {
        opened = await this.#options.open(damages);
        await this.#load(opened);
        this.#store = opened.store;
        this.#problem = undefined;
        this.#watch(opened);
        this.#wake();
        this.#options.onChange();
        return;
      } catch (error) {
        await opened?.store.close().catch(() => undefined);
        this.#problem = asStoreError(error);
        if (isDamage(this.#problem)) damages += 1;
        this.#options.onChange();
      }
      const waitMs = Math.min(MAX_REOPEN_MS, backoffMs(failures, this.#options.random()));
      await this.#options.clock.sleep(waitMs, this.#abort.signal);
    }
  }

  /** A store that is lost while nothing goes on is opened again at once, not at the cost of the next sender. */
  #watch({ store, lost }: OpenedStore): void {
    // Not before the opening that brought this store has come to its end.
    void lost?.then((problem) => setImmediate(() => this.#fail(store, problem)));
  }

  async #load({ store, damage, epoch }: OpenedStore): Promise<void> {
    const mark = Number((await store.get(SEQUENCE_KEY)) ?? 0);
    const isOther = epoch !== this.#epoch || damage !== undefined || mark < this.#mark;
    if (this.#committedSeq !== undefined && isOther) {
      // What another owner took in since must not pass for writes of ours that failed, nor what damage took for ours still.
      this.#committedSeq = undefined;
      this.generation += 1;
    }
    this.#epoch = epoch;
    const found = await takeCensus(store, this.#committedSeq);
    if (this.#committedSeq === undefined) await this.#restoreCounters(store, found.queue);
    else for (const [origin, counters] of this.origins) counters.foundStored(found.queue.get(origin) ?? 0);
    this.deadKept.clear();
    for (const [origin, count] of found.dead) this.deadKept.set(origin, count);
    this.lostAlerts += found.unreadable;
    if (damage !== undefined) this.damage = damage;
    this.#mark = mark;
    if (this.#committedSeq === undefined) this.lostAlerts += this.#tornTail(mark);
    this.#lastSeq = Math.max(this.#lastSeq, mark, found.lastSeq, this.#options.watermark.read().seq);
    this.#committedSeq = this.#lastSeq;
  }

  /** Alerts that were answered 200 and are not in the store: its end was torn off (power loss on a lying disk, a cut file). */
  #tornTail(mark: number): number {
    const { seq, held } = this.#options.watermark.read();
    return Math.max(0, Math.min(seq - mark, held));
  }

  async #restoreCounters(store: Store, found: ReadonlyMap<string, number>): Promise<void> {
    const kept = new Map((await store.read(COUNTERS)).map(([key, value]) => [key.slice(2), decodeCounters(value)]));
    for (const origin of new Set([...this.origins.keys(), ...kept.keys(), ...found.keys()])) {
      this.lostAlerts += this.counters(origin).restore(kept.get(origin), found.get(origin) ?? 0);
    }
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}

function isDamage(problem: XdrError): boolean {
  return problem.code === "STORE_DAMAGED";
}

function asStoreError(error: unknown): XdrError {
  if (error instanceof XdrError) return error;
  return new XdrError(
    "STORE_FAILED",
    `The outbox failed: ${error instanceof Error ? error.message : "unknown reason"}.`,
  );
}
