import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertDocument, assertFaulty, EVENT_BASE, mapped, vendorField } from "./event-cases";

const TAGGED = { tags: ["preserve_duplicate_custom_fields"] };

describe("an event with values that are refused", () => {
  const record = {
    event_type: 2,
    action_file_size: "large-size",
    action_file_mod_time: "some-day",
    action_file_is_anonymous: "perhaps",
    action_module_image_size: "huge-image",
    action_local_ip: ["bad-local", "192.0.2.1"],
    action_local_port: ["bad-port", 80],
    os_actor_remote_ip: "bad-remote",
    agent_ip_addresses: "bad-agent",
    agent_interface_map: [{ ipv4: ["bad-interface"], mac: "00:15:5d:1e:ea:03" }],
    event_timestamp: "bad-time",
    agent_id: "A",
  };
  const inOrder = [
    "action_file_is_anonymous",
    "action_file_mod_time",
    "action_file_size",
    "action_local_ip",
    "action_local_port",
    "action_module_image_size",
    "agent_interface_map",
    "agent_ip_addresses",
    "event_timestamp",
    "os_actor_remote_ip",
  ];
  const rest = {
    source: { ip: ["192.0.2.1"], port: [80] },
    related: { ip: ["192.0.2.1"] },
    agent: { id: "A" },
    ...vendorField("event_type", 2),
  };
  const agent = { interface_map: [{ mac: "00:15:5d:1e:ea:03" }] };

  test("is mapped all the same, with a message for each, in the order of the mapping", () => {
    assertFaulty(record, inOrder, { ...rest, ...vendorField("event_type", 2), ...vendor({ event_type: 2, agent }) });
  });
  test("keeps the duplicates when they are kept", () => {
    const action = { local_ip: ["192.0.2.1"], local_port: [80] };
    const full = { ...rest, ...vendor({ event_type: 2, action, agent: { ...agent, id: "A" } }) };
    assertFaulty(record, inOrder, full, { preserveDuplicates: true });
  });
  test("never has them in a message", () => {
    const { faults } = mapped(record);
    assert.equal(faults.length, 10);
    for (const fault of faults) assert.doesNotMatch(fault, /bad-|large-size|some-day|perhaps|huge-image/);
  });
  test("carries the text of its record, where it is known", () => {
    const originalText = '{ "event_timestamp": "bad-time" }';
    assertFaulty({ event_timestamp: "bad-time" }, ["event_timestamp"], {}, { originalText });
  });
  test("is tagged once, also where the text is kept anyway", () => {
    assertFaulty({ event_timestamp: "bad-time" }, ["event_timestamp"], {}, { preserveOriginal: true });
  });
});

const vendor = (fields: object): object => ({ panw_cortex: { xdr: { event: fields } } });

describe("an event that cannot be mapped at all", () => {
  test("has both marks, too", () => {
    let nested: unknown = "deep";
    for (let depth = 0; depth < 1000; depth += 1) nested = [nested];
    const { document, faults } = mapped({ action_file_group: "20", action_process_token: nested });
    assert.equal(faults.length, 1);
    assert.deepEqual(document["error"], { message: faults });
    assert.deepEqual(document["tags"], ["preserve_original_event"]);
    assert.equal((document["event"] as { kind: string }).kind, "pipeline_error");
    assert.deepEqual(document["ecs"], EVENT_BASE.ecs);
  });
});

describe("the text of an event", () => {
  const document = vendorField("event_type", 1);

  test("is left out unless it is asked for", () => {
    assertDocument({ event_type: 1 }, document, { originalText: '{"event_type":1}' });
  });
  test("is kept with its tag", () => {
    const tags = ["preserve_original_event"];
    const originalText = '{"event_type": 1}';
    const part = { ...document, event: { original: originalText }, tags };
    assertDocument({ event_type: 1 }, part, { preserveOriginal: true, originalText });
    const written = { ...document, event: { original: '{"event_type":1}' }, tags };
    assertDocument({ event_type: 1 }, written, { preserveOriginal: true });
  });
});

