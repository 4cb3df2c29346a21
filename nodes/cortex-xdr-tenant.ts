import type { Node, NodeAPI, NodeDef } from "node-red";
import { XdrError } from "./lib/errors";
import { brokenClient } from "./lib/tenant/broken-client";
import { createTenantClient } from "./lib/tenant/client";
import type { TenantClient } from "./lib/tenant/client-api";
import type { Outbox } from "./lib/outbox/outbox";
import type { SharedStore } from "./lib/store/shared-store";
import { ClockWatch } from "./lib/http/clock-watch";
import { TENANT_REQUEST_LIMIT } from "./lib/tenant/request-limiter";
import { parseTenant, type ParsedTenant } from "./lib/tenant/tenant-options";
import { registerTestRoute, type DeployedTenant } from "./shared/admin-test-route";
import { replaceEnvIn } from "./shared/env-text";
import { hasBacklog, watchForOrphans } from "./shared/state-folders";
import { TENANT_TYPE, type TenantNode } from "./shared/tenant-node";
import { openTenantOutbox } from "./shared/tenant-outbox";
import { openTenantSourceStore } from "./shared/tenant-source-store";
import { TenantUsers } from "./shared/tenant-close";
import { tlsOptions } from "./shared/tls-options";

/** What Node-RED hands over; any of them may be missing. */
interface Credentials {
  keyId: unknown;
  key: unknown;
  redisUrl: unknown;
}

interface TenantDef extends NodeDef {
  proxy?: string;
  tls?: string;
}

export = function register(RED: NodeAPI): void {
  /** Kept beside the nodes, so that no other node finds a secret on them. */
  const deployed = new WeakMap<object, DeployedTenant>();

  function TenantConfigNode(this: Node<Credentials>, config: TenantDef): void {
    RED.nodes.createNode(this, config);
    const values = replaceEnvIn(RED, { ...config, ...this.credentials }, this);
    const parsed = parseTenant(values);
    const { client, problem } = connect(this, parsed, values["tls"]);
    const users = new TenantUsers();
    let outbox: Outbox | undefined;
    let sources: SharedStore | undefined;
    deployed.set(this, {
      node: this,
      baseUrl: parsed.options.baseUrl,
      proxy: text(values["proxy"]).trim(),
      tls: text(values["tls"]),
      keyId: text(values["keyId"]),
      key: text(values["key"]),
    });
    Object.assign(this, {
      problem,
      client,
      options: parsed.options,
      users: users.users,
      register: (user) => users.register(user),
      deregister: (user) => users.deregister(user),
      onClose: (hook) => users.onClose(hook),
      outbox: () => (outbox ??= openTenantOutbox(RED, this as Node as TenantNode)),
      sourceStore: () => (sources ??= openTenantSourceStore(RED, this as Node as TenantNode)),
    } satisfies Omit<TenantNode, keyof Node>);
    // Alerts of an insert node that was deleted are delivered all the same.
    if (hasBacklog(RED, this.id)) (this as Node as TenantNode).outbox();
    if (problem !== undefined) this.error(`${problem.message} (${problem.code})`);

    this.on("close", (_removed: boolean, done: () => void) => {
      void users
        .closed()
        .then(() => client.close())
        .catch(() => undefined)
        .then(() => done());
    });
  }

  function connect(
    node: Node,
    { connection, problem }: ParsedTenant,
    tls: unknown,
  ): { client: TenantClient; problem: XdrError | undefined } {
    if (connection === undefined) {
      const reason = problem ?? new XdrError("XDR_CONFIG_INVALID", "The tenant cannot be used.");
      return { client: brokenClient(reason), problem: reason };
    }
    const clock = new ClockWatch();
    const onClockSkew = (skewMs: number): void => {
      const warning = clock.note(skewMs);
      if (warning !== undefined) node.warn(warning);
    };
    try {
      const settings = { ...connection, tls: tlsOptions(RED, tls) };
      const limit = { ...TENANT_REQUEST_LIMIT, startsSpent: true };
      return { client: createTenantClient(settings, { env: process.env, onClockSkew, limit }), problem: undefined };
    } catch (error) {
      const reason =
        error instanceof XdrError ? error : new XdrError("XDR_CONFIG_INVALID", "The tenant cannot be used.");
      return { client: brokenClient(reason), problem: reason };
    }
  }

  RED.nodes.registerType(TENANT_TYPE, TenantConfigNode, {
    credentials: { keyId: { type: "text" }, key: { type: "password" }, redisUrl: { type: "password" } },
  });

  // An unknown id gives null, which is no key of the map.
  watchForOrphans(RED);
  registerTestRoute(RED, (id) => deployed.get(RED.nodes.getNode(id)), { env: process.env });
};

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
