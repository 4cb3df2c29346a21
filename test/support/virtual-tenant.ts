import { XdrError } from "../../nodes/lib/errors";
import { MAX_RESPONSE_BYTES } from "../../nodes/lib/tenant/client";
import type { RawAnswer, TenantClient, TenantRequest } from "../../nodes/lib/tenant/client-api";
import { readAnswer } from "../../nodes/lib/tenant/read-answer";
import { parseRetryAfter } from "../../nodes/lib/http/retry-after";
import type { Answer } from "./simulated-tenant/answers";
import type { Call } from "./simulated-tenant/call";
import { decideAuthorised } from "./simulated-tenant/dispatcher";
import { defaultOptions, type TenantOptions } from "./simulated-tenant/options";
import { findRoute } from "./simulated-tenant/routes/routes";
import { TenantState } from "./simulated-tenant/state";
import type { World } from "./simulated-tenant/world/world";
import { VirtualClock } from "./virtual-clock";
import { integerIn, mulberry32, type Random } from "./virtual-random";

/** Where virtual time begins unless told otherwise: midnight of the first day of 2026, UTC. */
export const VIRTUAL_START_MS = Date.UTC(2026, 0, 1);

/** A request that fails: as it is, the tenant never sees it; with `lost`, only its answer gets lost. */
export type Failure = XdrError | { readonly lost: XdrError };

/** How a virtual tenant behaves, beside what every simulated tenant can be told (but for its clock). */
export interface VirtualTenantOptions extends Partial<Omit<TenantOptions, "now">> {
  /** Time of the caller. @default one that begins at VIRTUAL_START_MS */
  readonly clock?: VirtualClock;
  /** Shortest and longest time that a request takes, milliseconds. @default [20, 400] */
  readonly latencyMs?: readonly [number, number];
  /** The tenant's clock minus the caller's, milliseconds. @default 0 */
  readonly skewMs?: number;
  /** What the caller measures of it: real ones are a second off. @default skewMs */
  readonly measuredSkewMs?: number;
  /** Looked at for every request; requests count from 1. */
  readonly failWhen?: (requestNumber: number, route: string) => Failure | undefined;
}

/** One request that was decided. */
export interface VirtualRequest {
  readonly number: number;
  /** Name of the route, the path when there is none. */
  readonly route: string;
  /** `request_data`. */
  readonly data: unknown;
  /** When, on the tenant's clock. */
  readonly atMs: number;
  readonly status: number;
  readonly why: string;
}

/**
 * The simulated tenant in this very process and in virtual time: no sockets, no signatures, no limit of requests a second.
 * Each request takes a random time; the clock moves by it, and by nothing else unless the test moves it.
 * @example
 * const tenant = new VirtualTenant({ seed: 7 });
 * tenant.world.addAlert();
 * const { value } = await tenant.callRaw({ path: "v1/alerts/get_alerts", body: { request_data: {} } });
 */
export class VirtualTenant implements Pick<TenantClient, "callRaw" | "clockSkewMs"> {
  readonly clock: VirtualClock;
  readonly requests: VirtualRequest[] = [];
  /** May be set at any time. */
  failWhen: VirtualTenantOptions["failWhen"];
  readonly #state: TenantState;
  readonly #random: Random;
  readonly #latencyMs: readonly [number, number];
  readonly #skewMs: number;
  readonly #measuredSkewMs: number;
  #wasAnswered = false;
  #asked = 0;

  constructor(given: VirtualTenantOptions = {}) {
    const { clock, latencyMs = [20, 400], skewMs = 0, measuredSkewMs = skewMs, failWhen, ...behaviour } = given;
    this.clock = clock ?? new VirtualClock(VIRTUAL_START_MS);
    this.#latencyMs = latencyMs;
    this.#skewMs = skewMs;
    this.#measuredSkewMs = measuredSkewMs;
    this.failWhen = failWhen;
    this.#state = new TenantState({ ...defaultOptions(), ...behaviour, now: () => this.clock.now() + skewMs });
    // Not the one of the tenant: its orders must not depend on how long requests take.
    this.#random = mulberry32(this.options.seed ^ 0x5bd1e995);
  }

  /** The tenant's clock. */
  get nowMs(): number {
    return this.clock.now() + this.#skewMs;
  }

  /** What it holds. */
  get world(): World {
    return this.#state.world;
  }

  /** How it behaves; changes count from the next request on. */
  get options(): TenantOptions {
    return this.#state.options;
  }

  get clockSkewMs(): number | undefined {
    return this.#wasAnswered ? this.#measuredSkewMs : undefined;
  }

  /** One call, in its time. @throws XdrError as the real client does, or what `failWhen` says */
  async callRaw(request: TenantRequest): Promise<RawAnswer> {
    this.#asked += 1;
    const number = this.#asked;
    const call = toCall(number, request, this.options.disabledRoutes);
    const route = call.route?.name ?? request.path;
    if (isAborted(request)) throw cancelled("unsent");
    const [min, max] = this.#latencyMs;
    const totalMs = integerIn(this.#random, min, max);
    const wayThereMs = integerIn(this.#random, 0, totalMs);
    // Nothing that goes over a network is there in the same turn.
    await nextTurn();
    this.clock.advance(wayThereMs);
    const failure = this.failWhen?.(number, route);
    if (failure instanceof XdrError) throw failure;
    const answer = this.#decide(call, route);
    await nextTurn();
    this.clock.advance(totalMs - wayThereMs);
    if (isAborted(request)) throw cancelled("unknown");
    if (failure !== undefined) throw failure.lost;
    this.#wasAnswered = true;
    return read(answer, request.path, this.nowMs);
  }

  /** The same, parsed. */
  async call(request: TenantRequest): Promise<unknown> {
    return (await this.callRaw(request)).value;
  }

  #decide(call: Call, route: string): Answer {
    const atMs = this.nowMs;
    const answer = decideAuthorised(call, this.#state, atMs);
    const data = typeof call.body === "object" ? (call.body as { request_data?: unknown } | null)?.request_data : null;
    this.requests.push({ number: call.id, route, data, atMs, status: answer.status, why: answer.why });
    return answer;
  }
}

function toCall(id: number, { path, method = "POST", body }: TenantRequest, disabled: readonly string[]): Call {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return {
    id,
    method,
    path: `/public_api/${path}`,
    headers: { "content-type": "application/json" },
    bytes: Buffer.byteLength(text ?? ""),
    // As after the wire: a caller may change its object, and `undefined` does not travel.
    body: text === undefined ? undefined : (JSON.parse(text) as unknown),
    isJson: text !== undefined,
    route: findRoute(method, `/public_api/${path}`, disabled),
    warnings: [],
  };
}

function read({ status, contentType, headers = {}, body }: Answer, path: string, nowMs: number): Promise<RawAnswer> {
  const answer = {
    status,
    headers: { "content-type": contentType },
    body: Buffer.from(body, "utf8"),
    sentAtMs: nowMs,
    headAtMs: nowMs,
  };
  return readAnswer(answer, MAX_RESPONSE_BYTES, parseRetryAfter(headers["Retry-After"], nowMs), {
    host: "virtual.tenant",
    path,
    keyType: "advanced",
    redact: (text) => text,
    clockSkewMs: 0,
  });
}

/** A call of its own, as the compiler would not believe that it changes. */
function isAborted({ signal }: TenantRequest): boolean {
  return signal?.aborted === true;
}

function cancelled(outcome: "unsent" | "unknown"): XdrError {
  return new XdrError("XDR_CANCELLED", "The call to virtual.tenant was cancelled.", { outcome });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
