import { envelope, plain, unknownPath, usualRefusal, type Answer, type Refusal } from "./answers";
import type { Call } from "./call";
import { forbidden } from "./guard";
import { listObjects } from "./list-route";
import { getMedia, getMeta } from "./object-routes";
import { isRefusal } from "./query";
import { judgeTokenRequest, tokenAnswer } from "./token-endpoint";

/** What the service answers, faults that only concern the way out not counted. */
export function decide(call: Call): Answer {
  const { kind } = call.target;
  if (call.fault?.status !== undefined) return faultAnswer(call, call.fault.status);
  if (kind === "token") return giveToken(call);
  if (kind === "other") return unknownPath;
  const decided = call.method === "GET" ? route(call) : forbidden(writePermission(call.method));
  if (!isRefusal(decided)) return decided;
  return kind === "media" ? plain(decided) : envelope(decided);
}

function route(call: Call): Answer | Refusal {
  if (call.target.kind === "list") return listObjects(call);
  return call.target.kind === "media" ? getMedia(call) : getMeta(call);
}

/** The key of a forwarding bucket reads only. */
function writePermission(method: string): string {
  if (method === "DELETE") return "storage.objects.delete";
  return method === "POST" ? "storage.objects.create" : "storage.objects.update";
}

function giveToken({ method, headers, body, state }: Call): Answer {
  if (method !== "POST") return { ...unknownPath, status: 405, body: "Method Not Allowed" };
  const { tokenUri, validKey: key } = state;
  const nowMs = state.now();
  const verdict = judgeTokenRequest({ contentType: headers["content-type"], body }, { key, tokenUri, nowMs });
  if ("error" in verdict) return tokenAnswer(verdict.error === "invalid_client" ? 401 : 400, verdict);
  return tokenAnswer(200, {
    access_token: state.tokens.issue(verdict.scopes, nowMs + state.tokenLifeMs),
    expires_in: state.tokenLifeMs / 1000,
    token_type: "Bearer",
  });
}

function faultAnswer({ target, fault }: Call, status: number): Answer {
  const usual = usualRefusal(status);
  const message = fault?.message ?? usual.message;
  const wait: Record<string, string> =
    fault?.retryAfter === undefined ? {} : { "Retry-After": String(fault.retryAfter) };
  if (target.kind === "token") {
    const error = fault?.reason ?? (status < 500 ? "invalid_grant" : "internal_failure");
    const answer = tokenAnswer(status, { error, error_description: message });
    return { ...answer, headers: { ...answer.headers, ...wait } };
  }
  const refusal = { status, reason: fault?.reason ?? usual.reason, message, headers: wait };
  return target.kind === "media" ? plain(refusal) : envelope(refusal);
}
