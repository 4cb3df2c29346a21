import { createPublicKey, generateKeyPairSync, randomBytes, verify } from "node:crypto";

/** A key file as the Google Cloud console hands it out. Source: Google Cloud IAM documentation, "Key files". */
export interface ServiceAccountKey {
  readonly type: "service_account";
  readonly project_id: string;
  readonly private_key_id: string;
  /** PKCS #8, PEM. */
  readonly private_key: string;
  readonly client_email: string;
  readonly client_id: string;
  readonly auth_uri: string;
  readonly token_uri: string;
  readonly auth_provider_x509_cert_url: string;
  readonly client_x509_cert_url: string;
  readonly universe_domain: string;
}

const PROJECT = "simulated-project";
export const CLIENT_EMAIL = `event-reader@${PROJECT}.iam.gserviceaccount.com`;

/** A fresh RSA key of 2,048 bits. */
export function newServiceAccountKey(tokenUri: string): ServiceAccountKey {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const certificates = "https://www.googleapis.com";
  return {
    type: "service_account",
    project_id: PROJECT,
    private_key_id: randomBytes(20).toString("hex"),
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    client_email: CLIENT_EMAIL,
    client_id: "100000000000000000001",
    auth_uri: "https://accounts.google.com/o/oauth2/auth",
    token_uri: tokenUri,
    auth_provider_x509_cert_url: `${certificates}/oauth2/v1/certs`,
    client_x509_cert_url: `${certificates}/robot/v1/metadata/x509/${encodeURIComponent(CLIENT_EMAIL)}`,
    universe_domain: "googleapis.com",
  };
}

/** Whether `signature` (base64url) over `signed` was made with that key, by RS256. */
export function isSignedBy(key: ServiceAccountKey, signed: string, signature: string): boolean {
  const bytes = Buffer.from(signature, "base64url");
  return verify("RSA-SHA256", Buffer.from(signed), createPublicKey(key.private_key), bytes);
}
