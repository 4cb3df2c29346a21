import { setMaxListeners } from "node:events";
import { XdrError } from "../errors";
import { shown } from "../shown";
import { Checkpoints } from "./checkpoints";
import { gcsRetryDelayMs } from "./gcs-retry";
import { Ledger } from "./ledger";
import { lostError, notReadable, whatBecameOf } from "./lost-object";
import { readObject } from "./object-reader";
import { reportOf } from "./object-report";
import { OpenObject } from "./open-object";
import { Progress } from "./progress";
import type { EventsReader, ObjectName, ReaderPorts } from "./reader-api";
import { RetentionWatch } from "./retention-watch";
import { Sweep } from "./sweep";
import { Troubles } from "./troubles";
import { WaitingObjects } from "./waiting-objects";
import { Window } from "./window";

/**
 * Most events that have left and are not written down as taken, in `emit` mode: so many leave again after a kill. In
 * `message` mode the node's own setting holds.
 */
const MAX_UNWRITTEN_EVENTS = 5000;
/** Wait before a damaged object is read again, milliseconds; twice as long each further time, up to the longest. */
const FAULT_DELAY_MS = 1000;
const MAX_FAULT_DELAY_MS = 64_000;
/** So many objects may wait for another attempt: with more, it is not the objects that cannot be read. Ours. */
const MAX_RETRIED_OBJECTS = 100;

/** @see EventsReader */
export function createEventsReader(ports: ReaderPorts): EventsReader {
  return new BucketReader(ports);
}

interface SyncRequest {
  readonly resolve: () => void;
  readonly reject: (error: XdrError) => void;
}

/** Lists the bucket again and again, and reads what is found, some objects at once, the oldest first. */
class BucketReader implements EventsReader {
  readonly #ports: ReaderPorts;
  readonly #ledger: Ledger;
  readonly #window: Window;
  readonly #checkpoints: Checkpoints;
  readonly #waiting = new WaitingObjects();
  /** Objects being read, or about to be read again: they keep what the flow still has to give back. */
  readonly #open = new Map<string, OpenObject>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #troubles: Troubles;
  readonly #retention = new RetentionWatch();
  readonly #closing = new AbortController();
  #requests: SyncRequest[] = [];
  #wake: AbortController | undefined;
  #loop: Promise<void> | undefined;
  /** A listing that was cut short. */
  #unfinished: Sweep | undefined;
  #failures = 0;
  /** Objects that are being read; the others in `#open` wait for another attempt. */
  #reading = 0;
  /** Objects whose wait is over, and that find no room among those being read. */
  readonly #returning: (() => void)[] = [];
  /** Objects that went away during this listing: a page that is older than that may still name them. */
  readonly #gone = new Set<string>();
  /** Objects that wait for another attempt. */
  #retried = 0;
  #hasListed = false;
  /** The last listing found more than is kept in mind. */
  #isIncomplete = false;
  #events = 0;

