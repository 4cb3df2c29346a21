import { XdrError } from "../../../nodes/lib/errors";
import { parsePollOptions } from "../../../nodes/lib/poll/poll-options";
import { createPoller } from "../../../nodes/lib/poll/poller";
import type { EmittedPage, Item, Poller, SyncKind, Taken } from "../../../nodes/lib/poll/poller-api";
import type { Store } from "../../../nodes/lib/store/store";
import { MemoryDisk } from "../../support/memory-store";
import { seedWorld } from "../../support/simulated-tenant/seeded-world";
import type { SeedOptions } from "../../support/simulated-tenant/world/seed-options";
import { integerIn, mulberry32, type Random } from "../../support/virtual-random";
import { VIRTUAL_START_MS, VirtualTenant, type VirtualTenantOptions } from "../../support/virtual-tenant";

/** What a seed is played with. */
export interface Play {
  readonly seed: number;
  /** Properties of the node. */
  readonly config: object;
  readonly world: Omit<SeedOptions, "seed" | "startMs">;
  readonly tenant?: VirtualTenantOptions;
  /** Share of requests that fail, half of them after the tenant has answered. @default 0 */
  readonly faultShare?: number;
  /** Share of reads and writes of the store that fail, half of the writes after they were done. @default 0 */
  readonly storeFaultShare?: number;
  /** Share of runs after which the node is closed and started again. @default 0 */
  readonly restartShare?: number;
  /** Share of requests, messages and writes at which the process is killed. @default 0 */
  readonly killShare?: number;
  /** Share of runs that are full. @default 0 */
  readonly fullShare?: number;
}

/** One item that reached the next node. */
export interface Emission extends Item {
  readonly sync: SyncKind;
  /** Which page it came with; counts from 0. */
  readonly page: number;
}

/** Time between two runs, milliseconds. */
const INTERVAL_MS = 60_000;
/** How long the tenant is quiet before the last run. */
const QUIET_MS = 1_200_000;

/**
 * Plays a seeded world against a poller in virtual time: faults, restarts and kills at any moment. The same seed plays the
 * same. At the end there are no faults any more, and time enough for the last late record.
 */
export class Simulation {
  readonly emissions: Emission[] = [];
  readonly tenant: VirtualTenant;
  kills = 0;
  restarts = 0;
  faults = 0;
  readonly #play: Play;
  readonly #random: Random;
  readonly #disk = new MemoryDisk();
  #store: Store | undefined;
  #poller: Poller | undefined;
  /** Grows with each kill: what an older process does no longer counts. */
  #process = 0;
  #pages = 0;
  #isQuiet = false;
  #isClosing = false;
  #onKill: () => void = () => undefined;

  constructor(play: Play) {
    this.#play = play;
    this.#random = mulberry32(play.seed * 7919 + 17);
    this.tenant = new VirtualTenant({ seed: play.seed, ...play.tenant });
    this.tenant.failWhen = () => this.#fault();
    seedWorld(this.tenant.world, { seed: play.seed, startMs: VIRTUAL_START_MS, ...play.world });
  }

  /** Plays to the end. */
  async play(): Promise<void> {
    const { world, clock } = this.tenant;
    while (world.scheduled.count > 0) {
      await this.#turn(this.#chance(this.#play.fullShare) ? "full" : "incremental");
      clock.advance(INTERVAL_MS);
    }
    this.#isQuiet = true;
    for (let quietMs = 0; quietMs < QUIET_MS; quietMs += INTERVAL_MS * 5) {
      await this.#turn("incremental");
      clock.advance(INTERVAL_MS * 5);
    }
    await this.#turn("incremental");
  }

  /** One run without faults. */
  async turn(kind: SyncKind): Promise<void> {
    this.#isQuiet = true;
    await this.#turn(kind);
  }

  async close(): Promise<void> {
    await this.#poller?.close();
  }

