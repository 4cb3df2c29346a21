import { json, refusal, type Answer } from "../answers";
import { isObject, type Route, type RouteInput } from "../call";
import { INCIDENTS_EDIT } from "../keys";
import { isText, NotTaken } from "../reading/filters";
import { incidentOf } from "../reading/incident-of";
import { taken } from "../reading/read-route";
import { isResolved, STATUSES, type Draft, type WorldIncident } from "../world/records";

type Changes = Draft<WorldIncident>;
/** One key of `update_data`. @throws NotTaken */
type Update = (text: string, before: WorldIncident) => Changes;

const MANUAL_SEVERITIES = ["low", "medium", "high"] as const;

/** Keys with text. Others are ignored, as documented. */
const UPDATES: Readonly<Record<string, Update>> = {
  status: (text) => ({ status: oneOf(STATUSES, text, "status") }),
  assigned_user_mail: (text) => ({ assigneeMail: clears(text) ? null : text }),
  assigned_user_pretty_name: (text) => ({ assigneeName: clears(text) ? null : text }),
  manual_severity: severity,
  resolve_comment: (text) => ({ resolveComment: text }),
  notes: (text) => ({ notes: text }),
};

/** `POST v1/incidents/update_incident`. */
export const updateIncident: Route = {
  name: "update_incident",
  method: "POST",
  path: "v1/incidents/update_incident",
  licences: ["prevent", "pro-endpoint", "pro-gb"],
  permission: INCIDENTS_EDIT,
  handle: (input) => taken(() => answer(input)),
};

function answer(input: RouteInput): Answer {
  const { data, state } = input;
  const update = data["update_data"];
  if (!isObject(update)) throw new NotTaken("update_data must be an object");
  const incident = incidentOf(input);
  if ("refused" in incident) return incident.refused;
  const changes = changesOf(update, incident);
  const mail = changes.assigneeMail ?? undefined;
  if (mail !== undefined && !state.options.users.includes(mail)) {
    return refusal(500, "no such user", { extra: `The user ${mail} does not exist` });
  }
  if (changes.resolveComment !== undefined && !isResolved(changes.status ?? incident.status)) {
    throw new NotTaken("resolve_comment is for resolved incidents");
  }
  state.world.changeIncident(incident.id, changes);
  return json(200, state.options.successBody === "bare" ? true : { reply: true }, `updated ${incident.id}`);
}

function changesOf(update: Readonly<Record<string, unknown>>, before: WorldIncident): Changes {
  const changes: Changes = {};
  for (const [key, apply] of Object.entries(UPDATES)) {
    const value = update[key];
    if (value === undefined) continue;
    if (!isText(value)) throw new NotTaken(`${key} must be a string`);
    Object.assign(changes, apply(value, before));
  }
  assertComment(update["comment"]);
  return changes;
}

/** Comments can be added, and are read nowhere. */
function assertComment(comment: unknown): void {
  if (comment === undefined) return;
  if (!isObject(comment) || comment["comment_action"] !== "add" || !isText(comment["value"])) {
    throw new NotTaken('comment must be {"comment_action": "add", "value": text}');
  }
}

function severity(text: string): Changes {
  return { manualSeverity: clears(text) ? null : oneOf(MANUAL_SEVERITIES, text, "manual_severity") };
}

function clears(text: string): boolean {
  return text === "" || text.toLowerCase() === "none";
}

function oneOf<const T extends string>(known: readonly T[], text: string, what: string): T {
  const found = known.find((value) => value === text.toLowerCase());
  if (found === undefined) throw new NotTaken(`${what} must be one of ${known.join(", ")}`);
  return found;
}
