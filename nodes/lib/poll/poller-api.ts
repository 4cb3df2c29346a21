import type { Clock } from "../clock";
import type { XdrError } from "../errors";
import type { Store } from "../store/store";
import type { TenantClient } from "../tenant/client-api";
import type { ExtraData } from "./extra-data";
import type { PollResource } from "./poll-limits";
import type { PollOptions } from "./poll-options";

/** A run that only looks for news, or one that compares all that is in reach with what was known. */
export type SyncKind = "incremental" | "full";

/** Any JSON object as the tenant sent it. */
export type XdrRecord = Readonly<Record<string, unknown>>;

/** What happened to a record. `removed` only comes from a full sync; its record is the last known one. */
export type Change = "new" | "updated" | "removed";

/** One record on its way out. */
export interface Item {
  readonly change: Change;
  readonly record: XdrRecord;
  /** With `updated`: the old values of the fields that changed; a field that is new has `undefined`. */
  readonly previous?: Readonly<Record<string, unknown>> | undefined;
}

/** The records of one page that have to leave, in the order of the page. Never empty. */
export interface EmittedPage {
  readonly resource: PollResource;
  readonly sync: SyncKind;
  readonly items: readonly Item[];
}

/** Which items of a page have left for certain: all, or the indices of those that were acknowledged before the close. */
export type Taken = "all" | ReadonlySet<number>;

/** What one run did: `msg.payload` of the second output. */
export interface RunReport {
  readonly resource: PollResource;
  readonly sync: SyncKind;
  /** Reach of the run on the tenant's clock, epoch milliseconds; null for endpoints, which have no such clock. */
  readonly from: number | null;
  readonly to: number | null;
  readonly pages: number;
  /** Records that the tenant sent: emitted + duplicates + filtered + those found removed. */
  readonly received: number;
  /** Records that left as `new` or `updated`. */
  readonly emitted: number;
  /** Records that were known and unchanged. */
  readonly duplicates: number;
  /** Records that the filters of this node held back. */
  readonly filtered: number;
  /** Records that left as `removed`. */
  readonly removed: number;
  readonly requests: number;
  /** How far this node is behind the tenant after the run, seconds. */
  readonly lagSeconds: number;
  readonly durationMs: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** What the status shows. */
export type PollState =
  | { readonly phase: "starting" }
  /** `total` is what the tenant says that there is; a hint, and often too low. */
  | { readonly phase: "running"; readonly sync: SyncKind; readonly done: number; readonly total: number | undefined }
  | { readonly phase: "idle"; readonly last: RunReport; readonly nextAtMs: number }
  | { readonly phase: "failed"; readonly error: XdrError; readonly nextAtMs: number };

/** What a poller is given. None of the callbacks may throw. */
export interface PollerPorts {
  /** Node id: state belongs to it over restarts. */
  readonly id: string;
  readonly options: PollOptions;
  /** Names the tenant; another one means another checkpoint. */
  readonly tenantUrl: string;
  readonly client: Pick<TenantClient, "callRaw" | "clockSkewMs">;
  /** The store as it is open now. @throws XdrError `STORE_*` */
  readonly openStore: () => Promise<Store>;
  readonly clock: Clock;
  readonly random: () => number;
  /**
   * Sends one page. Resolves when the next nodes have had their turn, or when every message was acknowledged, or when the
   * poller closes (`closing` aborts) - then with what is certain to have been taken.
   */
  readonly emit: (page: EmittedPage, closing: AbortSignal) => Promise<Taken>;
  /** Sends the extra data of one incident; see `extraData`. Resolves with whether it is certain to have been taken. */
  readonly emitExtra: (extra: ExtraData, closing: AbortSignal) => Promise<boolean>;
  readonly onReport: (report: RunReport) => void;
  readonly onState: (state: PollState) => void;
  /** A sentence for the log: a new checkpoint, records of an odd shape. */
  readonly onNotice: (sentence: string) => void;
}

/** A running poller. */
export interface Poller {
  /** Starts polling, with a run at once. */
  start(): void;
  /**
   * Asks for a run now, or right after the one under way. Requests of the same kind share one run; `full` includes
   * `incremental`. Resolves with the report of a run that went well. @throws XdrError why it did not, or `XDR_CANCELLED`
   */
  sync(kind: SyncKind): Promise<RunReport>;
  /** Ends the run under way where it is and resolves when nothing of it goes on. Nothing is emitted any more. */
  close(): Promise<void>;
}
