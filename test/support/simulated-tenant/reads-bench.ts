import assert from "node:assert/strict";
import { after, beforeEach } from "node:test";
import { ask, type CallOptions, type Received } from "./caller";
import { SimulatedTenant, type StartOptions } from "./tenant";

/** When every test begins. */
export const START_MS = Date.UTC(2026, 0, 1);

/** A filter of a request. */
export const filter = (field: unknown, operator: unknown, value: unknown): Record<string, unknown> => ({
  field,
  operator,
  value,
});

/** `reply` of an answer with rows. */
export interface RowsReply {
  readonly total_count: unknown;
  readonly result_count: number;
  readonly [key: string]: unknown;
}

/** Tenants with a clock that the test moves; they end with the file. */
export class ReadsBench {
  nowMs = START_MS;
  readonly #tenants: SimulatedTenant[] = [];

  constructor() {
    beforeEach(() => {
      this.nowMs = START_MS;
    });
    after(() => Promise.all(this.#tenants.map((tenant) => tenant.stop())));
  }

  async start(options: StartOptions = {}): Promise<SimulatedTenant> {
    const tenant = await SimulatedTenant.start({ now: () => this.nowMs, requestsPerSecond: Infinity, ...options });
    this.#tenants.push(tenant);
    return tenant;
  }

  /** Any answer. */
  ask(
    tenant: SimulatedTenant,
    path: string,
    data: Record<string, unknown> = {},
    options: CallOptions = {},
  ): Promise<Received> {
    return ask(tenant.url, path, data, { signedAtMs: this.nowMs, ...options });
  }

  /** `reply` of an answer that must be a 200. */
  async reply(tenant: SimulatedTenant, path: string, data: Record<string, unknown> = {}): Promise<RowsReply> {
    const answer = await this.ask(tenant, path, data);
    assert.equal(answer.status, 200, answer.text);
    return (answer.json as { reply: RowsReply }).reply;
  }

  /** The text of a refusal, which must be a 500 with the usual envelope. */
  async refusal(tenant: SimulatedTenant, path: string, data: Record<string, unknown>): Promise<string> {
    const answer = await this.ask(tenant, path, data);
    const { reply } = answer.json as { reply: Record<string, unknown> };
    const message = "An error occurred while processing XDR public API";
    assert.deepEqual([answer.status, reply["err_code"], reply["err_msg"]], [500, 500, message], answer.text);
    return String(reply["err_extra"]);
  }
}

/** One field of all rows. */
export function column(reply: RowsReply, list: string, field: string): unknown[] {
  return (reply[list] as Record<string, unknown>[]).map((row) => row[field]);
}
