import { startBenchRelay, withEntrance } from "./bench-relay";
import { count, median, percent, quantile, type Row } from "./row";
import { namesFrom, postThreatLogs, type Sent } from "../support/load";

const CONNECTIONS = 32;
const REQUESTS = 4_000;
const ROUNDS = 4;
/** The relay flow's http response node. */
const RESPONSE_NODE_ID = "0000000000000f06";

/** Durable accept rate of the relay flow against `http in -> http response` of the same Node-RED, in turns. */
export async function benchAccept(): Promise<Row[]> {
  const relay = await startBenchRelay({}, { maxQueued: 1_000_000, lingerMs: 2_000 }, (flow) =>
    withEntrance(flow, "/bare", RESPONSE_NODE_ID, true),
  );
  try {
    const bare: Round[] = [];
    const durable: Round[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const isWarmUp = round === 0;
      const [first, second] = [await run(`${relay.red.url}/bare`, round), await run(`${relay.red.url}/in`, round)];
      if (isWarmUp) continue;
      bare.push(first);
      durable.push(second);
    }
    const ratio = median(durable.map((round, index) => round.perSecond / (bare[index]?.perSecond ?? NaN)));
    return [
      {
        what: `accepting threat logs durably, ${CONNECTIONS} connections (requests/s)`,
        measured: `${count(median(durable.map(({ perSecond }) => perSecond)))}, ${latency(durable)}`,
        baseline: `\`http in\` → \`http response\`: ${count(median(bare.map(({ perSecond }) => perSecond)))}, ${latency(bare)}`,
        ratio: percent(ratio),
      },
    ];
  } finally {
    await relay.end();
  }
}

interface Round {
  readonly perSecond: number;
  readonly sent: readonly Sent[];
}

async function run(url: string, round: number): Promise<Round> {
  const names = namesFrom(`accept-${round}`, 0, REQUESTS);
  const started = performance.now();
  const sent = await postThreatLogs({ url, connections: CONNECTIONS, names });
  const seconds = (performance.now() - started) / 1000;
  const failed = sent.filter(({ status }) => status !== 200).length;
  if (failed > 0) throw new Error(`${failed} of ${REQUESTS} requests to ${url} were not answered 200`);
  return { perSecond: REQUESTS / seconds, sent };
}

function latency(rounds: readonly Round[]): string {
  const all = rounds.flatMap(({ sent }) => sent.map(({ ms }) => ms));
  return `p50 ${quantile(all, 0.5).toFixed(1)} ms, p99 ${quantile(all, 0.99).toFixed(1)} ms`;
}