  constructor(ports: ReaderPorts) {
    const { options, clock, random } = ports;
    // Each object listens while it is read or waits; Node.js takes more than ten listeners for a leak and says so.
    setMaxListeners(0, this.#closing.signal);
    this.#ports = ports;
    this.#ledger = new Ledger(ports.openStore, options.bucket);
    this.#troubles = new Troubles(() => this.#show());
    const limit = options.acknowledge === "emit" ? MAX_UNWRITTEN_EVENTS : options.maxUnacknowledged;
    this.#window = new Window(limit, () => this.#checkpoints.hurry());
    const onTrouble = this.#troubles.of("state");
    this.#checkpoints = new Checkpoints({ ledger: this.#ledger, window: this.#window, clock, random, onTrouble });
  }

  start(): void {
    if (this.#loop !== undefined || this.#closing.signal.aborted) return;
    this.#show();
    this.#loop = this.#listUntilClosed();
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closing.signal.aborted) {
        reject(cancelled());
        return;
      }
      this.#requests.push({ resolve, reject });
      this.#wake?.abort();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake?.abort();
    for (const enter of this.#returning.splice(0)) enter();
    await this.#loop;
    // From now on nothing is written twice: an object that cannot be written down must not hold up the close.
    const written = this.#checkpoints.close();
    await Promise.all(this.#tasks);
    await written;
    await this.#checkpoints.close();
    for (const request of this.#requests.splice(0)) request.reject(cancelled());
  }

  async #listUntilClosed(): Promise<void> {
    while (!this.#closing.signal.aborted) await this.#idle(await this.#listOnce(this.#ports.clock.monotonicMs()));
  }

  /** Waits for the next listing, as long as nobody asks for one and there is something to read. */
  async #idle(waitMs: number): Promise<void> {
    if (this.#requests.length > 0 || this.#isHungry || this.#closing.signal.aborted) return;
    this.#wake = new AbortController();
    await this.#ports.clock.sleep(waitMs, this.#wake.signal);
    this.#wake = undefined;
  }

  /** The last listing found more than fitted, and all that fitted was read. */
  get #isHungry(): boolean {
    return this.#isIncomplete && this.#failures === 0 && this.#waiting.size === 0 && this.#reading === 0;
  }

  /** @returns how long to wait for the next listing, milliseconds. Never rejects. */
  async #listOnce(startedMs: number): Promise<number> {
    const { options, clock, random, onNotice } = this.#ports;
    const requests = this.#requests.splice(0);
    // Who asks wants what is there now, not what is left of an old listing.
    const sweep = (requests.length === 0 ? this.#unfinished : undefined) ?? this.#newSweep();
    this.#unfinished = undefined;
    try {
      const { unreadable } = await sweep.run();
      if (unreadable > 0) onNotice(`What was known of ${unreadable} objects could not be read: they are read anew.`);
      this.#failures = 0;
      this.#hasListed = true;
      this.#isIncomplete = this.#waiting.dropped > 0;
      this.#troubles.clear("list");
      const warning = this.#retention.check(this.#oldestMs(), this.#serverNowMs());
      if (warning !== undefined) onNotice(warning);
      this.#show();
      for (const { resolve } of requests) resolve();
      return Math.max(0, options.intervalMs - (clock.monotonicMs() - startedMs));
    } catch (thrown) {
      const isClosing = this.#closing.signal.aborted;
      const error = isClosing ? cancelled() : asXdrError(thrown);
      this.#unfinished = sweep;
      this.#failures += 1;
      const waitMs = gcsRetryDelayMs(this.#failures, random(), error);
      if (!isClosing) this.#troubles.set("list", error, clock.now() + waitMs);
      for (const { reject } of requests) reject(error);
      return waitMs;
    }
  }

  #newSweep(): Sweep {
    const { client, options } = this.#ports;
    this.#waiting.forgetDropped();
    this.#gone.clear();
    return new Sweep({
      client,
      ledger: this.#ledger,
      bucket: options.bucket,
      prefix: options.prefix,
      start: options.start,
      signal: this.#closing.signal,
      isActive: (object) => this.#open.has(keyOf(object)),
      onFound: (version, state) => {
        if (this.#open.has(keyOf(version)) || this.#gone.has(keyOf(version))) return;
        this.#waiting.add(version, state);
        this.#pump();
      },
      onGone: (name, what, state) => {
        this.#waiting.remove(name);
        const object = new OpenObject({ ...name, sizeBytes: 0, createdMs: this.#serverNowMs() }, state);
        this.#open.set(keyOf(name), object);
        this.#launch(() =>
          this.#end(object, undefined, lostError(name, what)).finally(() => {
            this.#open.delete(keyOf(name));
            this.#show();
          }),
        );
      },
    });
  }

  /** Begins as many objects as may be read at once. */
  #pump(): void {
    while (this.#reading < this.#ports.options.maxObjects && !this.#closing.signal.aborted) {
      const enter = this.#returning.shift();
      if (enter !== undefined) {
        enter();
        continue;
      }
      const next = this.#retried < MAX_RETRIED_OBJECTS ? this.#waiting.take() : undefined;
      if (next === undefined) break;
      const object = new OpenObject(next.version, next.state);
      this.#open.set(keyOf(next.version), object);
      this.#reading += 1;
      this.#launch(() => this.#readToEnd(object));
    }
    this.#show();
    if (this.#isHungry) this.#wake?.abort();
  }

  /** What fails in a task is a fault of ours: it is told, and the object is read again later. */
  #launch(task: () => Promise<void>): void {
    const running = task()
      .catch((thrown: unknown) => {
        if (!this.#closing.signal.aborted) this.#ports.onNotice(asXdrError(thrown).message);
      })
      .finally(() => this.#tasks.delete(running));
    this.#tasks.add(running);
  }

  async #readToEnd(begun: OpenObject): Promise<void> {
    const key = keyOf(begun.version);
    let object = begun;
    let failures = 0;
    try {
      for (;;) {
        const waitMs = await this.#readOnce(object, failures);
        if (waitMs === "anew") {
          object = await this.#beginAnew(object);
          continue;
        }
        if (waitMs === undefined || this.#closing.signal.aborted) return;
        failures += 1;
        this.#retried += 1;
        await this.#aside(() => this.#ports.clock.sleep(waitMs, this.#closing.signal)).finally(
          () => (this.#retried -= 1),
        );
      }
    } finally {
      this.#troubles.clear(key);
      this.#open.delete(key);
      this.#reading -= 1;
      this.#pump();
    }
  }

  /** Others are read while this one waits. */
  async #aside(wait: () => Promise<void>): Promise<void> {
    this.#reading -= 1;
    this.#pump();
    try {
      await wait();
    } finally {
      await this.#enter();
    }
  }

  /**
   * Nothing of it counts as taken any more.
   * @throws XdrError when that cannot be written down before the close
   */
  async #beginAnew(old: OpenObject): Promise<OpenObject> {
    // Nothing of the old one may be written after the new one.
    await this.#checkpoints.settle();
    old.isEnded = true;
    const { version, faults, progress } = old;
    const state = {
      state: "open",
      progress: new Progress().snapshot(),
      faults: { ...faults, count: 0, code: "" },
    } as const;
    const object = new OpenObject(version, state);
    this.#open.set(keyOf(version), object);
    this.#checkpoints.touch(object);
    this.#ports.onNotice(
      `The object ${shown(version.name)} (generation ${version.generation}) arrived damaged, and the bucket has it whole: ` +
        `${progress.added.events} events that have left may be wrong, and leave again from its start.`,
    );
    return object;
  }

  /** Counts as being read from then on. Those that are being read finish first, so that no more are read than may be. */
  #enter(): Promise<void> {
    return new Promise((resolve) => {
      const enter = (): void => {
        this.#reading += 1;
        resolve();
      };
      if (this.#reading < this.#ports.options.maxObjects || this.#closing.signal.aborted) enter();
      else this.#returning.push(enter);
    });
  }

  /** @returns how long to wait before it is read again, milliseconds; undefined when it has come to its end */
  async #readOnce(object: OpenObject, failures: number): Promise<number | "anew" | undefined> {
    const { options, client, send, clock, random } = this.#ports;
    const onTrouble = this.#troubles.of(keyOf(object.version));
    try {
      const outcome = await readObject(object, {
        options,
        client,
        send,
        clock,
        random,
        window: this.#window,
        checkpoints: this.#checkpoints,
        signal: this.#closing.signal,
        onTrouble,
        aside: (wait) => this.#aside(wait),
        onSent: (events) => {
          this.#events += events;
          this.#show();
        },
      });
      switch (outcome.kind) {
        case "again":
          // What flips its answers must not make us ask in a hot loop.
          return FAULT_DELAY_MS;
        case "suspect":
          return "anew";
        case "closed":
          return undefined;
        case "done":
          await this.#end(object, "done", outcome.error);
          return undefined;
        case "gone":
          await this.#goneWhileReading(object);
          return undefined;
        case "fault":
          if (!outcome.isHopeless) return Math.min(MAX_FAULT_DELAY_MS, FAULT_DELAY_MS * 2 ** Math.min(failures, 16));
          await this.#end(object, "dead", outcome.error);
          return undefined;
      }
    } catch (thrown) {
      if (this.#closing.signal.aborted) return undefined;
      const error = asXdrError(thrown);
      const waitMs = gcsRetryDelayMs(failures + 1, random(), error);
      onTrouble(error, clock.now() + waitMs);
      return waitMs;
    }
  }

  /** @throws XdrError when it is there after all, or when that cannot be found out now */
  async #goneWhileReading(object: OpenObject): Promise<void> {
    const { client, options } = this.#ports;
    const what = await whatBecameOf(object.version, { client, bucket: options.bucket, signal: this.#closing.signal });
    if (what === "there") throw notReadable(object.version);
    const ageMs = this.#serverNowMs() - object.version.createdMs;
    await this.#end(object, undefined, lostError(object.version, what, ageMs));
  }

  /**
   * Reports when all that was taken is on disk, so that nothing of an object comes after its report, and only then writes down
   * that nothing is left to do: a kill in between repeats the report.
   */
  async #end(object: OpenObject, state: "done" | "dead" | undefined, error: XdrError | undefined): Promise<void> {
    await this.#checkpoints.settle();
    if (!(await this.#ports.report(object.version, reportOf(object, error), this.#closing.signal))) return;
    if (state === undefined) this.#gone.add(keyOf(object.version));
    await this.#checkpoints.end(object, state && { state });
  }

  /** The time on the service's clock. */
  #serverNowMs(): number {
    return this.#ports.clock.now() + (this.#ports.client.clockSkewMs ?? 0);
  }

  #oldestMs(): number | undefined {
    const open = [...this.#open.values()].map(({ version }) => version.createdMs);
    const waiting = this.#waiting.oldestCreatedMs;
    const all = waiting === undefined ? open : [...open, waiting];
    return all.length === 0 ? undefined : Math.min(...all);
  }

  #show(): void {
    if (this.#closing.signal.aborted) return;
    this.#ports.onState({
      hasListed: this.#hasListed,
      waitingObjects: this.#waiting.size + this.#open.size - this.#reading,
      openObjects: this.#reading,
      events: this.#events,
      trouble: this.#troubles.current,
    });
  }
}

/** Generations are digits, so no two versions share a key. */
function keyOf({ name, generation }: ObjectName): string {
  return `${generation}/${name}`;
}

function cancelled(): XdrError {
  return new XdrError("XDR_CANCELLED", "The listing was cut short because the node closes.");
}

function asXdrError(thrown: unknown): XdrError {
  if (thrown instanceof XdrError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : "unknown reason";
  return new XdrError(
    "STORE_FAILED",
    `Reading the bucket failed unexpectedly: ${reason}. It is tried again by itself.`,
  );
}
