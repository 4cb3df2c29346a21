import { XdrError } from "../errors";
import { isCovered, withCovered, type Coverage } from "./coverage";
import type { GcsClient, ListPage, ObjectVersion } from "./gcs-api";
import type { Ledger, LedgerChange, LedgerEntry } from "./ledger";
import { compareNames, compareObjects } from "./name-order";
import type { OpenState } from "./object-state";
import type { ObjectName } from "./reader-api";

/** What a listing came to. */
export interface SweepResult {
  readonly pages: number;
  /** Versions that were listed. */
  readonly objects: number;
  /** Versions that were found and of which nothing was read yet; one that still waits is found by each listing. */
  readonly newObjects: number;
  /** Entries that could not be read: their objects were found as if nothing of them had been read. */
  readonly unreadable: number;
}

export interface SweepPorts {
  readonly client: Pick<GcsClient, "list">;
  readonly ledger: Pick<Ledger, "read" | "write" | "coverage">;
  readonly bucket: string;
  readonly prefix: string;
  readonly start: "all" | "now";
  readonly signal: AbortSignal;
  /**
   * Whether it is being read, or waits in memory to be read again. From the moment on when this is no longer so, the ledger
   * has its last state.
   */
  readonly isActive: (object: ObjectName) => boolean;
  /** A version to be read: from its start, or on from the state. Each listing finds it again until it is done or dead. */
  readonly onFound: (version: ObjectVersion, state: OpenState | undefined) => void;
  /**
   * A version that was begun, is not active and is not listed any more. Whoever is told reports it and then deletes its
   * entry; until that is on disk the object has to be active, else the next listing tells it again.
   */
  readonly onGone: (object: ObjectName, reason: "replaced" | "deleted", state: OpenState) => void;
}

/** How far a listing has come. */
interface Place {
  readonly pageToken: string | undefined;
  /** Where the listing began, when that was not at its first name. */
  readonly startOffset: string | undefined;
  /** The last name that was dealt with. */
  readonly through: string | undefined;
}

/** So many pages in a row without a name are no listing any more. Ours. */
const MAX_EMPTY_PAGES = 100;
const START: Place = { pageToken: undefined, startOffset: undefined, through: undefined };
const NOTHING: SweepResult = { pages: 0, objects: 0, newObjects: 0, unreadable: 0 };
/** What is taken as listed when the store does not say: too much is read rather than too little. */
const EVERYTHING: Coverage = { covered: [""], baseline: undefined };

/**
 * One listing, merged page by page with what the ledger knows of the same range of names:
 *
 *     listed   a#1   b#2         d#1   e#1     a    nothing known: found
 *     known          b#1 b#2 c#1 d#1           b#1  begun: gone, replaced; finished: forgotten
 *                    open done open open       c    gone, deleted    d  found with its state    e  found
 *
 * There is no mark beyond which names or times are not looked at, so that nothing can come too late; memory holds a page.
 *
 * With start "now" the first listing of names that none has covered yet writes down as skipped what it finds without an
 * entry. It notes how far it has come: when it is cut short, names up to there are found by the next one.
 */
export class Sweep {
  readonly #ports: SweepPorts;
  #place = START;
  #result = NOTHING;
  #isDone = false;
  #emptyPages = 0;

  constructor(ports: SweepPorts) {
    this.#ports = ports;
  }

  /**
   * Lists to the end. After a failure it may be called again, and goes on with the page that failed; that page may find
   * versions once more.
   * @throws XdrError what the client and the store throw; `XDR_RESPONSE_INVALID` when the listing is in no order;
   *   `XDR_CANCELLED` when the signal aborts
   */
  async run(): Promise<SweepResult> {
    const { ledger, prefix, start } = this.#ports;
    let coverage = (await ledger.coverage()) ?? EVERYTHING;
    const isBaseline = start === "now" && !isCovered(coverage, prefix);
    if (isBaseline && coverage.baseline?.prefix !== prefix)
      coverage = { ...coverage, baseline: { prefix, after: undefined } };
    // A token that is refused again without a page in between would be asked for for ever.
    let renewedAt: Place | undefined;
    while (!this.#isDone) {
      this.#assertOpen();
      try {
        const page = await this.#list();
        coverage = await this.#merge(page, coverage, isBaseline);
        this.#advance(page);
      } catch (error) {
        if (!isTokenRefusal(error) || this.#place.pageToken === undefined) throw error;
        const { through } = this.#place;
        if (renewedAt !== undefined && renewedAt.through === through) throw error;
        this.#place = { pageToken: undefined, startOffset: through, through };
        renewedAt = this.#place;
      }
    }
    if (!isCovered(coverage, prefix)) await ledger.write([], withCovered(coverage, prefix));
    return this.#result;
  }

  async #list(): Promise<ListPage> {
    const { client, bucket, prefix, signal } = this.#ports;
    const { pageToken, startOffset } = this.#place;
    const page = await client.list({ bucket, prefix, pageToken, startOffset, signal });
    this.#assertOpen();
    if (!this.#isInOrder(page)) {
      this.#place = START;
      this.#result = NOTHING;
      throw invalid("names its objects in no order, or other ones than those that follow");
    }
    this.#emptyPages = page.lastName === undefined ? this.#emptyPages + 1 : 0;
    if (this.#emptyPages > MAX_EMPTY_PAGES) {
      this.#emptyPages = 0;
      throw invalid(`has ${MAX_EMPTY_PAGES} pages in a row without a name`);
    }
    const isSame = pageToken !== undefined && page.nextPageToken === pageToken;
    if (isSame) this.#place = START;
    if (isSame) throw invalid("leads from a page to that same page again");
    return page;
  }

