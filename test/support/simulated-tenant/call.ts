import type { IncomingHttpHeaders } from "node:http";
import type { Answer } from "./answers";
import type { Licence } from "./keys";
import type { TenantState } from "./state";

/** One request, completely received. */
export interface Call {
  /** Counts from 1. */
  readonly id: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
  /** The parsed body, its text when it is no JSON, undefined when it is empty. */
  readonly body: unknown;
  /** False when the body is not UTF-8 JSON. */
  readonly isJson: boolean;
  /** Undefined for an unknown path, a wrong method or a disabled route. */
  readonly route: Route | undefined;
  /** Filled by routes that let something pass. */
  readonly warnings: string[];
}

/** What a route gets. */
export interface RouteInput {
  readonly call: Call;
  /** `request_data` of the body, an empty object for calls without one. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly state: TenantState;
  /** The moment of the decision, on the tenant's clock. */
  readonly nowMs: number;
}

/** One API call. The dispatcher has checked key, licence, permission and body before `handle` decides. */
export interface Route {
  /** What faults and records call it: the last part of the path, with the version where two calls share it. */
  readonly name: string;
  readonly method: "GET" | "POST";
  /** Below `/public_api/`. */
  readonly path: string;
  /** One of them is enough. */
  readonly licences: readonly Licence[];
  /** What the key needs; undefined = any valid key. */
  readonly permission?: string;
  /** `request_data`: an object below that name is required; `optional`: it may be missing, and so may the whole body. @default "request_data" for POST */
  readonly body?: "request_data" | "optional";
  /** Decides and stores, in one go: nothing may be awaited between a check and what it allows. */
  handle(input: RouteInput): Answer;
}

/** True for `{...}`. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
