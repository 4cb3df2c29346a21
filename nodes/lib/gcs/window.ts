/** How many events may be out: sent, and not yet written down as taken. Those who wait for room get it in their order. */
export class Window {
  readonly limit: number;
  /** Told when somebody has to wait. */
  readonly #onFull: () => void;
  readonly #waiting: { readonly events: number; readonly enter: () => void }[] = [];
  #out = 0;

  constructor(limit: number, onFull: () => void) {
    this.limit = limit;
    this.#onFull = onFull;
  }

  /** Events that are out. */
  get out(): number {
    return this.#out;
  }

  /** Events that fit now; none while somebody waits: who comes later has to wait, too. */
  get room(): number {
    return this.#waiting.length > 0 ? 0 : Math.max(0, this.limit - this.#out);
  }

  /** Whether somebody waits for room. */
  get isFull(): boolean {
    return this.#waiting.length > 0;
  }

  /**
   * Takes room for `events`, as soon as there is some. More than the limit fit when nothing else is out.
   * @returns false when `signal` aborted meanwhile; then nothing was taken
   */
  async enter(events: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#waiting.length === 0 && this.#fits(events)) {
      this.#out += events;
      return true;
    }
    return this.#wait(events, signal);
  }

  /** Gives room back. */
  leave(events: number): void {
    this.#out -= events;
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.events); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#out += next.events;
      next.enter();
    }
  }

  #fits(events: number): boolean {
    return this.#out === 0 || this.#out + events <= this.limit;
  }

  #wait(events: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const place = { events, enter: () => finish(true) };
      const finish = (isIn: boolean): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(isIn);
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(place), 1);
        finish(false);
        // Who came after it may fit now.
        this.leave(0);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(place);
      this.#onFull();
    });
  }
}
