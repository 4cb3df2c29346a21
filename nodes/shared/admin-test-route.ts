import type { Node, NodeAPI } from "node-red";
import { z } from "zod";
import { XdrError } from "../lib/errors";
import type { ClientSurroundings } from "../lib/tenant/client";
import { failure, testConnection, type ConnectionReport } from "../lib/tenant/test-connection";
import { parseTenant } from "../lib/tenant/tenant-options";
import { replaceEnvIn } from "./env-text";
import { tlsOptions } from "./tls-options";

/** What a deployed tenant node runs with: what the stored key may be sent to. */
export interface DeployedTenant {
  readonly node: Node;
  readonly baseUrl: string | undefined;
  readonly proxy: string;
  readonly tls: string;
  /** Secret. */
  readonly keyId: string;
  /** Secret. */
  readonly key: string;
}

type Lookup = (id: string) => DeployedTenant | undefined;

/** What the editor submits in place of a stored password. */
const PASSWORD_MASK = "__PWRD__";
const text = z.string().max(4096).default("");
const bodySchema = z.object({
  id: text,
  host: text,
  keyType: text,
  keyId: text,
  key: text,
  proxy: text,
  tls: text,
  timeoutSeconds: z.union([z.string().max(100), z.number()]).optional(),
});
type Body = z.infer<typeof bodySchema>;

/**
 * `POST cortex-xdr-tenant/test`: tries the dialog's values, one test at a time. Answers 200 with a report, also when the
 * test fails. The stored key only ever goes where the deployed node sends it: same host, proxy and TLS configuration.
 */
export function registerTestRoute(RED: NodeAPI, deployed: Lookup, surroundings: ClientSurroundings): void {
  let isBusy = false;
  const permission = RED.auth.needsPermission("cortex-xdr-tenant.write");
  RED.httpAdmin.post("/cortex-xdr-tenant/test", permission, (request, response) => {
    if (isBusy) {
      const message = "Another test is running: wait until it has ended.";
      response.json({ ok: false, code: "XDR_RATE_LIMITED", message } satisfies ConnectionReport);
      return;
    }
    isBusy = true;
    void runTest(RED, request.body, deployed, surroundings)
      .catch(failure)
      .then((report) => response.json(report))
      .catch(() => undefined)
      .finally(() => (isBusy = false));
  });
}

async function runTest(
  RED: NodeAPI,
  submitted: unknown,
  deployed: Lookup,
  surroundings: ClientSurroundings,
): Promise<ConnectionReport> {
  const checked = bodySchema.safeParse(submitted);
  if (!checked.success) {
    const field = checked.error.issues[0]?.path.join(".") ?? "body";
    throw new XdrError("XDR_CONFIG_INVALID", `The test's values cannot be used: "${field}" is not what was expected.`);
  }
  const known = checked.data.id === "" ? undefined : deployed(checked.data.id);
  // Whoever passes the permission check may also deploy a tenant node with ${ANY_SECRET} as its key and a host of his
  // choice, so replacing variables here gives no power that deploying does not.
  const body = replaceEnvIn(RED, checked.data, known?.node) as Body;
  const credentials = chooseCredentials(body, known);
  const { connection, problem } = parseTenant({ ...body, ...credentials });
  if (connection === undefined) throw problem ?? new XdrError("XDR_CONFIG_INVALID", "The settings cannot be used.");
  return testConnection({ ...connection, tls: tlsOptions(RED, body.tls) }, surroundings);
}

/** The typed key, or the stored one where it may go. @throws XdrError `XDR_CREDENTIALS_MISSING` */
function chooseCredentials(body: Body, known: DeployedTenant | undefined): { keyId: string; key: string } {
  if (body.key !== "" && body.key !== PASSWORD_MASK) return { keyId: body.keyId, key: body.key };
  const refuse = (message: string): XdrError => new XdrError("XDR_CREDENTIALS_MISSING", message, { field: "key" });
  if (known === undefined || known.key === "") throw refuse("The API key is missing: type it, or deploy first.");
  const target = parseTenant({ ...body, keyId: "0", key: "0" });
  if (target.options.baseUrl === undefined && target.problem !== undefined) throw target.problem;
  const isSame =
    known.baseUrl !== undefined &&
    target.options.baseUrl === known.baseUrl &&
    body.proxy.trim() === known.proxy &&
    body.tls === known.tls;
  if (!isSame) {
    throw refuse(
      "Type the API key again: the host, proxy or TLS configuration differs from the deployed one, and the stored key is not sent elsewhere.",
    );
  }
  return { keyId: body.keyId === "" ? known.keyId : body.keyId, key: known.key };
}
