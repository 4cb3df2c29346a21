import { XdrError } from "../errors";
import { isLoopback } from "../http/loopback";
import { unsetVariable } from "../env-leftover";
import { shown } from "../shown";

/** Path under which the tenant serves its API. Source: Cortex XDR REST API, "Get Started with APIs". */
const API_PATH = "/public_api";
/** What the API host has in front of the tenant's name. Source: as above. */
const API_PREFIX = "api-";
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const FQDN = new RegExp(`^${LABEL}(?:\\.${LABEL})+$`);
const ADDRESS = /^(?:[\d.]+|\[.*\])$/;
const EXPECTED = 'expected the tenant\'s name, e.g. "acme.xdr.eu.paloaltonetworks.com", or its copied API URL';

/**
 * Origin of the tenant's API, e.g. `https://api-acme.xdr.eu.paloaltonetworks.com`, without a trailing slash.
 * Takes the tenant's name with or without `api-`, or a copied API URL; a full URL on a loopback host is taken as it is,
 * and only there may it be `http://`.
 * @throws XdrError `XDR_HOST_INVALID`
 */
export function tenantBaseUrl(host: string): string {
  const text = host.trim();
  if (text === "") throw invalid(`The tenant's host is empty: ${EXPECTED}.`);
  const unset = unsetVariable(text);
  if (unset !== undefined) {
    throw invalid(`The tenant's host cannot be read: the environment variable ${unset} is not set.`);
  }
  const url = parse(text);
  if (url.username !== "" || url.password !== "") {
    throw invalid(`The tenant's host contains a user name or password: ${EXPECTED}, and the key in its own field.`);
  }
  if (url.search !== "" || url.hash !== "" || !isApiPath(url.pathname)) {
    throw invalid(`The tenant's host ${shown(text)} has a path that is not the API's: ${EXPECTED}.`);
  }
  return isLoopback(url.hostname) ? loopbackOrigin(url, text) : apiOrigin(url, text);
}

function parse(text: string): URL {
  try {
    return new URL(SCHEME.test(text) ? text : `https://${text}`);
  } catch {
    throw invalid(`The tenant's host ${text.includes("@") ? "" : `${shown(text)} `}is not a host name: ${EXPECTED}.`);
  }
}

function isApiPath(pathname: string): boolean {
  const path = pathname.replace(/\/+/g, "/");
  return path === "/" || path === API_PATH || path.startsWith(`${API_PATH}/`);
}

function loopbackOrigin(url: URL, text: string): string {
  if (!SCHEME.test(text)) {
    throw invalid(`The host ${shown(text)} is this machine: write it as a full URL, e.g. "http://localhost:8080".`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw invalidScheme(url);
  return url.origin;
}

function apiOrigin(url: URL, text: string): string {
  if (url.protocol !== "https:") throw invalidScheme(url);
  const name = url.hostname.replace(/\.$/, "");
  if (ADDRESS.test(name) || !FQDN.test(name))
    throw invalid(`The tenant's host ${shown(text)} is no name: ${EXPECTED}.`);
  const port = url.port === "" ? "" : `:${url.port}`;
  return `https://${name.startsWith(API_PREFIX) ? "" : API_PREFIX}${name}${port}`;
}

function invalidScheme(url: URL): XdrError {
  return invalid(
    `The tenant's host starts with "${url.protocol}//": only https:// is allowed, and http:// on a loopback host.`,
  );
}

function invalid(message: string): XdrError {
  return new XdrError("XDR_HOST_INVALID", message, { field: "host", outcome: "unsent" });
}
