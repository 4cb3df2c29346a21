import { MAX_ALERTS, problemOf, unknownKeys, type Problem } from "../alert-checks";
import { INVALID_PARAMETERS, json, PROCESSING_ERROR, refusal, withHeaders, type Answer } from "../answers";
import { isObject, type Route, type RouteInput } from "../call";
import { INSERT_PERMISSION } from "../keys";

type Alert = Readonly<Record<string, unknown>>;

/** `POST v1/alerts/insert_parsed_alerts`: shape, then poison, then quota; only then is anything stored. */
export const insertParsedAlerts: Route = {
  name: "insert_parsed_alerts",
  method: "POST",
  path: "v1/alerts/insert_parsed_alerts",
  licences: ["pro-endpoint", "pro-gb"],
  permission: INSERT_PERMISSION,
  handle(input) {
    const { state, nowMs, call } = input;
    const { alerts } = input.data;
    if (!Array.isArray(alerts) || alerts.length === 0) return invalid("alerts", "must be an array, not empty");
    if (alerts.length > MAX_ALERTS) return invalid("alerts", `must have ${MAX_ALERTS} elements at most`);
    const { good, problems } = sort(alerts, input);
    const [first] = problems;
    if (first !== undefined && state.options.partialFailure === "reject-all") {
      return refusal(400, `alert ${first.loc.join(".")} ${first.msg}`, { extra: [first] });
    }
    for (const poison of state.poisons) {
      if (good.some((alert) => poison.matches(alert))) return poisoned(poison.status);
    }
    if (good.length > state.freeQuota(nowMs)) return overQuota(input);
    state.alertQuota.add(nowMs, good.length);
    for (const alert of good) state.accept(alert, nowMs, call.id);
    const { successBody } = state.options;
    return json(200, successBody === "bare" ? true : { reply: true }, `stored ${good.length}`);
  },
};

function sort(alerts: readonly unknown[], { state, data, call }: RouteInput): { good: Alert[]; problems: Problem[] } {
  const good: Alert[] = [];
  const problems: Problem[] = [];
  const report = (keys: readonly string[], loc: readonly (string | number)[]): boolean => {
    if (keys.length === 0) return false;
    const found = keys.map((key) => ({ type: "unknown", loc: [...loc, key], msg: "is not a known key" }));
    if (state.options.onUnknownKeys === "reject") problems.push(...found);
    else call.warnings.push(...found.map((entry) => `${entry.loc.join(".")} ${entry.msg}`));
    return state.options.onUnknownKeys === "reject";
  };
  report(
    Object.keys(data).filter((key) => key !== "alerts"),
    ["request_data"],
  );
  alerts.forEach((alert, index) => {
    const found = problemOf(alert);
    if (found !== undefined) problems.push({ ...found, loc: [index, ...found.loc] });
    else if (isObject(alert) && !report(unknownKeys(alert), [index])) good.push(alert);
  });
  return { good, problems };
}

function invalid(field: string, msg: string): Answer {
  const loc = ["request_data", field];
  return refusal(400, `${field} ${msg}`, { extra: [{ type: "value", loc, msg }] });
}

/** Does not say which alert it is: a client has to find out. */
function poisoned(status: 400 | 500): Answer {
  const message = status === 400 ? INVALID_PARAMETERS : PROCESSING_ERROR;
  return refusal(status, "poison", { message, extra: "Failed to process one of the alerts" });
}

function overQuota({ state }: RouteInput): Answer {
  const { overflowStatus, quotaAlerts, quotaSeconds, retryAfter } = state.options;
  state.quotaRefusals += 1;
  const extra = `Rate limit exceeded: ${quotaAlerts} alerts per ${quotaSeconds} seconds`;
  const answer = refusal(overflowStatus, "over the alert quota", { extra });
  return retryAfter === undefined ? answer : withHeaders(answer, { "Retry-After": retryAfter });
}
