import assert from "node:assert/strict";
import type { Clock } from "../../../nodes/lib/clock";
import { XdrError } from "../../../nodes/lib/errors";
import { createEventsReader } from "../../../nodes/lib/gcs/events-reader";
import type { EventsOptions } from "../../../nodes/lib/gcs/events-options";
import type { Block, EventsReader, ObjectName, ObjectReport, ReaderState } from "../../../nodes/lib/gcs/reader-api";
import type { Store } from "../../../nodes/lib/store/store";
import type { MemoryDisk } from "../../support/memory-store";
import { integerIn, type Random } from "../../support/virtual-random";
import { SimulatedClient, type SimulatedBucket } from "./simulation-bucket";
import type { Delivery, Flow } from "./simulation-flow";
import { eventLinesOf } from "./simulation-oracle";
import { stepped } from "./simulation-rest";
import { idOf } from "./tiny-bucket";

/** What a process is given by the simulation. */
export interface World {
  readonly bucket: SimulatedBucket;
  readonly disk: MemoryDisk;
  readonly flow: Flow;
  readonly clock: Clock;
  readonly random: Random;
  /** Gives messages back, when and in which order it likes. */
  readonly giveBack: (message: () => void, process: Process) => void;
  readonly storeFaultShare: number;
  /** Whether there are no faults any more. */
  readonly isQuiet: () => boolean;
  /** What happens now: nothing, most of the time. */
  readonly dice: () => "kill" | "close" | undefined;
  readonly fails: () => boolean;
  readonly vanish: (name: string) => void;
  /** Told what must not be, wherever it was found: what a callback throws might be swallowed. */
  readonly violation: (error: unknown) => void;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** One life of the node, from its start to its close or its kill. */
export class Process {
  readonly number: number;
  readonly options: EventsOptions;
  readonly client: SimulatedClient;
  readonly notices: string[] = [];
  /** How it has ended. */
  end: "kill" | "close" | undefined;
  closed = false;
  state: ReaderState | undefined;
  mostUnacknowledged = 0;
  readonly #world: World;
  readonly #reader: EventsReader;
  readonly #syncs = new Set<Promise<void>>();
  #store: Store | undefined;
  #pending = 0;
  #sleeping = 0;
  /** Events of messages that the flow has. */
  #held = 0;
  #heldMessages = 0;

