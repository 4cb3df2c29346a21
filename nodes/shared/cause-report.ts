import type { Node } from "node-red";
import type { XdrError } from "../lib/errors";

/** Tells log and Catch of the cause of a trouble once, however long it lasts, and once that it is over. */
export class CauseReport {
  readonly #node: Pick<Node, "log" | "warn" | "error">;
  readonly #recovered: string;
  #cause = "";

  /** @param recovered what the log says when a trouble is over */
  constructor(node: Pick<Node, "log" | "warn" | "error">, recovered: string) {
    this.#node = node;
    this.#recovered = recovered;
  }

  /** Tells what is wrong now, or that nothing is, unless that is no news. Warnings do not reach Catch. */
  tell(error: XdrError | undefined, level: "warn" | "error" = "error"): void {
    if (!this.#isNews(error)) return;
    if (error === undefined) this.#node.log(this.#recovered);
    else if (level === "warn") this.#node.warn(causeOf(error));
    else this.#node.error(caught(error), {});
  }

  /** The same trouble was told by other means: what follows of it is no news any more. */
  isTold(error: XdrError): void {
    this.#cause = causeOf(error);
  }

  #isNews(error: XdrError | undefined): boolean {
    const cause = error === undefined ? "" : causeOf(error);
    if (cause === this.#cause) return false;
    this.#cause = cause;
    return true;
  }
}

function causeOf({ message, code }: XdrError): string {
  return `${message} (${code})`;
}

/** With the code as an own property, from where Catch copies it, and without the class name before the text. */
function caught(error: XdrError): Error {
  return Object.assign(new Error(causeOf(error)), { name: "", code: error.code });
}
