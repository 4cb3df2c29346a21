import type { Checkpoints } from "./checkpoints";
import type { OpenObject } from "./open-object";
import type { Part, PassedLines } from "./parts";
import type { LineSpan, Span } from "./progress";
import type { BadLine, EventBatch, ReaderPorts } from "./reader-api";
import type { Window } from "./window";

/** Most messages that leave in one turn of the event loop: other nodes have theirs in between. */
const MAX_PARTS = 500;

export interface OutletPorts {
  readonly send: ReaderPorts["send"];
  readonly acknowledge: "emit" | "message";
  readonly window: Window;
  readonly checkpoints: Checkpoints;
  /** The node closes. */
  readonly signal: AbortSignal;
  /** Told how many events have left. */
  readonly onSent: (events: number) => void;
}

/** Sends the parts of one object, no more than may be out, and notes what was taken. */
export class Outlet {
  readonly #object: OpenObject;
  readonly #ports: OutletPorts;
  /** Events and bad lines that have left since the end of the last span. */
  #events = 0;
  #bad = 0;

  constructor(object: OpenObject, ports: OutletPorts) {
    this.#object = object;
    this.#ports = ports;
  }

  /** @returns false when the node closes: what has left since then leaves again after the restart */
  async send(parts: readonly Part[]): Promise<boolean> {
    const { window, signal } = this.#ports;
    for (let from = 0; from < parts.length;) {
      if (!(await window.enter(eventsIn(parts[from]), signal))) return false;
      // All that fits leaves, so that a flow that gathers messages before it gives them back gets as many as may be out.
      const { room } = window;
      let events = 0;
      let to = from + 1;
      for (; to < parts.length && to - from < MAX_PARTS; to += 1) {
        const more = eventsIn(parts[to]);
        if (events + more > room) break;
        events += more;
      }
      if (events > 0 && !(await window.enter(events, signal))) return false;
      const block = from === 0 && to === parts.length ? parts : parts.slice(from, to);
      if (!(await (this.#ports.acknowledge === "emit" ? this.#sendAndYield(block) : this.#sendAndWait(block))))
        return false;
      from = to;
    }
    return true;
  }

  /** All lines up to this one have been dealt with, blank ones too. */
  finish(lines: number, bytes: number): void {
    const { added } = this.#object.progress;
    if (lines <= added.lines && bytes <= added.bytes) return;
    this.#take(this.#spanTo({ last: lines, endByte: bytes, events: this.#events, bad: this.#bad }));
  }

  /** In `emit` mode all of a block is taken when the next nodes have had their turn. */
  async #sendAndYield(block: readonly Part[]): Promise<boolean> {
    if (!(await this.#deliver(block, () => undefined))) return false;
    let end: End | undefined;
    const close = (): void => {
      if (end !== undefined) this.#take(this.#spanTo(end));
      end = undefined;
    };
    for (const part of block) {
      if (part.kind === "passed") {
        close();
        this.#pass(part);
        continue;
      }
      this.#count(part);
      if (isEnd(part)) end = this.#endAt(part);
    }
    // What has left after that end is counted with the next one.
    close();
    return true;
  }

  /** In `message` mode each message has its own span, which is taken when the flow gives the message back. */
  async #sendAndWait(block: readonly Part[]): Promise<boolean> {
    const spanOf: (Span | undefined)[] = [];
    const takenAtOnce: Span[] = [];
    for (const part of block) {
      if (part.kind === "passed") {
        this.#pass(part);
        continue;
      }
      this.#count(part);
      const span = isEnd(part) ? this.#spanTo(this.#endAt(part)) : undefined;
      if (part.kind === "bad" && span !== undefined) takenAtOnce.push(span);
      spanOf.push(part.kind === "events" ? span : undefined);
    }
    const onTaken = (part: number): void => {
      const span = spanOf[part];
      spanOf[part] = undefined;
      if (span !== undefined) this.#take(span);
    };
    if (!(await this.#deliver(block, onTaken))) return false;
    for (const span of takenAtOnce) this.#take(span);
    return true;
  }

  async #deliver(block: readonly Part[], onTaken: (part: number) => void): Promise<boolean> {
    const { send, signal, onSent } = this.#ports;
    const parts = block.filter((part): part is Exclude<Part, PassedLines> => part.kind !== "passed");
    if (parts.length === 0) return !signal.aborted;
    const isSure = await send({ object: this.#object.version, parts }, onTaken, signal);
    onSent(parts.reduce((total, part) => total + eventsIn(part), 0));
    return isSure;
  }

  #count(part: EventBatch | BadLine): void {
    if (part.kind === "events") this.#events += part.events.length;
    else this.#bad += 1;
  }

  /** Lines that were taken before a restart: written down already, and no room was taken for them. */
  #pass({ lines, startByte }: PassedLines): void {
    // Blank and bad lines before them.
    this.finish(lines.first - 1, startByte);
    this.#object.take(this.#object.progress.add(lines), 0);
  }

  #endAt(part: Exclude<Part, PassedLines>): End {
    return { last: part.endLine, endByte: part.endByte, events: this.#events, bad: this.#bad };
  }

  /** The lines since the last span, up to this end. */
  #spanTo({ last, endByte, events, bad }: End): Span {
    const { progress } = this.#object;
    this.#events -= events;
    this.#bad -= bad;
    return progress.add({ first: progress.added.lines + 1, last, events, bad, endByte });
  }

  #take(span: Span): void {
    this.#object.take(span, span.events);
    this.#ports.checkpoints.touch(this.#object, span.events);
  }
}

/** Up to here everything has left, and how much that was since the last span. */
type End = Omit<LineSpan, "first">;

/** Whether everything up to the end of this part has left with it. */
function isEnd(part: Exclude<Part, PassedLines>): boolean {
  return part.kind === "events" || part.isWhole;
}

function eventsIn(part: Part | undefined): number {
  return part?.kind === "events" ? part.events.length : 0;
}
