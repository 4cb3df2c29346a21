import { describe, test } from "node:test";
import { assertDocument, assertFaulty, vendorField } from "./event-cases";

const WRAPPED = { wrapSingles: true } as const;
const TAGGED = { tags: ["preserve_duplicate_custom_fields"] };

describe("single values of an event, taken for lists of one", () => {
  const CASES = [
    ["action_file_name", "a.txt", "action.file.name", ["a.txt"], { file: { name: ["a.txt"] } }],
    ["action_file_path", "/a.txt", "action.file.path", ["/a.txt"], { file: { path: ["/a.txt"] } }],
    [
      "action_local_ip",
      "192.0.2.1",
      "action.local_ip",
      ["192.0.2.1"],
      { source: { ip: ["192.0.2.1"] }, related: { ip: ["192.0.2.1"] } },
    ],
    ["action_local_port", "0x50", "action.local_port", [80], { source: { port: [80] } }],
    [
      "action_process_signature_status",
      1,
      "action.process.signature_status",
      [1],
      { process: { code_signature: { status: ["1"] } } },
    ],
    [
      "action_remote_ip",
      "2001:DB8::1",
      "action.remote_ip",
      ["2001:DB8::1"],
      { destination: { ip: ["2001:DB8::1"] }, related: { ip: ["2001:DB8::1"] } },
    ],
    ["action_remote_port", 0, "action.remote_port", [0], { destination: { port: [0] } }],
  ] as const;

  for (const [field, given, vendor, held, document] of CASES) {
    test(`${field} reaches its further fields`, () => {
      assertDocument({ [field]: given }, document, WRAPPED);
      const full = { ...document, ...vendorField(vendor, held), ...TAGGED };
      assertDocument({ [field]: given }, full, { ...WRAPPED, preserveDuplicates: true });
    });
    test(`${field} is the same as a list of one`, () => {
      assertDocument({ [field]: [given] }, document, WRAPPED);
      assertDocument({ [field]: [given] }, document);
    });
    test(`${field} leaves nothing where it is empty`, () => {
      for (const value of [null, "", undefined, []]) assertDocument({ [field]: value }, {}, WRAPPED);
    });
  }

  for (const [field, bad] of [
    ["action_local_ip", "300.1.1.1"],
    ["action_remote_ip", 5],
    ["action_local_port", "http"],
    ["action_remote_port", 12.5],
    ["agent_ip_addresses", "300.1.1.1"],
    ["agent_ip_addresses", ""],
    ["agent_ip_addresses_v6", "host"],
  ] as const) {
    test(`${field} is checked as the element of a list: ${JSON.stringify(bad)}`, () => {
      assertFaulty({ [field]: bad }, [field], {}, WRAPPED);
    });
  }

  test("other rows take their values as ever", () => {
    const record = {
      action_file_attributes: "a",
      action_file_md5: "b",
      action_file_group: "c",
      action_file_owner: "d",
      action_process_user_sid: "e",
      agent_ip_addresses: "192.0.2.1",
      event_sub_type: "f",
      event_timestamp: 0,
      os_actor_local_ip: "192.0.2.2",
      os_actor_local_port: 80,
    };
    const agent = { ip_addresses: ["192.0.2.1"] };
    const document = {
      "@timestamp": "1970-01-01T00:00:00.000Z",
      event: { action: "f" },
      file: { attributes: ["a"], hash: { md5: "b" }, gid: "c" },
      process: { entry_leader: { attested_user: { id: "e" } } },
      source: { ip: ["192.0.2.2"], port: [80] },
      related: { hash: ["b"], ip: ["192.0.2.1", "192.0.2.2"], user: ["e"] },
      panw_cortex: { xdr: { event: { action: { file: { owner: "d" } }, agent } } },
    };
    assertDocument(record, document, WRAPPED);
    assertDocument(record, document);
  });
});

describe("duplicates of an event", () => {
  test("go whether or not their other field was written", () => {
    const record = {
      action_file_name: "lost",
      action_local_ip: "192.0.2.1",
      action_local_port: 80,
      action_network_protocol: 6,
      event_sub_type: 3,
      event_id: "E",
    };
    assertDocument(record, { event: { id: "E" } });
    const action = { file: { name: "lost" }, local_ip: "192.0.2.1", local_port: 80, network: { protocol: "6" } };
    const event = { event_sub_type: "3", event_id: "E", action };
    const full = { event: { id: "E" }, panw_cortex: { xdr: { event } }, ...TAGGED };
    assertDocument(record, full, { preserveDuplicates: true });
  });
  test("are not the fields that stay although they are mapped", () => {
    const record = {
      action_boot_time: 0,
      action_module_md5: "a",
      action_module_sha256: "b",
      agent_hostname: "h",
      agent_ip_addresses: ["192.0.2.1"],
      agent_ip_addresses_v6: ["::1"],
    };
    const action = { boot_time: "1970-01-01T00:00:00.000Z", module: { md5: "a", sha256: "b" } };
    const agent = { hostname: "h", ip_addresses: ["192.0.2.1"], ip_addresses_v6: ["::1"] };
    assertDocument(record, {
      related: { hash: ["a", "b"], hosts: ["h"], ip: ["192.0.2.1", "::1"] },
      panw_cortex: { xdr: { event: { action, agent } } },
    });
  });
  test("come with both tags, where both are asked for", () => {
    const options = { preserveDuplicates: true, preserveOriginal: true, originalText: "{}" };
    const tags = ["preserve_original_event", "preserve_duplicate_custom_fields"];
    assertDocument({}, { event: { original: "{}" }, tags }, options);
  });
});
