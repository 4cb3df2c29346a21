import { hexText, integerIn, mulberry32, pick, type Random } from "../virtual-random";
import { lateness, momentIn, type FullSeedOptions, type SeedOptions } from "./world/seed-options";
import { seedEndpoint } from "./world/seeded-endpoints";
import { seedIncident } from "./world/seeded-incidents";
import { SEVERITIES, STATUSES, type WorldAlert } from "./world/records";
import type { World } from "./world/world";

/** An alert to come. */
export type PlannedAlert = Pick<WorldAlert, "id" | "detectionMs" | "insertMs" | "visibleAtMs" | "severity" | "source">;

/** What a seeded world is going to have. */
export interface SeededWorld {
  /** In the order in which they are stored. */
  readonly alerts: readonly PlannedAlert[];
  readonly incidentIds: readonly string[];
  readonly endpointIds: readonly string[];
  /** Nothing happens, or appears, after it. */
  readonly endMs: number;
}

/** How long alerts take from detection to storage, milliseconds: what was measured on a live tenant. */
const DETECTION_DELAY_MS = [7_000, 627_000] as const;
const SOURCES = ["XDR Agent", "XDR BIOC", "XDR IOC", "XDR Analytics", "XDR Analytics BIOC", "PAN NGFW"];
const RESOLVED = STATUSES.filter((status) => status.startsWith("resolved"));
/** Room for records that a test adds itself. */
const FIRST_ALERT_ID = 100_001;
const FIRST_INCIDENT_ID = 5001;

/**
 * Schedules what a busy tenant goes through: alerts that are stored long after their detection and readable later still,
 * many of one millisecond, bursts, incidents that change several times between two polls, endpoints that come and go. The
 * same options make the same world, whoever asks when.
 */
export function seedWorld(world: World, options: SeedOptions): SeededWorld {
  const full: FullSeedOptions = {
    ...{ alerts: 0, incidents: 0, endpoints: 0, lateShare: 0.1, maxLateMs: 600_000, ties: [], resolvedShare: 0.2 },
    ...{ removedShare: 0, maxChanges: 5, driftShare: 0 },
    ...options,
    burst: { alerts: options.burst?.alerts ?? 0, withinMs: options.burst?.withinMs ?? 3_000 },
  };
  // One row of random numbers each, so that more alerts leave the incidents as they are.
  const [forAlerts, forIncidents, forEndpoints] = [1, 2, 3].map((row) => mulberry32(full.seed * 4 + row)) as [
    Random,
    Random,
    Random,
  ];
  const alerts = planAlerts(forAlerts, full);
  for (const alert of alerts) scheduleAlert(world, alert, forAlerts, full);
  const incidentIds = Array.from({ length: full.incidents }, (_, index) => String(FIRST_INCIDENT_ID + index));
  for (const id of incidentIds) seedIncident(world, id, forIncidents, full);
  const endpointIds = Array.from({ length: full.endpoints }, () => hexText(forEndpoints, 32));
  for (const id of endpointIds) seedEndpoint(world, id, forEndpoints, full);
  const lastAtMs = Math.max(full.startMs, world.scheduled.lastAtMs ?? 0);
  const endMs = alerts.reduce((latest, { visibleAtMs }) => Math.max(latest, visibleAtMs), lastAtMs + full.maxLateMs);
  return { alerts, incidentIds, endpointIds, endMs };
}

function planAlerts(random: Random, options: FullSeedOptions): readonly PlannedAlert[] {
  const { alerts, ties, burst, startMs, spanMs } = options;
  const times: { detectionMs: number; insertMs: number }[] = [];
  const add = (insertMs: number, count = 1): void => {
    // Skewed to the short side: the median is about two minutes.
    const [min, max] = DETECTION_DELAY_MS;
    const detectionMs = insertMs - Math.round(min + (max - min) * random() ** 2);
    for (let index = 0; index < count; index += 1) times.push({ detectionMs, insertMs });
  };
  for (let index = 0; index < alerts; index += 1) add(momentIn(random, options));
  for (const size of ties) add(momentIn(random, options), size);
  const burstMs = integerIn(random, startMs, Math.max(startMs, startMs + spanMs - burst.withinMs));
  for (let index = 0; index < burst.alerts; index += 1) add(integerIn(random, burstMs, burstMs + burst.withinMs - 1));
  times.sort((one, other) => one.insertMs - other.insertMs);
  return times.map((time, index) => ({
    ...time,
    id: FIRST_ALERT_ID + index,
    visibleAtMs: time.insertMs + lateness(random, options),
    severity: pick(random, SEVERITIES),
    source: pick(random, SOURCES),
  }));
}

function scheduleAlert(world: World, alert: PlannedAlert, random: Random, options: FullSeedOptions): void {
  const { id, insertMs, visibleAtMs } = alert;
  world.schedule(insertMs, () => world.addAlert(alert));
  if (random() < options.resolvedShare) {
    const status = pick(random, RESOLVED);
    world.schedule(momentIn(random, options, visibleAtMs), () => {
      if (world.alerts.has(id)) world.changeAlert(id, { status });
    });
  }
  if (random() < options.removedShare) {
    world.schedule(momentIn(random, options, visibleAtMs), () => world.removeAlert(id));
  }
}
