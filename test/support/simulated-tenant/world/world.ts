import { alertOf, endpointOf, filled, incidentOf } from "./drafts";
import {
  isResolved,
  type Draft,
  type Severity,
  type WorldAlert,
  type WorldEndpoint,
  type WorldIncident,
} from "./records";
import { Schedule } from "./schedule";

/** What happened to a record, for the oracle of a test. */
export interface WorldEvent {
  /** On the tenant's clock. */
  readonly atMs: number;
  readonly kind: "alert" | "incident" | "endpoint";
  readonly change: "added" | "changed" | "removed";
  readonly id: string;
  /** As it is from now on; the last state of one that was removed. */
  readonly row: WorldAlert | WorldIncident | WorldEndpoint;
}

/** Id of the first incident: another range than that of the alerts, so that a test sees them mixed up. */
const FIRST_INCIDENT_ID = 1001;

/**
 * What a tenant holds. Rows are replaced, never changed, so that a test may keep them. Nothing of it costs anything until
 * it is used.
 */
export class World {
  /** Called after every change. */
  onEvent: (event: WorldEvent) => void = () => undefined;
  readonly #alerts = new Map<number, WorldAlert>();
  readonly #incidents = new Map<string, WorldIncident>();
  readonly #endpoints = new Map<string, WorldEndpoint>();
  readonly #schedule = new Schedule();
  readonly #clock: () => number;
  readonly #pull: () => void;
  #actionAtMs: number | undefined;
  #nextAlertId = 1;
  #nextIncidentId = FIRST_INCIDENT_ID;
  #nextEndpoint = 1;
  #revision = 0;

  /**
   * @param clock the tenant's, epoch milliseconds
   * @param pull brings what was inserted meanwhile into this world; called before anything is read
   */
  constructor(clock: () => number, pull: () => void = () => undefined) {
    this.#clock = clock;
    this.#pull = pull;
  }

  /** Whole milliseconds on the tenant's clock; in a scheduled action the moment for which it was scheduled. */
  get nowMs(): number {
    return this.#actionAtMs ?? Math.floor(this.#clock());
  }

  /** All of them, also those that answers do not have yet, oldest id first unless ids were given. */
  get alerts(): ReadonlyMap<number, WorldAlert> {
    this.#pull();
    return this.#alerts;
  }

  get incidents(): ReadonlyMap<string, WorldIncident> {
    this.#pull();
    return this.#incidents;
  }

  get endpoints(): ReadonlyMap<string, WorldEndpoint> {
    return this.#endpoints;
  }

  /** Grows with every change. */
  get revision(): number {
    this.#pull();
    return this.#revision;
  }

  /** Actions that have not run yet, when the next one will, and the latest time for which there ever was one. */
  get scheduled(): {
    readonly count: number;
    readonly nextAtMs: number | undefined;
    readonly lastAtMs: number | undefined;
  } {
    const { size: count, nextAtMs, lastAtMs } = this.#schedule;
    return { count, nextAtMs, lastAtMs };
  }

