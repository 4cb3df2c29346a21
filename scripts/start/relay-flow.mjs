/** What `GET /dump` answers: the payload for the firewall's HTTP server profile, byte for byte as ever. */
export const PAYLOAD_TEMPLATE = `{
	"src": "$src",
	"sport": $sport,
	"dst": "$dst",
	"dport": $dport,
	"time_generated": "$time_generated",
	"rule": "$rule",
	"serial": "$serial",
	"sender_sw_version": "$sender_sw_version",
	"subtype": "$subtype",
	"threat_name": "$threat_name",
	"severity": "$severity",
	"action": "$action"
}
---annex---
$misc
`;

/** Node ids never change: counters and what waits on disk belong to them. */
const id = (number) => `cafe0000000000${String(number).padStart(2, "0")}`;
const TAB = id(1);
const TENANT = id(2);
const PARSER = id(4);
const INSERT = id(5);
const RESPONSE = id(7);

/**
 * The relay as Node-RED's two flow files have it. Secrets are named, not contained: Node-RED replaces `${API_KEY}` in
 * credentials when it loads them.
 * @param {Pick<import("./variables.mjs").Relay, "fqdn" | "psk" | "timezone" | "quotaAlerts" | "quotaSeconds" |
 *   "updateSize" | "maxQueued" | "lingerMs">} settings
 */
export function relayFlow({ fqdn, psk, timezone, quotaAlerts, quotaSeconds, updateSize, maxQueued, lingerMs }) {
  const node = (number, type, [x, y], wires, properties = {}) => ({
    id: id(number),
    type,
    z: TAB,
    x,
    y,
    wires,
    ...properties,
  });
  const call = (number, name, position, wires, func) =>
    node(number, "function", position, wires, { name, func, outputs: wires.length, libs: [] });

  const flows = [
    {
      id: TAB,
      type: "tab",
      label: "PAN-OS to Cortex XDR",
      info: "Built anew from the environment variables at each start.",
    },
    {
      id: TENANT,
      type: "cortex-xdr-tenant",
      name: "",
      host: fqdn,
      keyType: "advanced",
      quotaAlerts,
      quotaSeconds,
      state: "embedded",
    },

    node(3, "http in", [110, 100], [[PARSER]], { url: "/in", method: "post", upload: false, skipBodyParsing: true }),
    node(4, "pan-os-alert", [290, 100], [[INSERT], [id(6)]], { name: "", timezone, orientation: "flow" }),
    node(5, "cortex-xdr-insert", [490, 100], [[id(8)], [id(9)], [id(10)]], {
      name: "",
      tenant: TENANT,
      updateSize,
      lingerMs,
      maxQueued,
    }),
    call(6, "count rejected", [500, 180], [[RESPONSE]], 'global.get("relay").rejected(msg);\nreturn msg;'),
    call(8, "answer", [700, 60], [[RESPONSE]], ANSWER),
    node(7, "http response", [890, 60], []),
    call(9, "count delivered", [720, 100], [[]], 'global.get("relay").delivered(msg);'),
    call(10, "count dead letters", [730, 140], [[id(11)]], 'global.get("relay").dead();\nreturn msg;'),
    node(11, "debug", [930, 140], [], {
      name: "dead letters",
      active: true,
      tosidebar: true,
      console: true,
      complete: "error",
      targetType: "msg",
    }),

    node(12, "http in", [120, 260], [[id(13)]], { url: "/stats", method: "get" }),
    node(13, "change", [300, 260], [[INSERT]], {
      name: "ask for stats",
      rules: [{ t: "set", p: "topic", pt: "msg", to: "stats", tot: "str" }],
    }),

    node(14, "http in", [120, 320], [[id(15)]], { url: "/dump", method: "get" }),
    node(15, "template", [300, 320], [[id(16)]], {
      name: "payload for the firewall",
      field: "payload",
      fieldType: "msg",
      format: "text",
      syntax: "plain",
      template: PAYLOAD_TEMPLATE,
      output: "str",
    }),
    node(16, "http response", [510, 320], [], { headers: { "content-type": "text/plain; charset=utf-8" } }),
  ];
  const credentials = {
    [TENANT]: { keyId: "${API_KEY_ID}", key: "${API_KEY}" },
    ...(psk === "" ? {} : { [PARSER]: { psk: "${PSK}" } }),
  };
  return { flows, credentials };
}

/** The insert node answers both what came in and what was asked; the numbers go out as indented JSON. */
const ANSWER = `const relay = global.get("relay");
if (msg.topic !== "stats") {
    relay.answered(msg);
    return msg;
}
msg.headers = { ...msg.headers, "content-type": "application/json; charset=utf-8" };
msg.payload = JSON.stringify({ ...relay.toJSON(), relay: msg.payload }, null, 2) + "\\n";
return msg;`;
