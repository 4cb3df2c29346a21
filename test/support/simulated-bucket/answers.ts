import type { StoredObject } from "./shelf";

/** A part of an object on its way out. */
export interface MediaBody {
  readonly object: StoredObject;
  /** The stored bytes from here up to `to`, which is not included. */
  readonly from: number;
  readonly to: number;
  /** Decompressed on the way out: length unknown. */
  readonly isTranscoded: boolean;
}

/** What the service has decided to answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | MediaBody;
}

export const JSON_TYPE = "application/json; charset=UTF-8";

/** Where in the request the reason for a refusal lies. */
export interface Location {
  readonly location: string;
  readonly locationType: "header" | "parameter";
}

/** A refusal, before it is known in which form the caller gets it. */
export interface Refusal {
  readonly status: number;
  /** `error.errors[0].reason`. Source: Cloud Storage documentation, "HTTP status and error codes for JSON". */
  readonly reason: string;
  readonly message: string;
  readonly at?: Location | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The JSON envelope of the API. */
export function envelope({ status, reason, message, at, headers }: Refusal): Answer {
  const error = { code: status, message, errors: [{ message, domain: "global", reason, ...at }] };
  return { status, headers: { "Content-Type": JSON_TYPE, ...headers }, body: JSON.stringify({ error }, null, 2) };
}

/** The same where content was asked for: the bare message, which calls itself HTML. */
export function plain({ status, message, headers }: Refusal): Answer {
  return { status, headers: { "Content-Type": "text/html; charset=UTF-8", ...headers }, body: message };
}

/** What stands in front of the API says to a path that it does not know. */
export const unknownPath: Answer = {
  status: 404,
  headers: { "Content-Type": "text/html; charset=UTF-8" },
  body: "Not Found",
};

/** A parameter that is unknown or has a value that it cannot have. */
export function badParameter(name: string, message: string, reason = "invalidParameter"): Refusal {
  return { status: 400, reason, message, at: { location: name, locationType: "parameter" } };
}

/** What usually comes with a status. Source: as {@link Refusal.reason}. */
const REASONS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  400: ["invalid", "Invalid Value"],
  401: ["authError", "Invalid Credentials"],
  403: ["forbidden", "Forbidden"],
  404: ["notFound", "Not Found"],
  408: ["uploadBrokenConnection", "Request Timeout"],
  412: ["conditionNotMet", "At least one of the pre-conditions you specified did not hold."],
  416: ["requestedRangeNotSatisfiable", "The requested range cannot be satisfied."],
  429: ["rateLimitExceeded", "The project exceeded the rate limit for reading objects."],
  500: ["backendError", "We encountered an internal error. Please try again."],
  502: ["backendError", "Bad Gateway"],
  503: ["backendError", "Backend Error"],
  504: ["gatewayTimeout", "Gateway Timeout"],
};

/** The refusal that a status usually comes with. */
export function usualRefusal(status: number): Refusal {
  const [reason, message] = REASONS[status] ?? ["unknown", `Status ${status}`];
  return { status, reason, message };
}
