import assert from "node:assert/strict";
import type { EventsOptions } from "../../../nodes/lib/gcs/events-options";
import type { Block } from "../../../nodes/lib/gcs/reader-api";
import type { SimulatedBucket, SimulatedVersion } from "./simulation-bucket";
import { classify, type Content } from "./simulation-content";
import type { Delivery, DeliveredReport, Flow } from "./simulation-flow";
import { idOf } from "./tiny-bucket";

/** Seeds played of each kind. */
export const SEEDS = Number(process.env["GCS_SEEDS"] ?? 30);
/** Events that may be out in `emit` mode. */
const EMIT_WINDOW = 5000;

const CODES = {
  "not-json": "GCS_LINE_NOT_JSON",
  "not-object": "GCS_LINE_NOT_OBJECT",
  "too-long": "GCS_LINE_TOO_LONG",
} as const;

/** Plays seeds 1 to `count`, or the one of `GCS_SEED`; what fails names the seed. */
export async function forSeeds(count: number, play: (seed: number) => Promise<void>): Promise<void> {
  const only = process.env["GCS_SEED"];
  const seeds = only === undefined ? Array.from({ length: count }, (_none, index) => index + 1) : [Number(only)];
  for (const seed of seeds) {
    await play(seed).catch((error: unknown) => {
      throw new Error(`Seed ${seed}; play it alone with GCS_SEED=${seed}.`, { cause: error });
    });
  }
}

/**
 * The lines of the events of a part, which must be those of the object: all events from the first line to the last, as they
 * stand there. Of a bad line: none.
 */
export function eventLinesOf(
  { object }: Block,
  part: Block["parts"][number],
  bucket: SimulatedBucket,
  options: EventsOptions,
): number[] {
  const { content } = bucket.of(object);
  const where = `${idOf(object)} line ${part.line}`;
  if (part.kind === "bad") {
    assertBad(content, part, options, where);
    return [];
  }
  const lines: number[] = [];
  for (let line = part.line; line <= part.lastLine; line += 1) {
    if (lineAt(content, line, options)?.kind === "event") lines.push(line);
  }
  assert.equal(lines[0], part.line, `${where}: an event`);
  assert.equal(lines.at(-1), part.lastLine, `${where}: an event at the end`);
  const expected = lines.map((line) => lineAt(content, line, options)?.text ?? "");
  assert.deepEqual(
    part.events.map((event) => JSON.stringify(event)),
    expected.map((text) => JSON.stringify(JSON.parse(text))),
    where,
  );
  assert.deepEqual(part.raw, options.rawLines ? expected : undefined, where);
  return lines;
}

function assertBad(
  content: Content,
  part: Extract<Block["parts"][number], { kind: "bad" }>,
  options: EventsOptions,
  where: string,
): void {
  const { code } = part.error;
  if (code === "GCS_LINE_CUT") {
    assert.ok(content.error !== undefined && part.line <= content.lines.length + 1, `${where}: cut`);
    return;
  }
  const line = lineAt(content, part.line, options);
  assert.ok(line !== undefined && line.kind !== "event" && line.kind !== "blank", `${where}: no bad line`);
  assert.equal(code, CODES[line.kind], where);
  assert.equal(part.text, Array.from(line.text).slice(0, 1000).join(""), where);
}

/** A line, counted from 1; what is left of a damaged object is one more. */
function lineAt({ lines, rest }: Content, line: number, { maxLineBytes }: EventsOptions) {
  return (
    lines[line - 1] ?? (line === lines.length + 1 && rest !== undefined ? classify(rest, maxLineBytes) : undefined)
  );
}

/** What is judged: what has reached the flow, and what each process was set to and how it has ended, by its number. */
export interface Verdict {
  readonly flow: Flow;
  readonly processes: readonly { readonly options: EventsOptions; readonly end: "kill" | "close" | undefined }[];
}

/** Within a process lines come in their order, and nothing twice; nothing of an object comes after its report. */
export function assertOrder({ flow }: Verdict, versions: Iterable<string>): void {
  for (const id of versions) {
    const last = new Map<number, { event: number; bad: number }>();
    for (const { process, kind, line } of flow.of(id)) {
      const before = last.get(process) ?? { event: 0, bad: 0 };
      // A bad line comes before the batch that was begun above it.
      assert.ok(line > before[kind] && (kind === "event" || line > before.event), `${id} line ${line} in its order`);
      last.set(process, { ...before, [kind]: line });
    }
  }
}

/** What comes again was not written down when the process before ended, and is no more than may be out. */
export function assertRepetitions(verdict: Verdict, versions: Iterable<string>): number {
  const { flow, processes } = verdict;
  const byKill = new Map<number, number>();
  let repeated = 0;
  for (const id of versions) {
    const lastOf = new Map<string, Delivery>();
    for (const delivery of flow.of(id)) {
      const key = `${delivery.kind} ${delivery.line}`;
      const before = lastOf.get(key);
      lastOf.set(key, delivery);
      if (before === undefined) continue;
      repeated += 1;
      if (processes[before.process]?.end === "kill") {
        if (delivery.kind === "event") byKill.set(before.process, (byKill.get(before.process) ?? 0) + 1);
      } else if (delivery.kind === "event") {
        assert.ok(!isTaken(before, verdict), `${id} line ${delivery.line} came again after an orderly close`);
      } else {
        assert.ok(
          before.fate === "unsure" || hasOpenBatch(verdict, before),
          `${id} bad line ${delivery.line} came again`,
        );
      }
    }
  }
  for (const [process, events] of byKill) {
    const { acknowledge, batchSize, maxUnacknowledged } = optionsOf(verdict, process);
    const limit = Math.max(batchSize, acknowledge === "emit" ? EMIT_WINDOW : maxUnacknowledged);
    assert.ok(events <= limit, `${events} events came again after process ${process} was killed`);
  }
  return repeated;
}

