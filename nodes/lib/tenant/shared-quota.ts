import { randomUUID } from "node:crypto";
import type { Quota, Spend } from "./quota-api";
import { QuotaSession } from "./quota-session";
import { KEEP_BOOKS } from "./shared-quota-script";
import type { Clock } from "../clock";
import { XdrError } from "../errors";
import { orAbort } from "../or-abort";
import { redisError } from "../store/redis-connection";

/** Longest time between two looks at the ledger, milliseconds. */
const MAX_SWEEP_MS = 1_000;
/** Wait before Redis is tried again after a failure, milliseconds. */
const REOPEN_MS = 1_000;

export interface SharedQuotaOptions {
  /** Secret: may hold a password. */
  readonly url: string;
  /** All quotas of one tenant host, size and window are one, whoever opens them. */
  readonly tenantHost: string;
  /** Alerts the tenant takes per window. */
  readonly alerts: number;
  readonly windowMs: number;
  /** Longest time a request may take: so long after its start the tenant may still count it. */
  readonly requestTimeoutMs: number;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** A share of this instance. */
interface Share {
  /** Name in the ledger. */
  readonly member: string;
  /** `waiting` and `dropped` are not (for certain) in the ledger. */
  state: "waiting" | "dropped" | "under way" | "answered";
  /** When it comes back, on the monotonic clock; while under way always a full time ahead. */
  dueMs: number;
}

/**
 * The tenant's insert quota, shared through Redis by all Node-RED instances and tenant nodes of one tenant: Bottleneck's
 * clustered reservoir holds what is free, a ledger beside it what is spent and when it comes back. Each instance looks
 * after the whole ledger, so the shares of one that died come back too.
 *
 * As in the quota of one instance, a share comes back one window after its **answer**; one that was never answered, one
 * window after the request must have ended.
 */
export class SharedQuota implements Quota {
  readonly alerts: number;
  readonly #options: SharedQuotaOptions;
  readonly #keys: readonly [ledger: string, leak: string, settings: string];
  readonly #id: string;
  readonly #answeredMs: number;
  readonly #unansweredMs: number;
  /** Shares that are in the ledger, or should be. */
  readonly #shares = new Map<string, Share>();
  /** Shares whose latest state Redis does not know yet. */
  readonly #untold = new Set<Share>();
  /** Members to take out of the ledger at once. */
  readonly #released = new Set<string>();
  #session: Promise<QuotaSession> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #spent = 0;
  readonly #stopping = new AbortController();

  constructor(options: SharedQuotaOptions) {
    const { tenantHost, alerts, windowMs, requestTimeoutMs } = options;
    this.#options = options;
    this.alerts = alerts;
    const marginMs = 5 + windowMs / 1000;
    this.#answeredMs = Math.ceil(windowMs + marginMs);
    this.#unansweredMs = this.#answeredMs + requestTimeoutMs;
    const name = `${tenantHost}:${alerts}:${windowMs}`;
    this.#id = `cortex-xdr:${name}`;
    this.#keys = [
      `cortex-xdr:quota:${name}:spent`,
      `cortex-xdr:quota:${name}:leak`,
      // Bottleneck's own. Source: Bottleneck 2.19 "Clustering", and its src/Scripts.coffee.
      `b_${this.#id}_settings`,
    ];
  }

  /** Of all instances, as far as known here. */
  get spent(): number {
    return this.#spent;
  }

  announce(alerts: number): Spend {
    const share: Share = { member: `${randomUUID()}|${alerts}`, state: "waiting", dueMs: 0 };
    return {
      // The ledger is the record; the store has nothing to remember.
      noted: [],
      take: () => this.#take(share, alerts),
      settle: (counted) => {
        this.#settle(share, counted);
        return [];
      },
    };
  }

  /** The records are in Redis, and hold by themselves. */
  restore(): Promise<void> {
    return Promise.resolve();
  }

  drainExpired(): readonly [] {
    return [];
  }

