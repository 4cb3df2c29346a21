import type { Clock } from "../clock";
import { XdrError } from "../errors";
import { gcsRetryDelayMs } from "./gcs-retry";
import type { Ledger, LedgerChange } from "./ledger";
import type { ObjectState } from "./object-state";
import type { OpenObject } from "./open-object";
import type { Window } from "./window";

/** Longest time from an event that was taken to the write that says so, while nobody waits for it, milliseconds. */
const SAVE_AFTER_MS = 250;

export interface CheckpointPorts {
  readonly ledger: Pick<Ledger, "write">;
  /** Room comes back when what was taken is written down. */
  readonly window: Window;
  readonly clock: Clock;
  readonly random: () => number;
  /** Told why nothing can be written, and that it works again. */
  readonly onTrouble: (error: XdrError | undefined, nextAtMs: number) => void;
}

/** Somebody who waits for a write. */
interface Ending {
  /** What is to be written besides what was taken. */
  readonly changes: readonly LedgerChange[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Writes down what was taken of the objects under way: all of them in one write, soon after it was taken, at once when
 * somebody waits for room. A write that fails is tried again until it works: meanwhile no room comes back, so that reading
 * stops by itself.
 */
export class Checkpoints {
  readonly #ports: CheckpointPorts;
  readonly #dirty = new Set<OpenObject>();
  #endings: Ending[] = [];
  readonly #closing = new AbortController();
  /** Ends the wait for more to write. */
  #hurry: AbortController | undefined;
  #writing: Promise<void> | undefined;
  #unwrittenEvents = 0;
  #failures = 0;

  constructor(ports: CheckpointPorts) {
    this.#ports = ports;
  }

  /** Something of this object was taken, or its faults have changed. */
  touch(object: OpenObject, events = 0): void {
    if (object.isEnded) {
      this.#ports.window.leave(object.collect().events);
      return;
    }
    this.#unwrittenEvents += events;
    this.#dirty.add(object);
    this.#start();
    const { window } = this.#ports;
    if (window.isFull || this.#unwrittenEvents * 2 >= window.limit) this.hurry();
  }

  /** Somebody waits for room. */
  hurry(): void {
    this.#hurry?.abort();
  }

  /**
   * Writes down the last state of an object, undefined to forget it; resolves when that is on disk.
   * @throws XdrError `STORE_*` when it could not be written before the close
   */
  end(object: OpenObject, state: ObjectState | undefined): Promise<void> {
    object.isEnded = true;
    return this.#wait([{ object: object.version, state }]);
  }

  /** Resolves when all that was taken so far is on disk. @throws XdrError as {@link Checkpoints.end} does */
  settle(): Promise<void> {
    return this.#writing === undefined ? Promise.resolve() : this.#wait([]);
  }

  /** One last write of what is not on disk yet; resolves when nothing goes on any more. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.hurry();
    await this.#writing;
  }

  #wait(changes: readonly LedgerChange[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#endings.push({ changes, resolve, reject });
      this.#start();
      this.hurry();
    });
  }

  #start(): void {
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#dirty.size > 0 || this.#endings.length > 0) {
        if (!(await this.#writeSoon())) return;
      }
    } finally {
      // In the same moment as the last look at what there is to write: what comes later begins another write.
      this.#writing = undefined;
    }
  }

  /** @returns false when nothing can be written before the close */
  async #writeSoon(): Promise<boolean> {
    const { clock } = this.#ports;
    if (this.#endings.length === 0 && !this.#closing.signal.aborted && this.#failures === 0) {
      this.#hurry = new AbortController();
      if (this.#ports.window.isFull) this.hurry();
      await clock.sleep(SAVE_AFTER_MS, this.#hurry.signal);
      this.#hurry = undefined;
    }
    const isLast = this.#closing.signal.aborted;
    const problem = await this.#writeOnce();
    if (problem === undefined) return true;
    if (isLast) {
      // What was taken and is not written down leaves again after the restart: nothing more can be done about it.
      this.#dirty.clear();
      for (const { reject } of this.#endings.splice(0)) reject(problem);
      return false;
    }
    const waitMs = gcsRetryDelayMs(this.#failures, this.#ports.random(), problem);
    this.#ports.onTrouble(problem, clock.now() + waitMs);
    await clock.sleep(waitMs, this.#closing.signal);
    return true;
  }

  /** @returns why it failed */
  async #writeOnce(): Promise<XdrError | undefined> {
    const { ledger, window, onTrouble, clock } = this.#ports;
    const endings = this.#endings;
    this.#endings = [];
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    const saved = dirty.map((object) => object.collect());
    this.#unwrittenEvents = 0;
    try {
      await ledger.write([
        ...dirty.map((object, at) => ({ object: object.version, state: saved[at]?.state })),
        ...endings.flatMap(({ changes }) => changes),
      ]);
      if (this.#failures > 0) onTrouble(undefined, clock.now());
      this.#failures = 0;
      const events = saved.reduce((total, each) => total + each.events, 0);
      if (events > 0) window.leave(events);
      for (const { resolve } of endings) resolve();
      return undefined;
    } catch (thrown) {
      for (const [at, object] of dirty.entries()) {
        object.giveBack(saved[at]?.events ?? 0);
        this.#dirty.add(object);
      }
      this.#endings.unshift(...endings);
      this.#failures += 1;
      return asXdrError(thrown);
    }
  }
}

function asXdrError(thrown: unknown): XdrError {
  if (thrown instanceof XdrError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : "unknown reason";
  return new XdrError("STORE_FAILED", `The state of the objects cannot be written: ${reason}.`);
}
