import type { Refusal } from "./answers";
import type { Call } from "./call";
import { CLIENT_EMAIL } from "./service-account";

/** What a call may need. */
export type Permission = "storage.objects.list" | "storage.objects.get";

/** Looks at token, bucket and permission, in this order; undefined when the call may go on. */
export function guard({ state, headers, target }: Call, permission: Permission): Refusal | undefined {
  const refused = state.tokens.refusal(headers.authorization, state.now(), state.isAnonymous, permission);
  if (refused !== undefined) return refused;
  if (state.gone || target.bucket !== state.name) {
    return { status: 404, reason: "notFound", message: "The specified bucket does not exist." };
  }
  const isDenied = permission === "storage.objects.list" ? state.denyList : state.denyRead;
  return isDenied ? forbidden(permission) : undefined;
}

/** 403 as it names the account and the permission. */
export function forbidden(permission: string): Refusal {
  const resource = permission === "storage.objects.get" ? "object" : "bucket";
  return {
    status: 403,
    reason: "forbidden",
    message:
      `${CLIENT_EMAIL} does not have ${permission} access to the Google Cloud Storage ${resource}. ` +
      `Permission '${permission}' denied on resource (or it may not exist).`,
  };
}
