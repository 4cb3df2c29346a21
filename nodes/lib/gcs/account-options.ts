import { z } from "zod";
import { unsetVariable } from "../env-leftover";
import { XdrError } from "../errors";
import type { TlsOptions } from "../http/dispatcher";
import { isLoopback } from "../http/loopback";
import { parseProxy } from "../http/proxy-choice";
import { shown } from "../shown";
import { isPrivateUrl, parseUrl } from "./safe-url";
import { parseServiceAccount, type ServiceAccountKey } from "./service-account";

/** As whom the bucket is read: with a key, as nobody, or with the application default credentials of this machine. */
export type Authentication =
  | { readonly kind: "key"; readonly key: ServiceAccountKey }
  | { readonly kind: "anonymous" }
  | { readonly kind: "default" };

/** What the other nodes may know of an account node. Nothing of it is secret. */
export interface AccountOptions {
  /** Base of the JSON API, without a trailing slash, e.g. `https://storage.googleapis.com/storage/v1`. */
  readonly baseUrl: string | undefined;
  readonly authentication: Authentication["kind"];
  /** Of the key. */
  readonly projectId: string | undefined;
  /** Of the key. */
  readonly clientEmail: string | undefined;
  /** What the connection test looks at: a bucket's name or storage path, as it was entered; empty = none. */
  readonly bucket: string;
}

/** How Cloud Storage is reached, all of it usable. */
export interface GcsConnection {
  /** See {@link AccountOptions.baseUrl}. */
  readonly baseUrl: string;
  readonly authentication: Authentication;
  /** Explicit proxy URL; undefined = the environment's. Secret: may hold a password. */
  readonly proxy?: string | undefined;
  readonly tls?: TlsOptions | undefined;
}

export interface ParsedAccount {
  readonly options: AccountOptions;
  /** Undefined exactly when there is a problem. */
  readonly connection: GcsConnection | undefined;
  /** The first thing the user has to put right. */
  readonly problem: XdrError | undefined;
}

/** Path of the JSON API. Source: Cloud Storage JSON API, "Request endpoints". */
const API_PATH = "/storage/v1";
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const EXPECTED_ENDPOINT = "expected a URL such as https://storage.example.com, or http:// on a loopback host";

const trimmed = z.preprocess((value) => value ?? "", z.string().trim());
const shape = { serviceAccount: trimmed, apiEndpoint: trimmed, proxy: trimmed, bucket: trimmed };
type Property = keyof typeof shape;

/**
 * An account node's properties and credential, `${ENV}` already replaced, as typed options. Never throws: an account with a
 * problem still exists, so that its users can say what it is.
 */
export function parseAccount(properties: Readonly<Record<string, unknown>>): ParsedAccount {
  const problems: XdrError[] = [];
  const attempt = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      problems.push(error instanceof XdrError ? error : config("serviceAccount", "The account cannot be used."));
      return undefined;
    }
  };
  const value = (property: Property): string => attempt(() => readText(properties[property], property)) ?? "";

  const [keyText, endpoint, proxy, bucket] = [
    value("serviceAccount"),
    value("apiEndpoint"),
    value("proxy"),
    value("bucket"),
  ];
  const authentication = attempt(() => chooseAuthentication(keyText, endpoint));
  const key = authentication?.kind === "key" ? authentication.key : undefined;
  const universe = key?.universeDomain ?? "googleapis.com";
  const baseUrl = attempt(() => (endpoint === "" ? `https://storage.${universe}${API_PATH}` : apiBaseUrl(endpoint)));
  if (proxy !== "") attempt(() => parseProxy(proxy));
  const isUsable = authentication !== undefined && baseUrl !== undefined && problems.length === 0;
  return {
    options: {
      baseUrl,
      authentication: authentication?.kind ?? "key",
      projectId: key?.projectId,
      clientEmail: key?.clientEmail,
      bucket,
    },
    connection: isUsable ? { baseUrl, authentication, proxy: proxy === "" ? undefined : proxy } : undefined,
    problem: problems[0],
  };
}

/** An endpoint without a key is called without one: the machine's own credentials go to Google only. */
function chooseAuthentication(keyText: string, endpoint: string): Authentication {
  if (keyText !== "") return { kind: "key", key: parseServiceAccount(keyText) };
  return { kind: endpoint === "" ? "default" : "anonymous" };
}

function readText(value: unknown, property: Property): string {
  const parsed = shape[property].safeParse(value);
  if (!parsed.success) throw config(property, `The property "${property}" cannot be used: expected text.`);
  // The key has its own message, and JSON may hold what looks like a variable.
  const unset = property === "serviceAccount" ? undefined : unsetVariable(parsed.data);
  if (unset === undefined) return parsed.data;
  throw config(property, `The property "${property}" cannot be read: the environment variable ${unset} is not set.`);
}

/**
 * Base of the JSON API at an endpoint that was entered, with or without the API's own path.
 * @throws XdrError `XDR_CONFIG_INVALID`
 */
export function apiBaseUrl(endpoint: string): string {
  const text = endpoint.trim();
  const url = parseUrl(SCHEME.test(text) ? text : `https://${text}`);
  if (url === undefined || url.hostname === "") throw endpointError(`${shownEndpoint(text)}is no URL`);
  if (url.username !== "" || url.password !== "") throw endpointError("contains a user name or password");
  if (url.search !== "" || url.hash !== "") throw endpointError(`${shownEndpoint(text)}has more than a path`);
  if (isLoopback(url.hostname) && !SCHEME.test(text)) {
    throw endpointError(`${shownEndpoint(text)}is this machine: write it as a full URL, e.g. http://localhost:4443`);
  }
  if (!isPrivateUrl(url)) throw endpointError(`starts with "${url.protocol}//"`);
  return url.origin + withoutApiPath(url.pathname) + API_PATH;
}

function withoutApiPath(pathname: string): string {
  const path = withoutTrailingSlashes(pathname);
  return path.endsWith(API_PATH) ? withoutTrailingSlashes(path.slice(0, -API_PATH.length)) : path;
}

function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (path.charAt(end - 1) === "/") end -= 1;
  return path.slice(0, end);
}

/** A text with an @ may hold a password. */
function shownEndpoint(text: string): string {
  return text.includes("@") ? "" : `${shown(text)} `;
}

function endpointError(what: string): XdrError {
  return config("apiEndpoint", `The API endpoint ${what}: ${EXPECTED_ENDPOINT}.`);
}

function config(field: string, message: string): XdrError {
  return new XdrError("XDR_CONFIG_INVALID", message, { field, outcome: "unsent" });
}