/** Written down at the latest with an orderly close. */
function isTaken({ process, fate, acknowledged }: Delivery, verdict: Verdict): boolean {
  return (optionsOf(verdict, process).acknowledge === "emit" ? fate : acknowledged) === "sure";
}

/** At least once, for all that anybody knows. */
function hasArrived({ process, kind, fate, acknowledged }: Delivery, verdict: Verdict): boolean {
  return kind === "bad" || optionsOf(verdict, process).acknowledge === "emit"
    ? fate === "sure"
    : acknowledged !== undefined;
}

/** A bad line below the first line of a batch is only written down with that batch. */
function hasOpenBatch(verdict: Verdict, bad: Delivery): boolean {
  if (optionsOf(verdict, bad.process).batchSize === 1) return false;
  const taken = new Set<number>();
  for (const delivery of verdict.flow.of(bad.id)) {
    if (delivery.kind !== "event" || delivery.process > bad.process) continue;
    if (isTaken(delivery, verdict)) taken.add(delivery.line);
  }
  for (let line = 1; line < bad.line; line += 1) if (!taken.has(line)) return true;
  return false;
}

/** Of each version that is there in the end everything has left, and was taken; the last report has the right counts. */
export function assertComplete(verdict: Verdict, { version, content }: SimulatedVersion): void {
  const { flow } = verdict;
  const { maxLineBytes } = optionsOf(verdict, 0);
  const id = idOf(version);
  const arrived = flow.of(id).filter((each) => hasArrived(each, verdict));
  const taken = new Set(arrived.filter(({ kind }) => kind === "event").map(({ line }) => line));
  const bad = new Set(arrived.filter(({ kind }) => kind === "bad").map(({ line }) => line));
  const { report } = reportsOf(flow, id).at(-1) ?? assert.fail(`${id} was not reported`);
  const code = report.error?.code;
  const { lines, rest } = content;
  if (content.shape === "flipped" && content.error !== undefined) {
    // How much comes out of damaged data depends on the pieces that they come in.
    assert.ok(code === content.error || code === "GCS_OBJECT_DAMAGED", id);
    assert.ok(report.bytes <= content.plainBytes && report.lines <= lines.length + 1, id);
    assert.ok(report.events <= taken.size && report.bad <= bad.size, `${id}: counts`);
    return;
  }
  const all = rest === undefined ? lines : [...lines, classify(rest, maxLineBytes)];
  const numbers = (wanted: "event" | "bad"): number[] =>
    all.flatMap(({ kind }, at) =>
      (kind === "event" ? "event" : kind === "blank" ? "" : "bad") === wanted ? [at + 1] : [],
    );
  const ascending = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
  assert.deepEqual(ascending(taken), numbers("event"), `${id} (${content.shape}): events`);
  assert.deepEqual(ascending(bad), numbers("bad"), `${id} (${content.shape}): bad lines`);
  const { storedBytes, events, bytes } = report;
  assert.deepEqual(
    { code, lines: report.lines, events, bad: report.bad, bytes, storedBytes },
    {
      code: content.error,
      lines: all.length,
      events: numbers("event").length,
      bad: numbers("bad").length,
      bytes: content.plainBytes,
      storedBytes: content.stored.length,
    },
    `${id} (${content.shape}): report`,
  );
}

/** One report of each version, unless the process ended before it was written down. */
export function assertReportedOnce({ flow, processes }: Verdict, versions: Iterable<string>): void {
  for (const id of versions) {
    for (const [index, report] of reportsOf(flow, id).entries()) {
      const before = reportsOf(flow, id)[index - 1];
      if (before === undefined) continue;
      const isUnwritten = before.fate === "unsure" || processes[before.process]?.end === "kill";
      const what = `${id} was reported twice: ${JSON.stringify([before, report])}`;
      assert.ok(before.process !== report.process && isUnwritten, what);
    }
  }
}

/** What has left is counted, also of an object that went away; where several processes sent, nobody knows of how much. */
export function assertCounts({ flow }: Verdict, versions: Iterable<string>): void {
  for (const id of versions) {
    const last = reportsOf(flow, id).at(-1);
    const deliveries = flow.of(id);
    if (last === undefined || deliveries.some(({ process }) => process !== last.process)) continue;
    const counts = (wanted: Delivery["kind"]): number => deliveries.filter(({ kind }) => kind === wanted).length;
    const { events, bad } = last.report;
    assert.deepEqual([events, bad], [counts("event"), counts("bad")], `${id}: what has left is reported`);
  }
}

function optionsOf({ processes }: Verdict, process: number): EventsOptions {
  return processes[process]?.options ?? assert.fail(`There was no process ${process}.`);
}

function reportsOf(flow: Flow, id: string): readonly DeliveredReport[] {
  return flow.reports.filter((report) => report.id === id);
}