  /** One run, which may fail or be killed. */
  async #turn(kind: SyncKind): Promise<void> {
    const killed = new Promise<"killed">((resolve) => (this.#onKill = () => resolve("killed")));
    const poller = (this.#poller ??= this.#start());
    const run = poller.sync(kind).then(
      () => "done",
      (error: unknown) => error,
    );
    poller.start();
    const end = await Promise.race([run, killed]);
    if (end === "killed") {
      this.#poller = undefined;
      return;
    }
    if (this.#isQuiet && end !== "done") throw end;
    if (!this.#chance(this.#play.restartShare)) return;
    this.restarts += 1;
    // A disk that fails in the very moment of the close is as bad as a kill: not played here.
    this.#isClosing = true;
    await poller.close();
    this.#isClosing = false;
    this.#poller = undefined;
  }

  #start(): Poller {
    this.#store = undefined;
    const process = this.#process;
    const never = <T>(): Promise<T> => new Promise(() => undefined);
    const isGone = (): boolean => process !== this.#process;
    const { tenant } = this;
    return createPoller({
      id: "poll",
      options: parsePollOptions({ intervalSeconds: 86_400, ...this.#play.config }),
      tenantUrl: "https://virtual.tenant",
      client: {
        get clockSkewMs() {
          return tenant.clockSkewMs;
        },
        callRaw: async (request) => {
          if (isGone() || this.#kill()) return never();
          const answer = await this.tenant.callRaw(request);
          return isGone() || this.#kill() ? never() : answer;
        },
      },
      openStore: () => Promise.resolve(this.#open(isGone)),
      clock: this.tenant.clock,
      random: this.#random,
      emit: (page, closing) => (isGone() ? never() : this.#emit(page, closing, never)),
      emitExtra: () => Promise.resolve(true),
      onReport: () => undefined,
      onState: () => undefined,
      onNotice: (notice) => {
        throw new Error(`No notice was expected: ${notice}`);
      },
    });
  }

  async #emit(page: EmittedPage, closing: AbortSignal, never: () => Promise<Taken>): Promise<Taken> {
    const number = this.#pages++;
    const isLast = !this.#isQuiet && this.#chance(this.#play.killShare);
    const count = isLast ? integerIn(this.#random, 0, page.items.length) : page.items.length;
    for (const item of page.items.slice(0, count))
      this.emissions.push({ ...structuredClone(item), sync: page.sync, page: number });
    if (isLast) {
      this.#die();
      return never();
    }
    await new Promise((resolve) => setImmediate(resolve));
    return closing.aborted ? new Set() : "all";
  }

  #open(isGone: () => boolean): Store {
    if (this.#store !== undefined) return this.#store;
    const store = this.#disk.open();
    const never = (): Promise<never> => new Promise(() => undefined);
    this.#store = {
      get: (key) => (isGone() ? never() : this.#readOr(() => store.get(key))),
      read: (range) => (isGone() ? never() : this.#readOr(() => store.read(range))),
      close: () => store.close(),
      write: async (changes) => {
        if (isGone() || this.#kill()) return never();
        const fails = this.#failsStore();
        const isDone = !fails || this.#random() < 0.5;
        if (isDone) await store.write(changes);
        if (this.#kill()) return never();
        if (!fails) return;
        throw this.#breakStore();
      },
    };
    return this.#store;
  }

  #readOr<T>(read: () => Promise<T>): Promise<T> {
    return this.#failsStore() ? Promise.reject(this.#breakStore()) : read();
  }

  #failsStore(): boolean {
    return !this.#isQuiet && !this.#isClosing && this.#chance(this.#play.storeFaultShare);
  }

  #breakStore(): XdrError {
    this.faults += 1;
    this.#store = undefined;
    return new XdrError("STORE_FAILED", "A fault of the simulation.");
  }

  #fault(): XdrError | { lost: XdrError } | undefined {
    if (this.#isQuiet || !this.#chance(this.#play.faultShare)) return undefined;
    this.faults += 1;
    const error = new XdrError("XDR_SERVER_ERROR", "A fault of the simulation.", { status: 500 });
    return this.#random() < 0.5 ? error : { lost: error };
  }

  /** Rolls the dice; when they say so, the process ends here. */
  #kill(): boolean {
    if (this.#isQuiet || this.#isClosing || !this.#chance(this.#play.killShare)) return false;
    this.#die();
    return true;
  }

  #die(): void {
    this.kills += 1;
    this.#process += 1;
    this.#onKill();
  }

  #chance(share = 0): boolean {
    return share > 0 && this.#random() < share;
  }
}
