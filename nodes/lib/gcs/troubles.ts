import type { XdrError } from "../errors";

export interface Trouble {
  readonly error: XdrError;
  readonly nextAtMs: number;
}

/** What keeps the parts of a reader from going on, each by its name. */
export class Troubles {
  readonly #onChange: () => void;
  readonly #byPart = new Map<string, Trouble>();

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The one that has lasted longest. */
  get current(): Trouble | undefined {
    return this.#byPart.values().next().value;
  }

  /** Takes the troubles of one part, undefined when it has none any more. */
  of(part: string): (error: XdrError | undefined, nextAtMs: number) => void {
    return (error, nextAtMs) => {
      if (error === undefined) this.clear(part);
      else this.set(part, error, nextAtMs);
    };
  }

  set(part: string, error: XdrError, nextAtMs: number): void {
    this.#byPart.set(part, { error, nextAtMs });
    this.#onChange();
  }

  clear(part: string): void {
    if (this.#byPart.delete(part)) this.#onChange();
  }
}
