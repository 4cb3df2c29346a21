import { json } from "../answers";
import type { Route } from "../call";
import { ENDPOINTS_VIEW } from "../keys";
import { decorated } from "../reading/read-route";
import type { WorldEndpoint } from "../world/records";

/** `POST v1/endpoints/get_endpoints`: all of them at once, in short; `{}` or no body at all. */
export const getEndpoints: Route = {
  name: "get_endpoints",
  method: "POST",
  path: "v1/endpoints/get_endpoints",
  licences: ["prevent", "pro-endpoint"],
  permission: ENDPOINTS_VIEW,
  body: "optional",
  handle({ state, nowMs }) {
    const visible = [...state.world.endpoints.values()].filter((endpoint) => endpoint.visibleAtMs <= nowMs);
    const reply = visible.map((endpoint) => decorated(view(endpoint), "get_endpoints", state));
    return json(200, { reply }, `${reply.length} endpoints`);
  },
};

function view(endpoint: WorldEndpoint): Record<string, unknown> {
  return {
    agent_id: endpoint.id,
    agent_status: endpoint.status.toUpperCase(),
    operational_status: "PROTECTED",
    host_name: endpoint.name,
    agent_type: "Workstation",
    ip: endpoint.ips,
    last_seen: endpoint.lastSeenMs,
    tags: { server_tags: [], endpoint_tags: endpoint.tags },
    users: endpoint.users,
    ...endpoint.fields,
  };
}
