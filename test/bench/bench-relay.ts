import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRed, type Flow } from "../support/node-red";
import { relayFlow, type RelaySettings } from "../support/relay-flow";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant, type StartOptions } from "../support/simulated-tenant/tenant";

export interface BenchRelay {
  readonly tenant: SimulatedTenant;
  readonly red: NodeRed;
  end(): Promise<void>;
}

/** A simulated tenant and a real Node-RED with the relay flow and what `extend` adds to it. */
export async function startBenchRelay(
  tenantOptions: StartOptions,
  settings: Partial<RelaySettings> = {},
  extend: (flow: Flow) => Flow = (flow) => flow,
): Promise<BenchRelay> {
  const tenant = await SimulatedTenant.start({ merge: false, record: "decisions", ...tenantOptions });
  const userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-bench-"));
  const red = await NodeRed.start({ userDir });
  const { quotaAlerts, quotaSeconds } = tenant.options;
  const all = {
    host: tenant.url,
    keyId: ADVANCED_KEY.id,
    key: ADVANCED_KEY.secret,
    quotaAlerts,
    quotaSeconds,
    ...settings,
  };
  await red.deploy(extend(relayFlow(all)));
  return {
    tenant,
    red,
    end: async () => {
      await red.stop("SIGKILL");
      await tenant.stop();
      rmSync(userDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Adds `POST <url>` wired to the node `to`. */
export function withEntrance(flow: Flow, url: string, to: string, skipBodyParsing: boolean): Flow {
  const entrance = {
    id: `entrance${url.replace(/\W/g, "")}`,
    type: "http in",
    z: (flow.flows[0] as { id: string }).id,
    x: 1,
    y: 1,
    url,
    method: "post",
    skipBodyParsing,
    wires: [[to]],
  };
  return { ...flow, flows: [...flow.flows, entrance] };
}
