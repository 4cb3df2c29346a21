import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { tenantBaseUrl } from "../../../nodes/lib/tenant/host";

const API = "https://api-acme.xdr.eu.paloaltonetworks.com";

describe("tenantBaseUrl", () => {
  const accepted: readonly (readonly [host: string, baseUrl: string])[] = [
    ["acme.xdr.eu.paloaltonetworks.com", API],
    ["api-acme.xdr.eu.paloaltonetworks.com", API],
    ["  acme.xdr.eu.paloaltonetworks.com \n", API],
    ["https://api-acme.xdr.eu.paloaltonetworks.com", API],
    ["https://api-acme.xdr.eu.paloaltonetworks.com///", API],
    ["https://acme.xdr.eu.paloaltonetworks.com/", API],
    ["HTTPS://API-Acme.XDR.eu.paloaltonetworks.com", API],
    ["https://api-acme.xdr.eu.paloaltonetworks.com/public_api/v1/", API],
    ["api-acme.xdr.eu.paloaltonetworks.com/public_api/v1/alerts/insert_parsed_alerts/", API],
    ["acme.xdr.eu.paloaltonetworks.com.", API],
    ["acme.xdr.eu.paloaltonetworks.com:443", API],
    ["https://acme.xdr.eu.paloaltonetworks.com:8443", `${API}:8443`],
    ["acme.crtx.de.paloaltonetworks.com", "https://api-acme.crtx.de.paloaltonetworks.com"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://127.8.9.10:8080/", "http://127.8.9.10:8080"],
    ["http://localhost:1880/public_api/v1", "http://localhost:1880"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    ["https://localhost:8443", "https://localhost:8443"],
  ];
  for (const [host, baseUrl] of accepted) {
    test(`takes ${JSON.stringify(host)}`, () => assert.equal(tenantBaseUrl(host), baseUrl));
  }

  const refused: readonly (readonly [host: string, message: RegExp])[] = [
    ["", /is empty/],
    ["   ", /is empty/],
    ["${FQDN}", /environment variable FQDN is not set/],
    ["https://${TENANT}.xdr.eu.paloaltonetworks.com", /environment variable TENANT is not set/],
    ["$(FQDN)", /environment variable FQDN is not set/],
    ["http://acme.xdr.eu.paloaltonetworks.com", /only https/],
    ["ftp://acme.xdr.eu.paloaltonetworks.com", /only https/],
    ["ftp://localhost", /only https/],
    ["https://acme.xdr.eu.paloaltonetworks.com/dashboard", /path that is not the API's/],
    ["https://acme.xdr.eu.paloaltonetworks.com/public_apix", /path that is not the API's/],
    ["https://acme.xdr.eu.paloaltonetworks.com/?a=1", /path that is not the API's/],
    ["https://acme.xdr.eu.paloaltonetworks.com/#x", /path that is not the API's/],
    ["http://127.0.0.1:8080/other", /path that is not the API's/],
    ["https://me:pass@acme.xdr.eu.paloaltonetworks.com", /user name or password/],
    ["https://me:pass@acme.xdr.eu palo", /not a host name/],
    ["acme", /expected the tenant's name/],
    ["acme xdr", /expected the tenant's name/],
    ["10.1.2.3", /expected the tenant's name/],
    ["https://[2001:db8::1]", /expected the tenant's name/],
    ["-acme-.xdr.eu", /expected the tenant's name/],
    ["127.0.0.1:8080", /full URL/],
    ["localhost", /full URL/],
    ["http://", /expected the tenant's name/],
    ["http://127.0.0.1.evil.example", /only https/],
  ];
  for (const [host, message] of refused) {
    test(`refuses ${JSON.stringify(host)}`, () => {
      assert.throws(() => tenantBaseUrl(host), { code: "XDR_HOST_INVALID", field: "host", message });
    });
  }

  test("never shows a password, and escapes control characters", () => {
    assert.throws(
      () => tenantBaseUrl("https://me:hunter2@acme.xdr.eu"),
      (error: Error) => !error.message.includes("hunter2"),
    );
    assert.throws(
      () => tenantBaseUrl("https://me:hunter2@ac me"),
      (error: Error) => !error.message.includes("hunter2"),
    );
    assert.throws(
      () => tenantBaseUrl("a\u001b[31m.b c"),
      (error: Error) => !error.message.includes("\u001b"),
    );
  });
});
