import type { IncomingMessage, ServerResponse } from "node:http";
import { Listener } from "../simulated-tenant/listener";
import type { StreamedData } from "./content";
import { serve } from "./exchange";
import type { Faults } from "./faults";
import type { BucketOptions } from "./options";
import { countRequests, type RecordedRequest, type RequestCounts } from "./records";
import type { ServiceAccountKey } from "./service-account";
import type { PutOptions, StoredObject } from "./shelf";
import { BucketState } from "./state";

export type { StreamedData } from "./content";
export { checksumsOf } from "./content";
export type { Fault } from "./faults";
export type { BucketOptions } from "./options";
export type { RecordedRequest } from "./records";
export type { ServiceAccountKey } from "./service-account";
export type { PutOptions, StoredObject } from "./shelf";

/** One version of one object. */
export interface PutResult {
  readonly name: string;
  readonly generation: string;
}

/**
 * A Cloud Storage bucket without versioning and the token endpoint of its service account, as strict as their
 * documentation, on a real HTTP or HTTPS socket of 127.0.0.1. It shares no code with the nodes.
 * @example
 * const bucket = await createSimulatedBucket();
 * bucket.put("internal/a.json.gz", gzip(ndjson(eventLines(1, 500))));
 * bucket.faults.add({ kind: "media", resetAfterBytes: 1000 });
 * await bucket.close();
 */
export class SimulatedBucket {
  readonly #state: BucketState;
  readonly #listener: Listener;

  private constructor(options: BucketOptions) {
    this.#state = new BucketState(options);
    const { port = 0, tls } = options;
    this.#listener = new Listener({ port, ...(tls && { tls }) }, (request, response) => this.#serve(request, response));
  }

  /** Starts one and waits until it listens. Rejects when the port is taken. */
  static async start(options: BucketOptions = {}): Promise<SimulatedBucket> {
    const bucket = new SimulatedBucket(options);
    await bucket.#listener.up();
    bucket.#state.url = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${bucket.#listener.port}`;
    return bucket;
  }

  /** Origin, the `apiEndpoint` of an account: `http://127.0.0.1:port`, or https with `tls`. */
  get url(): string {
    return this.#state.url;
  }

  get tokenUri(): string {
    return this.#state.tokenUri;
  }

  get name(): string {
    return this.#state.name;
  }

  /** The account's latest key, as the object of its key file. It stays here when it is revoked. */
  get serviceAccount(): ServiceAccountKey {
    return this.#state.key;
  }

  /** Refuses assertions of the key from now on. Tokens that are out stay good, as the real ones do. */
  revokeKey(): void {
    this.#state.revokeKey();
  }

  /** Replaces the key; the old one is refused from now on. Returns the new one. */
  renewKey(): ServiceAccountKey {
    return this.#state.renewKey();
  }

  /** No token issued so far is good any more. */
  expireTokens(): void {
    this.#state.tokens.expireAll();
  }

  /** A token as the endpoint would issue it, for callers that sign nothing. @default scope read-only */
  issueToken(scope = "https://www.googleapis.com/auth/devstorage.read_only"): string {
    return this.#state.tokens.issue([scope], this.#state.now() + this.#state.tokenLifeMs);
  }

  /**
   * Stores an object. The same name again makes a new generation, and the old one is gone.
   * @throws Error for a name or a generation that the service would not have
   */
  put(name: string, data: Buffer | string | StreamedData, options: PutOptions = {}): PutResult {
    const { generation } = this.#state.shelf.put(name, data, options, this.#state.now());
    return { name, generation };
  }

  /** False when there is none. */
  delete(name: string): boolean {
    return this.#state.shelf.delete(name);
  }

  /** Changes metageneration and `updated`, and nothing else. @throws Error when there is no such object */
  touch(name: string): void {
    this.#state.shelf.touch(name, this.#state.now());
  }

  /** The live objects, in the byte order of their names. */
  objects(): readonly StoredObject[] {
    return [...this.#state.shelf.all];
  }

  /** Faults to come. */
  get faults(): Faults {
    return this.#state.faults;
  }

  /** Every request since the start or {@link clearRequests}, in the order in which they came. */
  get requests(): readonly RecordedRequest[] {
    return this.#state.requests;
  }

  /** Sums of {@link requests}. */
  get counts(): RequestCounts {
    return countRequests(this.#state.requests);
  }

  clearRequests(): void {
    this.#state.requests = [];
  }

  /** Connections open now, and opened since the start. */
  get connections(): { readonly open: number; readonly ever: number } {
    return { open: this.#listener.connections, ever: this.#listener.connectionsEver };
  }

  /** 403 on listing. @default false */
  get denyList(): boolean {
    return this.#state.denyList;
  }
  set denyList(isDenied: boolean) {
    this.#state.denyList = isDenied;
  }

  /** 403 on reading content and metadata. @default false */
  get denyRead(): boolean {
    return this.#state.denyRead;
  }
  set denyRead(isDenied: boolean) {
    this.#state.denyRead = isDenied;
  }

  /** 404 on everything of the bucket, which is kept all the same. @default false */
  get gone(): boolean {
    return this.#state.gone;
  }
  set gone(isGone: boolean) {
    this.#state.gone = isGone;
  }

  /** Added to the clock: `Date` headers, times of assertions and tokens, `timeCreated`. @default 0 */
  get clockOffsetMs(): number {
    return this.#state.clockOffsetMs;
  }
  set clockOffsetMs(offsetMs: number) {
    this.#state.clockOffsetMs = offsetMs;
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    await this.#listener.down();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    serve(request, response, this.#state).catch((error: unknown) => {
      request.socket.destroy();
      // Content that cannot be decompressed breaks the connection, as at the service. Everything else is a fault of the
      // test (a callback that throws, a stream that is too short) and must not look like one of the service.
      if (isZlibError(error)) return;
      queueMicrotask(() => {
        throw error;
      });
    });
  }
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");

/** Starts a bucket on a free port of 127.0.0.1. */
export function createSimulatedBucket(options: BucketOptions = {}): Promise<SimulatedBucket> {
  return SimulatedBucket.start(options);
}
