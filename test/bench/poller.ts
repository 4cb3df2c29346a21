import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Pool } from "undici";
import type { TenantClient } from "../../nodes/lib/tenant/client-api";
import { pollOnce, serveAlerts, unlimitedClient, type AlertsServer } from "./poll-rig";
import { count, median, percent, type Row } from "./row";

const RECORDS = 10_000;
const ROUNDS = 9;
const MANY_RECORDS = 100_000;
/** Records between two looks at the heap; it is at its most once in each window, so that many looks make one stretch. */
const LOOK_EVERY = 1_000;
const STRETCH = 20_000;

const unzip = promisify(gunzip);

/** The poller against a bare loop over the same answers, and its memory over many records. Needs `--expose-gc`. */
export async function benchPoller(): Promise<Row[]> {
  return [...(await benchSpeed()), await benchHeap()];
}

/** What one round of {@link RECORDS} records took. */
interface Round {
  readonly cpuSeconds: number;
  readonly perSecond: number;
}

/** What a bare loop asks again, and what comes back. */
interface Recording {
  readonly path: string;
  readonly bodies: readonly string[];
  readonly wireBytes: number;
  readonly jsonBytes: number;
}

async function benchSpeed(): Promise<Row[]> {
  const server = await serveAlerts(RECORDS);
  const client = unlimitedClient(server.url);
  const pool = new Pool(server.url);
  try {
    // Not measured: the server renders its pages.
    const recording = await record(server, client);
    const [polled, bare]: [Round[], Round[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const poll = (): Promise<Round> => pollRound(server, client);
      const loop = (): Promise<Round> => bareRound(pool, recording);
      // Whoever comes second must not always be the same.
      const isPollFirst = round % 2 === 0;
      const first = await (isPollFirst ? poll() : loop());
      const second = await (isPollFirst ? loop() : poll());
      if (round === 0) continue;
      polled.push(isPollFirst ? first : second);
      bare.push(isPollFirst ? second : first);
    }
    const ratio = (of: keyof Round): number => median(polled.map((one, index) => one[of] / (bare[index]?.[of] ?? NaN)));
    const kilobytes = (recording.jsonBytes / RECORDS / 1000).toFixed(1);
    const answers = "`undici`, `gunzip` and `JSON.parse` of the same answers";
    return [
      {
        what: `polling alerts of ${kilobytes} kB, 100 a page (records/s)`,
        measured: count(median(polled.map(({ perSecond }) => perSecond))),
        baseline: `${answers}: ${count(median(bare.map(({ perSecond }) => perSecond)))}`,
        ratio: percent(ratio("perSecond")),
      },
      {
        what: `CPU of polling ${count(RECORDS)} alerts`,
        measured: `${median(polled.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2)} s`,
        baseline: `${answers}: ${median(bare.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2)} s`,
        ratio: `${ratio("cpuSeconds").toFixed(2)} ×`,
      },
    ];
  } finally {
    await Promise.all([client.close(), pool.close()]);
    server.end();
  }
}

/** One run that notes what it asks for. */
async function record(server: AlertsServer, client: TenantClient): Promise<Recording> {
  const bodies: string[] = [];
  let path = "";
  let [wireBytes, jsonBytes] = [0, 0];
  const noting: Pick<TenantClient, "callRaw"> = {
    callRaw: async (request) => {
      const answer = await client.callRaw(request);
      path = `/public_api/${request.path}`;
      bodies.push(JSON.stringify(request.body));
      wireBytes += answer.body.length;
      jsonBytes += (await unzip(answer.body)).length;
      return answer;
    },
  };
  await pollOnce({ server, client: noting });
  return { path, bodies, wireBytes, jsonBytes };
}

async function pollRound(server: AlertsServer, client: TenantClient): Promise<Round> {
  const watch = new Stopwatch();
  const { emitted } = await pollOnce({ server, client, onStart: () => watch.start(), onEnd: () => watch.stop() });
  if (emitted !== RECORDS) throw new Error(`${emitted} of ${RECORDS} records came through the poller`);
  return watch.round;
}

async function bareRound(pool: Pool, { path, bodies, wireBytes }: Recording): Promise<Round> {
  const watch = new Stopwatch();
  watch.start();
  let [bytes, rows] = [0, 0];
  for (const body of bodies) {
    const headers = { "content-type": "application/json", "accept-encoding": "gzip" };
    const answer = await pool.request({ path, method: "POST", headers, body });
    const packed = Buffer.from(await answer.body.arrayBuffer());
    const value = JSON.parse((await unzip(packed)).toString("utf8")) as { reply: { alerts: unknown[] } };
    bytes += packed.length;
    rows += value.reply.alerts.length;
  }
  watch.stop();
  if (bytes !== wireBytes || rows < RECORDS) throw new Error("the bare loop did not get the answers of the poller");
  return watch.round;
}

/** CPU of this process, all its threads, and time. */
class Stopwatch {
  #startedMs = 0;
  #startedCpu = process.cpuUsage();
  #round: Round = { cpuSeconds: NaN, perSecond: NaN };

  /** Begins with a clean heap: what came before is not to be paid for. */
  start(): void {
    collectGarbage();
    this.#startedMs = performance.now();
    this.#startedCpu = process.cpuUsage();
  }

  stop(): void {
    const { user, system } = process.cpuUsage(this.#startedCpu);
    const seconds = (performance.now() - this.#startedMs) / 1000;
    this.#round = { cpuSeconds: (user + system) / 1e6, perSecond: RECORDS / seconds };
  }

  get round(): Round {
    return this.#round;
  }
}

/** Most heap and buffers in use in the first and in the last stretch of a long run. */
async function benchHeap(): Promise<Row> {
  const server = await serveAlerts(MANY_RECORDS);
  const client = unlimitedClient(server.url);
  try {
    // Not measured: V8 compiles, and keeps what it has learnt of the code, long into the first such run.
    await pollOnce({ server, client });
    let [sent, looked, first, last] = [0, 0, 0, 0];
    const { emitted } = await pollOnce({
      server,
      client,
      onSent: (messages) => {
        sent += messages;
        if (sent - looked < LOOK_EVERY) return;
        looked = sent;
        const bytes = bytesInUse();
        if (sent <= STRETCH) first = Math.max(first, bytes);
        if (sent > MANY_RECORDS - STRETCH) last = Math.max(last, bytes);
      },
    });
    if (emitted !== MANY_RECORDS) throw new Error(`${emitted} of ${MANY_RECORDS} records came through the poller`);
    const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    return {
      what: `most heap with the last ${count(STRETCH)} of ${count(MANY_RECORDS)} alerts polled`,
      measured: mebibytes(last),
      baseline: `with the first ${count(STRETCH)}: ${mebibytes(first)}`,
      ratio: `${((last - first) / (MANY_RECORDS - STRETCH)).toFixed(1)} bytes a record`,
    };
  } finally {
    await client.close();
    server.end();
  }
}

function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error("start Node.js with --expose-gc");
  globalThis.gc();
}
