import { XdrError } from "../errors";
import { isLoopback } from "./loopback";

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy, its credentials kept apart so that `origin` may be shown. */
export interface Proxy {
  /** e.g. `http://proxy.example:3128` */
  readonly origin: string;
  /** Value of `Proxy-Authorization`. */
  readonly authorization: string | undefined;
}

/**
 * The proxy towards `baseUrl`: the explicit one, else the environment's (`HTTPS_PROXY`, `HTTP_PROXY` for http targets,
 * both also in lower case) unless `NO_PROXY` exempts the host. Loopback is never reached through an environment proxy.
 * @throws XdrError `XDR_CONFIG_INVALID`
 */
export function chooseProxy(baseUrl: string, explicit: string | undefined, env: Environment): Proxy | undefined {
  if (explicit !== undefined && explicit !== "") return parseProxy(explicit, 'The property "proxy"');
  const url = new URL(baseUrl);
  if (isLoopback(url.hostname) || isExempt(url, env["no_proxy"] ?? env["NO_PROXY"] ?? "")) return undefined;
  const found = (url.protocol === "https:" ? fromEnv(env, "https_proxy") : undefined) ?? fromEnv(env, "http_proxy");
  return found === undefined ? undefined : parseProxy(found.value, `The environment variable ${found.name}`);
}

/** @throws XdrError `XDR_CONFIG_INVALID`; the message never contains the value, which may hold a password. */
export function parseProxy(text: string, where = 'The property "proxy"'): Proxy {
  try {
    const url = new URL(text.trim());
    if ((url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "") {
      return { origin: url.origin, authorization: basicAuthorization(url) };
    }
  } catch {
    // Falls through to the one message for everything that is no proxy URL.
  }
  const expected = "expected a URL such as http://proxy.example:3128 (http or https)";
  throw new XdrError("XDR_CONFIG_INVALID", `${where} is not a proxy URL: ${expected}.`, {
    field: "proxy",
    outcome: "unsent",
  });
}

function basicAuthorization(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
}

function fromEnv(env: Environment, name: string): { name: string; value: string } | undefined {
  for (const spelling of [name, name.toUpperCase()]) {
    const value = env[spelling]?.trim();
    if (value !== undefined && value !== "") return { name: spelling, value };
  }
  return undefined;
}

/** `NO_PROXY`: names separated by commas or blanks, each also for its subdomains, optionally with a port; `*` is all. */
function isExempt(url: URL, noProxy: string): boolean {
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return noProxy.split(/[,\s]+/).some((raw) => {
    const entry = raw.toLowerCase();
    if (entry === "" || entry === "*") return entry === "*";
    const parts = /^(.+):(\d+)$/.exec(entry);
    const name = (parts?.[1] ?? entry).replace(/^\*?\./, "");
    if (parts?.[2] !== undefined && parts[2] !== port) return false;
    return url.hostname === name || url.hostname.endsWith(`.${name}`);
  });
}
