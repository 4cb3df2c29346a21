import { posix, win32 } from "node:path";
import { z } from "zod";
import { systemCode, XdrError } from "../errors";
import type { Environment } from "../http/proxy-choice";
import { isRecord } from "../json";
import { parseKeyJson } from "./key-summary";
import { GOOGLE_TOKEN_URI, isTokenUri, parseServiceAccount, type ServiceAccountKey } from "./service-account";
import { parseUrl } from "./safe-url";

/** What access tokens are asked for with. */
export type Credentials =
  | { readonly kind: "service_account"; readonly key: ServiceAccountKey }
  | {
      /** A person who signed in with gcloud. */
      readonly kind: "authorized_user";
      readonly clientId: string;
      readonly clientSecret: string;
      readonly refreshToken: string;
      readonly tokenUri: string;
    }
  | {
      /** The account that is attached to this machine, container or function. */
      readonly kind: "metadata";
      /** Origin of the metadata server. */
      readonly origin: string;
    };

/** The machine, as far as credentials are looked for on it. */
export interface Machine {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly homeFolder: string;
  /** Content of a file as text. Rejects like `fs.readFile`. */
  readonly readFile: (path: string) => Promise<string>;
}

/** Source: google-auth-library's order, Google Cloud documentation "How Application Default Credentials works". */
const FILE_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";
const FILE_NAME = "application_default_credentials.json";
/** Source: Compute Engine documentation, "About VM metadata". */
const METADATA_HOST = "metadata.google.internal";
/** Kinds of credentials that Google has and that are not read here; only such may be shown. */
const OTHER_KINDS = new Set([
  "external_account",
  "external_account_authorized_user",
  "impersonated_service_account",
  "gdch_service_account",
]);

const text = z.string().trim().min(1);
const userSchema = z.object({
  client_id: text,
  client_secret: text,
  refresh_token: text,
  token_uri: text.refine(isTokenUri).default(GOOGLE_TOKEN_URI),
});

/**
 * The application default credentials: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, else the one that gcloud keeps,
 * else the machine's metadata server, which is not asked yet.
 * @throws XdrError `GCS_CREDENTIALS_MISSING` when the named file cannot be read, `GCS_KEY_INVALID` when a file cannot be used
 */
export async function findDefaultCredentials(machine: Machine): Promise<Credentials> {
  const named = machine.env[FILE_VARIABLE]?.trim() ?? "";
  if (named !== "") return parseFile(await readNamed(machine, named), FILE_VARIABLE);
  const kept = await readKept(machine);
  if (kept !== undefined) return parseFile(kept, "gcloud");
  return { kind: "metadata", origin: metadataOrigin(machine.env) };
}

async function readNamed(machine: Machine, path: string): Promise<string> {
  try {
    return await machine.readFile(path);
  } catch (error) {
    const why = systemCode(error) ?? "unreadable";
    // The value is never shown: by mistake it may be the key itself.
    const advice = path.startsWith("{") ? "it must name a file, not hold the key" : "correct the variable";
    throw new XdrError(
      "GCS_CREDENTIALS_MISSING",
      `The file that ${FILE_VARIABLE} names cannot be read (${why}): ${advice}, or enter a service account key.`,
      { outcome: "unsent" },
    );
  }
}

async function readKept(machine: Machine): Promise<string | undefined> {
  const path = keptPath(machine);
  if (path === undefined) return undefined;
  try {
    return await machine.readFile(path);
  } catch {
    return undefined;
  }
}

/** Where gcloud keeps them. Source: Google Cloud documentation, "How Application Default Credentials works". */
function keptPath({ env, platform, homeFolder }: Machine): string | undefined {
  const isWindows = platform === "win32";
  const paths = isWindows ? win32 : posix;
  const moved = env["CLOUDSDK_CONFIG"]?.trim() ?? "";
  if (moved !== "") return paths.join(moved, FILE_NAME);
  const base = isWindows ? (env["APPDATA"] ?? "") : homeFolder === "" ? "" : paths.join(homeFolder, ".config");
  return base === "" ? undefined : paths.join(base, "gcloud", FILE_NAME);
}

function parseFile(content: string, source: string): Credentials {
  const json = parseKeyJson(content);
  const kind = isRecord(json) ? json["type"] : undefined;
  if (kind === "service_account") return { kind, key: parseServiceAccount(content) };
  if (kind !== "authorized_user") throw unusable(source, kind);
  const parsed = userSchema.safeParse(json);
  if (!parsed.success) throw unusable(source, kind, String(parsed.error.issues[0]?.path[0] ?? ""));
  const user = parsed.data;
  return {
    kind,
    clientId: user.client_id,
    clientSecret: user.client_secret,
    refreshToken: user.refresh_token,
    tokenUri: user.token_uri,
  };
}

function unusable(source: string, kind: unknown, member = "type"): XdrError {
  const known = typeof kind === "string" && OTHER_KINDS.has(kind) ? `: the kind ${kind} is not read here` : "";
  const what = member === "type" ? `"type" cannot be used${known}` : `"${member}" is missing or cannot be used`;
  return new XdrError(
    "GCS_KEY_INVALID",
    `The application default credentials (${source}) cannot be used: their ${what}. Expected a service account key or gcloud's own sign-in; or enter a service account key in this node.`,
    { field: member, outcome: "unsent" },
  );
}

/** Source: google-auth-library, `GCE_METADATA_HOST`. */
function metadataOrigin(env: Environment): string {
  const host = env["GCE_METADATA_HOST"]?.trim() ?? "";
  const url = parseUrl(`http://${host === "" ? METADATA_HOST : host}`);
  if (url !== undefined) return url.origin;
  throw new XdrError(
    "XDR_CONFIG_INVALID",
    "The environment variable GCE_METADATA_HOST is no host name: correct or remove it.",
    { outcome: "unsent" },
  );
}