  /** Merging needs names that ascend. Those before the place are left out only when it was asked for anew. */
  #isInOrder({ objects }: ListPage): boolean {
    const { through, startOffset } = this.#place;
    const [first] = objects;
    if (first !== undefined && through !== undefined && startOffset === undefined) {
      if (compareNames(first.name, through) < 0) return false;
    }
    return objects.every((object, at) => {
      const before = objects[at - 1];
      return before === undefined || compareNames(before.name, object.name) < 0;
    });
  }

  async #merge(page: ListPage, coverage: Coverage, isBaseline: boolean): Promise<Coverage> {
    const { ledger, prefix } = this.#ports;
    const { through: after } = this.#place;
    const through = page.nextPageToken === undefined ? undefined : latest(after, page.lastName);
    // An empty page says nothing of any name.
    if (page.nextPageToken !== undefined && through === after) return coverage;
    const objects = page.objects.filter(({ name }) => after === undefined || compareNames(name, after) > 0);
    const join = new Join(this.#ports, objects, isBaseline ? coverage : undefined);
    await ledger.read({ prefix, after, through }, (entries, isLast) => {
      const changes = join.pass(entries, isLast);
      return changes.length === 0 ? undefined : ledger.write(changes);
    });
    const { pages, objects: listed, newObjects, unreadable } = this.#result;
    this.#result = {
      pages,
      objects: listed + objects.length,
      newObjects: newObjects + join.newObjects,
      unreadable: unreadable + join.unreadable,
    };
    if (!isBaseline || through === undefined) return coverage;
    const reached = { ...coverage, baseline: { prefix, after: latest(coverage.baseline?.after, through) } };
    await ledger.write([], reached);
    return reached;
  }

  #advance({ lastName, nextPageToken }: ListPage): void {
    const { startOffset, through } = this.#place;
    this.#result = { ...this.#result, pages: this.#result.pages + 1 };
    this.#place = { pageToken: nextPageToken, startOffset, through: latest(through, lastName) };
    this.#isDone = nextPageToken === undefined;
  }

  #assertOpen(): void {
    if (this.#ports.signal.aborted) {
      throw new XdrError("XDR_CANCELLED", "The listing was cut short because the node closes.");
    }
  }
}

/** One page of a listing on its way through the entries of the same range. */
class Join {
  readonly #ports: SweepPorts;
  readonly #objects: readonly ObjectVersion[];
  /** Set when what is found in uncovered names is to be skipped. */
  readonly #coverage: Coverage | undefined;
  /** Objects that were dealt with. */
  #at = 0;
  newObjects = 0;
  unreadable = 0;

  constructor(ports: SweepPorts, objects: readonly ObjectVersion[], coverage: Coverage | undefined) {
    this.#ports = ports;
    this.#objects = objects;
    this.#coverage = coverage;
  }

  /** Deals with the entries, and with the objects before the last of them, or with all. @returns what is to be written */
  pass(entries: readonly LedgerEntry[], isLast: boolean): LedgerChange[] {
    const changes: LedgerChange[] = [];
    for (const entry of entries) {
      if (entry.state === undefined) this.unreadable += 1;
      this.#passBefore(entry.object, changes);
      const object = this.#objects[this.#at];
      if (object === undefined || compareObjects(object, entry.object) !== 0) {
        this.#forget(entry, changes);
        continue;
      }
      this.#at += 1;
      this.#meet(object, entry);
    }
    if (isLast) this.#passBefore(undefined, changes);
    return changes;
  }

  /** Objects without an entry. */
  #passBefore(end: ObjectName | undefined, changes: LedgerChange[]): void {
    for (; this.#at < this.#objects.length; this.#at += 1) {
      const object = this.#objects[this.#at];
      if (object === undefined || (end !== undefined && compareObjects(object, end) >= 0)) return;
      if (this.#ports.isActive(object)) continue;
      if (this.#isToSkip(object.name)) changes.push({ object, state: { state: "skipped" } });
      else this.#find(object);
    }
  }

  #isToSkip(name: string): boolean {
    if (this.#coverage === undefined || isCovered(this.#coverage, name)) return false;
    const after = this.#coverage.baseline?.after;
    return after === undefined || compareNames(name, after) > 0;
  }

  #meet(object: ObjectVersion, { state }: LedgerEntry): void {
    const { isActive, onFound, start } = this.#ports;
    if (isActive(object)) return;
    if (state?.state === "open") onFound(object, state);
    else if (state === undefined || (state.state === "skipped" && start === "all")) this.#find(object);
  }

  #find(object: ObjectVersion): void {
    this.newObjects += 1;
    this.#ports.onFound(object, undefined);
  }

  /** An entry whose object is not listed. */
  #forget({ object, state }: LedgerEntry, changes: LedgerChange[]): void {
    if (this.#ports.isActive(object)) return;
    if (state?.state !== "open") {
      changes.push({ object, state: undefined });
      return;
    }
    const isReplaced = [this.#objects[this.#at - 1], this.#objects[this.#at]].some(
      (each) => each?.name === object.name,
    );
    this.#ports.onGone(object, isReplaced ? "replaced" : "deleted", state);
  }
}

function isTokenRefusal(error: unknown): boolean {
  return error instanceof XdrError && error.code === "GCS_PAGE_TOKEN_REJECTED";
}

/** The later of two names. */
function latest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareNames(a, b) < 0 ? b : a;
}

function invalid(problem: string): XdrError {
  return new XdrError(
    "XDR_RESPONSE_INVALID",
    `The listing of the bucket ${problem}: expected the order of Cloud Storage, that of the bytes of the names. ` +
      `Nothing more was read from it; it is tried again.`,
  );
}
