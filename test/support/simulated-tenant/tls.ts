import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A key and its certificate, PEM. */
export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** The test authority, and what it has signed. See test/fixtures/tls/README.md. */
export interface TestCertificates {
  /** Certificate of the authority, PEM: what a client has to trust. */
  readonly ca: string;
  /** For localhost, 127.0.0.1 and ::1. */
  readonly server: KeyPair;
  /** For tenants that ask for a client certificate. */
  readonly client: KeyPair;
}

/** Reads the certificates of test/fixtures/tls. */
export function testCertificates(): TestCertificates {
  const read = (name: string): string => readFileSync(join(__dirname, "../../fixtures/tls", name), "utf8");
  return {
    ca: read("ca.crt.pem"),
    server: { key: read("server.key.pem"), cert: read("server.crt.pem") },
    client: { key: read("client.key.pem"), cert: read("client.crt.pem") },
  };
}
