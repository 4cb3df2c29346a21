import type { Flow } from "./node-red";

export interface RelaySettings {
  readonly host: string;
  readonly keyId: string;
  readonly key: string;
  readonly keyType?: "advanced" | "standard";
  readonly quotaAlerts?: number;
  readonly quotaSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly updateSize?: number;
  readonly lingerMs?: number;
  readonly maxQueued?: number;
  readonly psk?: string;
  /** Keeps the state in this Redis instead of on disk. */
  readonly redisUrl?: string;
  /** Makes the flow differ, so that "flows" and "nodes" deployments have something to restart. */
  readonly mark?: string;
}

const TAB = "0000000000000f01";
const TENANT = "0000000000000f02";
const INSERT = "0000000000000f05";
export const INSERT_NODE_ID = INSERT;
export const TENANT_NODE_ID = TENANT;

/** The relay as the example has it: `POST /in`, `GET /stats`, dead letters to a debug node, all errors caught. */
export function relayFlow(settings: RelaySettings): Flow {
  const {
    host,
    keyId,
    key,
    keyType = "advanced",
    quotaAlerts = 600,
    quotaSeconds = 60,
    timeoutSeconds = 30,
    psk,
  } = settings;
  const node = (id: string, type: string, wires: string[][], more: object = {}): object => ({
    id,
    type,
    z: TAB,
    x: 100,
    y: 100,
    wires,
    ...more,
  });
  const flows = [
    { id: TAB, type: "tab", label: "relay" },
    {
      id: TENANT,
      type: "cortex-xdr-tenant",
      name: "",
      host,
      keyType,
      quotaAlerts,
      quotaSeconds,
      timeoutSeconds,
      state: settings.redisUrl === undefined ? "embedded" : "redis",
    },
    node("0000000000000f03", "http in", [["0000000000000f04"]], { url: "/in", method: "post", skipBodyParsing: true }),
    node("0000000000000f04", "pan-os-alert", [[INSERT], ["0000000000000f06"]], {
      timezone: "UTC",
      name: settings.mark ?? "",
    }),
    node(INSERT, "cortex-xdr-insert", [["0000000000000f06"], ["0000000000000f0a"], ["0000000000000f0b"]], {
      tenant: TENANT,
      updateSize: settings.updateSize ?? 60,
      lingerMs: settings.lingerMs ?? 50,
      maxQueued: settings.maxQueued ?? 100_000,
      name: settings.mark ?? "",
    }),
    node("0000000000000f06", "http response", []),
    node("0000000000000f07", "http in", [["0000000000000f08"]], { url: "/stats", method: "get" }),
    node("0000000000000f08", "change", [[INSERT]], {
      rules: [{ t: "set", p: "topic", pt: "msg", to: "stats", tot: "str" }],
    }),
    node("0000000000000f0c", "http in", [["0000000000000f0d"]], { url: "/command", method: "post" }),
    node("0000000000000f0d", "change", [[INSERT]], {
      rules: [{ t: "set", p: "topic", pt: "msg", to: "payload.topic", tot: "msg" }],
    }),
    node("0000000000000f09", "catch", [["0000000000000f0a"]], { scope: null, uncaught: false }),
    node("0000000000000f0a", "debug", [], { active: false }),
    node("0000000000000f0b", "debug", [], {
      active: true,
      tosidebar: false,
      console: true,
      complete: "true",
      targetType: "full",
    }),
  ];
  const credentials = {
    [TENANT]: { keyId, key, ...(settings.redisUrl === undefined ? {} : { redisUrl: settings.redisUrl }) },
    ...(psk === undefined ? {} : { "0000000000000f04": { psk } }),
  };
  return { flows, credentials };
}

/** One threat log in the seed relay's template; `name` becomes the alert's name. */
export function threatLog(name: string): string {
  return `{"src":"10.20.30.40","sport":51544,"dst":"203.0.113.80","dport":80,"time_generated":"2025/03/04 10:22:40","rule":"Users-to-Internet","serial":"019901000123","sender_sw_version":"10.0.8","subtype":"spyware","threat_name":"${name}","severity":"high","action":"alert"}\n---annex---\n"c2.example.net/gate.php?id=7"\n`;
}
