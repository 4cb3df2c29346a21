import type { Clock } from "../../../nodes/lib/clock";
import { XdrError } from "../../../nodes/lib/errors";
import { parsePollOptions } from "../../../nodes/lib/poll/poll-options";
import { createPoller } from "../../../nodes/lib/poll/poller";
import type { EmittedPage, Item, Poller, PollerPorts, RunReport, SyncKind } from "../../../nodes/lib/poll/poller-api";
import type { Store } from "../../../nodes/lib/store/store";
import { MemoryDisk } from "../../support/memory-store";

/** A clock that only moves when it is told to; whoever sleeps is woken by {@link advance}. */
export class TestClock implements Clock {
  #nowMs: number;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Waits under way, milliseconds from now, shortest first. */
  get sleeping(): number[] {
    return [...this.#sleepers].map(({ untilMs }) => untilMs - this.#nowMs).sort((a, b) => a - b);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const entry = { untilMs: this.#nowMs + ms, wake: () => finish() };
      const finish = (): void => {
        this.#sleepers.delete(entry);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      this.#sleepers.add(entry);
      signal?.addEventListener("abort", finish, { once: true });
      if (signal?.aborted === true || ms <= 0) finish();
    });
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const entry of [...this.#sleepers]) if (entry.untilMs <= this.#nowMs) entry.wake();
  }
}

export interface RigOptions {
  readonly config?: object;
  readonly client: PollerPorts["client"];
  readonly clock?: TestClock;
  readonly disk?: MemoryDisk;
}

/** A poller with everything around it in memory. */
export class Rig {
  readonly clock: TestClock;
  readonly disk: MemoryDisk;
  readonly pages: EmittedPage[] = [];
  readonly reports: RunReport[] = [];
  readonly notices: string[] = [];
  readonly extras: string[] = [];
  readonly states: string[] = [];
  emit: PollerPorts["emit"] = () => Promise.resolve("all");
  poller: Poller;
  readonly #options: RigOptions;
  #store: Store | undefined;

  constructor(options: RigOptions) {
    this.#options = options;
    this.clock = options.clock ?? new TestClock(1_800_000_000_000);
    this.disk = options.disk ?? new MemoryDisk();
    this.poller = this.#make();
  }

  /** A poller after a restart, redeploy or kill: all it knows is what is on disk. */
  restart(config: object = {}): void {
    this.#store = undefined;
    this.poller = this.#make(config);
  }

  #make(config: object = {}): Poller {
    const { client } = this.#options;
    return createPoller({
      id: "poll-1",
      options: parsePollOptions({ ...this.#options.config, ...config }),
      tenantUrl: "https://api-acme.example",
      client,
      clock: this.clock,
      random: () => 0.5,
      openStore: () => this.#open(),
      emit: (page, closing) => {
        this.pages.push(page);
        return this.emit(page, closing);
      },
      emitExtra: ({ incidentId }) => {
        this.extras.push(incidentId);
        return Promise.resolve(true);
      },
      onReport: (report) => this.reports.push(report),
      onState: (state) => this.states.push(state.phase),
      onNotice: (notice) => this.notices.push(notice),
    });
  }

  /** As a shared store does: the same as long as it works, another one after a failure. */
  #open(): Promise<Store> {
    if (this.#store === undefined) {
      const store = this.disk.open();
      this.#store = {
        ...store,
        get: (key) => store.get(key),
        read: (range) => store.read(range),
        close: () => store.close(),
        write: async (changes) => {
          try {
            await store.write(changes);
          } catch (error) {
            this.#store = undefined;
            throw error;
          }
        },
      };
    }
    return Promise.resolve(this.#store);
  }

  get items(): Item[] {
    return this.pages.flatMap(({ items }) => items);
  }

  /** `new 12`, `updated 7`, ... of all that left since the last look. */
  take(): string[] {
    const idOf = ({ record }: Item): string => {
      const id = record["alert_id"] ?? record["incident_id"] ?? record["endpoint_id"];
      return typeof id === "string" ? id : "?";
    };
    const taken = this.items.map((item) => `${item.change} ${idOf(item)}`);
    this.pages.length = 0;
    return taken;
  }

  /** One run; the poller is started by the first. */
  async run(kind: SyncKind = "incremental"): Promise<RunReport> {
    const report = this.poller.sync(kind);
    this.poller.start();
    return report;
  }

  /** One run that is expected to fail. */
  async fail(kind: SyncKind = "incremental"): Promise<XdrError> {
    try {
      await this.run(kind);
    } catch (error) {
      if (error instanceof XdrError) return error;
      throw error;
    }
    throw new Error("The run went well.");
  }
}
