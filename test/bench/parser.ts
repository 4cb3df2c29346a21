import { createRequire } from "node:module";
import type { parsePanosOptions as ParseOptions } from "../../nodes/lib/pan-os/options";
import type { parsePanos as Parse } from "../../nodes/lib/pan-os/parse";
import { count, median, percent, type Row } from "./row";
import { SAMPLES } from "./samples";

// What ships is measured: tsx would run the sources with its own helpers in between.
const load = createRequire(__filename);
const { parsePanosOptions } = load("../../dist/nodes/lib/pan-os/options.js") as {
  parsePanosOptions: typeof ParseOptions;
};
const { parsePanos } = load("../../dist/nodes/lib/pan-os/parse.js") as { parsePanos: typeof Parse };

/** Alerts parsed in one timed round. */
const ALERTS = 20_000;
const ROUNDS = 7;

/** Alerts a second for each format, bytes in, alert out, against `JSON.parse` of the alert alone. */
export function benchParser(): Promise<Row[]> {
  const options = parsePanosOptions({});
  const arrivalMs = Date.now();
  const rows = Object.entries(SAMPLES).map(([name, text]): Row => {
    const bytes = Buffer.from(text);
    const first = parsePanos(bytes, options, arrivalMs);
    const alert = first.alerts[0];
    if (alert === undefined) throw new Error(`the ${name} sample gives no alert: ${first.rejects[0]?.message ?? ""}`);
    const json = JSON.stringify(alert.panos);
    const [parse, baseline]: [number[], number[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const parsed = perSecond(() => parsePanos(bytes, options, arrivalMs).alerts.length);
      const plain = perSecond(() => Object.keys(JSON.parse(json) as object).length);
      if (round === 0) continue;
      parse.push(parsed);
      baseline.push(plain);
    }
    return {
      what: `parsing ${name} (alerts/s)`,
      measured: count(median(parse)),
      baseline: `\`JSON.parse\` of the same fields: ${count(median(baseline))}`,
      ratio: percent(median(parse) / median(baseline)),
    };
  });
  return Promise.resolve(rows);
}

/** The result is used, so that nothing is optimised away. */
function perSecond(work: () => number): number {
  let sum = 0;
  const started = performance.now();
  for (let index = 0; index < ALERTS; index += 1) sum += work();
  const seconds = (performance.now() - started) / 1000;
  if (sum < ALERTS) throw new Error("some rounds did nothing");
  return ALERTS / seconds;
}
