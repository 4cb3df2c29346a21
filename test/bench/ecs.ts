import { createRequire } from "node:module";
import type { recordsMapper as RecordsMapper } from "../../nodes/lib/ecs/map-records";
import type { EcsKind } from "../../nodes/lib/ecs/ecs-kinds";
import { EVENT_KEYS } from "../support/simulated-tenant/reading/alert-keys";
import { events } from "../support/simulated-bucket/event-lines";
import { alertOf, timesOf } from "./poller-alerts";
import { count, median, percent, type Row } from "./row";

// What ships is measured: tsx would run the sources with its own helpers in between.
const load = createRequire(__filename);
const { recordsMapper } = load("../../dist/nodes/lib/ecs/map-records.js") as { recordsMapper: typeof RecordsMapper };

/** Records of each stream, made anew for no round: a mapper changes none. */
const RECORDS = 2_000;
/** Each record is mapped so often in a round. */
const REPEATS = 10;
const ROUNDS = 7;
/** Rounds before those that count: code that has run often is compiled. */
const WARM_UP_ROUNDS = 3;
const START_MS = Date.UTC(2026, 8, 21);
const HOUR_MS = 3_600_000;

/** Documents a second of each stream, and what share of the time for document and text together the mapping takes. */
export function benchEcs(): Promise<Row[]> {
  const indexes = Array.from({ length: RECORDS }, (_, index) => index);
  const alerts = indexes.map((index) => alertOf(index, timesOf(index, RECORDS, START_MS, START_MS + HOUR_MS)));
  const streams: readonly [string, EcsKind, readonly object[]][] = [
    ["forwarded events", "event", [...events(7, RECORDS)]],
    ["alerts v1", "alert-v1", alerts.map(asVersion1)],
    ["alerts v2", "alert-v2", alerts],
    ["incidents", "incident", indexes.map((index) => incidentOf(index))],
  ];
  return Promise.resolve(streams.map(([name, kind, records]) => benchStream(name, kind, records)));
}

function benchStream(name: string, kind: EcsKind, records: readonly object[]): Row {
  const map = recordsMapper({ kind, preserveOriginal: false, preserveDuplicates: false, wrapSingles: false });
  const mapping = rounds(() => records.reduce((total, record) => total + map(record).results.length, 0));
  // Only now: documents that outlive their round would have the engine put all further ones where those that stay are.
  const documents = records.map((record) => {
    const [result] = map(record).results;
    if (result === undefined || result.faults.length > 0)
      throw new Error(`${name}: ${result?.faults.join() ?? "none"}`);
    return result.document;
  });
  const writing = rounds(() => documents.reduce((total, document) => total + JSON.stringify(document).length, 0));
  const [mapSeconds, writeSeconds] = [median(mapping), median(writing)];
  return {
    what: `${name} to ECS (documents/s, one core)`,
    measured: count((RECORDS * REPEATS) / mapSeconds),
    baseline: `\`JSON.stringify\` of the documents: ${count((RECORDS * REPEATS) / writeSeconds)}`,
    ratio: percent(writeSeconds / mapSeconds),
  };
}

/** CPU seconds of each round that counts. */
function rounds(work: () => number): number[] {
  const all = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, () => seconds(work));
  return all.slice(WARM_UP_ROUNDS);
}

/** CPU seconds of this process for all records, so often; the result is used, so that nothing is optimised away. */
function seconds(work: () => number): number {
  const started = process.cpuUsage();
  let sum = 0;
  for (let repeat = 0; repeat < REPEATS; repeat += 1) sum += work();
  if (sum < RECORDS * REPEATS) throw new Error("some rounds did nothing");
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

/** The same alert as `v1/alerts/get_alerts_multi_events` has it, with the first event that it names. */
function asVersion1(alert: Record<string, unknown>): Record<string, unknown> {
  const names = new Set<string>(EVENT_KEYS);
  const event = Object.fromEntries(
    [...names].map((name) => [name, Array.isArray(alert[name]) ? (alert[name] as unknown[])[0] : alert[name]]),
  );
  const rest = Object.entries(alert).filter(([name]) => !names.has(name));
  return { ...Object.fromEntries(rest), events: event };
}

function incidentOf(index: number): Record<string, unknown> {
  const createdMs = START_MS + index * 1000;
  return {
    incident_id: String(4_000 + index),
    incident_name: null,
    creation_time: createdMs,
    modification_time: createdMs + 90_000,
    detection_time: null,
    status: "under_investigation",
    severity: index % 2 === 0 ? "high" : "medium",
    description: `'WildFire Malware' along with ${index % 9} other alerts on host ws-${index}`,
    assigned_user_mail: "nina.roth@example.net",
    assigned_user_pretty_name: "Nina Roth",
    alert_count: 10,
    low_severity_alert_count: 2,
    med_severity_alert_count: 5,
    high_severity_alert_count: 3,
    critical_severity_alert_count: 0,
    user_count: 2,
    host_count: 1,
    notes: null,
    resolve_comment: null,
    resolved_timestamp: null,
    manual_severity: null,
    manual_description: null,
    xdr_url: `https://acme.xdr.eu.paloaltonetworks.com/incident-view?caseId=${4_000 + index}`,
    starred: false,
    hosts: [`ws-${index}:5f0c1d2e3b4a59687766554433221100`],
    users: ["corp\\nina.roth", "corp\\svc-backup"],
    incident_sources: ["XDR Agent", "XDR Analytics"],
    rule_based_score: null,
    predicted_score: 41,
    aggregated_score: 41,
    manual_score: null,
    wildfire_hits: 1,
    alerts_grouping_status: "Enabled",
    mitre_tactics_ids_and_names: ["TA0002 - Execution", "TA0003 - Persistence"],
    mitre_techniques_ids_and_names: ["T1204.002 - User Execution: Malicious File"],
    alert_categories: ["Malware"],
    tags: ["DS:PANW/XDR Agent"],
    original_tags: ["DS:PANW/XDR Agent"],
  };
}
