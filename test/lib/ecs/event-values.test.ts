import { describe, test } from "node:test";
import { inspect } from "node:util";
import { assertDocument, assertFaulty, vendorField } from "./event-cases";

/** A value as the title of a test. */
const shown = (value: unknown): string => inspect(value, { breakLength: Infinity });

/** For each conversion of single values a field that stays, what it accepts with the result, and what it refuses. */
const CONVERSIONS: readonly {
  readonly name: string;
  readonly field: string;
  readonly vendor: string;
  readonly accepted: readonly (readonly [given: unknown, held: unknown])[];
  readonly refused: readonly unknown[];
}[] = [
  {
    name: "boolean",
    field: "action_network_is_server",
    vendor: "action.network.is_server",
    accepted: [
      [true, true],
      [false, false],
      ["true", true],
      ["false", false],
      ["TRUE", true],
      ["fAlSe", false],
    ],
    refused: ["", 0, 1, "0", "1", "yes", "no", "on", "t", "truely", {}],
  },
  {
    name: "integer",
    field: "action_total_upload",
    vendor: "action.total_upload",
    accepted: [
      [7, 7],
      [0, 0],
      [-7, -7],
      [9_007_199_254_740_991, 9_007_199_254_740_991],
      ["7", 7],
      ["0", 0],
      ["-7", -7],
      ["+7", 7],
      ["007", 7],
      ["9007199254740991", 9_007_199_254_740_991],
      ["0x1f", 31],
      ["0x1F", 31],
      ["-0x10", -16],
    ],
    refused: [
      "",
      " ",
      12.5,
      "12.5",
      "12.0",
      "1e3",
      "1,000",
      "seven",
      "7 hours",
      "0x",
      "0xZZ",
      "1F",
      true,
      {},
      // One more than 64 bits hold.
      "9223372036854775808",
      "-9223372036854775809",
      "123456789012345678901234567890",
    ],
  },
  {
    name: "number",
    field: "action_module_image_size",
    vendor: "action.module.image_size",
    accepted: [
      [12.5, 12.5],
      [3, 3],
      [0, 0],
      [-0.25, -0.25],
      ["12.5", 12.5],
      ["-0.25", -0.25],
      ["3", 3],
      ["0", 0],
      ["1e3", 1000],
    ],
    refused: ["", " ", "12,5", "many", "12.5 MB", "1.2.3", true, {}],
  },
];

for (const { name, field, vendor, accepted, refused } of CONVERSIONS) {
  describe(`${name} of an event`, () => {
    for (const [given, held] of accepted) {
      test(`${shown(given)} becomes ${shown(held)}`, () =>
        assertDocument({ [field]: given }, vendorField(vendor, held)));
    }
    for (const given of refused) {
      test(`${shown(given)} is refused, and the mapping goes on`, () => {
        const rest = { "@timestamp": "2023-11-14T22:13:20.000Z", ...vendorField("event_type", 1) };
        assertFaulty({ [field]: given, event_type: 1, event_timestamp: 1_700_000_000_000 }, [field], rest);
      });
    }
    test("null and nothing are skipped", () => {
      assertDocument({ [field]: null }, {});
      assertDocument({ [field]: undefined }, {});
    });
  });
}

describe("text of an event", () => {
  const kept = (protocol: unknown, further: object = {}): object => ({
    ...vendorField("action.network.protocol", protocol),
    tags: ["preserve_duplicate_custom_fields"],
    ...further,
  });

  for (const [given, held] of [
    [6, "6"],
    [0, "0"],
    [-1.5, "-1.5"],
    ["17", "17"],
    [" ", " "],
  ] as const) {
    test(`${shown(given)} becomes ${shown(held)}`, () => {
      assertDocument({ action_network_protocol: given }, kept(held), { preserveDuplicates: true });
      assertDocument({ action_network_protocol: given }, {});
    });
  }
  test("flags become text, too", () => {
    const further = { network: { protocol: "true" } };
    assertDocument({ action_network_protocol: true }, kept("true", further), { preserveDuplicates: true });
  });
  test("each element of a list becomes text", () => {
    const record = { event_sub_type: [1, "FILE", true] };
    const tags = ["preserve_duplicate_custom_fields"];
    const document = { ...vendorField("event_sub_type", ["1", "FILE", "true"]), tags };
    assertDocument(record, document, { preserveDuplicates: true });
  });
  test("null and empty text disappear", () => {
    assertDocument({ action_network_protocol: null, event_sub_type: "" }, {}, {});
    assertDocument({ action_network_protocol: "", event_sub_type: null }, {}, {});
  });
});

