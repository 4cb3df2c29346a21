import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { leanSettings } from "../support/lean-settings";
import type { Flow } from "../support/node-red";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";

/** Settings of a Node-RED that has what {@link pollFlow} needs. */
export const LEAN_SETTINGS = leanSettings("98-unknown", "15-change", "10-file");

/** One poll node of a flow, with a tenant node of its own. */
export interface PollSettings {
  /** Makes the ids; letters and digits. */
  readonly name: string;
  readonly host: string;
  /** Keeps the state in this Redis instead of on disk. */
  readonly redisUrl?: string;
  readonly poll: Readonly<Record<string, unknown>> & { readonly acknowledge?: "emit" | "message" };
}

/** What was written down of one record. */
export interface Line {
  readonly id: string;
}

/** Poll nodes that write each record into a file, one file for each; in acknowledge mode the message comes back then. */
export function pollFlow(userDir: string, settings: readonly PollSettings[], mark = ""): Flow {
  const flows: object[] = [{ id: "polltab", type: "tab", label: `poll ${mark}` }];
  const credentials: Record<string, object> = {};
  for (const { name, host, poll, redisUrl } of settings) {
    const node = (part: string, type: string, wires: string[][], more: object): object => ({
      id: `${name}${part}`,
      type,
      z: "polltab",
      x: 100,
      y: 100,
      name: mark,
      wires,
      ...more,
    });
    const state = redisUrl === undefined ? "embedded" : "redis";
    credentials[`${name}tenant`] = { keyId: ADVANCED_KEY.id, key: ADVANCED_KEY.secret, ...(redisUrl && { redisUrl }) };
    flows.push(
      {
        id: `${name}tenant`,
        type: "cortex-xdr-tenant",
        name: "",
        host,
        keyType: "advanced",
        timeoutSeconds: 10,
        state,
      },
      node("poll", "cortex-xdr-poll", [[`${name}file`], []], { tenant: `${name}tenant`, ...poll }),
      // The very next node: what "emit" mode promises is that this one has had its turn. A message on its way between two
      // further nodes is dropped by Node-RED when it redeploys or stops.
      node("file", "file", [[`${name}ack`]], {
        filename: fileOf(userDir, name),
        filenameType: "str",
        appendNewline: true,
        overwriteFile: "false",
        encoding: "none",
      }),
      node("ack", "change", poll.acknowledge === "message" ? [[`${name}poll`]] : [[]], {
        rules: [{ t: "set", p: "topic", pt: "msg", to: "ack", tot: "str" }],
      }),
    );
  }
  return { flows, credentials };
}

/** What the flow has written for a poll node so far. A line that a kill has cut is left out. */
export function linesOf(userDir: string, name: string): Line[] {
  const file = fileOf(userDir, name);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => {
      const { alert_id, incident_id, endpoint_id } = JSON.parse(line) as Record<string, string | undefined>;
      return { id: alert_id ?? incident_id ?? endpoint_id ?? "" };
    });
}

function fileOf(userDir: string, name: string): string {
  return join(userDir, `${name}.jsonl`);
}
