import { setMaxListeners } from "node:events";
import { XdrError } from "../errors";
import { CLOCK_SKEW_LIMIT_MS, describeClockSkew } from "../http/clock-skew";
import { orAbort } from "../or-abort";
import type { Authentication } from "./account-options";
import { findDefaultCredentials, type Credentials, type Machine } from "./default-credentials";
import { fetchToken, type TokenAttempt, type TokenRoute } from "./token-fetch";

/** Access tokens of one account, for all that read with it. */
export interface TokenSource {
  /**
   * A token that is good for now; undefined when the account is called without one. All callers share one request.
   * @throws XdrError `GCS_KEY_REJECTED`, `GCS_KEY_INVALID`, `GCS_CREDENTIALS_MISSING`, `XDR_CLOCK_SKEW`, `XDR_CANCELLED`,
   *   `XDR_RATE_LIMITED`, `XDR_SERVER_ERROR`, `XDR_RESPONSE_INVALID`, those of the transport
   */
  token(signal: AbortSignal): Promise<string | undefined>;
  /** The service refused this token: the next call gets another one. */
  invalidate(token: string): void;
  /** The account's e-mail address, as far as known. */
  readonly clientEmail: string | undefined;
  /** Ends a request under way; later calls end with `XDR_CANCELLED`. */
  close(): void;
}

export interface TokenSurroundings extends TokenRoute {
  readonly machine: Machine;
  /** Told when tokens are only given for assertions dated by Google's clock: that clock minus ours, milliseconds. */
  readonly onClockCorrected?: ((skewMs: number) => void) | undefined;
}

/** A token is renewed when this part of its life is over, or this long before its end, whichever comes later. */
const RENEW_PART = 0.8;
const RENEW_BEFORE_END_MS = 300_000;
/** How long a refused key is not shown again, milliseconds. */
const REFUSED_MS = 60_000;
/** How long a token that still works is used on when it could not be renewed, milliseconds. */
const RENEW_AGAIN_MS = 10_000;

export function createTokenSource(authentication: Authentication, surroundings: TokenSurroundings): TokenSource {
  switch (authentication.kind) {
    case "anonymous":
      return { token: () => Promise.resolve(undefined), invalidate: noop, clientEmail: undefined, close: noop };
    case "key": {
      const credentials = { kind: "service_account", key: authentication.key } as const;
      return new CachedTokens(() => Promise.resolve(credentials), authentication.key.clientEmail, surroundings);
    }
    case "default":
      return new CachedTokens(() => findDefaultCredentials(surroundings.machine), undefined, surroundings);
  }
}

interface HeldToken {
  readonly token: string;
  /** On the monotonic clock, milliseconds. */
  renewAtMs: number;
  readonly endsAtMs: number;
}

class CachedTokens implements TokenSource {
  /** Asked before each request: files that change are read again. */
  readonly #find: () => Promise<Credentials>;
  readonly #surroundings: TokenSurroundings;
  readonly #closing = new AbortController();
  #clientEmail: string | undefined;
  #held: HeldToken | undefined;
  #renewing: Promise<string> | undefined;
  #refused: { readonly error: XdrError; readonly untilMs: number } | undefined;
  /** Added to our clock when signing; moves only after a signature made with it was accepted. */
  #correctionMs = 0;

  constructor(find: () => Promise<Credentials>, clientEmail: string | undefined, surroundings: TokenSurroundings) {
    this.#find = find;
    this.#clientEmail = clientEmail;
    this.#surroundings = surroundings;
    setMaxListeners(0, this.#closing.signal);
  }

  get clientEmail(): string | undefined {
    return this.#clientEmail;
  }

  async token(signal: AbortSignal): Promise<string> {
    if (signal.aborted || this.#closing.signal.aborted) throw cancelled();
    if (this.#held !== undefined && this.#nowMs() < this.#held.renewAtMs) return this.#held.token;
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    return orAbort(this.#renewing, signal, cancelled);
  }

  invalidate(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  close(): void {
    this.#closing.abort();
  }

  /** A new token; the old one once more where it still works and there is no new one. */
  async #renew(): Promise<string> {
    try {
      this.#held = await this.#request();
    } catch (error) {
      const nowMs = this.#nowMs();
      if (this.#closing.signal.aborted || this.#held === undefined || nowMs >= this.#held.endsAtMs) throw error;
      this.#held.renewAtMs = Math.min(nowMs + RENEW_AGAIN_MS, this.#held.endsAtMs);
    }
    return this.#held.token;
  }

  async #request(): Promise<HeldToken> {
    if (this.#refused !== undefined && this.#nowMs() < this.#refused.untilMs) throw this.#refused.error;
    const credentials = await this.#find();
    if (credentials.kind === "service_account") this.#clientEmail = credentials.key.clientEmail;
    const { given, begunAtMs } = await this.#signed(credentials);
    if (this.#closing.signal.aborted) throw cancelled();
    if (given instanceof XdrError) {
      const isRefused = given.code === "GCS_KEY_REJECTED" || given.code === "XDR_CLOCK_SKEW";
      if (isRefused) this.#refused = { error: given, untilMs: this.#nowMs() + REFUSED_MS };
      throw given;
    }
    const { token, lifeMs } = given;
    const renewAfterMs = Math.max(lifeMs * RENEW_PART, lifeMs - RENEW_BEFORE_END_MS);
    return { token, renewAtMs: begunAtMs + renewAfterMs, endsAtMs: begunAtMs + lifeMs };
  }

  /** Dates with our clock; when that is refused and our clock is off, once more with Google's. */
  async #signed(credentials: Credentials): Promise<TokenAttempt> {
    const correctionMs = this.#correctionMs;
    const first = await this.#fetch(credentials, correctionMs);
    const { given, skewMs } = first;
    const isRefused = given instanceof XdrError && given.code === "GCS_KEY_REJECTED";
    const isDated = credentials.kind === "service_account";
    if (!isRefused || !isDated || skewMs === undefined) return first;
    if (Math.abs(skewMs - correctionMs) < CLOCK_SKEW_LIMIT_MS) return first;
    const second = await this.#fetch(credentials, skewMs);
    if (!(second.given instanceof XdrError)) {
      this.#correctionMs = skewMs;
      if (Math.abs(skewMs) >= CLOCK_SKEW_LIMIT_MS) this.#surroundings.onClockCorrected?.(skewMs);
      return second;
    }
    if (second.given.code !== "GCS_KEY_REJECTED" || Math.abs(skewMs) < CLOCK_SKEW_LIMIT_MS) return second;
    return { ...second, given: clockSkewed(second.given, skewMs) };
  }

  #fetch(credentials: Credentials, correctionMs: number): Promise<TokenAttempt> {
    const nowMs = this.#surroundings.clock.now() + correctionMs;
    return fetchToken(credentials, nowMs, this.#surroundings, this.#closing.signal);
  }

  #nowMs(): number {
    return this.#surroundings.clock.monotonicMs();
  }
}

function clockSkewed(refusal: XdrError, skewMs: number): XdrError {
  const message = `The key is refused and ${describeClockSkew(skewMs, "Google's")}: set the clock; if it is right, the key is at fault. ${refusal.message}`;
  return new XdrError("XDR_CLOCK_SKEW", message, { status: refusal.status });
}

function cancelled(): XdrError {
  return new XdrError("XDR_CANCELLED", "The request for an access token was cancelled.", { outcome: "unsent" });
}

function noop(): void {
  // Nothing is held.
}
