import { constants, gunzipSync } from "node:zlib";
import { Readable } from "node:stream";
import { checksumsOf, type SimulatedBucket } from "../support/simulated-bucket/bucket";
import { gzip, truncated } from "../support/simulated-bucket/event-lines";
import { integerIn, mulberry32, type Random } from "../support/virtual-random";

/** What a version of an object holds. */
export interface Version {
  readonly key: string;
  readonly name: string;
  readonly generation: string;
  /** Ids of the events in complete lines, in their order. */
  readonly ids: readonly string[];
  /** Numbers of the bad lines, that in which a cut object breaks off included. */
  readonly badLines: readonly number[];
  readonly isCut: boolean;
  isReplaced: boolean;
}

const START_MS = Date.UTC(2026, 8, 21);
const HOUR_MS = 3_600_000;
/** A body is sent in so many pieces, with a pause before each, so that kills strike inside objects. */
const PIECES = 4;

/**
 * A bucket to which objects come over time, out of the order of their names and of their times; many have equal times. One in
 * twelve is cut, one line in fifteen is bad, one in ten is blank.
 */
export class KillWorld {
  readonly versions = new Map<string, Version>();
  readonly #bucket: SimulatedBucket;
  readonly #random: Random;
  readonly #pauseMs: number;
  /** The live version of each name. */
  readonly #live = new Map<string, Version>();

  constructor(bucket: SimulatedBucket, seed: number, pauseMs: number) {
    this.#bucket = bucket;
    this.#random = mulberry32(seed);
    this.#pauseMs = pauseMs;
  }

  get objects(): number {
    return this.#live.size;
  }

  async addObject(): Promise<void> {
    const shard = integerIn(this.#random, 0, 0xffff).toString(16).padStart(4, "0");
    await this.#put(`internal/${shard}/${this.#live.size}.gz`);
  }

  /** Overwrites one of the last objects. */
  async rewrite(): Promise<void> {
    const names = [...this.#live.keys()].slice(-12);
    const name = names[integerIn(this.#random, 0, names.length - 1)];
    if (name !== undefined) await this.#put(name);
  }

  async #put(name: string): Promise<void> {
    const random = this.#random;
    const before = this.#live.get(name);
    const generation = String(BigInt(before?.generation ?? 1_790_000_000_000_000) + 1n);
    const key = `${name}#${generation}`;
    const text = linesOf(random, key, integerIn(random, 20, 140));
    const isCut = integerIn(random, 1, 12) === 1;
    const whole = gzip(text);
    const data = isCut ? truncated(whole, integerIn(random, whole.length >> 1, whole.length - 20)) : whole;
    const stream = (): Readable => Readable.from(inPieces(data, this.#pauseMs));
    const createdMs = START_MS + integerIn(random, 0, 3) * HOUR_MS;
    const { crc32c, md5Hash } = await checksumsOf(Readable.from([data]));
    this.#bucket.put(name, { sizeBytes: data.length, stream, crc32c, md5Hash }, { generation, createdMs });
    if (before !== undefined) before.isReplaced = true;
    const version = {
      key,
      name,
      generation,
      isCut,
      isReplaced: false,
      ...expectedOf(isCut ? readable(data) : text, isCut),
    };
    this.#live.set(name, version);
    this.versions.set(key, version);
  }
}

async function* inPieces(data: Buffer, pauseMs: number): AsyncGenerator<Buffer> {
  const size = Math.ceil(data.length / PIECES);
  for (let at = 0; at < data.length; at += size) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    yield data.subarray(at, at + size);
  }
}

function linesOf(random: Random, key: string, count: number): string {
  let text = "";
  for (let line = 1; line <= count; line += 1) {
    const chance = integerIn(random, 1, 30);
    if (chance <= 2) text += `no json in line ${line}\n`;
    else if (chance <= 5) text += "\n";
    else text += `${JSON.stringify({ event_id: `${key}:${line}`, event_type: 1, noise: random().toString(36) })}\n`;
  }
  return text;
}

/** What can be decompressed of a cut gzip. */
function readable(data: Buffer): string {
  return gunzipSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).toString("utf8");
}

function expectedOf(text: string, isCut: boolean): { ids: string[]; badLines: number[] } {
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  const ids = lines
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as { event_id: string }).event_id);
  const badLines = lines.flatMap((line, index) => (line.startsWith("no json") ? [index + 1] : []));
  return { ids, badLines: isCut && rest !== "" ? [...badLines, lines.length + 1] : badLines };
}
