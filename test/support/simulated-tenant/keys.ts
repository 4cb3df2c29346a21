/** What a tenant may have bought, as far as the calls tell them apart. */
export type Licence = "prevent" | "pro-endpoint" | "pro-gb";

/** Permission of the insert calls ("External Issues Mapping" in the console). */
export const INSERT_PERMISSION = "external_alerts_action";

/** Permissions of the other calls; names of ours, as the sources name none. */
export const ALERTS_VIEW = "alerts_view";
export const INCIDENTS_VIEW = "incidents_view";
export const INCIDENTS_EDIT = "incidents_edit";
export const ENDPOINTS_VIEW = "endpoints_view";

/** One API key as the tenant knows it. */
export interface TenantKey {
  readonly id: string;
  readonly secret: string;
  readonly level: "standard" | "advanced";
  readonly permissions: readonly string[];
  /** Overrides the tenant's licences. */
  readonly licences?: readonly Licence[];
  /** On the tenant's clock. */
  readonly expiresAtMs?: number;
  readonly revoked?: boolean;
}

const ALL_PERMISSIONS = [INSERT_PERMISSION, ALERTS_VIEW, INCIDENTS_VIEW, INCIDENTS_EDIT, ENDPOINTS_VIEW];

/** The Advanced key every simulated tenant knows unless told otherwise. 128 characters, as real ones have. */
export const ADVANCED_KEY: TenantKey = {
  id: "7",
  secret: "FAKE-ADVANCED-KEY-ONLY-FOR-TESTS".repeat(4),
  level: "advanced",
  permissions: ALL_PERMISSIONS,
};

/** The Standard key every simulated tenant knows unless told otherwise. */
export const STANDARD_KEY: TenantKey = {
  id: "8",
  secret: "FAKE-STANDARD-KEY-ONLY-FOR-TESTS".repeat(4),
  level: "standard",
  permissions: ALL_PERMISSIONS,
};

export const DEFAULT_KEYS: readonly TenantKey[] = [ADVANCED_KEY, STANDARD_KEY];
