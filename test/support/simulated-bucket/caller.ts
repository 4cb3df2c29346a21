import { createHash, sign } from "node:crypto";
import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { SimulatedBucket } from "./bucket";
import type { ServiceAccountKey } from "./service-account";

/** An answer, completely read. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
  /** False when the connection broke before the body's end. */
  readonly isComplete: boolean;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `Authorization`; null = none. @default a good token */
  readonly authorization?: string | null;
}

export const objectsPath = (bucket: SimulatedBucket): string => `/storage/v1/b/${bucket.name}/o`;
export const objectPath = (bucket: SimulatedBucket, name: string): string =>
  `${objectsPath(bucket)}/${encodeURIComponent(name)}`;
export const mediaPath = (bucket: SimulatedBucket, name: string, query = ""): string =>
  `${objectPath(bucket, name)}?alt=media${query}`;

/** Sends a request with its path as it is, not normalised, and resolves with the head of the answer. */
export function open(bucket: SimulatedBucket, path: string, options: CallOptions = {}): Promise<IncomingMessage> {
  const { method = "GET", body = "", headers = {} } = options;
  const { authorization = `Bearer ${bucket.issueToken()}` } = options;
  const authorized = authorization === null ? headers : { authorization, ...headers };
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(bucket.url);
    request({ hostname, port, path, method, headers: authorized, agent: false }, resolve)
      .once("error", reject)
      .end(body);
  });
}

/** The same, read to its end or to where it breaks. Rejects when no answer begins. */
export async function call(bucket: SimulatedBucket, path: string, options: CallOptions = {}): Promise<Answered> {
  const answer = await open(bucket, path, options);
  const chunks: Buffer[] = [];
  let isComplete = true;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    isComplete = false;
  }
  const body = Buffer.concat(chunks);
  const { statusCode: status = 0, headers } = answer;
  return { status, headers, body, json: parsed(body), isComplete: isComplete && answer.complete };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** An assertion as the documentation has it, with other headers and claims where given. */
export function assertion(
  key: ServiceAccountKey,
  nowMs: number,
  changes: { header?: object; claims?: object } = {},
): string {
  const iat = Math.floor(nowMs / 1000);
  const header = { alg: "RS256", typ: "JWT", kid: key.private_key_id, ...changes.header };
  const scope = "https://www.googleapis.com/auth/devstorage.read_only";
  const claims = { iss: key.client_email, scope, aud: key.token_uri, iat, exp: iat + 3600, ...changes.claims };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key.private_key).toString("base64url")}`;
}

export const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Asks for a token. @default grantType the right one, contentType the right one */
export function askForToken(
  bucket: SimulatedBucket,
  jwt: string | undefined,
  { grantType = GRANT_TYPE, contentType = "application/x-www-form-urlencoded", method = "POST" } = {},
): Promise<Answered> {
  const form = new URLSearchParams({ grant_type: grantType, ...(jwt === undefined ? {} : { assertion: jwt }) });
  const headers = { "content-type": contentType };
  return call(bucket, new URL(bucket.tokenUri).pathname, {
    method,
    headers,
    authorization: null,
    body: form.toString(),
  });
}

/** `error.errors[0]` and `error.code` of an envelope. */
export function errorOf({ json }: Answered): Record<string, unknown> {
  const { error } = json as { error: { code: number; message: string; errors: Record<string, unknown>[] } };
  return { code: error.code, ...error.errors[0] };
}

export const md5 = (data: Buffer | string): string => createHash("md5").update(data).digest("base64");
