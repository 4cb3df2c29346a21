import { PROCESSING_ERROR, refusal, type Answer } from "../answers";
import type { RouteInput } from "../call";
import type { WorldIncident } from "../world/records";
import { isText, NotTaken } from "./filters";

/** The incident that a call is about, or the answer that there is none. @throws NotTaken when no id is given */
export function incidentOf({ data, state, nowMs }: RouteInput): WorldIncident | { readonly refused: Answer } {
  const id = data["incident_id"];
  if (!isText(id) || id === "") throw new NotTaken("incident_id must be a string, not empty");
  const incident = state.world.incidents.get(id);
  if (incident !== undefined && incident.visibleAtMs <= nowMs) return incident;
  const message = `${PROCESSING_ERROR} - Incident not found`;
  return { refused: refusal(state.options.unknownIncidentStatus, "no such incident", { message }) };
}

/** @throws NotTaken when there is another key */
export function assertOnly(data: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(data).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new NotTaken(`request_data has an unknown key "${unknown}"`);
}
