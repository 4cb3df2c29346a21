import { plainError, refusal, withHeaders, type Answer } from "./answers";
import { authenticate } from "./auth";
import { isObject, type Call, type Route } from "./call";
import type { TenantState } from "./state";

/**
 * Decides one complete request at `nowMs`, in this fixed order: requests a second, path, 401, 402, 403, body, and
 * then the route's own rules. Synchronous, so that nothing comes between a check and what it allows.
 */
export function decide(call: Call, state: TenantState, nowMs: number): Answer {
  const { options } = state;
  prepare(call, state, nowMs);
  if (state.requestRate.sumAfter(nowMs - 1000) >= options.requestsPerSecond) return tooManyRequests(state);
  state.requestRate.add(nowMs);
  const { route } = call;
  if (route === undefined) return plainError(options.unknownPathStatus, "unknown path, or wrong method");
  const auth = authenticate(call.headers, options, state.seenNonces);
  if ("refused" in auth) return refusal(401, auth.refused);
  const licences = auth.key.licences ?? options.licences;
  if (!route.licences.some((licence) => licences.includes(licence))) return refusal(402, "no licence for this call");
  if (route.permission !== undefined && !auth.key.permissions.includes(route.permission)) {
    return refusal(403, `the key lacks ${route.permission}`);
  }
  return handle(call, route, state, nowMs);
}

/** Decides a request as if limits, key, licence and permission were fine: for calls that come over no socket. */
export function decideAuthorised(call: Call, state: TenantState, nowMs: number): Answer {
  prepare(call, state, nowMs);
  if (call.route === undefined) return plainError(state.options.unknownPathStatus, "unknown path, or wrong method");
  return handle(call, call.route, state, nowMs);
}

/** Lets happen what has to happen before this request. */
function prepare(call: Call, state: TenantState, nowMs: number): void {
  state.world.advance(nowMs);
  state.options.beforeRequest?.(call, nowMs);
}

function handle(call: Call, route: Route, state: TenantState, nowMs: number): Answer {
  const data = requestData(call, route);
  return "refused" in data ? data.refused : route.handle({ call, data: data.data, state, nowMs });
}

function tooManyRequests(state: TenantState): Answer {
  state.rateRefusals += 1;
  const answer = refusal(429, "over the requests a second");
  const { retryAfter } = state.options;
  return retryAfter === undefined ? answer : withHeaders(answer, { "Retry-After": retryAfter });
}

type Data = { readonly data: Readonly<Record<string, unknown>> } | { readonly refused: Answer };

function requestData(call: Call, route: Route): Data {
  if (route.method === "GET" || (route.body === "optional" && call.bytes === 0)) return { data: {} };
  const type = (call.headers["content-type"] ?? "").split(";", 1).join("").trim().toLowerCase();
  if (type !== "application/json") return refuse("Content-Type must be application/json");
  if (!call.isJson) return refuse("the body is not valid JSON");
  if (!isObject(call.body)) return refuse("the body must be an object");
  const data = call.body["request_data"];
  if (data === undefined && route.body === "optional") return { data: {} };
  return isObject(data) ? { data } : refuse("request_data must be an object");
}

function refuse(text: string): Data {
  return { refused: refusal(400, text, { extra: text }) };
}