describe("protocol of an event", () => {
  for (const [given, name] of [
    ["TCP", "tcp"],
    ["IPv6 ICMP ", "ipv6 icmp "],
    ["6a", "6a"],
  ] as const) {
    test(`${shown(given)} becomes ${shown(name)}`, () => {
      assertDocument({ action_network_protocol: given }, { network: { protocol: name } });
    });
  }
  for (const given of ["6", "17 / 6", "#", "Сеть", 6]) {
    test(`${shown(given)} has no letter and gives none`, () => assertDocument({ action_network_protocol: given }, {}));
  }
});

describe("action of an event", () => {
  for (const [given, action] of [
    ["FILE", "file"],
    ["File Create New", "file-create-new"],
    ["Process \t\n Start", "process-start"],
    ["  Process  Start \t", "-process-start"],
    ["RPC_CALL v2", "rpc_call-v2"],
    ["2 b", "2-b"],
    ["a-b", "a-b"],
  ] as const) {
    test(`${shown(given)} becomes ${shown(action)}`, () => {
      assertDocument({ event_sub_type: given }, { event: { action } });
    });
  }
  for (const given of [1, "1", "1 2", "-", " ", "Файл", ["FILE"], ["FILE", "NEW"], [1]]) {
    test(`${shown(given)} gives none`, () => assertDocument({ event_sub_type: given }, {}));
  }
});

const GOOD_ADDRESSES = [
  "192.0.2.1",
  "0.0.0.0",
  "255.255.255.255",
  "2001:DB8::1",
  "2001:0db8:0000:0000:0000:0000:0000:0001",
  "0:0:0:0:0:0:0:1",
  "::",
  "::1",
  "fe80::ed57:b4fb:b29b:4ce9",
  "::ffff:192.0.2.1",
];
const BAD_ADDRESSES = [
  "300.1.1.1",
  "1.2.3",
  "1.2.3.4.5",
  "192.0.2.1/24",
  "192.0.2.1:80",
  " 192.0.2.1",
  "host",
  "2001:db8:::1",
  "1:2:3:4:5:6:7:8:9",
  "g::1",
  "-",
  " ",
  3_221_225_985,
  true,
];

describe("single address of an event", () => {
  for (const ip of GOOD_ADDRESSES) {
    test(`${ip} keeps its spelling`, () => {
      assertDocument({ os_actor_local_ip: ip }, { source: { ip: [ip] }, related: { ip: [ip] } });
      assertDocument({ os_actor_remote_ip: ip }, { destination: { ip: [ip] }, related: { ip: [ip] } });
    });
  }
  for (const ip of BAD_ADDRESSES) {
    test(`${shown(ip)} is refused, and the mapping goes on`, () => {
      const record = { os_actor_local_ip: ip, os_actor_local_port: 80, os_actor_remote_ip: ip };
      assertFaulty(record, ["os_actor_local_ip", "os_actor_remote_ip"], { source: { port: [80] } });
    });
  }
  test("null and empty text are skipped", () => {
    assertDocument({ os_actor_local_ip: "", os_actor_remote_ip: "" }, {});
    assertDocument({ os_actor_local_ip: null, os_actor_remote_ip: null }, {});
    assertDocument({ os_actor_local_ip: "", os_actor_remote_ip: "" }, TAGGED, { preserveDuplicates: true });
  });
});

const TAGGED = { tags: ["preserve_duplicate_custom_fields"] };

