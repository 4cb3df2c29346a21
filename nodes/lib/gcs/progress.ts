/** Lines that are taken as one, counted from 1, blank ones too. */
export interface LineSpan {
  readonly first: number;
  /** One before `first` when there is no line in it. */
  readonly last: number;
  readonly events: number;
  readonly bad: number;
  /** Decompressed offset after the last line. */
  readonly endByte: number;
}

/** Lines beyond the contiguous part that were taken: first line, last line, events, bad lines, decompressed offset after them. */
export type SavedSpan = readonly [first: number, last: number, events: number, bad: number, endByte: number];

/** What can be written down of one object, and gone on from. */
export interface SavedProgress {
  /** All lines up to this one were taken. */
  readonly lines: number;
  /** Decompressed offset after that line. */
  readonly bytes: number;
  /** Events among these lines. */
  readonly events: number;
  readonly bad: number;
  /** Ascending, never next to each other nor to the lines above. */
  readonly taken: readonly SavedSpan[];
}

/** Lines that were added to a {@link Progress}. */
export class Span implements LineSpan {
  readonly first: number;
  readonly last: number;
  readonly events: number;
  readonly bad: number;
  readonly endByte: number;
  /** Of {@link Progress} alone: its place there; undefined once it was taken. */
  segment: Segment | undefined;

  constructor({ first, last, events, bad, endByte }: LineSpan, segment: Segment | undefined) {
    this.first = first;
    this.last = last;
    this.events = events;
    this.bad = bad;
    this.endByte = endByte;
    this.segment = segment;
  }
}

/** A span, or taken spans that became one. */
interface Segment {
  readonly first: number;
  last: number;
  events: number;
  bad: number;
  endByte: number;
  isTaken: boolean;
  before: Segment | undefined;
  after: Segment | undefined;
}

/**
 * Which lines of one object the flow has taken. The lines are added in their order, in spans, and taken in any order:
 *
 *     1 ........ lines | out | taken | out | taken | out ... added | not read yet | saved | not read yet
 *
 * Taken neighbours become one segment of a linked list, so that adding and taking cost the same however many spans are out,
 * and so that nothing is remembered of a line but what the spans around it need.
 */
export class Progress {
  /** The contiguous lines that were taken; always there. */
  readonly #head: Segment;
  #tail: Segment;
  /** What was taken before a restart, and how many of these have been reached since. */
  readonly #saved: readonly LineSpan[];
  #reached = 0;
  #added: { lines: number; bytes: number; events: number; bad: number };
  #taken: { lines: number; events: number; bad: number };
  #spansOut = 0;