  /** Ends all waiting {@link Spend.take} calls; connections and timers end with the last request under way. */
  stop(): Promise<void> {
    this.#stopping.abort();
    if (!this.#isUnderWay()) this.#end();
    return Promise.resolve();
  }

  /** @throws XdrError when Redis cannot be used, or after {@link stop} */
  async #take(share: Share, alerts: number): Promise<void> {
    try {
      const session = await orAbort(this.#open(), this.#stopping.signal, stopped);
      this.#sweepIn(0);
      const job = async (): Promise<void> => {
        // Bottleneck has taken it from the reservoir: into the ledger with it, even when nobody wants it any more.
        this.#shares.set(share.member, share);
        if (share.state === "waiting") share.state = "under way";
        else this.#release(share);
        await this.#keepBooks(session);
      };
      const taken = session.orEnd(session.limiter.schedule({ weight: alerts }, job));
      await orAbort(taken, this.#stopping.signal, stopped);
      if (share.state !== "under way") throw stopped();
    } catch (error) {
      this.#settle(share, false);
      throw redisError("write", error);
    }
  }

  #settle(share: Share, counted: boolean): void {
    if (share.state === "waiting") share.state = "dropped";
    if (share.state !== "under way") return;
    if (counted) {
      share.state = "answered";
      share.dueMs = this.#options.clock.monotonicMs() + this.#answeredMs;
      this.#untold.add(share);
    } else this.#release(share);
    this.#sweepIn(0);
  }

  #release(share: Share): void {
    share.state = "dropped";
    this.#shares.delete(share.member);
    this.#untold.delete(share);
    this.#released.add(share.member);
  }

  #isUnderWay(): boolean {
    return [...this.#shares.values()].some(({ state }) => state === "under way");
  }

  #isOver(): boolean {
    return this.#stopping.signal.aborted && !this.#isUnderWay();
  }

  #open(): Promise<QuotaSession> {
    if (this.#isOver() && this.#session === undefined) return Promise.reject(stopped());
    this.#session ??= this.#openNew();
    return this.#session;
  }

  async #openNew(): Promise<QuotaSession> {
    const { url } = this.#options;
    try {
      const forgetAfterMs = 5 * this.#unansweredMs;
      const session = await QuotaSession.open({ url, id: this.#id, reservoir: this.alerts, forgetAfterMs });
      if (session.signal.aborted) throw redisError("open", undefined);
      // Redis may have come back without its last second: what we know is told again.
      for (const share of this.#shares.values()) this.#untold.add(share);
      session.signal.addEventListener("abort", () => (this.#session = undefined));
      return session;
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }

  /** Brings reservoir and ledger up to date. @throws XdrError, and then the session is at its end */
  async #keepBooks(session: QuotaSession): Promise<number> {
    const now = this.#options.clock.monotonicMs();
    const released = [...this.#released];
    const told: (string | number)[] = [];
    const news = new Set(this.#untold);
    for (const share of this.#shares.values()) {
      if (share.state === "under way") told.push(share.member, this.#unansweredMs);
      else if (share.dueMs <= now) this.#shares.delete(share.member);
      else if (news.has(share)) told.push(share.member, Math.ceil(share.dueMs - now));
    }
    this.#untold.clear();
    const leakMs = this.#unansweredMs;
    const limits = [this.alerts, leakMs, 5 * this.#unansweredMs, released.length];
    const call = session.client.eval(KEEP_BOOKS, 3, ...this.#keys, ...limits, ...released, ...told);
    const [freed, spent, nextMs] = (await session.orEnd(call)) as [number, number, number];
    for (const member of released) this.#released.delete(member);
    this.#spent = spent;
    // The reservoir is right already; this makes Bottleneck tell all who wait for it.
    if (freed > 0) await session.orEnd(session.limiter.incrementReservoir(0));
    return nextMs;
  }

  #sweepIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#sweep(), ms);
    this.#timer.unref();
  }

  /** Never rejects. */
  async #sweep(): Promise<void> {
    const timer = this.#timer;
    let waitMs = REOPEN_MS;
    try {
      const nextMs = await this.#keepBooks(await this.#open());
      const longest = Math.min(MAX_SWEEP_MS, this.#options.windowMs / 10);
      waitMs = nextMs < 0 ? longest : Math.min(longest, nextMs + 1);
    } catch {
      // Redis is away. Takes say so to the courier; what is to be told waits for the next session.
    }
    if (this.#isOver()) this.#end();
    // Somebody may have asked for an earlier look meanwhile.
    else if (this.#timer === timer) this.#sweepIn(waitMs);
  }

  #end(): void {
    clearTimeout(this.#timer);
    const end = (session: QuotaSession): void => session.end(stopped());
    // One that is still opening ends when it is open.
    void this.#session?.then(end, () => undefined);
  }
}

function stopped(): XdrError {
  return new XdrError("XDR_CANCELLED", "The quota is closed: Node-RED stops or redeploys.", { outcome: "unsent" });
}
