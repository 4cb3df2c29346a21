import { randomBytes } from "node:crypto";
import { request as httpRequest, type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import { gunzipSync } from "node:zlib";
import { signatureOf } from "./auth";
import { ADVANCED_KEY, type TenantKey } from "./keys";
import type { KeyPair } from "./tls";

/** One plain call to a tenant, for tests of the tenant itself. */
export interface CallOptions {
  /** Below the tenant's URL. @default the insert call */
  readonly path?: string;
  /** @default "POST" */
  readonly method?: string;
  /** Sent as JSON; text and buffers as they are. @default one good alert */
  readonly body?: unknown;
  /** @default ADVANCED_KEY */
  readonly key?: TenantKey;
  /** Time of the signature, epoch milliseconds. @default now */
  readonly signedAtMs?: number;
  /** Override the usual ones; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Authority to trust, PEM. */
  readonly ca?: string;
  /** Client certificate. */
  readonly client?: KeyPair;
  readonly agent?: Agent;
}

/** Its answer. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; undefined when it is no JSON. */
  readonly json: unknown;
}

/** An alert every tenant takes; addresses are documentation ones. */
export function goodAlert(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    product: "PAN-OS",
    vendor: "Palo Alto Networks",
    local_ip: "192.0.2.15",
    local_port: 51_522,
    remote_ip: "198.51.100.20",
    remote_port: 443,
    event_timestamp: 1_767_225_600_123,
    severity: "Medium",
    alert_name: "Test alert",
    alert_description: "made by a test",
    action_status: "Blocked",
    ...change,
  };
}

/** Body of an insert call with that many good alerts. */
export function update(count: number, change: Readonly<Record<string, unknown>> = {}): unknown {
  return { request_data: { alerts: Array.from({ length: count }, () => goodAlert(change)) } };
}

/** Headers that authenticate with the key. */
export function signedHeaders(key: TenantKey, atMs: number): Record<string, string> {
  const id = { "x-xdr-auth-id": key.id };
  if (key.level === "standard") return { ...id, Authorization: key.secret };
  const nonce = randomBytes(32).toString("hex");
  const timestamp = String(Math.trunc(atMs));
  const signature = signatureOf(key.secret, nonce, timestamp);
  return { ...id, "x-xdr-nonce": nonce, "x-xdr-timestamp": timestamp, Authorization: signature };
}

/** Calls the tenant once, on a connection of its own unless an agent is given. Rejects when the answer is not complete. */
export function callTenant(url: string, options: CallOptions = {}): Promise<Received> {
  const { path = "/public_api/v1/alerts/insert_parsed_alerts", method = "POST", key = ADVANCED_KEY } = options;
  const body = options.body === undefined ? update(1) : options.body;
  const bytes = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const usual = { "content-type": "application/json", ...signedHeaders(key, options.signedAtMs ?? Date.now()) };
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of [...Object.entries(usual), ...Object.entries(options.headers ?? {})]) {
    headers[name.toLowerCase()] = value;
  }
  for (const name of Object.keys(headers)) if (headers[name] === undefined) Reflect.deleteProperty(headers, name);
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const { ca, client, agent = false } = options;
    const tls = { ...(ca !== undefined && { ca }), ...client };
    const sent = send(url + path, { method, headers, agent, ...tls }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const raw = Buffer.concat(pieces);
        const text = (response.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
      });
    });
    sent.on("error", reject);
    sent.end(method === "GET" ? undefined : bytes);
  });
}

/** A call with `request_data`, below `/public_api/`. */
export function ask(
  url: string,
  path: string,
  data: Readonly<Record<string, unknown>> = {},
  options: CallOptions = {},
): Promise<Received> {
  return callTenant(url, { path: `/public_api/${path}`, body: { request_data: data }, ...options });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