  constructor(number: number, options: EventsOptions, world: World) {
    const { bucket, random, clock } = world;
    this.number = number;
    this.options = options;
    this.#world = world;
    this.client = new SimulatedClient(bucket, {
      random,
      fails: world.fails,
      vanish: world.vanish,
      linger: (maxMs, signal) => clock.sleep(integerIn(random, 1, maxMs), signal),
      moment: () => this.#moment(),
    });
    this.#reader = createEventsReader({
      options,
      client: this.client,
      openStore: () => this.#open(),
      clock: this.#clock(),
      random,
      send: (block, onTaken, closing) => this.#count(this.#send(block, onTaken, closing)),
      report: (object, report, closing) => this.#count(this.#report(object, report, closing)),
      onState: (state) => {
        try {
          this.#show(state);
        } catch (error) {
          world.violation(error);
        }
      },
      onNotice: (sentence) => this.notices.push(sentence),
    });
    this.#reader.start();
  }

  isDead(): boolean {
    return this.end === "kill";
  }

  /** A listing now; how it ends is of no interest, that it ends is. */
  sync(): Promise<unknown> {
    const sync = this.#reader.sync();
    this.#syncs.add(sync);
    return sync
      .then(() => "done")
      .catch((error: unknown) => error)
      .finally(() => this.#syncs.delete(sync));
  }

  close(): void {
    if (this.end !== undefined) return;
    this.end = "close";
    void this.#reader.close().then(() => {
      this.closed = true;
      // Bodies and calls that were cut off may take a moment longer; what is sent or written may not.
      if (this.#pending > 0) this.#world.violation(new Error(`${this.#pending} sends or writes outlast the close`));
    });
  }

  kill(): void {
    this.end = "kill";
  }

  /** After the close nothing goes on. */
  assertAtRest(): void {
    assert.equal(this.closed, true, "the close has come to its end without any time");
    const { calls, bodies } = this.client;
    const rest = { calls, bodies, pending: this.#pending, sleeping: this.#sleeping, syncs: this.#syncs.size };
    assert.deepEqual(rest, { calls: 0, bodies: 0, pending: 0, sleeping: 0, syncs: 0 });
  }

  #clock(): Clock {
    const { clock } = this.#world;
    return {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: async (ms, signal) => {
        this.#sleeping += 1;
        await clock.sleep(ms, signal);
        this.#sleeping -= 1;
        stepped();
        if (this.isDead()) await never();
      },
    };
  }

  /** Anything may happen here. */
  async #moment(): Promise<void> {
    stepped();
    // Never in the same turn: nobody closes the reader out of one of its own calls.
    await Promise.resolve();
    if (this.isDead()) return never();
    const what = this.end === undefined ? this.#world.dice() : undefined;
    if (what === "close") this.close();
    if (what === "kill") this.kill();
    return this.isDead() ? never() : undefined;
  }

  async #count<T>(promise: Promise<T>): Promise<T> {
    this.#pending += 1;
    try {
      return await promise;
    } catch (error) {
      if (error instanceof assert.AssertionError) this.#world.violation(error);
      throw error;
    } finally {
      this.#pending -= 1;
    }
  }

  #show(state: ReaderState): void {
    if (this.isDead()) return;
    assert.equal(this.closed, false, "no state after the close");
    assert.ok(state.waitingObjects >= 0 && state.openObjects >= 0 && state.events >= (this.state?.events ?? 0));
    assert.ok(state.openObjects <= this.options.maxObjects, `${state.openObjects} objects are read at once`);
    this.state = state;
  }

  async #send(block: Block, onTaken: (part: number) => void, closing: AbortSignal): Promise<boolean> {
    const { flow, random } = this.#world;
    if (this.isDead()) return never();
    assert.equal(this.closed, false, "nothing is sent after the close");
    if (closing.aborted) return false;
    this.#noteHeld(block);
    const taken = block.parts.map((part) => ({
      part,
      lines: eventLinesOf(block, part, this.#world.bucket, this.options),
    }));
    const isAtOnce = random() < 0.2;
    if (isAtOnce) await this.#moment();
    await new Promise((resolve) => setImmediate(resolve));
    stepped();
    if (this.isDead()) return never();
    const dice = this.end === undefined ? this.#world.dice() : undefined;
    if (dice === "close") this.close();
    // Of a process that is killed, and of one that closes, nobody knows how much has reached the next node.
    const isSure = !isClosing(closing) && dice !== "kill";
    const count = isSure ? taken.length : integerIn(random, 0, taken.length);
    for (const [index, { part, lines }] of taken.entries()) {
      if (index >= count) break;
      const deliveries = flow.take(block.object, this.number, isSure ? "sure" : "unsure", part, lines);
      if (part.kind === "events") this.#handOver(deliveries, () => onTaken(index));
    }
    if (dice === "kill") {
      this.kill();
      return never();
    }
    return !isClosing(closing);
  }

  /** As many events are out as may be, or those of one message. */
  #noteHeld({ parts }: Block): void {
    const { acknowledge, maxUnacknowledged, batchSize } = this.options;
    if (acknowledge === "emit") return;
    for (const part of parts) {
      if (part.kind !== "events") continue;
      this.#held += part.events.length;
      this.#heldMessages += 1;
      assert.ok(part.events.length <= batchSize);
    }
    this.mostUnacknowledged = Math.max(this.mostUnacknowledged, this.#held);
    assert.ok(this.#held <= maxUnacknowledged || this.#heldMessages === 1, `${this.#held} events are out`);
  }

  #handOver(deliveries: readonly Delivery[], onTaken: () => void): void {
    if (this.options.acknowledge === "emit") return;
    let isBack = false;
    this.#world.giveBack(() => {
      if (this.end === "kill" || this.closed) return;
      if (!isBack) {
        this.#held -= deliveries.length;
        this.#heldMessages -= 1;
      }
      isBack = true;
      const fate = this.end === undefined ? "sure" : "unsure";
      for (const delivery of deliveries) delivery.acknowledged ??= fate;
      stepped();
      onTaken();
    }, this);
  }

  async #report(object: ObjectName, report: ObjectReport, closing: AbortSignal): Promise<boolean> {
    const { flow, random } = this.#world;
    await this.#moment();
    assert.equal(this.closed, false, "nothing is reported after the close");
    if (closing.aborted) return false;
    await new Promise((resolve) => setImmediate(resolve));
    stepped();
    if (this.isDead()) return never();
    const isSure = !isClosing(closing);
    if (isSure || random() < 0.5) {
      flow.reports.push({ id: idOf(object), process: this.number, fate: isSure ? "sure" : "unsure", report });
    }
    return isSure;
  }

  async #open(): Promise<Store> {
    await this.#moment();
    if (this.#failsStore()) throw this.#breakStore();
    if (this.#store !== undefined) return this.#store;
    const store = this.#world.disk.open();
    this.#store = {
      get: (key) => this.#count(this.#read(() => store.get(key))),
      read: (range) => this.#count(this.#read(() => store.read(range))),
      close: () => store.close(),
      write: (changes) =>
        this.#count(
          (async () => {
            await this.#moment();
            const fails = this.#failsStore();
            const isDone = !fails || this.#world.random() < 0.5;
            if (isDone) await store.write(changes);
            await this.#moment();
            if (fails) throw this.#breakStore();
          })(),
        ),
    };
    return this.#store;
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    await this.#moment();
    if (this.#failsStore()) throw this.#breakStore();
    return read();
  }

  /** A disk that fails in the very moment of the close is as bad as a kill: not played here. */
  #failsStore(): boolean {
    const { isQuiet, random, storeFaultShare } = this.#world;
    return !isQuiet() && this.end === undefined && random() < storeFaultShare;
  }

  #breakStore(): XdrError {
    this.#store = undefined;
    return new XdrError("STORE_FAILED", "A fault of the simulation.");
  }
}

/** Asked anew: while somebody waited it may have changed. */
function isClosing(closing: AbortSignal): boolean {
  return closing.aborted;
}
