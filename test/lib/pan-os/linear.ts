import assert from "node:assert/strict";

const LARGE_CHARS = 100_000;
const PARTS = 8;
/** One large text against as much text in 8 parts: 1 when linear, 8 when quadratic. Equal work meets equal garbage collection. */
const MAX_RATIO = 4;
/** Below this a ratio measures the clock, not the code. */
const MIN_MEASURABLE_MS = 1.5;
const MAX_ROUNDS = 20;

/** Fails when `run` takes much longer on a text than on its parts. Compares best times of several only, never a time with a limit. */
export function assertLinear(run: (text: string) => unknown, unit: string): void {
  const large = unit.repeat(Math.ceil(LARGE_CHARS / unit.length));
  const small = unit.repeat(Math.ceil(LARGE_CHARS / PARTS / unit.length));
  let largeMs = Infinity;
  let partsMs = Infinity;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    largeMs = Math.min(
      largeMs,
      elapsedMs(() => run(large)),
    );
    if (largeMs < MIN_MEASURABLE_MS) return;
    const parts = elapsedMs(() => {
      for (let part = 0; part < PARTS; part += 1) run(small);
    });
    partsMs = Math.min(partsMs, parts);
    if (round >= 2 && largeMs <= partsMs * MAX_RATIO) return;
  }
  assert.fail(`${(largeMs / partsMs).toFixed(1)} times as long for one text as for ${PARTS} parts of it`);
}

/** `text` with a different number in place of each `#`: equal keys are often done with at once. */
export function numbered(text: string): string {
  let count = 0;
  return text.replaceAll("#", () => String((count += 1)));
}

function elapsedMs(run: () => void): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}
