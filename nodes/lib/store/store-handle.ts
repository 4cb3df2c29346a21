import type { Store, StoreChange, StoreRange } from "./store";
import { XdrError } from "../errors";

export interface StoreHandleEvents {
  /** An operation went well. */
  readonly onSuccess: () => void;
  /** The handle has failed, with the first reason. Told once; {@link StoreHandle.ended} tells when its store is closed. */
  readonly onFailure: (problem: XdrError) => void;
}

/** An open store in the hands of users who do not own it. After its first failure it only fails, and its store is closed. */
export class StoreHandle implements Store {
  /** Resolves when the handle has failed and its store is closed. */
  readonly ended: Promise<void>;
  readonly #store: Store;
  readonly #events: StoreHandleEvents;
  readonly #underWay = new Set<Promise<unknown>>();
  #problem: XdrError | undefined;
  #startEnd: () => void = () => undefined;

  constructor(store: Store, events: StoreHandleEvents) {
    this.#store = store;
    this.#events = events;
    this.ended = new Promise<void>((resolve) => (this.#startEnd = resolve)).then(() => this.#end());
  }

  get(key: string): Promise<string | undefined> {
    return this.#run(() => this.#store.get(key));
  }

  read(range: StoreRange): Promise<[key: string, value: string][]> {
    return this.#run(() => this.#store.read(range));
  }

  write(changes: readonly StoreChange[]): Promise<void> {
    return this.#run(() => this.#store.write(changes));
  }

  /** Does nothing: others may use the store. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends it for this reason, after the operations under way. */
  fail(problem: XdrError): void {
    if (this.#hasFailed()) return;
    this.#problem = problem;
    this.#events.onFailure(problem);
    this.#startEnd();
  }

  async #run<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#problem !== undefined) throw over(this.#problem);
    const answer = operation();
    this.#underWay.add(answer);
    try {
      const result = await answer;
      if (!this.#hasFailed()) this.#events.onSuccess();
      return result;
    } catch (error) {
      const problem = asStoreError(error);
      this.fail(problem);
      throw problem;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  #hasFailed(): boolean {
    return this.#problem !== undefined;
  }

  async #end(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#store.close().catch(() => undefined);
  }
}

function over(problem: XdrError): XdrError {
  return new XdrError("STORE_FAILED", `The store is not open any more: ${problem.message}`);
}

/** What a store failed with; anything but an {@link XdrError} is a fault of ours. */
export function asStoreError(error: unknown): XdrError {
  if (error instanceof XdrError) return error;
  return new XdrError(
    "STORE_FAILED",
    `The store failed: ${error instanceof Error ? error.message : "unknown reason"}.`,
  );
}
