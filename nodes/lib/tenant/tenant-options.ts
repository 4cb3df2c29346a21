import { z } from "zod";
import { XdrError } from "../errors";
import { checkedApiKey, KEY_TYPES, type ApiKey } from "./auth-headers";
import { unsetVariable } from "../env-leftover";
import { tenantBaseUrl } from "./host";
import { parseProxy } from "../http/proxy-choice";

/** Where the outbox and the quota's records live. */
export const STATE_KINDS = ["embedded", "redis"] as const;

/** What the other nodes may know of a tenant node. Values that cannot be used are replaced by their defaults. */
export interface TenantOptions {
  /** Origin of the API; undefined while the host is unusable. */
  readonly baseUrl: string | undefined;
  /** Insert quota: alerts per sliding window. @default 600 */
  readonly quotaAlerts: number;
  /** @default 60000 */
  readonly quotaWindowMs: number;
  /** One request, body included. @default 30000 */
  readonly timeoutMs: number;
  /** @default "embedded" */
  readonly state: (typeof STATE_KINDS)[number];
  /** Secret: may hold a password. Only with `state` "redis". */
  readonly redisUrl: string | undefined;
}

/** How the tenant is reached, all of it usable. */
export interface TenantConnection {
  readonly baseUrl: string;
  readonly apiKey: ApiKey;
  readonly timeoutMs: number;
  readonly proxy: string | undefined;
}

export interface ParsedTenant {
  readonly options: TenantOptions;
  /** Undefined exactly when there is a problem. */
  readonly connection: TenantConnection | undefined;
  /** The first thing the user has to put right. */
  readonly problem: XdrError | undefined;
}

/** Longest `timeoutSeconds`. */
const MAX_TIMEOUT_SECONDS = 300;
/** Longest quota window: a day. */
const MAX_QUOTA_SECONDS = 86_400;

/** Numbers arrive as text from plain inputs and from the environment; empty means the default. */
const filled = (value: unknown): unknown =>
  value === null || (typeof value === "string" && value.trim() === "") ? undefined : value;
const asNumber = (value: unknown): unknown => {
  const given = filled(value);
  return typeof given === "string" ? Number(given) : given;
};
const asText = (value: unknown): unknown => (typeof value === "number" ? String(value) : (value ?? ""));
const trimmed = z.preprocess(asText, z.string().trim());

const shape = {
  host: trimmed,
  keyType: z.preprocess(filled, z.enum(KEY_TYPES).default("advanced")),
  keyId: trimmed,
  key: trimmed,
  quotaAlerts: z.preprocess(asNumber, z.int().min(1).default(600)),
  quotaSeconds: z.preprocess(asNumber, z.number().positive().max(MAX_QUOTA_SECONDS).default(60)),
  timeoutSeconds: z.preprocess(asNumber, z.number().min(1).max(MAX_TIMEOUT_SECONDS).default(30)),
  proxy: trimmed,
  state: z.preprocess(filled, z.enum(STATE_KINDS).default("embedded")),
  redisUrl: trimmed,
};
const schema = z.object(shape);
type Values = z.infer<typeof schema>;
type Property = keyof typeof shape;

const EXPECTED: Partial<Record<Property, string>> = {
  keyType: '"advanced" or "standard"',
  quotaAlerts: "a whole number of at least 1",
  quotaSeconds: `a number above 0, at most ${MAX_QUOTA_SECONDS}`,
  timeoutSeconds: `a number from 1 to ${MAX_TIMEOUT_SECONDS}`,
  state: '"embedded" or "redis"',
};

/**
 * A tenant node's properties and credentials, `${ENV}` already replaced, as typed options. Never throws: a tenant with a
 * problem still exists, so that alerts are kept on disk until it is put right.
 */
export function parseTenant(properties: Readonly<Record<string, unknown>>): ParsedTenant {
  const problems: XdrError[] = [];
  const attempt = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      problems.push(error instanceof XdrError ? error : invalid("host", "a usable value"));
      return undefined;
    }
  };
  const values = readValues(properties, problems);
  const baseUrl = attempt(() => tenantBaseUrl(values.host));
  const apiKey = attempt(() => checkedApiKey(values.keyType, values.keyId, values.key));
  const proxy = values.proxy === "" ? undefined : values.proxy;
  if (proxy !== undefined) attempt(() => parseProxy(proxy));
  const redisUrl = values.state === "redis" ? attempt(() => checkedRedisUrl(values.redisUrl)) : undefined;
  const timeoutMs = values.timeoutSeconds * 1000;
  const { quotaAlerts, state } = values;
  const quotaWindowMs = values.quotaSeconds * 1000;
  const isUsable = baseUrl !== undefined && apiKey !== undefined && problems.length === 0;
  return {
    options: { baseUrl, quotaAlerts, quotaWindowMs, timeoutMs, state, redisUrl },
    connection: isUsable ? { baseUrl, apiKey, timeoutMs, proxy } : undefined,
    problem: problems[0],
  };
}

/** All values; what is unusable is reported and replaced by its default. */
function readValues(properties: Readonly<Record<string, unknown>>, problems: XdrError[]): Values {
  const given: Record<string, unknown> = { ...properties };
  for (const property of Object.keys(shape) as Property[]) {
    const value = given[property];
    const unset = typeof value === "string" && !ownCheck(property) ? unsetVariable(value) : undefined;
    const isUsable = unset === undefined && shape[property].safeParse(value).success;
    if (isUsable) continue;
    problems.push(
      unset === undefined
        ? invalid(property, EXPECTED[property] ?? "text")
        : config(property, `The property "${property}" cannot be read: the environment variable ${unset} is not set.`),
    );
    given[property] = undefined;
  }
  return schema.parse(given);
}

/** Host and key have their own codes for a variable that is not set. */
function ownCheck(property: Property): boolean {
  return property === "host" || property === "keyId" || property === "key";
}

function checkedRedisUrl(text: string): string {
  if (text === "") {
    throw new XdrError("XDR_CREDENTIALS_MISSING", 'The state is "redis", and its URL is missing: enter it.', {
      field: "redisUrl",
    });
  }
  if (!/^rediss?:\/\/[^\s]+$/i.test(text)) {
    // The value may hold a password, so the message does not show it.
    throw invalid("redisUrl", "a URL such as redis://host:6379/0 or rediss://host:6379/0");
  }
  return text;
}

function invalid(property: string, expected: string): XdrError {
  return config(property, `The property "${property}" cannot be used: expected ${expected}.`);
}

function config(field: string, message: string): XdrError {
  return new XdrError("XDR_CONFIG_INVALID", message, { field, outcome: "unsent" });
}
