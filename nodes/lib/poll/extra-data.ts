import type { Clock } from "../clock";
import { XdrError } from "../errors";
import type { Store, StoreChange } from "../store/store";
import type { TenantClient } from "../tenant/client-api";
import type { PollKeys } from "./known-pages";
import { isObject } from "./page";
import type { XdrRecord } from "./poller-api";
import { MAX_RETRY_MS, retryDelayMs } from "./retry-delay";

export const EXTRA_DATA_PATH = "v1/incidents/get_incident_extra_data";
/** Alerts in one answer: the call's own default. Source: Cortex XDR REST API, "Get Extra Incident Data", `alerts_limit`. */
const ALERTS_LIMIT = 1000;
/** First wait after a failure, milliseconds; the client itself keeps the 10 calls a minute. */
const FIRST_RETRY_MS = 5_000;
/** Failures in a row after which it is told: one or two are no news. */
const TELLING_FAILURES = 3;
/** Queue entries looked at to find others of the same incident. */
const LOOK_AHEAD = 1000;
/** What the tenant says of an incident that is no more, whatever the status. */
const NOT_FOUND_WORDS = /incident not found/i;

/** Incident, its alerts, network and file artifacts, as the tenant sent them. */
export interface ExtraData {
  readonly incidentId: string;
  readonly data: XdrRecord;
}

export interface ExtraDataPorts {
  readonly keys: PollKeys;
  readonly client: Pick<TenantClient, "callRaw">;
  readonly openStore: () => Promise<Store>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Sends it. Resolves with whether it is certain to have been taken. */
  readonly emit: (extra: ExtraData, closing: AbortSignal) => Promise<boolean>;
  readonly onNotice: (sentence: string) => void;
}

/** Entries for incidents that have just left; written together with what makes them known. */
export function queueEntries(keys: PollKeys, revision: number, ids: readonly string[]): StoreChange[] {
  return ids.map((id, index) => ({ type: "put", key: keys.extra(revision, index), value: id }));
}

/**
 * Fetches the extra data of incidents, one by one, from a queue on disk: the call is limited to ten a minute, and the stream
 * of incidents must not wait for it. Each incident leaves the queue when its data has left.
 */
export class ExtraDataQueue {
  readonly #ports: ExtraDataPorts;
  readonly #closing = new AbortController();
  /** Ends the wait for work, never the one after a failure. */
  #wake: AbortController | undefined;
  /** Incidents whose call failed: the others come first, as it may fail for these alone. */
  readonly #putOff = new Set<string>();
  /** Entries that are done, and may still be on disk. */
  #done: readonly string[] = [];
  #loop: Promise<void> | undefined;

  constructor(ports: ExtraDataPorts) {
    this.#ports = ports;
  }

  start(): void {
    this.#loop ??= this.#runUntilClosed();
  }

  /** Tells that something was queued. */
  wake(): void {
    this.#wake?.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  async #runUntilClosed(): Promise<void> {
    let failures = 0;
    const { clock, random } = this.#ports;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const hadWork = await this.#next();
        failures = 0;
        if (!hadWork) await this.#idle();
      } catch (thrown) {
        failures += 1;
        const error = thrown instanceof XdrError ? thrown : new XdrError("STORE_FAILED", "The queue failed.");
        if (failures === TELLING_FAILURES) this.#tell(error);
        await clock.sleep(retryDelayMs(FIRST_RETRY_MS, failures, random(), error), signal);
      }
    }
  }

  #tell(error: XdrError): void {
    if (this.#closing.signal.aborted) return;
    this.#ports.onNotice(`Extra data of incidents wait, and are tried again: ${error.message} (${error.code})`);
  }

  /** Waits for work. Asking again without being woken is for a store that somebody else has filled. */
  async #idle(): Promise<void> {
    this.#wake = new AbortController();
    await this.#ports.clock.sleep(MAX_RETRY_MS, AbortSignal.any([this.#wake.signal, this.#closing.signal]));
    this.#wake = undefined;
  }

  /** Works off the oldest entry, of those that are not put off if there are any. @returns false when there is none */
  async #next(): Promise<boolean> {
    const { keys, openStore, emit } = this.#ports;
    const store = await openStore();
    await this.#strike(store);
    const waiting = await store.read({ gte: `${keys.prefix}x/`, lt: `${keys.prefix}x0`, limit: LOOK_AHEAD });
    let incidentId = waiting.find(([, id]) => !this.#putOff.has(id))?.[1];
    if (incidentId === undefined) {
      this.#putOff.clear();
      incidentId = waiting[0]?.[1];
    }
    if (incidentId === undefined) return false;
    this.#putOff.add(incidentId);
    const data = await this.#fetch(incidentId);
    const { signal } = this.#closing;
    const isDone = data === undefined || (!signal.aborted && (await emit({ incidentId, data }, signal)));
    if (!isDone) return true;
    // What was asked for last holds for all earlier wishes.
    this.#done = waiting.filter(([, id]) => id === incidentId).map(([key]) => key);
    this.#putOff.delete(incidentId);
    await this.#strike(store);
    return true;
  }

  /** Takes out what is done; when the store fails, the next attempt begins with it. */
  async #strike(store: Store): Promise<void> {
    if (this.#done.length === 0) return;
    await store.write(this.#done.map((key) => ({ type: "del", key })));
    this.#done = [];
  }

  /** Undefined for an incident that the tenant does not know or refuses: it is told and given up. */
  async #fetch(incidentId: string): Promise<XdrRecord | undefined> {
    const { client, onNotice } = this.#ports;
    try {
      const { value } = await client.callRaw({
        path: EXTRA_DATA_PATH,
        body: { request_data: { incident_id: incidentId, alerts_limit: ALERTS_LIMIT } },
        signal: this.#closing.signal,
      });
      const reply = isObject(value) ? (value["reply"] ?? value) : undefined;
      if (isObject(reply)) return reply;
      throw new XdrError("XDR_RESPONSE_INVALID", `The tenant's answer to ${EXTRA_DATA_PATH} is no object.`);
    } catch (error) {
      if (!(error instanceof XdrError)) throw error;
      const isGone = error.code === "XDR_NOT_FOUND" || NOT_FOUND_WORDS.test(error.message);
      if (!isGone && error.code !== "XDR_REJECTED") throw error;
      onNotice(`No extra data for incident ${JSON.stringify(incidentId)}: ${error.message}`);
      return undefined;
    }
  }
}
