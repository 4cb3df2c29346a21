import { fork } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { eventLines, gzip, ndjson } from "../support/simulated-bucket/event-lines";
import { until } from "../support/until";
import { answer, startEventsRig, type EventsRig, type Seen } from "./events-rig";
import { count, median, percent, type Row } from "./row";

/** Distinct events, and how often they follow each other, as gzip members of one file. */
const DISTINCT_EVENTS = 120_000;
const COPIES = 3;
const EVENTS = DISTINCT_EVENTS * COPIES;
const ROUNDS = 5;
const BATCH = 500;
const LARGE_BYTES = 1_000_000_000;
const KNOWN_OBJECTS = 10_000;
/** Source: Cloud Storage JSON API, Objects: list, `maxResults`. */
const PAGE_SIZE = 1000;
const FIELDS = "nextPageToken,items(name,generation,size,timeCreated,md5Hash)";

/** The events node in a real Node-RED against plain Node.js on the same file, its memory, and what a listing costs. */
export async function benchEvents(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "cortex-xdr-bench-"));
  const rig = await startEventsRig();
  try {
    const file = join(folder, "events.json.gz");
    const text = ndjson(eventLines(1, DISTINCT_EVENTS));
    const member = gzip(text);
    writeFileSync(file, Buffer.concat(Array.from({ length: COPIES }, () => member)));
    const plainBytes = Buffer.byteLength(text) * COPIES;
    return [
      ...(await benchSpeed(rig, file, plainBytes)),
      await benchLarge(rig, file, plainBytes),
      ...(await benchKnown(rig)),
    ];
  } finally {
    await rig.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function benchSpeed(rig: EventsRig, file: string, plainBytes: number): Promise<Row[]> {
  const plain = fork(join(__dirname, "events-plain.ts"), [file], { stdio: "inherit" });
  try {
    await rig.bucket({ put: { name: "speed/events.json.gz", file, copies: 1 } });
    const readPlain = async (): Promise<number> => {
      plain.send({});
      return rateOf(await answer<{ events: number; ms: number }>(plain));
    };
    const read = async (batchSize: number): Promise<number> => rateOf(await rig.read("speed/", 1, { batchSize }));
    const rates: { plain: number; one: number; batch: number }[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      // Whoever comes first must not always be the same.
      const isPlainFirst = round % 2 === 0;
      const before = isPlainFirst ? await readPlain() : undefined;
      const [one, batch] = [await read(1), await read(BATCH)];
      const rate = { plain: before ?? (await readPlain()), one, batch };
      // The first round warms both of them up.
      if (round > 0) rates.push(rate);
    }
    const shown = (rate: number): string => `${count(rate)} (${count((rate * plainBytes) / EVENTS / 1e6)} MB/s)`;
    const kilobytes = (plainBytes / EVENTS / 1000).toFixed(1);
    const baseline = `the same file with \`createGunzip\`, split, \`JSON.parse\`: ${shown(median(rates.map((rate) => rate.plain)))}`;
    return (["one", "batch"] as const).map((mode) => ({
      what: `reading events of ${kilobytes} kB, ${mode === "one" ? "one" : count(BATCH)} a message (events/s)`,
      measured: shown(median(rates.map((rate) => rate[mode]))),
      baseline,
      ratio: percent(median(rates.map((rate) => rate[mode] / rate.plain))),
    }));
  } finally {
    plain.disconnect();
  }
}

function rateOf({ events, ms }: Pick<Seen, "events" | "ms">): number {
  if (events !== EVENTS) throw new Error(`${events} of ${EVENTS} events were read`);
  return (events * 1000) / ms;
}

/** A new Node-RED, which has read nothing yet. */
async function benchLarge(_rig: EventsRig, file: string, plainBytes: number): Promise<Row> {
  const rig = await startEventsRig();
  try {
    const copies = Math.ceil(LARGE_BYTES / plainBytes);
    await rig.bucket({ put: { name: "large/events.json.gz", file, copies } });
    await rig.read("nothing/", 0);
    // Time for what the start has left behind.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const { nowBytes } = rig.memory();
    rig.forgetPeak();
    const { events } = await rig.read("large/", 1);
    if (events !== EVENTS * copies) throw new Error(`${events} of ${EVENTS * copies} events were read`);
    const { peakBytes } = rig.memory();
    const mebibytes = (bytes: number): string => `${count(bytes / 2 ** 20)} MiB`;
    const sizes = `${((plainBytes * copies) / 1e9).toFixed(1)} GB (${count((statSync(file).size * copies) / 1e6)} MB stored)`;
    return {
      what: `most memory of Node-RED while it reads an object of ${sizes}`,
      measured: mebibytes(peakBytes),
      baseline: `before: ${mebibytes(nowBytes)}`,
      ratio: `+ ${mebibytes(peakBytes - nowBytes)}`,
    };
  } finally {
    await rig.end();
  }
}

/** Each listing of objects that are all known, against asking for the same pages and parsing them. */
async function benchKnown(rig: EventsRig): Promise<Row[]> {
  await rig.bucket({ small: KNOWN_OBJECTS });
  await rig.read("internal/small/", KNOWN_OBJECTS, { maxObjects: 16 });
  const rounds: { node: number; bare: number }[] = [];
  let listBytes = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    await rig.bucket({ count: true });
    const before = await rig.seen();
    await rig.sync();
    let pages = 0;
    await until("the listing has ended", async () => {
      const { lists = 0, others = 0, listBytes: bytes = 0 } = await rig.bucket({ count: true });
      if (others > 0) throw new Error("a listing of known objects read something else");
      pages += lists;
      listBytes = bytes === 0 ? listBytes : bytes;
      return pages >= KNOWN_OBJECTS / PAGE_SIZE;
    });
    const after = await rig.seen();
    if (after.events !== before.events) throw new Error("a known object was read again");
    const bare = await listBare(rig.url, rig.bucketName);
    if (round > 0) rounds.push({ node: cpuMs(after.cpu) - cpuMs(before.cpu), bare });
  }
  return [
    {
      what: `CPU of a listing with ${count(KNOWN_OBJECTS)} known objects: ${KNOWN_OBJECTS / PAGE_SIZE} pages, and nothing else`,
      measured: `${count(median(rounds.map(({ node }) => node)))} ms`,
      baseline: `the same pages with \`undici\` and \`JSON.parse\`: ${count(median(rounds.map(({ bare }) => bare)))} ms`,
      ratio: `${median(rounds.map(({ node, bare }) => node / bare)).toFixed(1)} ×`,
    },
  ];
}

/** @returns CPU of this process, milliseconds */
async function listBare(url: string, bucket: string): Promise<number> {
  const pool = new Pool(url);
  const before = process.cpuUsage();
  try {
    let objects = 0;
    for (let token: string | undefined = ""; token !== undefined;) {
      const query = new URLSearchParams({ prefix: "internal/small/", fields: FIELDS, maxResults: String(PAGE_SIZE) });
      if (token !== "") query.set("pageToken", token);
      const { body } = await pool.request({ method: "GET", path: `/storage/v1/b/${bucket}/o?${query.toString()}` });
      const page = (await body.json()) as { nextPageToken?: string; items: unknown[] };
      objects += page.items.length;
      token = page.nextPageToken;
    }
    if (objects !== KNOWN_OBJECTS) throw new Error(`${objects} of ${KNOWN_OBJECTS} objects were listed`);
    return cpuMs(process.cpuUsage(before));
  } finally {
    await pool.close();
  }
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
