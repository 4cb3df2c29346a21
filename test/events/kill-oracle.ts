import assert from "node:assert/strict";
import type { Entry } from "./events-red";
import type { Version } from "./kill-world";

/** What was found. */
export interface Outcome {
  /** Lines that left, each counted once. */
  readonly lines: number;
  readonly repeated: number;
  /** The most that came again after one kill. */
  readonly repeatedMost: number;
  /** Kills that struck while an object was amid its events. */
  readonly insideObjects: number;
}

/** One run of a process, up to its kill. */
interface Run {
  readonly events: Set<string>;
  /** Versions that were reported, with their error. */
  readonly reports: Map<string, string | undefined>;
}

/**
 * Each complete line of each version that stayed, and of each that was reported as done, has left; each bad line, too. What
 * came again had not been reported before, was no more than may be out, and of no more objects than are read at once.
 */
export function assertKept(
  mode: string,
  versions: ReadonlyMap<string, Version>,
  entries: readonly Entry[],
  limits: { readonly window: number; readonly objects: number },
): Outcome {
  const runs = runsOf(mode, entries);
  const seen = new Set<string>();
  const badSeen = new Set<string>();
  const finished = new Set<string>();
  for (const entry of entries) if (entry.kind === "bad") badSeen.add(`${keyOf(entry.object)}:${entry.object.line}`);
  let insideObjects = 0;
  // What a kill left may come again after a later one only: each repetition counts for the run whose kill caused it.
  const lastRun = new Map<string, number>();
  const leftBy = runs.map(() => new Set<string>());
  for (const [at, { events, reports }] of runs.entries()) {
    for (const id of events) {
      const left = lastRun.get(id);
      if (left !== undefined) {
        const key = versionOf(id);
        assert.ok(!finished.has(key), `${mode}: ${key} was reported, and came again in run ${at}`);
        leftBy[left]?.add(id);
      }
      lastRun.set(id, at);
      seen.add(id);
    }
    for (const key of reports.keys()) finished.add(key);
    if (at < runs.length - 1 && [...events].some((id) => !reports.has(versionOf(id)))) insideObjects += 1;
  }
  for (const [at, ids] of leftBy.entries()) {
    assert.ok(ids.size <= limits.window, `${mode}: the kill of run ${at} made ${ids.size} come again`);
    // A cut object waits to be read again while others are read.
    const objects = [...new Set([...ids].map(versionOf))].filter((key) => versions.get(key)?.isCut === false);
    assert.ok(objects.length <= limits.objects, `${mode}: the kill of run ${at} made ${objects.join(", ")} come again`);
  }
  const repeated = leftBy.reduce((total, { size }) => total + size, 0);
  const repeatedMost = Math.max(...leftBy.map(({ size }) => size));
  const done = doneOf(runs);
  for (const version of versions.values()) {
    const { key, ids, badLines, isReplaced, isCut } = version;
    if (isReplaced && !done.has(key)) continue;
    const lost = ids.filter((id) => !seen.has(id));
    assert.deepEqual(lost, [], `${mode}: lost of ${key}`);
    const unreported = badLines.filter((line) => !badSeen.has(`${key}:${line}`));
    assert.deepEqual(unreported, [], `${mode}: bad lines of ${key}`);
    if (isReplaced) continue;
    const errors = runs.flatMap(({ reports }) => (reports.has(key) ? [reports.get(key)] : []));
    assert.ok(errors.length > 0, `${mode}: no report of ${key}`);
    for (const error of errors)
      assert.equal(error, isCut ? "GCS_OBJECT_DAMAGED" : undefined, `${mode}: report of ${key}`);
  }
  const known = new Set([...versions.values()].flatMap(({ ids }) => ids));
  assert.deepEqual(
    [...seen].filter((id) => !known.has(id)),
    [],
    `${mode}: made up`,
  );
  return { lines: seen.size, repeated, repeatedMost, insideObjects };
}

/** Versions of which a report says that all of it has left. */
function doneOf(runs: readonly Run[]): Set<string> {
  const done = new Set<string>();
  for (const { reports } of runs) for (const [key, error] of reports) if (error === undefined) done.add(key);
  return done;
}

function runsOf(mode: string, entries: readonly Entry[]): Run[] {
  const runs: Run[] = [];
  let run: Run | undefined;
  for (const entry of entries) {
    if (run === undefined || entry.kind === "start") runs.push((run = { events: new Set(), reports: new Map() }));
    if (entry.kind === "report") {
      const { error } = entry.report;
      run.reports.set(keyOf(entry.object), error?.code);
    }
    if (entry.kind !== "event") continue;
    // Without a kill in between nothing comes twice, and nothing comes of what was reported.
    assert.ok(!run.events.has(entry.id), `${mode}: ${entry.id} came twice in one run`);
    assert.ok(!run.reports.has(versionOf(entry.id)), `${mode}: ${entry.id} came after the report`);
    run.events.add(entry.id);
    const { object } = entry;
    if (object !== undefined) assert.equal(`${keyOf(object)}:${object.line}`, entry.id);
  }
  return runs;
}

function keyOf({ name, generation }: { readonly name: string; readonly generation: string }): string {
  return `${name}#${generation}`;
}

function versionOf(id: string): string {
  return id.slice(0, id.lastIndexOf(":"));
}
