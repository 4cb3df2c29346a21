import { ENDPOINTS_VIEW } from "../keys";
import { textsField, timeField, type FilterField } from "../reading/filters";
import { readRoute } from "../reading/read-route";
import { ENDPOINT_STATUSES, type WorldEndpoint } from "../world/records";

const SCAN_STATUSES: readonly string[] = [
  ...["none", "pending", "in_progress", "canceled", "aborted", "pending_cancellation", "success", "error"],
];

const FILTERS: Readonly<Record<string, FilterField<WorldEndpoint>>> = {
  endpoint_id_list: textsField((endpoint) => [endpoint.id]),
  dist_name: textsField((endpoint) => textOf(endpoint.installationPackage)),
  group_name: textsField((endpoint) => endpoint.groups),
  alias: textsField((endpoint) => [endpoint.alias]),
  hostname: textsField((endpoint) => [endpoint.name]),
  username: textsField((endpoint) => endpoint.users),
  public_ip_list: textsField((endpoint) => textOf(endpoint.publicIp)),
  ip_list: textsField((endpoint) => endpoint.ips),
  endpoint_status: textsField((endpoint) => [endpoint.status], ENDPOINT_STATUSES),
  platform: textsField((endpoint) => [endpoint.platform], ["windows", "linux", "macos", "android"]),
  isolate: textsField((endpoint) => [endpoint.isolation], ["isolated", "unisolated"]),
  scan_status: textsField((endpoint) => [endpoint.scanStatus], SCAN_STATUSES),
  first_seen: timeField((endpoint) => endpoint.firstSeenMs),
  last_seen: timeField((endpoint) => endpoint.lastSeenMs),
};

/** `POST v1/endpoints/get_endpoint`: endpoints page by page. The one call whose sort keywords are in capitals. */
export const getEndpoint = readRoute<WorldEndpoint>({
  name: "get_endpoint",
  path: "v1/endpoints/get_endpoint",
  licences: ["prevent", "pro-endpoint"],
  permission: ENDPOINTS_VIEW,
  list: "endpoints",
  filters: FILTERS,
  sort: {
    fields: {
      endpoint_id: (endpoint) => endpoint.id,
      first_seen: (endpoint) => endpoint.firstSeenMs,
      last_seen: (endpoint) => endpoint.lastSeenMs,
      scan_status: (endpoint) => SCAN_STATUSES.indexOf(endpoint.scanStatus),
    },
    usual: { field: "first_seen", keyword: "DESC" },
    ascending: "ASC",
    descending: "DESC",
    required: [],
  },
  rows: ({ world }) => world.endpoints.values(),
  view,
  total: (matches) => matches,
});

function view(endpoint: WorldEndpoint): Record<string, unknown> {
  const platform = endpoint.platform.toUpperCase();
  return {
    endpoint_id: endpoint.id,
    endpoint_name: endpoint.name,
    endpointTags: endpoint.tags.join(","),
    endpoint_type: "AGENT_TYPE_WORKSTATION",
    endpoint_status: endpoint.status.toUpperCase(),
    os_type: `AGENT_OS_${platform}`,
    os_version: null,
    operating_system: null,
    ip: endpoint.ips,
    ipv6: [],
    public_ip: endpoint.publicIp,
    mac_address: [],
    users: endpoint.users,
    domain: null,
    alias: endpoint.alias,
    first_seen: endpoint.firstSeenMs,
    last_seen: endpoint.lastSeenMs,
    content_version: null,
    content_status: null,
    content_release_timestamp: null,
    last_content_update_time: null,
    installation_package: endpoint.installationPackage,
    active_directory: null,
    install_date: endpoint.firstSeenMs,
    endpoint_version: null,
    is_isolated: `AGENT_${endpoint.isolation.toUpperCase()}`,
    isolated_date: null,
    group_name: endpoint.groups,
    operational_status: "PROTECTED",
    // A JSON document in a string, as the real one.
    operational_status_description: "[]",
    scan_status: `SCAN_STATUS_${endpoint.scanStatus.toUpperCase()}`,
    assigned_prevention_policy: null,
    assigned_extensions_policy: null,
    ...endpoint.fields,
  };
}

function textOf(value: string | null): readonly string[] {
  return value === null ? [] : [value];
}
