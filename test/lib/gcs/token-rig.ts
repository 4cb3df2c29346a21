import { createTokenSource, type TokenSource, type TokenSurroundings } from "../../../nodes/lib/gcs/token-source";
import type { Authentication } from "../../../nodes/lib/gcs/account-options";
import { Hold } from "../../../nodes/lib/http/hold";
import type { Script } from "../../support/scripted-server";
import { VirtualClock } from "../../support/virtual-clock";
import { endLater, keyFor, machineWith, serve } from "./account-rig";

export const START_MS = 1_790_000_000_000;

export interface TokenRig {
  readonly tokens: TokenSource;
  readonly clock: VirtualClock;
  readonly hold: Hold;
  /** Claims of the assertions that came, in their order. */
  readonly claims: () => { iat: number; exp: number }[];
  readonly requests: () => number;
  readonly bodies: () => string[];
}

/** A token source with a key, on a clock that stands still, before an endpoint that a test scripts. */
export async function tokenRig(
  script: (nth: number, ...rest: Parameters<Script>) => void,
  more: Partial<TokenSurroundings> = {},
): Promise<TokenRig> {
  let nth = 0;
  const server = await serve((seen, request, response) => {
    // No date unless the script sets one: the clock of the test is not that of the machine.
    response.sendDate = false;
    script((nth += 1), seen, request, response);
  });
  const clock = new VirtualClock(START_MS);
  const hold = new Hold(clock);
  const tokens = sourceOf(keyFor(`${server.url}/token`), { clock, hold, ...more });
  const bodies = (): string[] => server.requests.map(({ body }) => body);
  const claims = (): { iat: number; exp: number }[] =>
    bodies().map((body) => {
      const [, part = ""] = (new URLSearchParams(body).get("assertion") ?? "").split(".");
      return JSON.parse(Buffer.from(part, "base64url").toString()) as { iat: number; exp: number };
    });
  return { tokens, clock, hold, claims, bodies, requests: () => server.requests.length };
}

export function sourceOf(authentication: Authentication, more: Partial<TokenSurroundings> = {}): TokenSource {
  const clock = more.clock ?? new VirtualClock(START_MS);
  const tokens = createTokenSource(authentication, {
    proxy: undefined,
    tls: undefined,
    env: {},
    clock,
    hold: new Hold(clock),
    timeoutMs: 5000,
    machine: machineWith(),
    ...more,
  });
  endLater(() => {
    tokens.close();
    return Promise.resolve();
  });
  return tokens;
}

export const json = (value: unknown): string => JSON.stringify(value);
export const granted = (token: string, more: object = {}): string =>
  json({ access_token: token, expires_in: 3600, token_type: "Bearer", ...more });
export const dateHeader = (ms: number): { Date: string } => ({ Date: new Date(ms).toUTCString() });
