import type { CompressedSpan } from "./content-fault";
import type { ObjectVersion } from "./gcs-api";
import { NO_FAULTS, type Faults, type ObjectState, type OpenState } from "./object-state";
import { Progress, type Span } from "./progress";

/** A version of an object that is being read, or waits to be read on. */
export class OpenObject {
  readonly version: ObjectVersion;
  readonly progress: Progress;
  /** What was wrong with its content so far. */
  faults: Faults;
  /** Where decompressing failed: the next attempt brings out all that comes before the damage. */
  damage: CompressedSpan | undefined;
  /** Its last state is written, or about to be: what comes back from now on changes nothing. */
  isEnded = false;
  #unwrittenEvents = 0;
  #onComplete: () => void = () => undefined;

  constructor(version: ObjectVersion, state: OpenState | undefined) {
    this.version = version;
    this.progress = new Progress(state?.progress);
    this.faults = state?.faults ?? NO_FAULTS;
  }

  /** The flow has taken these lines, with so many events that had to find room. */
  take(span: Span, events: number): void {
    this.progress.take(span);
    this.#unwrittenEvents += events;
    if (this.progress.isComplete) this.#onComplete();
  }

  /** Resolves when everything that was sent was taken. */
  complete(): Promise<void> {
    return new Promise((resolve) => {
      if (this.progress.isComplete) resolve();
      else this.#onComplete = resolve;
    });
  }

  /** What is to be written down, and how many events that says to be taken since the last time. */
  collect(): { readonly state: ObjectState; readonly events: number } {
    const events = this.#unwrittenEvents;
    this.#unwrittenEvents = 0;
    return { state: { state: "open", progress: this.progress.snapshot(), faults: this.faults }, events };
  }

  /** It could not be written. */
  giveBack(events: number): void {
    this.#unwrittenEvents += events;
  }
}
