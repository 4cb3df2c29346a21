import { XdrError, type ErrorCode } from "../errors";
import { createTenantClient, type ClientSurroundings, type ConnectionSettings } from "./client";
import type { TenantClient } from "./client-api";
import { CLOCK_SKEW_LIMIT_MS, describeClockSkew } from "../http/clock-skew";
import { isRecord } from "../json";
import { shown } from "../shown";

/** What the dialog shows. */
export interface ConnectionReport {
  readonly ok: boolean;
  /** An error's code, or `XDR_OK`. */
  readonly code: ErrorCode | "XDR_OK";
  readonly message: string;
  /** HTTP status of the tenant's answer, when there was one. */
  readonly status?: number | undefined;
  /** The tenant's clock minus ours, milliseconds. */
  readonly clockSkewMs?: number | undefined;
}

/** Longest test, milliseconds: the dialog waits for it. */
export const MAX_TEST_MS = 10_000;

/**
 * Calls the tenant's health check and names the cause when that fails; on 401 the other key type is tried. Never rejects.
 * It does not prove the permission to insert: nothing but an insert does, and a test must not leave an alert behind.
 */
export async function testConnection(
  settings: ConnectionSettings,
  surroundings: ClientSurroundings,
  maxTestMs = MAX_TEST_MS,
): Promise<ConnectionReport> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), maxTestMs);
  const timeoutMs = Math.min(settings.timeoutMs, maxTestMs);
  try {
    return await probe({ ...settings, timeoutMs }, surroundings, deadline.signal);
  } catch (error) {
    return failure(deadline.signal.aborted ? slow(settings, maxTestMs) : error);
  } finally {
    clearTimeout(timer);
  }
}

/** The report of anything thrown. */
export function failure(error: unknown): ConnectionReport {
  if (!(error instanceof XdrError)) {
    return { ok: false, code: "XDR_CONFIG_INVALID", message: "The test could not run: check the settings." };
  }
  return { ok: false, code: error.code, message: error.message, status: error.status };
}

async function probe(
  settings: ConnectionSettings,
  surroundings: ClientSurroundings,
  signal: AbortSignal,
): Promise<ConnectionReport> {
  const first = await health(settings, surroundings, signal);
  if (first.error === undefined) return success(settings, first);
  if (first.error.status !== 401) return { ...failure(first.error), clockSkewMs: first.clockSkewMs };
  const keyType = settings.apiKey.keyType === "advanced" ? "standard" : "advanced";
  const second = await health({ ...settings, apiKey: { ...settings.apiKey, keyType } }, surroundings, signal);
  // Any other complete answer than 401 means that the other type is right, whatever else is missing.
  if (second.error?.status === 401 || (second.error !== undefined && second.error.status === undefined)) {
    const tried = second.error.status === 401 ? ` The key type ${keyType} was tried too and is refused as well.` : "";
    return { ...failure(first.error), message: first.error.message + tried, clockSkewMs: first.clockSkewMs };
  }
  const message = `The API key is of type ${keyType}, not ${settings.apiKey.keyType}: change the key type.`;
  const also = second.error === undefined ? "" : ` With it: ${second.error.message}`;
  return { ok: false, code: "XDR_KEY_TYPE_WRONG", message: message + also, status: 401 };
}

interface Health {
  readonly error: XdrError | undefined;
  readonly state: string;
  readonly clockSkewMs: number | undefined;
}

async function health(
  settings: ConnectionSettings,
  surroundings: ClientSurroundings,
  signal: AbortSignal,
): Promise<Health> {
  const client: TenantClient = createTenantClient(settings, surroundings);
  try {
    const answer = await client.call({ path: "v1/healthcheck", method: "GET", signal });
    if (isRecord(answer) && typeof answer["status"] === "string") {
      return { error: undefined, state: answer["status"], clockSkewMs: client.clockSkewMs };
    }
    const message = `What answers at ${settings.baseUrl} is no Cortex XDR tenant: check "host".`;
    throw new XdrError("XDR_RESPONSE_INVALID", message);
  } catch (error) {
    if (!(error instanceof XdrError) || signal.aborted) throw error;
    return { error, state: "", clockSkewMs: client.clockSkewMs };
  } finally {
    await client.close();
  }
}

function success(settings: ConnectionSettings, { state, clockSkewMs }: Health): ConnectionReport {
  const host = new URL(settings.baseUrl).host;
  const health = state.toLowerCase() === "healthy" ? "" : ` It reports its state as ${shown(state, 40)}.`;
  const isOff = Math.abs(clockSkewMs ?? 0) >= CLOCK_SKEW_LIMIT_MS;
  const clock = isOff ? ` But ${describeClockSkew(clockSkewMs ?? 0)}: set the clock.` : "";
  const message = `${host} answers and accepts the key.${health}${clock} Whether its role may insert alerts shows with the first alert.`;
  return { ok: true, code: "XDR_OK", message, status: 200, clockSkewMs };
}

function slow(settings: ConnectionSettings, maxTestMs: number): XdrError {
  const host = new URL(settings.baseUrl).host;
  return new XdrError("XDR_TIMEOUT", `${host} gave no answer within ${maxTestMs / 1000} s: check the network.`);
}
