import type { Node, NodeAPI } from "node-red";
import { z } from "zod";
import { XdrError } from "../lib/errors";
import { parseAccount } from "../lib/gcs/account-options";
import type { AccountSurroundings } from "../lib/gcs/gcs-account";
import { testBucket } from "../lib/gcs/test-bucket";
import type { ConnectionReport } from "../lib/tenant/test-connection";
import { replaceEnvIn } from "./env-text";
import { GCS_ACCOUNT_TYPE } from "./gcs-account-node";
import { PASSWORD_MASK, registerSingleTest } from "./single-test-route";
import { tlsOptions } from "./tls-options";

/** What a deployed account node runs with: what the stored key may be used with. */
export interface DeployedAccount {
  readonly node: Node;
  readonly baseUrl: string | undefined;
  readonly proxy: string;
  readonly tls: string;
  /** Secret. */
  readonly serviceAccount: string;
}

type Lookup = (id: string) => DeployedAccount | undefined;

const text = z.string().max(4096).default("");
const bodySchema = z.object({
  id: text,
  // Key files have about 2,400 characters.
  serviceAccount: z.string().max(65_536).default(""),
  apiEndpoint: text,
  proxy: text,
  tls: text,
  bucket: text,
});
type Body = z.infer<typeof bodySchema>;

/**
 * `POST cortex-xdr-gcs-account/test`: tries the dialog's values. The stored key is only used as the deployed node uses it:
 * with the same endpoint, proxy and TLS configuration. Other than with a tenant, an empty key is none.
 */
export function registerGcsTestRoute(RED: NodeAPI, deployed: Lookup, surroundings: AccountSurroundings): void {
  registerSingleTest(RED, GCS_ACCOUNT_TYPE, (submitted) => runTest(RED, submitted, deployed, surroundings));
}

async function runTest(
  RED: NodeAPI,
  submitted: unknown,
  deployed: Lookup,
  surroundings: AccountSurroundings,
): Promise<ConnectionReport> {
  const checked = bodySchema.safeParse(submitted);
  if (!checked.success) {
    const field = checked.error.issues[0]?.path.join(".") ?? "body";
    throw new XdrError("XDR_CONFIG_INVALID", `The test's values cannot be used: "${field}" is not what was expected.`);
  }
  const known = checked.data.id === "" ? undefined : deployed(checked.data.id);
  // Whoever passes the permission check may also deploy an account node with ${ANY_SECRET} as its key, so replacing
  // variables here gives no power that deploying does not.
  const body = replaceEnvIn(RED, checked.data, known?.node) as Body;
  const { connection, options, problem } = parseAccount({ ...body, serviceAccount: chooseKey(body, known) });
  if (connection === undefined) throw problem ?? new XdrError("XDR_CONFIG_INVALID", "The settings cannot be used.");
  return testBucket({ ...connection, tls: tlsOptions(RED, body.tls) }, options.bucket, surroundings);
}

/** The pasted key, or the stored one where it may go. @throws XdrError `GCS_CREDENTIALS_MISSING` */
function chooseKey(body: Body, known: DeployedAccount | undefined): string {
  if (body.serviceAccount !== PASSWORD_MASK) return body.serviceAccount;
  const refuse = (message: string): XdrError =>
    new XdrError("GCS_CREDENTIALS_MISSING", message, { field: "serviceAccount" });
  if (known === undefined || known.serviceAccount === "") {
    throw refuse("The service account key is missing: paste it, or deploy first.");
  }
  const target = parseAccount({ ...body, serviceAccount: known.serviceAccount });
  if (target.options.baseUrl === undefined && target.problem !== undefined) throw target.problem;
  const isSame =
    known.baseUrl !== undefined &&
    target.options.baseUrl === known.baseUrl &&
    body.proxy.trim() === known.proxy &&
    body.tls === known.tls;
  if (isSame) return known.serviceAccount;
  throw refuse(
    "Paste the service account key again: the API endpoint, proxy or TLS configuration differs from the deployed one, and the stored key is not used elsewhere.",
  );
}