describe("list of addresses of an event", () => {
  test("good ones keep their spelling and are not merged when only their spelling differs", () => {
    assertDocument(
      { action_local_ip: GOOD_ADDRESSES, action_remote_ip: ["2001:DB8::1", "2001:db8::1"] },
      {
        source: { ip: GOOD_ADDRESSES },
        destination: { ip: ["2001:DB8::1", "2001:db8::1"] },
        related: { ip: [...GOOD_ADDRESSES, "2001:db8::1"] },
      },
    );
  });
  for (const ip of [...BAD_ADDRESSES, ""]) {
    test(`${shown(ip)} is left out, and the others stay`, () => {
      const given = ["192.0.2.1", ip, "192.0.2.2"];
      const ips = ["192.0.2.1", "192.0.2.2"];
      assertFaulty({ action_local_ip: given }, ["action_local_ip"], { source: { ip: ips }, related: { ip: ips } });
    });
  }
  test("each bad one has its message; nothing is left of a list of them", () => {
    const record = { action_local_ip: ["a", "b"], action_remote_ip: ["c"] };
    assertFaulty(record, ["action_local_ip", "action_local_ip", "action_remote_ip"], {});
  });
  test("null elements are skipped, and so is an empty list", () => {
    const document = { source: { ip: ["192.0.2.1"] }, related: { ip: ["192.0.2.1"] } };
    assertDocument({ action_local_ip: [null, "192.0.2.1"], action_remote_ip: [] }, document);
  });
  test("a single value is left as it is, unchecked, and reaches no further field", () => {
    const record = { action_local_ip: "192.0.2.1", action_remote_ip: "no address" };
    assertDocument(record, {});
    const action = { local_ip: "192.0.2.1", remote_ip: "no address" };
    assertDocument(record, { ...TAGGED, ...vendorField("action", action) }, { preserveDuplicates: true });
  });
  test("null and empty text disappear", () => {
    assertDocument({ action_local_ip: null, action_remote_ip: "" }, TAGGED, { preserveDuplicates: true });
  });
});

describe("list of ports of an event", () => {
  test("become integers, without repeats in the further field", () => {
    const record = { action_local_port: ["443", 80, "0x1BB"], action_remote_port: [0, "-0x1", "+8"] };
    const document = { source: { port: [443, 80] }, destination: { port: [0, -1, 8] } };
    assertDocument(record, document);
    const action = { local_port: [443, 80, 443], remote_port: [0, -1, 8] };
    const full = { ...document, ...TAGGED, ...vendorField("action", action) };
    assertDocument(record, full, { preserveDuplicates: true });
  });
  for (const port of ["", "http", "12.5", 12.5, true]) {
    test(`${shown(port)} is left out, and the others stay`, () => {
      const record = { action_local_port: [port, 80], action_remote_port: [81, port] };
      const document = { source: { port: [80] }, destination: { port: [81] } };
      assertFaulty(record, ["action_local_port", "action_remote_port"], document);
    });
  }
  test("null elements are skipped", () => {
    assertDocument({ action_local_port: [null, 80] }, { source: { port: [80] } });
  });
  test("a single value is left as it is, unchecked, and reaches no further field", () => {
    const record = { action_local_port: 80, action_remote_port: "http" };
    assertDocument(record, {});
    const action = { local_port: 80, remote_port: "http" };
    assertDocument(record, { ...TAGGED, ...vendorField("action", action) }, { preserveDuplicates: true });
  });
});

describe("addresses of the agent of an event", () => {
  const BOTH = [
    ["agent_ip_addresses", "agent.ip_addresses"],
    ["agent_ip_addresses_v6", "agent.ip_addresses_v6"],
  ] as const;
  const held = (vendor: string, ips: readonly string[]): object => ({
    ...vendorField(vendor, ips),
    related: { ip: ips },
  });

  for (const [field, vendor] of BOTH) {
    test(`${field}: a single one becomes a list`, () => {
      for (const ip of GOOD_ADDRESSES) assertDocument({ [field]: ip }, held(vendor, [ip]));
    });
    test(`${field}: a list stays one`, () => {
      assertDocument({ [field]: GOOD_ADDRESSES }, held(vendor, GOOD_ADDRESSES));
    });
    test(`${field}: a repeat stays in the vendor's field alone`, () => {
      const ips = ["192.0.2.1", "192.0.2.1"];
      assertDocument({ [field]: ips }, { ...vendorField(vendor, ips), related: { ip: ["192.0.2.1"] } });
    });
    test(`${field}: bad ones are left out`, () => {
      for (const ip of BAD_ADDRESSES) {
        assertFaulty({ [field]: ip }, [field], {});
        assertFaulty({ [field]: ["192.0.2.1", ip] }, [field], held(vendor, ["192.0.2.1"]));
      }
    });
    test(`${field}: null is skipped, empty text is no address`, () => {
      assertDocument({ [field]: null }, {});
      assertDocument({ [field]: [] }, {});
      assertDocument({ [field]: [null] }, {});
      assertFaulty({ [field]: "" }, [field], {});
      assertFaulty({ [field]: [""] }, [field], {});
    });
  }
});
