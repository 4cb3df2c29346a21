/** What a tenant may have bought, as far as the calls tell them apart. */
export type Licence = "prevent" | "pro-endpoint" | "pro-gb";

/** Permission of the insert calls ("External Issues Mapping" in the console). */
export const INSERT_PERMISSION = "external_alerts_action";

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

/** Read permissions are names of ours: the sources name none. */
const ALL_PERMISSIONS = [INSERT_PERMISSION, "alerts_view", "incidents_view", "incidents_edit", "endpoints_view"];

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