describe("fields of an event that have no rule", () => {
  test("are dropped", () => {
    const record = {
      event_type: 1,
      action_file_colour: "red",
      ACTION_FILE_NAME: ["a"],
      action_file_md55: "a",
      action: { file: { md5: "a" } },
      agent: { version: "1" },
      file: { name: "a" },
      host: { name: "a", hostname: "b", domain: "c" },
      "host.name": "a",
      "action.file.md5": "a",
      panw_cortex: { xdr: { event: { event_type: 2 } } },
      "@timestamp": "2026-01-02T03:04:05Z",
      event: { kind: "alert" },
      tags: ["mine"],
      message: "a",
      error: { message: ["a"] },
      hostname: "a",
      event_severity: 4,
    };
    assertDocument(record, vendorField("event_type", 1));
    const kept = { ...vendorField("event_type", 1), ...TAGGED };
    assertDocument(record, kept, { preserveDuplicates: true });
  });
  test("leave the constants alone", () => {
    assertDocument({}, {});
    assertDocument({ a: 1 }, {});
  });
});

describe("interface maps of an event", () => {
  for (const [field, name] of [
    ["agent_interface_map", "agent.interface_map"],
    ["host_metadata_interface_map", "host_metadata.interface_map"],
  ] as const) {
    const held = (value: unknown): object => vendorField(name, value);

    test(`${field}: a list of objects stays, and its addresses reach no other field`, () => {
      const given = [
        {
          ipv4: ["192.0.2.1", "192.0.2.2"],
          ipv4_subnet_mask: ["255.255.255.0", "no mask"],
          ipv6: ["2001:DB8::1"],
          ipv6_subnet_mask: ["ffff::"],
          mac: "00:15:5d:1e:ea:03",
          name: "eth0",
        },
        { mac: ["a", "b"] },
      ];
      assertDocument({ [field]: given }, held(given));
    });
    test(`${field}: what is empty goes`, () => {
      const given = [{ ipv4: ["192.0.2.1"], ipv6: [], ipv6_subnet_mask: [], mac: "" }, { ipv4: [null], ipv6: [] }, {}];
      assertDocument({ [field]: given }, held([{ ipv4: ["192.0.2.1"] }]));
    });
    test(`${field}: bad addresses are left out, one message each`, () => {
      const given = [{ ipv4: ["192.0.2.1", "bad", ""], mac: "m" }, { ipv6: ["worse", "2001:db8::1"] }, { ipv4: ["x"] }];
      const left = [{ ipv4: ["192.0.2.1"], mac: "m" }, { ipv6: ["2001:db8::1"] }];
      assertFaulty({ [field]: given }, [field, field, field, field], held(left));
    });
    for (const [text, value] of [
      ["eth0-192.0.2.7", [{ ipv4: ["192.0.2.7"] }]],
      ["br-lan-eth0-192.0.2.7", [{ ipv4: ["192.0.2.7"] }]],
      ["a.b-2001:DB8::7", [{ ipv6: ["2001:DB8::7"] }]],
      ["192.0.2.7", [{ ipv4: ["192.0.2.7"] }]],
      ["2001:db8::7", [{ ipv6: ["2001:db8::7"] }]],
      // A dot decides before a colon does.
      ["eth0-::ffff:192.0.2.7", [{ ipv4: ["::ffff:192.0.2.7"] }]],
    ] as const) {
      test(`${field}: the text ${text}`, () => assertDocument({ [field]: text }, held(value)));
    }
    for (const text of ["eth0", "eth0-", "192.0.2.7-eth0", "-", " ", "", null, []]) {
      test(`${field}: ${JSON.stringify(text)} holds no address and is dropped`, () => {
        assertDocument({ [field]: text }, {});
      });
    }
    for (const text of ["eth0-300.1.1.1", "eth0-a.b", "eth0-a:b", "a.", "eth0- 192.0.2.7"]) {
      test(`${field}: ${JSON.stringify(text)} looks like an address and is refused`, () => {
        assertFaulty({ [field]: text }, [field], {});
      });
    }
  }
});