  /** @param saved where to go on; undefined = at the beginning */
  constructor(saved?: SavedProgress) {
    const { lines = 0, bytes = 0, events = 0, bad = 0, taken = [] } = saved ?? {};
    this.#head = segmentOf({ first: 1, last: lines, events, bad, endByte: bytes }, true);
    this.#tail = this.#head;
    this.#saved = taken.map(([first, last, ...rest]) => ({
      first,
      last,
      events: rest[0],
      bad: rest[1],
      endByte: rest[2],
    }));
    this.#added = { lines, bytes, events, bad };
    this.#taken = { lines, events, bad };
    for (const span of this.#saved) this.#count(span, 1);
  }

  /** Everything up to the end of the last span that was added, taken or not. */
  get added(): { readonly lines: number; readonly bytes: number; readonly events: number; readonly bad: number } {
    return this.#added;
  }

  /** Everything that was taken, wherever it is. */
  get taken(): { readonly lines: number; readonly events: number; readonly bad: number } {
    return this.#taken;
  }

  /** Spans that were added and not taken yet. */
  get spansOut(): number {
    return this.#spansOut;
  }

  /** Whether everything that was added was taken. */
  get isComplete(): boolean {
    return this.#spansOut === 0;
  }

  /**
   * Adds the lines that follow those added before. Lines that {@link takenAt} gave count as taken from the start; the
   * saved spans that other lines overlap are forgotten: their lines leave once more.
   * @throws RangeError when lines are left out, or come twice
   */
  add(span: LineSpan): Span {
    const { lines, bytes, events, bad } = this.#added;
    if (span.first !== lines + 1 || span.last < lines || span.endByte < bytes) {
      throw new RangeError(`Lines ${span.first} to ${span.last} do not follow line ${lines}.`);
    }
    const isTaken = this.#passSaved(span);
    const segment = segmentOf(span, isTaken);
    segment.before = this.#tail;
    this.#tail.after = segment;
    this.#tail = segment;
    this.#added = { lines: span.last, bytes: span.endByte, events: events + span.events, bad: bad + span.bad };
    if (isTaken) this.#join(segment);
    else this.#spansOut += 1;
    return new Span(span, isTaken ? undefined : segment);
  }

  /** The flow has taken these lines. Once more changes nothing. */
  take(span: Span): void {
    const { segment } = span;
    if (segment === undefined) return;
    // The handle may live on: it must not hold the list.
    span.segment = undefined;
    segment.isTaken = true;
    this.#spansOut -= 1;
    this.#count(span, 1);
    this.#join(segment);
  }

  /**
   * The lines around `line` that were taken before a restart and have not been added since: to be passed over, and added as
   * they are.
   */
  takenAt(line: number): LineSpan | undefined {
    let low = this.#reached;
    let high = this.#saved.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#saved[middle]?.last ?? 0) < line) low = middle + 1;
      else high = middle;
    }
    const span = this.#saved[low];
    return span !== undefined && span.first <= line ? span : undefined;
  }

  /** What is to be written down now. Costs as much as there are gaps. */
  snapshot(): SavedProgress {
    const prefix = { ...this.#head };
    const taken: { -readonly [Key in keyof SavedSpan]: SavedSpan[Key] }[] = [];
    for (const { first, last, events, bad, endByte } of this.#takenBeyond()) {
      const previous = taken.at(-1);
      if (previous === undefined && first === prefix.last + 1) extend(prefix, { last, events, bad, endByte });
      else if (previous !== undefined && first === previous[1] + 1) {
        taken[taken.length - 1] = [previous[0], last, previous[2] + events, previous[3] + bad, endByte];
      } else taken.push([first, last, events, bad, endByte]);
    }
    return { lines: prefix.last, bytes: prefix.endByte, events: prefix.events, bad: prefix.bad, taken };
  }

  *#takenBeyond(): Generator<LineSpan> {
    for (let segment = this.#head.after; segment !== undefined; segment = segment.after) {
      // Without a line there is nothing to pass over.
      if (segment.isTaken && segment.last >= segment.first) yield segment;
    }
    for (let at = this.#reached; at < this.#saved.length; at += 1) yield this.#saved[at] as LineSpan;
  }

  /** @returns whether the span is a saved one */
  #passSaved(span: LineSpan): boolean {
    for (; this.#reached < this.#saved.length; this.#reached += 1) {
      const saved = this.#saved[this.#reached] as LineSpan;
      if (saved.first > span.last) return false;
      if (saved.first === span.first && saved.last === span.last) {
        this.#reached += 1;
        return true;
      }
      this.#count(saved, -1);
    }
    return false;
  }

  #count({ first, last, events, bad }: LineSpan, sign: 1 | -1): void {
    this.#taken.lines += sign * (last - first + 1);
    this.#taken.events += sign * events;
    this.#taken.bad += sign * bad;
  }

  /** Makes a taken segment one with its taken neighbours. */
  #join(segment: Segment): void {
    const { before, after } = segment;
    if (after?.isTaken === true) this.#absorb(segment, after);
    if (before?.isTaken === true) this.#absorb(before, segment);
  }

  #absorb(left: Segment, right: Segment): void {
    extend(left, right);
    left.after = right.after;
    if (right.after === undefined) this.#tail = left;
    else right.after.before = left;
  }
}

function segmentOf({ first, last, events, bad, endByte }: LineSpan, isTaken: boolean): Segment {
  return { first, last, events, bad, endByte, isTaken, before: undefined, after: undefined };
}

function extend(left: Omit<Segment, "first">, right: Omit<LineSpan, "first">): void {
  left.last = right.last;
  left.events += right.events;
  left.bad += right.bad;
  left.endByte = right.endByte;
}
