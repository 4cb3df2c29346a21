import { contentOf, type Content, type StreamedData } from "./content";

/** How an object is put. */
export interface PutOptions {
  /** @default none stored, served as application/octet-stream */
  readonly contentType?: string;
  /** `gzip` makes the service decompress for clients that do not accept gzip. @default none */
  readonly contentEncoding?: string;
  readonly cacheControl?: string;
  /** `timeCreated`, epoch milliseconds. @default the bucket's clock */
  readonly createdMs?: number;
  /** Decimal digits. @default microseconds of `createdMs`, or one more than the name's last one */
  readonly generation?: string;
  /** An object put together out of others: it has a CRC32C and no MD5. @default false */
  readonly composed?: boolean;
}

/** The live version of one object. */
export interface StoredObject {
  readonly name: string;
  /** The name's UTF-8 bytes, one character each: text comparison of keys is the byte order of the names. */
  readonly key: string;
  readonly generation: string;
  /** Counts changes of the metadata of this generation, from 1. */
  readonly metageneration: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly content: Content;
  readonly options: PutOptions;
}

/** Longest name, bytes of UTF-8. Source: Cloud Storage documentation, "Object name requirements". */
const MAX_NAME_BYTES = 1024;
const MAX_GENERATION = 2n ** 63n - 1n;

/** See {@link StoredObject.key}. */
export const keyOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1");
export const nameOf = (key: string): string => Buffer.from(key, "latin1").toString("utf8");

/** The objects of a bucket without versioning: a version that is overwritten or deleted is gone. */
export class Shelf {
  readonly #live = new Map<string, StoredObject>();
  /** Last generation of each name, of deleted ones too: it never goes back. */
  readonly #generations = new Map<string, bigint>();
  /** By key; sorted when it is asked for. */
  #sorted: StoredObject[] = [];
  #isSorted = true;

  put(name: string, data: Buffer | string | StreamedData, options: PutOptions, nowMs: number): StoredObject {
    checkName(name);
    const createdMs = options.createdMs ?? nowMs;
    const generation = String(this.#nextGeneration(name, createdMs, options.generation));
    const object: StoredObject = {
      name,
      key: keyOf(name),
      generation,
      metageneration: 1,
      createdMs,
      updatedMs: createdMs,
      content: contentOf(data),
      options,
    };
    this.#place(object);
    return object;
  }

  get(name: string): StoredObject | undefined {
    return this.#live.get(name);
  }

  /** False when there is none. */
  delete(name: string): boolean {
    if (!this.#live.delete(name)) return false;
    const at = this.lowerBound(keyOf(name));
    this.#sorted.splice(at, 1);
    return true;
  }

  /** Changes the metadata only. @throws Error when there is no such object */
  touch(name: string, nowMs: number): StoredObject {
    const object = this.#live.get(name);
    if (object === undefined) throw new Error(`There is no object ${JSON.stringify(name)} to touch.`);
    const touched = { ...object, metageneration: object.metageneration + 1, updatedMs: nowMs };
    this.#place(touched);
    return touched;
  }

  /** In the byte order of the names. */
  get all(): readonly StoredObject[] {
    if (!this.#isSorted) {
      this.#sorted.sort((one, other) => (one.key < other.key ? -1 : 1));
      this.#isSorted = true;
    }
    return this.#sorted;
  }

  /** Index in {@link all} of the first object whose key is not below `key`. */
  lowerBound(key: string): number {
    const objects = this.all;
    let [low, high] = [0, objects.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((objects[middle] as StoredObject).key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #place(object: StoredObject): void {
    const isKnown = this.#live.has(object.name);
    this.#live.set(object.name, object);
    if (isKnown) {
      this.#sorted[this.lowerBound(object.key)] = object;
      return;
    }
    const last = this.#sorted.at(-1);
    this.#isSorted = this.#isSorted && (last === undefined || last.key < object.key);
    this.#sorted.push(object);
  }

  #nextGeneration(name: string, createdMs: number, given: string | undefined): bigint {
    const last = this.#generations.get(name) ?? 0n;
    const natural = BigInt(Math.floor(createdMs)) * 1000n;
    const generation = given === undefined ? max(natural, last + 1n) : BigInt(given);
    if (generation < 1n || generation > MAX_GENERATION) throw new Error(`${generation} is no generation.`);
    if (this.#live.get(name)?.generation === String(generation)) {
      throw new Error(`Generation ${generation} of ${JSON.stringify(name)} is there already.`);
    }
    this.#generations.set(name, max(generation, last));
    return generation;
  }
}

const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** Source: Cloud Storage documentation, "Object name requirements". */
function checkName(name: string): void {
  const bytes = Buffer.byteLength(name);
  const isRefused =
    bytes === 0 ||
    bytes > MAX_NAME_BYTES ||
    name === "." ||
    name === ".." ||
    name.includes("\n") ||
    name.includes("\r") ||
    name.startsWith(".well-known/acme-challenge/") ||
    nameOf(keyOf(name)) !== name;
  if (isRefused) throw new Error(`The service allows no object name ${JSON.stringify(name).slice(0, 100)}.`);
}
