import type { ExchangeRequest } from "../http/exchange";
import { createAssertion, READ_ONLY_SCOPE } from "./assertion";
import type { Credentials } from "./default-credentials";

/** One request for an access token. */
export interface TokenRequest {
  readonly request: ExchangeRequest;
  /** What it says that no answer may bring into a message. */
  readonly secrets: readonly string[];
}

/** Source: RFC 7523, section 2.1. */
const ASSERTION_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** Source: Compute Engine documentation, "About VM metadata". */
const METADATA_PATH = "/computeMetadata/v1/instance/service-accounts/default/token";
/** Name and value by which requests to the metadata server and its answers are known. Source: as above. */
export const METADATA_FLAVOR = { name: "metadata-flavor", value: "Google" } as const;

/** @param nowMs the time on Google's clock as far as known, epoch milliseconds */
export function tokenRequest(credentials: Credentials, nowMs: number): TokenRequest {
  switch (credentials.kind) {
    case "service_account": {
      const { key } = credentials;
      const assertion = createAssertion(key, nowMs);
      return form(key.tokenUri, { grant_type: ASSERTION_GRANT, assertion }, [assertion]);
    }
    case "authorized_user": {
      const { clientId, clientSecret, refreshToken, tokenUri } = credentials;
      const fields = {
        grant_type: "refresh_token",
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: refreshToken,
      };
      return form(tokenUri, fields, [clientSecret, refreshToken]);
    }
    case "metadata":
      return {
        request: {
          origin: credentials.origin,
          path: `${METADATA_PATH}?scopes=${encodeURIComponent(READ_ONLY_SCOPE)}`,
          method: "GET",
          headers: { [METADATA_FLAVOR.name]: METADATA_FLAVOR.value, accept: "application/json" },
          body: undefined,
        },
        secrets: [],
      };
  }
}

function form(uri: string, fields: Readonly<Record<string, string>>, secrets: readonly string[]): TokenRequest {
  const url = new URL(uri);
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
    "user-agent": "node-red-cortex-xdr",
  };
  const body = new URLSearchParams(fields).toString();
  return { request: { origin: url.origin, path: url.pathname + url.search, method: "POST", headers, body }, secrets };
}