  /** Adds an alert, stored now unless `insertMs` is given; an incident named in it is not touched (see {@link linkAlert}). */
  addAlert(draft: Draft<WorldAlert> = {}): WorldAlert {
    this.#pull();
    const alert = alertOf(draft, draft.id ?? this.#nextAlertId, this.nowMs);
    if (this.#alerts.has(alert.id)) throw new Error(`There is an alert ${alert.id} already.`);
    this.#nextAlertId = Math.max(this.#nextAlertId, alert.id + 1);
    this.#alerts.set(alert.id, alert);
    this.#tell("alert", "added", String(alert.id), alert);
    return alert;
  }

  /** Changes an alert; it is modified now unless `modifiedMs` is given. */
  changeAlert(id: number, changes: Draft<WorldAlert>): WorldAlert {
    const before = existing(this.alerts.get(id), `alert ${id}`);
    const alert = { ...filled(before, { modifiedMs: this.nowMs, ...changes }), id };
    this.#alerts.set(id, alert);
    this.#tell("alert", "changed", String(id), alert);
    return alert;
  }

  removeAlert(id: number): void {
    const alert = existing(this.alerts.get(id), `alert ${id}`);
    this.#alerts.delete(id);
    this.#tell("alert", "removed", String(id), alert);
  }

  /** Makes an alert belong to an incident, which counts it and is modified by it. */
  linkAlert(alertId: number, incidentId: string): void {
    const { severity } = this.changeAlert(alertId, { incidentId });
    const { alertCounts } = existing(this.#incidents.get(incidentId), `incident ${incidentId}`);
    this.changeIncident(incidentId, { alertCounts: plusOne(alertCounts, severity) });
  }

  /** Adds an incident, created now unless `creationMs` is given. */
  addIncident(draft: Draft<WorldIncident> = {}): WorldIncident {
    this.#pull();
    const incident = incidentOf(draft, draft.id ?? String(this.#nextIncidentId), this.nowMs);
    if (this.#incidents.has(incident.id)) throw new Error(`There is an incident ${incident.id} already.`);
    if (Number.isSafeInteger(Number(incident.id))) {
      this.#nextIncidentId = Math.max(this.#nextIncidentId, Number(incident.id) + 1);
    }
    this.#incidents.set(incident.id, incident);
    this.#tell("incident", "added", incident.id, incident);
    return incident;
  }

  /** Changes an incident; it is modified now, in any case later than before, unless `modificationMs` is given. */
  changeIncident(id: string, changes: Draft<WorldIncident>): WorldIncident {
    const before = existing(this.incidents.get(id), `incident ${id}`);
    const modificationMs = Math.max(this.nowMs, before.modificationMs + 1);
    const incident = { ...filled(before, { modificationMs, ...this.#resolving(before, changes), ...changes }), id };
    this.#incidents.set(id, incident);
    this.#tell("incident", "changed", id, incident);
    return incident;
  }

  /** Moves `creation_time` and nothing else, as live tenants have been seen to do. */
  driftIncident(id: string, creationMs: number): WorldIncident {
    const { modificationMs } = existing(this.incidents.get(id), `incident ${id}`);
    return this.changeIncident(id, { creationMs, modificationMs });
  }

  removeIncident(id: string): void {
    const incident = existing(this.incidents.get(id), `incident ${id}`);
    this.#incidents.delete(id);
    this.#tell("incident", "removed", id, incident);
  }

  /** Adds an endpoint, first seen now unless `firstSeenMs` is given. */
  addEndpoint(draft: Draft<WorldEndpoint> = {}): WorldEndpoint {
    const endpoint = endpointOf(draft, draft.id ?? this.#nextEndpoint.toString(16).padStart(32, "0"), this.nowMs);
    if (this.#endpoints.has(endpoint.id)) throw new Error(`There is an endpoint ${endpoint.id} already.`);
    this.#nextEndpoint += 1;
    this.#endpoints.set(endpoint.id, endpoint);
    this.#tell("endpoint", "added", endpoint.id, endpoint);
    return endpoint;
  }

  changeEndpoint(id: string, changes: Draft<WorldEndpoint>): WorldEndpoint {
    const endpoint = { ...filled(existing(this.#endpoints.get(id), `endpoint ${id}`), changes), id };
    this.#endpoints.set(id, endpoint);
    this.#tell("endpoint", "changed", id, endpoint);
    return endpoint;
  }

  removeEndpoint(id: string): void {
    const endpoint = existing(this.#endpoints.get(id), `endpoint ${id}`);
    this.#endpoints.delete(id);
    this.#tell("endpoint", "removed", id, endpoint);
  }

  /** Runs the action when the tenant decides the first request at `atMs` or later, with {@link nowMs} as scheduled. */
  schedule(atMs: number, action: () => void): void {
    this.#schedule.add(atMs, action);
  }

  /** Runs what is due, in the order of time, also what that schedules. The tenant calls it before each decision. */
  advance(nowMs: number): void {
    for (let due = this.#schedule.takeDue(nowMs); due !== undefined; due = this.#schedule.takeDue(nowMs)) {
      this.#actionAtMs = due.atMs;
      try {
        due.action();
      } finally {
        this.#actionAtMs = undefined;
      }
    }
  }

  #resolving(before: WorldIncident, { status }: Draft<WorldIncident>): Draft<WorldIncident> {
    if (status === undefined || isResolved(status) === isResolved(before.status)) return {};
    return { resolvedMs: isResolved(status) ? this.nowMs : null };
  }

  #tell(kind: WorldEvent["kind"], change: WorldEvent["change"], id: string, row: WorldEvent["row"]): void {
    this.#revision += 1;
    this.onEvent({ atMs: this.nowMs, kind, change, id, row });
  }
}

function existing<Row>(row: Row | undefined, what: string): Row {
  if (row === undefined) throw new Error(`There is no ${what}.`);
  return row;
}

function plusOne(counts: WorldIncident["alertCounts"], severity: Severity): WorldIncident["alertCounts"] {
  return { ...counts, [severity]: (counts[severity] ?? 0) + 1 };
}
