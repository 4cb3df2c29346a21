import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "./exchange";
import type { Faults } from "./faults";
import { Listener, type ListenerOptions } from "./listener";
import { defaultOptions, type TenantOptions } from "./options";
import type { RecordedRequest } from "./records";
import { maxInAnyWindow } from "./spending";
import { TenantState, type AcceptedAlert, type StoredAlert } from "./state";
import type { World } from "./world/world";

/** What a tenant is started with: how it behaves, and how it listens. */
export interface StartOptions extends Partial<TenantOptions>, Partial<ListenerOptions> {
  /** Serve `GET /__tenant/state` (no key, not recorded), for demos and child processes. @default false */
  readonly stateRoute?: boolean;
}

/**
 * A Cortex XDR tenant as strict as its documentation, on a real HTTP or HTTPS socket of 127.0.0.1. It shares no code
 * with the nodes. Both limits are kept on its own clock at the moment a request is complete and decided.
 * @example
 * const tenant = await SimulatedTenant.start({ quotaAlerts: 120, quotaSeconds: 2 });
 * tenant.faults.add({ route: "insert_parsed_alerts", kind: "lost-answer" });
 * await tenant.until(() => tenant.alerts.length === 60);
 * await tenant.stop();
 */
export class SimulatedTenant {
  readonly #state: TenantState;
  readonly #listener: Listener;
  readonly #isTls: boolean;
  readonly #hasStateRoute: boolean;
  readonly #waiting = new Set<() => void>();
  /** Counts the times it came up, so that a request of an earlier one is never decided later. */
  #session = 0;

  private constructor(given: StartOptions) {
    const { port = 0, tls, keepAliveTimeoutMs, stateRoute = false, ...behaviour } = given;
    this.#state = new TenantState({ ...defaultOptions(), ...behaviour });
    this.#state.onRequest = () => this.#waiting.forEach((check) => check());
    this.#hasStateRoute = stateRoute;
    this.#isTls = tls !== undefined;
    const listen = { port, ...(tls && { tls }), ...(keepAliveTimeoutMs !== undefined && { keepAliveTimeoutMs }) };
    this.#listener = new Listener(listen, (request, response) => this.#serve(request, response));
  }

  /** Starts one and waits until it listens. Rejects when the port is taken. */
  static async start(options: StartOptions = {}): Promise<SimulatedTenant> {
    const tenant = new SimulatedTenant(options);
    await tenant.up();
    return tenant;
  }

  /** `http://127.0.0.1:port`, or https with `tls`. */
  get url(): string {
    return `${this.#isTls ? "https" : "http"}://127.0.0.1:${this.#listener.port}`;
  }

  get port(): number {
    return this.#listener.port;
  }

  /** How it behaves; changes count from the next decision on. */
  get options(): TenantOptions {
    return this.#state.options;
  }

  /** Faults to come. */
  get faults(): Faults {
    return this.#state.faults;
  }

  /** Every accepted alert in order, repeated ones as often as they were accepted. */
  get alerts(): readonly AcceptedAlert[] {
    return this.#state.accepted;
  }

  /** The accepted alerts as the console would show them, merged by name, vendor and product. */
  get stored(): readonly StoredAlert[] {
    return [...this.#state.stored.values()];
  }

  /** What it holds for the calls that read: its own records, and the stored alerts. */
  get world(): World {
    return this.#state.world;
  }

  /** Every request, in the order of the decisions. */
  get requests(): readonly RecordedRequest[] {
    return this.#state.requests;
  }

  /** Calls refused for the requests a second. */
  get rateRefusals(): number {
    return this.#state.rateRefusals;
  }

  /** Updates refused for the alert quota. */
  get quotaRefusals(): number {
    return this.#state.quotaRefusals;
  }

  /** Connections open now, and opened since the start. */
  get connections(): { readonly open: number; readonly ever: number } {
    return { open: this.#listener.connections, ever: this.#listener.connectionsEver };
  }

  /**
   * Refuses every update that has such an alert, without saying which one it is. Returns the undo.
   * @param status 400, or the catch-all 500 without rate-limit text. @default 400
   */
  poison(matches: (alert: Readonly<Record<string, unknown>>) => boolean, status: 400 | 500 = 400): () => void {
    const poison = { matches, status };
    this.#state.poisons.add(poison);
    return () => void this.#state.poisons.delete(poison);
  }

  /** Somebody else inserts: takes `count` alerts off the quota now. They are in no list and no maximum. */
  spendQuota(count: number): void {
    this.#state.alertQuota.add(this.options.now(), count);
  }

  /** The most alerts accepted in any window `[t, t + windowMs)`. @default windowMs the quota's window */
  maxAlertsInAnyWindow(windowMs = this.options.quotaSeconds * 1000): number {
    return maxInAnyWindow(
      this.alerts.map((entry) => entry.receivedAtMs),
      windowMs,
    );
  }

  /** The most requests, refused ones too, in any window `[t, t + windowMs)`. @default windowMs 1000 */
  maxRequestsInAnyWindow(windowMs = 1000): number {
    return maxInAnyWindow(
      this.requests.map((entry) => entry.atMs),
      windowMs,
    );
  }

  /**
   * Resolves as soon as the condition holds; it is looked at now and after every decision (the caller may not have
   * the answer yet). Rejects after `timeoutMs`. @default timeoutMs 10_000
   */
  until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (condition()) finish(resolve);
      };
      const timer = setTimeout(() => {
        const seen = `${this.requests.length} requests, ${this.alerts.length} alerts`;
        finish(() => reject(new Error(`Not so within ${timeoutMs} ms; the tenant saw ${seen}.`)));
      }, timeoutMs);
      const finish = (end: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        end();
      };
      this.#waiting.add(check);
    });
  }

  /** Closes the listener and cuts every connection; what is not decided yet never is. All it knows is kept. */
  async down(): Promise<void> {
    this.#session += 1;
    await this.#listener.down();
  }

  /** Listens again, on the same port. */
  async up(): Promise<void> {
    await this.#listener.up();
  }

  /** The end of it: the same as {@link down}. */
  async stop(): Promise<void> {
    await this.down();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (this.#hasStateRoute && request.url === "/__tenant/state") {
      response.setHeader("Content-Type", "application/json").end(JSON.stringify(this.#summary()));
      return;
    }
    const session = this.#session;
    const isUp = (): boolean => session === this.#session;
    // A fault of the simulation itself (a test's predicate that throws) must not look like one of the tenant.
    serve({ request, response, state: this.#state, isUp }).catch((error: unknown) => {
      request.socket.destroy();
      queueMicrotask(() => {
        throw error;
      });
    });
  }

  #summary(): Record<string, unknown> {
    return {
      requests: this.requests.length,
      alerts: this.alerts.length,
      stored: this.#state.stored.size,
      rateRefusals: this.rateRefusals,
      quotaRefusals: this.quotaRefusals,
      maxAlertsInAnyWindow: this.maxAlertsInAnyWindow(),
      lastAlerts: this.alerts.slice(-10),
      lastRequests: this.requests.slice(-10).map(({ route, status, why, atMs }) => ({ route, status, why, atMs })),
    };
  }
}
