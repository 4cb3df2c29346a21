import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { XdrError } from "./lib/errors";
import { parseAccount, type ParsedAccount } from "./lib/gcs/account-options";
import { brokenGcsClient } from "./lib/gcs/broken-gcs-client";
import type { Machine } from "./lib/gcs/default-credentials";
import { createGcsAccount, type GcsAccount } from "./lib/gcs/gcs-account";
import { describeClockSkew } from "./lib/http/clock-skew";
import { registerGcsTestRoute, type DeployedAccount } from "./shared/admin-gcs-test-route";
import { replaceEnvIn } from "./shared/env-text";
import { GCS_ACCOUNT_TYPE, type GcsAccountNode } from "./shared/gcs-account-node";
import { TenantUsers } from "./shared/tenant-close";
import { tlsOptions } from "./shared/tls-options";

/** What Node-RED hands over; it may be missing. */
interface Credentials {
  serviceAccount: unknown;
}

/** Either the account works, or there is a problem. */
type Connected = { readonly account: GcsAccount; readonly problem: undefined } | { readonly problem: XdrError };

const machine: Machine = {
  env: process.env,
  platform: process.platform,
  homeFolder: homedir(),
  readFile: (path) => readFile(path, "utf8"),
};

export = function register(RED: NodeAPI): void {
  /** Kept beside the nodes, so that no other node finds a secret on them. */
  const deployed = new WeakMap<object, DeployedAccount>();

  function GcsAccountConfigNode(this: Node<Credentials>, config: NodeDef): void {
    RED.nodes.createNode(this, config);
    const values = replaceEnvIn(RED, { ...config, ...this.credentials }, this);
    // Node-RED's copy of the key, which it makes anew for each node; it is not read again.
    Reflect.deleteProperty(this, "credentials");
    const parsed = parseAccount(values);
    const connected = connect(this, parsed, values["tls"]);
    const { problem } = connected;
    const users = new TenantUsers();
    deployed.set(this, {
      node: this,
      baseUrl: parsed.options.baseUrl,
      proxy: text(values["proxy"]).trim(),
      tls: text(values["tls"]),
      serviceAccount: text(values["serviceAccount"]),
    });
    Object.assign(this, {
      problem,
      options: parsed.options,
      client: (needs) =>
        "account" in connected ? connected.account.client(needs) : brokenGcsClient(connected.problem),
      users: users.users,
      register: (user) => users.register(user),
      deregister: (user) => users.deregister(user),
      onClose: (hook) => users.onClose(hook),
    } satisfies Omit<GcsAccountNode, keyof Node>);
    if (problem !== undefined) this.error(`${problem.message} (${problem.code})`);

    this.on("close", (_removed: boolean, done: () => void) => {
      void users
        .closed()
        .then(() => ("account" in connected ? connected.account.close() : undefined))
        .catch(() => undefined)
        .then(() => done());
    });
  }

  function connect(node: Node, { connection, problem }: ParsedAccount, tls: unknown): Connected {
    const unusable = new XdrError("XDR_CONFIG_INVALID", "The Cloud Storage account cannot be used.");
    if (connection === undefined) return { problem: problem ?? unusable };
    const onClockCorrected = (skewMs: number): void => {
      const warning = `Set the clock: ${describeClockSkew(skewMs, "Google's")}. Tokens are asked for with Google's time meanwhile.`;
      node.warn(warning);
    };
    try {
      const settings = { ...connection, tls: tlsOptions(RED, tls) };
      return { account: createGcsAccount(settings, { machine, onClockCorrected }), problem: undefined };
    } catch (error) {
      return { problem: error instanceof XdrError ? error : unusable };
    }
  }

  RED.nodes.registerType(GCS_ACCOUNT_TYPE, GcsAccountConfigNode, {
    credentials: { serviceAccount: { type: "password" } },
  });

  // An unknown id gives null, which is no key of the map.
  registerGcsTestRoute(RED, (id) => deployed.get(RED.nodes.getNode(id)), { machine });
};

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
