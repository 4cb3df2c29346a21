import type { Call } from "./call";

/** What goes wrong. Unless it says "processed", the request has no effect on the tenant. */
export type FaultAction =
  /** Answers with this status. Text and body are what usually comes with it unless given. */
  | {
      readonly kind: "status";
      readonly status: number;
      /** @default "envelope" */
      readonly body?: "envelope" | "plain" | "html";
      /** `err_msg` of the envelope. */
      readonly message?: string;
      /** `err_extra` of the envelope. */
      readonly extra?: unknown;
      readonly retryAfter?: string | number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Processed; then the socket is closed without an answer. */
  | { readonly kind: "lost-answer" }
  /** The connection is reset once the request is complete. */
  | { readonly kind: "reset" }
  /** Waits: `after` processing (a late answer), or `before` (it arrives late, and counts late). @default phase "after" */
  | { readonly kind: "slow"; readonly ms: number; readonly phase?: "before" | "after" }
  /** Processed; the answer is complete as HTTP, but its JSON lacks the second half. */
  | { readonly kind: "truncated-json" }
  /** Processed; half of the announced bytes, then the socket is closed. */
  | { readonly kind: "cut-answer" }
  /** Processed; the answer has that many bytes. @default bytes 64 MiB */
  | { readonly kind: "huge"; readonly bytes?: number }
  /** 200 with `{"reply": false}`. */
  | { readonly kind: "reply-false" }
  /** 302. @default location a path of this very tenant, so that a followed redirect is in the records */
  | { readonly kind: "redirect"; readonly location?: string }
  /** No answer, ever; the socket stays open. @default processed false */
  | { readonly kind: "hang"; readonly processed?: boolean };

export type FaultKind = FaultAction["kind"];

/** When it goes wrong. */
export interface FaultScope {
  /** Name of a route, or `*` for everything, unknown paths too. */
  readonly route: string;
  /** How many requests it hits; `Infinity` until removed. @default 1 */
  readonly times?: number;
  /** How many requests that it would hit pass first. @default 0 */
  readonly skip?: number;
  /** Only requests for which this holds; only they count for `skip` and `times`. */
  readonly when?: (call: Call) => boolean;
}

export type Fault = FaultScope & FaultAction;

/** A fault that was added. */
export interface AddedFault {
  /** Requests hit so far. */
  readonly hits: number;
  remove(): void;
}

/** Faults to come, first added first. One request meets one fault at most. */
export class Faults {
  #active: { readonly fault: Fault; toSkip: number; toHit: number; hits: number }[] = [];

  add(fault: Fault): AddedFault {
    const entry = { fault, toSkip: fault.skip ?? 0, toHit: fault.times ?? 1, hits: 0 };
    this.#active.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        this.#active = this.#active.filter((other) => other !== entry);
      },
    };
  }

  /** Removes all. */
  clear(): void {
    this.#active = [];
  }

  /** The fault this request meets; uses up one of its times. */
  take(call: Call): Fault | undefined {
    for (const entry of this.#active) {
      const { fault } = entry;
      if (entry.toHit <= 0 || (fault.route !== "*" && fault.route !== call.route?.name)) continue;
      if (fault.when !== undefined && !fault.when(call)) continue;
      if (entry.toSkip > 0) {
        entry.toSkip -= 1;
        continue;
      }
      entry.toHit -= 1;
      entry.hits += 1;
      return fault;
    }
    return undefined;
  }
}
