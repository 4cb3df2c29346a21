/** Severities, lowest first. */
export const SEVERITIES = ["informational", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Statuses of incidents and alerts. Source: Cortex XDR REST API, "Get Incidents". */
export const STATUSES = [
  "new",
  "under_investigation",
  "resolved_known_issue",
  "resolved_duplicate",
  "resolved_false_positive",
  "resolved_true_positive",
  "resolved_security_testing",
  "resolved_other",
  "resolved_auto",
  "resolved_threat_handled",
] as const;
export type Status = (typeof STATUSES)[number];

/** Endpoint states as the filter writes them; answers write them in capitals. */
export const ENDPOINT_STATUSES = ["connected", "disconnected", "lost", "uninstalled"] as const;
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

/** Any keys of an answer, over what the tenant would write there. */
export type Fields = Readonly<Record<string, unknown>>;

/** One alert as the tenant holds it. Times are epoch milliseconds on its clock. */
export interface WorldAlert {
  /** `alert_id`; answers write it as text. */
  readonly id: number;
  readonly externalId: string;
  readonly name: string;
  readonly severity: Severity;
  readonly source: string;
  readonly category: string | null;
  readonly description: string;
  readonly status: Status;
  readonly tags: readonly string[];
  /** Id of its incident: `case_id`, where the call has one. */
  readonly incidentId: string | null;
  /** When it happened: `detection_timestamp`, filter `creation_time`. */
  readonly detectionMs: number;
  /** When the tenant stored it: `local_insert_ts`, filter `server_creation_time`. */
  readonly insertMs: number;
  /** Answers have it from this moment on, however early it was stored. */
  readonly visibleAtMs: number;
  readonly modifiedMs: number;
  /** Covered by an alert exclusion: `get_alerts` leaves it out, the other calls mark it. */
  readonly isExcluded: boolean;
  readonly hostName: string | null;
  readonly endpointId: string | null;
  readonly hostIps: readonly string[];
  /** Its events, most fields of which are null; one at least. */
  readonly events: readonly Fields[];
  readonly fields: Fields;
}

/** One incident. */
export interface WorldIncident {
  readonly id: string;
  readonly status: Status;
  readonly severity: Severity;
  readonly manualSeverity: Severity | null;
  readonly description: string;
  /** Shown instead of the other one. */
  readonly manualDescription: string | null;
  readonly creationMs: number;
  readonly modificationMs: number;
  readonly visibleAtMs: number;
  readonly sources: readonly string[];
  readonly starred: boolean;
  readonly assigneeMail: string | null;
  readonly assigneeName: string | null;
  readonly notes: string | null;
  readonly resolveComment: string | null;
  readonly resolvedMs: number | null;
  readonly tags: readonly string[];
  /** `name:endpoint_id`. */
  readonly hosts: readonly string[] | null;
  readonly users: readonly string[];
  /** How many alerts of each severity it has. */
  readonly alertCounts: Readonly<Partial<Record<Severity, number>>>;
  readonly fields: Fields;
}

/** One endpoint. */
export interface WorldEndpoint {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly status: EndpointStatus;
  readonly platform: "windows" | "linux" | "macos" | "android";
  readonly isolation: "isolated" | "unisolated";
  readonly scanStatus:
    "none" | "pending" | "in_progress" | "canceled" | "aborted" | "pending_cancellation" | "success" | "error";
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly visibleAtMs: number;
  readonly ips: readonly string[];
  readonly publicIp: string | null;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly alias: string;
  readonly installationPackage: string | null;
  readonly tags: readonly string[];
  readonly fields: Fields;
}

/** What is given of a new record; everything has a default. */
export type Draft<Row> = { -readonly [Key in keyof Row]?: Row[Key] | undefined };

/** Whether the status says that it is done with. */
export function isResolved(status: Status): boolean {
  return status.startsWith("resolved");
}
