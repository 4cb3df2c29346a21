import { generateKeyPairSync } from "node:crypto";
import { setMaxListeners } from "node:events";
import { afterEach } from "node:test";
import { systemClock, type Clock } from "../../../nodes/lib/clock";
import type { Authentication } from "../../../nodes/lib/gcs/account-options";
import type { Machine } from "../../../nodes/lib/gcs/default-credentials";
import { createGcsAccount, type GcsAccount } from "../../../nodes/lib/gcs/gcs-account";
import { parseServiceAccount } from "../../../nodes/lib/gcs/service-account";
import { ScriptedServer, type Script } from "../../support/scripted-server";
import { createSimulatedBucket, type BucketOptions, type SimulatedBucket } from "../../support/simulated-bucket/bucket";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Something to end with the test. */
export function endLater(end: () => Promise<void>): void {
  ends.push(end);
}

export async function serve(script: Script, tls?: Parameters<typeof ScriptedServer.start>[1]): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script, tls);
  endLater(() => server.stop());
  return server;
}

export async function simulate(options: BucketOptions = {}): Promise<SimulatedBucket> {
  const bucket = await createSimulatedBucket(options);
  endLater(() => bucket.close());
  return bucket;
}

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const PUBLIC_KEY = pair.publicKey;
export const PEM = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
export const EMAIL = "reader@acme.iam.gserviceaccount.com";

/** A key file as Google hands it out, as an object. */
export const keyFile = (more: object = {}): Record<string, unknown> => ({
  type: "service_account",
  project_id: "acme",
  private_key_id: "0123abcd",
  private_key: PEM,
  client_email: EMAIL,
  client_id: "100",
  auth_uri: "https://accounts.google.com/o/oauth2/auth",
  token_uri: "https://oauth2.googleapis.com/token",
  universe_domain: "googleapis.com",
  ...more,
});

/** Authentication with a key whose tokens come from `tokenUri`. */
export const keyFor = (tokenUri: string): Authentication => ({
  kind: "key",
  key: parseServiceAccount(JSON.stringify(keyFile({ token_uri: tokenUri }))),
});

/** A machine without anything, but for what is given; files by path. */
export function machineWith(
  files: Readonly<Record<string, string>> = {},
  more: Partial<Omit<Machine, "readFile">> = {},
): Machine {
  const readFile = (path: string): Promise<string> => {
    const content = files[path];
    if (content !== undefined) return Promise.resolve(content);
    return Promise.reject(Object.assign(new Error("no such file"), { code: "ENOENT" }));
  };
  return { env: {}, platform: "linux", homeFolder: "/home/me", ...more, readFile };
}

/** A clock off by so much; it runs like the machine's. */
export const shiftedClock = (offsetMs: number): Clock => ({ ...systemClock, now: () => Date.now() + offsetMs });

/** The account of a simulated bucket, with its key unless told otherwise. */
export function accountOf(
  bucket: SimulatedBucket,
  more: { authentication?: Authentication; clock?: Clock; onClockCorrected?: (skewMs: number) => void } = {},
): GcsAccount {
  const key = parseServiceAccount(JSON.stringify(bucket.serviceAccount));
  const { authentication = { kind: "key", key }, ...surroundings } = more;
  const connection = { baseUrl: `${bucket.url}/storage/v1`, authentication };
  const account = createGcsAccount(connection, { machine: machineWith(), ...surroundings });
  endLater(() => account.close());
  return account;
}

/** A signal that never aborts. */
export const never = new AbortController().signal;
setMaxListeners(0, never);
