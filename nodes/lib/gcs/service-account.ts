import { createPrivateKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import { unsetVariable } from "../env-leftover";
import { XdrError } from "../errors";
import { isRecord } from "../json";
import { parseKeyJson } from "./key-summary";
import { isPrivateUrl, parseUrl } from "./safe-url";

/** A service account key, checked. */
export interface ServiceAccountKey {
  readonly clientEmail: string;
  readonly privateKey: KeyObject;
  readonly privateKeyId: string | undefined;
  /** Where assertions are exchanged for tokens, exactly as the key has it: it is their audience too. */
  readonly tokenUri: string;
  readonly projectId: string | undefined;
  /** Google's public cloud is `googleapis.com`. */
  readonly universeDomain: string;
}

/** Source: Google Identity, "Using OAuth 2.0 for Server to Server Applications". */
export const GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token";
const PUBLIC_UNIVERSE = "googleapis.com";

const PEM_START = "-----BEGIN PRIVATE KEY-----";
const PEM_END = "-----END PRIVATE KEY-----";
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const EMAIL = /^[\w.+-]{1,255}@[\w.-]{1,255}$/;
const DOMAIN = /^[a-z0-9]+(?:[.-]+[a-z0-9]+)*$/i;

/** Nothing entered is nothing said. */
const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === null || value === "" ? undefined : value), type.optional());

const schema = z.object({
  type: z.literal("service_account"),
  client_email: z.string().trim().regex(EMAIL),
  private_key: z.string().transform((pem, context) => {
    const key = readPrivateKey(pem);
    if (key === undefined) context.addIssue("not readable");
    return key ?? z.NEVER;
  }),
  private_key_id: optional(z.string().trim()),
  token_uri: optional(z.string().trim().refine(isTokenUri)),
  project_id: optional(z.string().trim()),
  universe_domain: optional(z.string().trim().max(253).regex(DOMAIN)),
});

/** Source of the members: a key file as Google Cloud hands it out (Identity and Access Management, "Create service account keys"). */
const EXPECTED: Readonly<Record<string, string>> = {
  type: '"service_account"; other kinds of credentials are not read here',
  client_email: "the account's e-mail address",
  private_key: `an RSA key in PKCS#8 PEM, which begins with "${PEM_START}"`,
  token_uri: "an https:// URL (http:// on a loopback host only)",
  universe_domain: "a domain name",
};

/**
 * Reads the JSON of a service account key. Its line breaks may be gone, or written as two characters, as happens to keys
 * that go through input fields and variables.
 * @throws XdrError `GCS_KEY_INVALID` naming the member at fault, never its value
 */
export function parseServiceAccount(text: string): ServiceAccountKey {
  const json = parseKeyJson(text);
  if (!isRecord(json)) throw noJson(text);
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const member = String(parsed.error.issues[0]?.path[0] ?? "");
    throw invalidMember(member, json[member] === undefined);
  }
  const key = parsed.data;
  return {
    clientEmail: key.client_email,
    privateKey: key.private_key,
    privateKeyId: key.private_key_id,
    tokenUri: key.token_uri ?? GOOGLE_TOKEN_URI,
    projectId: key.project_id,
    universeDomain: (key.universe_domain ?? PUBLIC_UNIVERSE).toLowerCase(),
  };
}

/** Whether tokens may be asked for there: the assertion is worth a token to whoever reads it. */
export function isTokenUri(text: string): boolean {
  const url = parseUrl(text);
  return url !== undefined && url.username === "" && url.password === "" && url.hash === "" && isPrivateUrl(url);
}

function readPrivateKey(pem: string): KeyObject | undefined {
  const start = pem.indexOf(PEM_START);
  const end = pem.indexOf(PEM_END);
  if (start === -1 || end < start) return undefined;
  const base64 = pem
    .slice(start + PEM_START.length, end)
    .replaceAll("\\n", "")
    .replaceAll("\\r", "")
    .replace(/\s/g, "");
  if (!BASE64.test(base64)) return undefined;
  try {
    const key = createPrivateKey({ key: Buffer.from(base64, "base64"), format: "der", type: "pkcs8" });
    return key.asymmetricKeyType === "rsa" ? key : undefined;
  } catch {
    return undefined;
  }
}

function noJson(text: string): XdrError {
  const unset = text.trim().startsWith("{") ? undefined : unsetVariable(text);
  const message =
    unset === undefined
      ? "The service account key is no JSON object: paste the whole key file, from { to }."
      : `The service account key cannot be read: the environment variable ${unset} is not set.`;
  return new XdrError("GCS_KEY_INVALID", message, { field: "serviceAccount", outcome: "unsent" });
}

function invalidMember(member: string, isMissing: boolean): XdrError {
  const what = isMissing ? "is missing" : "cannot be used";
  const message = `The service account key's "${member}" ${what}: expected ${EXPECTED[member] ?? "text"}. Paste the whole key file as it was downloaded.`;
  return new XdrError("GCS_KEY_INVALID", message, { field: member, outcome: "unsent" });
}
