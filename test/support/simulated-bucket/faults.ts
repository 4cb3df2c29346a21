import type { RequestKind } from "./records";

/** What goes wrong with one request. Several things may go wrong with the same one. */
export interface Fault {
  readonly kind: RequestKind;
  /** Only requests for this object (`media`, `meta`). @default any */
  readonly name?: string;
  /** How many requests it hits. @default 1 */
  readonly times?: number;
  /** How many requests that it would hit pass first. @default 0 */
  readonly skip?: number;

  /** Called, and waited for, before the request is decided: overwrite or delete something here. */
  readonly before?: () => void | Promise<void>;
  /** Closes the connection by a reset, without any answer. */
  readonly drop?: boolean;

  /** Answers with this status instead of what was asked for. */
  readonly status?: number;
  /** `reason` of the envelope; `error` at the token endpoint. @default what usually comes with the status */
  readonly reason?: string;
  /** @default what usually comes with the status */
  readonly message?: string;
  /** Value of the `Retry-After` header. @default none sent */
  readonly retryAfter?: string | number;

  /** Resets the connection after so many bytes of the answer's body. What the caller has not taken by then may be lost too. */
  readonly resetAfterBytes?: number;
  /** Closes the connection in an orderly way after so many bytes of the body, short of its end. */
  readonly endAfterBytes?: number;
  /** Sends nothing more after so many bytes of the body; the connection stays open. */
  readonly stallAfterBytes?: number;
  /** Flips a bit of the byte at this place of the whole body as served (counted from the object's start, ranges too). */
  readonly corruptAt?: number;
  /** Sends the body in chunks, without `Content-Length`. */
  readonly noLength?: boolean;

  /** Media: sends everything, with 200, where a range was asked for. */
  readonly ignoreRange?: boolean;
  /** Media: decompresses a stored gzip object whatever the caller accepts. */
  readonly transcode?: boolean;

  /** List: refuses the request's page token as invalid. Passes requests without one. */
  readonly rejectPageToken?: boolean;
  /** List: a page without items and prefixes that has a token for what should have been in it. */
  readonly emptyPage?: boolean;
}

/** What a fault is matched with. */
export interface FaultTarget {
  readonly kind: RequestKind;
  readonly name: string | undefined;
  readonly hasPageToken: boolean;
}

/** A fault that was added. */
export interface AddedFault {
  /** Requests hit so far. */
  readonly hits: number;
  remove(): void;
}

interface Entry {
  readonly fault: Fault;
  toSkip: number;
  toHit: number;
  hits: number;
}

/** Faults to come. One request meets one at most: the first added that fits. */
export class Faults {
  #entries: Entry[] = [];

  add(fault: Fault): AddedFault {
    const entry = { fault, toSkip: fault.skip ?? 0, toHit: fault.times ?? 1, hits: 0 };
    this.#entries.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
      },
    };
  }

  /** Adds several, as to an array. */
  push(...faults: readonly Fault[]): void {
    for (const fault of faults) this.add(fault);
  }

  /** Removes all. */
  clear(): void {
    this.#entries = [];
  }

  /** How many have not been used up. */
  get length(): number {
    return this.#entries.length;
  }

  /** The fault this request meets; uses up one of its times. */
  take(target: FaultTarget): Fault | undefined {
    for (const entry of this.#entries) {
      if (!fits(entry.fault, target)) continue;
      if (entry.toSkip > 0) {
        entry.toSkip -= 1;
        continue;
      }
      entry.toHit -= 1;
      entry.hits += 1;
      if (entry.toHit <= 0) this.#entries = this.#entries.filter((other) => other !== entry);
      return entry.fault;
    }
    return undefined;
  }
}

function fits(fault: Fault, { kind, name, hasPageToken }: FaultTarget): boolean {
  if (fault.kind !== kind || (fault.name !== undefined && fault.name !== name)) return false;
  return fault.rejectPageToken !== true || hasPageToken;
}
