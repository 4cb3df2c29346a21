import type { EmittedPage, PollerPorts, Taken } from "../lib/poll/poller-api";
import { extraMessageOf, messagesOf, type ExtraMessage, type MessageOptions, type PollMessage } from "./poll-messages";
import { PageInFlight } from "./poll-page";

type Extra = Parameters<PollerPorts["emitExtra"]>[0];
type Message = PollMessage | ExtraMessage;

export interface OutputOptions extends MessageOptions {
  readonly acknowledge: "emit" | "message";
  /** Sends messages on the first output. */
  readonly send: (messages: readonly Message[]) => void;
  /** Told how many messages the flow has to give back, at each change. */
  readonly onWaiting: (count: number) => void;
}

/** The first output of a poll node: sends, and tells what of it was taken. */
export class PollOutput {
  readonly #options: OutputOptions;
  /** One page and the extra data of one incident at most: the poller waits before it hands over the next. */
  readonly #inFlight = new Set<PageInFlight>();

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** See `PollerPorts.emit`. */
  async emit(page: EmittedPage, closing: AbortSignal): Promise<Taken> {
    return this.#deliver(messagesOf(page, this.#options), closing);
  }

  /** See `PollerPorts.emitExtra`. */
  async emitExtra(extra: Extra, closing: AbortSignal): Promise<boolean> {
    return (await this.#deliver([[extraMessageOf(extra, this.#options.newId())]], closing)) === "all";
  }

  /** A message came back; unknown ones are of no interest. */
  acknowledge(id: unknown): void {
    if (typeof id !== "string") return;
    for (const page of this.#inFlight) {
      if (page.acknowledge(id)) this.#tellWaiting();
    }
  }

  async #deliver(messages: readonly (readonly Message[])[], closing: AbortSignal): Promise<Taken> {
    if (closing.aborted) return new Set();
    return this.#options.acknowledge === "emit"
      ? this.#sendAndYield(messages.flat(), closing)
      : this.#sendAndWait(messages, closing);
  }

  /**
   * Node-RED queues messages for the next turn of the event loop and drops those still queued when nodes close. One turn
   * later the next nodes have had theirs, unless the close came in between: then nobody knows.
   */
  async #sendAndYield(messages: readonly Message[], closing: AbortSignal): Promise<Taken> {
    this.#options.send(messages);
    await new Promise((resolve) => setImmediate(resolve));
    return closing.aborted ? new Set() : "all";
  }

  async #sendAndWait(messages: readonly (readonly Message[])[], closing: AbortSignal): Promise<Taken> {
    const page = new PageInFlight(messages.map((ofItem) => ofItem.map(({ _msgid }) => _msgid)));
    this.#inFlight.add(page);
    this.#tellWaiting();
    try {
      this.#options.send(messages.flat());
      await eitherOf(page.finished, closing);
      return page.taken;
    } finally {
      this.#inFlight.delete(page);
    }
  }

  #tellWaiting(): void {
    this.#options.onWaiting([...this.#inFlight].reduce((total, { waiting }) => total + waiting, 0));
  }
}

/** Resolves with `promise` or when `signal` aborts, whatever is first, and leaves no listener behind. */
async function eitherOf(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
