import Bottleneck from "bottleneck";
import type { Redis } from "ioredis";
import type { XdrError } from "../errors";
import { orAbort } from "../or-abort";
import { connectRedis, redisError } from "../store/redis-connection";

export interface QuotaSessionOptions {
  /** Secret: may hold a password. */
  readonly url: string;
  /** All limiters of one id share their reservoir. */
  readonly id: string;
  readonly reservoir: number;
  /** Time without any use after which Redis forgets the reservoir, milliseconds. */
  readonly forgetAfterMs: number;
}

/**
 * Bottleneck on Redis, with its two connections, until the first failure: then all of it is thrown away and a new one is
 * opened. Bottleneck itself would leave jobs waiting for messages that were missed.
 */
export class QuotaSession {
  readonly client: Redis;
  readonly limiter: Bottleneck;
  /** Aborts when the session has failed or was ended. */
  readonly signal: AbortSignal;
  readonly #ending = new AbortController();
  readonly #connection: Bottleneck.IORedisConnection;
  #reason = redisError("write", undefined);

  private constructor(client: Redis, options: QuotaSessionOptions) {
    this.client = client;
    this.signal = this.#ending.signal;
    const fail = (error: unknown): void => this.end(redisError("write", error));
    client.once("end", fail);
    // Makes a second connection for messages, with the options of the first.
    this.#connection = new Bottleneck.IORedisConnection({ client });
    this.#connection.on("error", fail);
    this.limiter = new Bottleneck({
      id: options.id,
      datastore: "ioredis",
      connection: this.#connection,
      clearDatastore: false,
      reservoir: options.reservoir,
      timeout: options.forgetAfterMs,
    });
    this.limiter.on("error", fail);
  }

  /** @throws XdrError `STORE_FAILED` */
  static async open(options: QuotaSessionOptions): Promise<QuotaSession> {
    const session = new QuotaSession(await connectRedis(options.url), options);
    await session.orEnd(session.#ready());
    return session;
  }

  /** Waits for `answer` as long as the session lasts; a failure ends it. @throws XdrError */
  async orEnd<T>(answer: Promise<T>): Promise<T> {
    try {
      return await orAbort(answer, this.signal, () => this.#reason);
    } catch (error) {
      const problem = redisError("write", error);
      this.end(problem);
      throw problem;
    }
  }

  /** Ends both connections; whoever waits gets `reason`. */
  end(reason: XdrError): void {
    if (!this.signal.aborted) this.#reason = reason;
    this.#ending.abort();
    // Not the limiter's own `disconnect`: on a broken connection it leaves rejections that nobody handles.
    void this.#connection.disconnect(false);
  }

  async #ready(): Promise<void> {
    const { subscriber } = (await this.limiter.ready()) as { subscriber: Redis };
    const fail = (): void => this.end(redisError("read", undefined));
    if (subscriber.status === "end") fail();
    else subscriber.once("end", fail);
  }
}
