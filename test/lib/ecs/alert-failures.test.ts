import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { recordsMapper } from "../../../nodes/lib/ecs/map-records";
import { mapperOf, type Mapper } from "../../../nodes/lib/ecs/mapper";

type Fields = Readonly<Record<string, unknown>>;

const PLAIN = { preserveOriginal: false, preserveDuplicates: false, wrapSingles: false } as const;
const mapV1 = mapperOf("alert-v1", PLAIN);
const mapV2 = mapperOf("alert-v2", PLAIN);

const ECS = { version: "8.11.0" };
const CLASS = { category: ["malware"], type: ["info"] };

interface Document extends Fields {
  /** Beside its kind, category and type. */
  readonly event?: object;
  /** Vendor's fields. */
  readonly xdr: object;
}

/** Checks the whole document of a record whose mapping stops at a field. */
function assertStops(map: Mapper, record: Fields, field: string, { event, xdr, ...others }: Document): void {
  const given = structuredClone(record);
  const { document, faults } = map(record);
  assert.deepEqual(record, given);
  assertNames(faults, [field]);
  assert.deepEqual(document, {
    tags: ["preserve_original_event"],
    ...others,
    ecs: ECS,
    error: { message: faults },
    event: { kind: "pipeline_error", ...CLASS, original: JSON.stringify(record), ...event },
    panw_cortex: { xdr },
  });
}

/** Checks the whole document of a record that is an alert although these fields could not be mapped. */
function assertAlert(map: Mapper, record: Fields, fields: readonly string[], document: Document): void {
  const { event, xdr, ...others } = document;
  const mapped = map(record);
  assertNames(mapped.faults, fields);
  assert.deepEqual(mapped.document, {
    ...others,
    ecs: ECS,
    ...(fields.length > 0 ? { error: { message: mapped.faults } } : {}),
    event: { kind: "alert", ...CLASS, ...event },
    panw_cortex: { xdr },
  });
}

/** Each message is about one of the fields, in their order. */
function assertNames(faults: readonly string[], fields: readonly string[]): void {
  assert.equal(faults.length, fields.length, faults.join("\n"));
  for (const [at, field] of fields.entries()) assert.ok(faults[at]!.includes(field), faults[at]);
}

describe("an alert of v1 that cannot be mapped", () => {
  const event = {
    event_type: "Network Event",
    action_remote_ip: "203.0.113.9",
    user_name: "CORP\\lee",
    fw_rule: "Out",
  };

  for (const [name, value] of [
    ["detection_timestamp", "2023-11-14T22:13:20.000Z"],
    ["detection_timestamp", 1_700_000_000.5],
    ["local_insert_ts", "yesterday"],
    ["end_match_attempt_ts", true],
  ] as const) {
    test(`stays raw when ${name} is ${value}`, () => {
      const record = {
        alert_id: "7",
        name: "A",
        severity: "low",
        host_name: "PC",
        tags: ["a"],
        [name]: value,
        events: event,
      };
      assertStops(mapV1, record, name, { xdr: record });
    });
  }

  for (const name of ["event_timestamp", "agent_host_boot_time"]) {
    test(`stays raw when ${name} of the event is no time`, () => {
      const record = { alert_id: "7", name: "A", agent_fqdn: "pc.corp", events: { ...event, [name]: "2023-11-14" } };
      assertStops(mapV1, record, name, { xdr: record });
    });
  }

  for (const [field, part] of [
    ["mitre_technique_id_and_name", "technique"],
    ["mitre_tactic_id_and_name", "tactic"],
  ] as const) {
    for (const entry of ["T1059", "T1059 -PowerShell", "T1059-PowerShell"]) {
      test(`has its own fields mapped, and nothing of the event, when a ${part} is ${entry}`, () => {
        const own = { severity: "high", bioc_indicator: "x", [field]: [entry], tags: ["a"] };
        const record = { alert_id: "7", name: "A", host_name: "PC", mac_addresses: ["aa:bb"], ...own, events: event };
        assertStops(mapV1, record, field, {
          message: "A",
          event: { severity: 4 },
          host: { hostname: "PC", name: "pc", mac: ["AA-BB"] },
          xdr: { alert_id: "7", ...own, events: event },
        });
      });
    }
  }

  for (const [field, value] of [
    ["action_local_ip", "host.example"],
    ["action_local_ip", "192.0.2.256"],
    ["action_remote_port", "https"],
    ["action_remote_port", 443.5],
    ["action_local_port", "12.5"],
  ] as const) {
    test(`has its own fields and threats mapped when ${field} is ${value}`, () => {
      const process = { action_process_image_name: "cmd.exe", causality_actor_process_image_md5: "md5-of-parent" };
      const events = { user_name: "CORP\\lee", fw_rule: "Out", ...process, [field]: value };
      const own = { mitre_tactic_id_and_name: ["TA0002 - Execution"], tags: ["a"] };
      assertStops(mapV1, { alert_id: "7", name: "A", ...own, events }, field, {
        message: "A",
        threat: { framework: "MITRE ATT&CK", tactic: { id: ["TA0002"], name: ["Execution"] } },
        xdr: { alert_id: "7", ...own, events },
      });
    });
  }

  for (const user of [42, ["CORP\\lee"], { name: "lee" }]) {
    test(`has all mapped up to the user when that is ${JSON.stringify(user)}`, () => {
      const addresses = { action_remote_ip: "203.0.113.9", action_local_port: 50_123, action_country: "DE" };
      const events = { ...addresses, user_name: user, fw_rule: "Out", fw_email_sender: "a@b.example" };
      const record = { alert_id: "7", tags: ["a"], events: { ...events, action_file_md5: "md5-of-file" } };
      assertStops(mapV1, record, "user_name", {
        destination: { ip: "203.0.113.9" },
        source: { port: 50_123 },
        file: { hash: { md5: "md5-of-file" } },
        xdr: { alert_id: "7", tags: ["a"], events },
      });
    });
  }

  test("has no text of MAC addresses any more once the list of them was used", () => {
    const record = { alert_id: "7", mac: "aa:bb", mac_addresses: ["cc:dd"], events: { action_local_ip: "bad" } };
    assertStops(mapV1, record, "action_local_ip", {
      host: { mac: ["CC-DD"] },
      xdr: { alert_id: "7", events: { action_local_ip: "bad" } },
    });
  });

  test("keeps the name of the host that was not used, which goes only in the end", () => {
    const record = { alert_id: "7", agent_fqdn: "PC.Corp", host_name: "PC", events: { action_local_ip: "bad" } };
    assertStops(mapV1, record, "action_local_ip", {
      host: { hostname: "PC.Corp", name: "pc.corp" },
      xdr: { alert_id: "7", host_name: "PC", events: { action_local_ip: "bad" } },
    });
  });

  test("has the times that were converted before, in place", () => {
    const times = { detection_timestamp: 1_700_000_000_000, local_insert_ts: 1_700_000_060_500 };
    assertStops(mapV1, { alert_id: "7", ...times, events: { action_local_ip: "bad" } }, "action_local_ip", {
      event: { created: "2023-11-14T22:13:20.000Z" },
      xdr: {
        alert_id: "7",
        detection_timestamp: "2023-11-14T22:13:20.000Z",
        local_insert_ts: "2023-11-14T22:14:20.500Z",
        events: { action_local_ip: "bad" },
      },
    });
  });

  test("has no empty values, and its original text has them", () => {
    const record = { alert_id: "7", name: "A", category: null, detection_timestamp: "bad", events: { fw_rule: "" } };
    assertStops(mapV1, record, "detection_timestamp", {
      xdr: { alert_id: "7", name: "A", detection_timestamp: "bad" },
    });
  });

  test("keeps its own text where that is known", () => {
    const text = '{ "alert_id": "7", "detection_timestamp": "bad" }';
    const { document } = mapV1(JSON.parse(text) as object, text);
    assert.equal((document["event"] as Fields)["original"], text);
  });

  test("has the tag once, after those that were asked for", () => {
    const map = mapperOf("alert-v1", { ...PLAIN, preserveOriginal: true, preserveDuplicates: true });
    const record = { alert_id: "7", detection_timestamp: "bad", tags: ["a"] };
    assertStops(map, record, "detection_timestamp", {
      tags: ["preserve_original_event", "preserve_duplicate_custom_fields"],
      xdr: record,
    });
  });
});

describe("a remote address of v1 that is none", () => {
  for (const value of ["host.example", "203.0.113.999", "", null, 5]) {
    test(`is ignored in silence: ${JSON.stringify(value)}`, () => {
      const record = { alert_id: "7", name: "A", events: { event_type: "x", action_remote_ip: value } };
      assertAlert(mapV1, record, [], { message: "A", xdr: { alert_id: "7", events: { event_type: "x" } } });
    });
  }
});

const BAD_VALUES_V2: readonly (readonly [field: string, value: unknown])[] = [
  ["detection_timestamp", "2023-11-14T22:13:20.000Z"],
  ["local_insert_ts", "yesterday"],
  ["end_match_attempt_ts", 1.5],
  ["last_modified_ts", true],
  ["event_timestamp", ["2023-11-14T22:13:20.000Z"]],
  ["agent_host_boot_time", ["yesterday", 1_700_000_000_000]],
  ["agent_ip_addresses_v6", ["2001:db8::15", "bad"]],
  ["action_remote_ip", ["203.0.113.9", "host.example", "also bad"]],
  ["action_remote_ip_v6", ["bad", "2001:db8::9"]],
  ["action_local_ip", ["192.0.2.256"]],
  ["action_local_ip_v6", ["2001:db8::15", "2001:db8::g"]],
  ["action_remote_port", ["https"]],
  ["action_remote_port", "https"],
  ["action_local_port", [50_123, "12.5"]],
  ["agent_data_collection_status", "yes"],
  ["agent_data_collection_status", 1],
  ["agent_is_vdi", "no"],
  ["agent_is_vdi", 0],
  ["case_id", "INC-77"],
  ["case_id", 77.5],
];

describe("a field of v2 that cannot be mapped", () => {
  for (const preserveDuplicates of [false, true]) {
    const map = mapperOf("alert-v2", { ...PLAIN, preserveDuplicates });
    for (const [field, value] of BAD_VALUES_V2) {
      const kept = preserveDuplicates ? ", also where duplicates are kept" : "";
      test(`goes, and the others are mapped${kept}: ${field} as ${JSON.stringify(value)}`, () => {
        assertAlert(map, { alert_id: "7", [field]: value, name: "A", fw_rule: ["Out"], category: "C" }, [field], {
          message: "A",
          rule: { name: ["Out"] },
          ...(preserveDuplicates ? { tags: ["preserve_duplicate_custom_fields"] } : {}),
          xdr: { alert_id: "7", category: "C" },
        });
      });
    }
  }

  test("leaves the fields that go to the same place", () => {
    const remote = { action_remote_ip: ["203.0.113.9", "bad"], action_remote_ip_v6: ["2001:db8::9"] };
    const record = { alert_id: "7", ...remote, host_ip: ["192.0.2.15"], agent_ip_addresses_v6: ["bad"] };
    assertAlert(mapV2, record, ["agent_ip_addresses_v6", "action_remote_ip"], {
      destination: { ip: ["2001:db8::9"] },
      host: { ip: ["192.0.2.15"] },
      xdr: { alert_id: "7", action_remote_ip_v6: ["2001:db8::9"] },
    });
  });

  test("has a message of its own beside that of another", () => {
    const record = {
      alert_id: "7",
      detection_timestamp: "bad",
      case_id: "bad",
      action_local_port: ["bad"],
      tags: ["a"],
    };
    assertAlert(mapV2, record, ["detection_timestamp", "case_id", "action_local_port"], {
      tags: ["a"],
      xdr: { alert_id: "7" },
    });
  });

  test("is part of the original text that was asked for", () => {
    const map = mapperOf("alert-v2", { ...PLAIN, preserveOriginal: true });
    const record = { alert_id: "7", case_id: "bad", tags: ["a"] };
    assertAlert(map, record, ["case_id"], {
      tags: ["preserve_original_event", "a"],
      event: { original: JSON.stringify(record) },
      xdr: { alert_id: "7" },
    });
  });

  test("is none where single times are ignored", () => {
    assertAlert(mapV2, { alert_id: "7", event_timestamp: "bad", agent_host_boot_time: "bad" }, [], {
      xdr: { alert_id: "7", agent_host_boot_time: "bad" },
    });
  });
});

describe("an alert of v2", () => {
  for (const field of ["mitre_technique_id_and_name", "mitre_tactic_id_and_name"]) {
    test(`fails as a whole at an entry of ${field} without a separator`, () => {
      const raw = { [field]: ["T1059"], severity: "low", action_remote_ip: ["203.0.113.9"], tags: ["a"] };
      assertStops(mapV2, { alert_id: "7", name: "A", ...raw }, field, {
        message: "A",
        event: { severity: 2 },
        xdr: { alert_id: "7", ...raw },
      });
    });
  }
});

describe("empty values of an alert", () => {
  const deep = { a: null, b: { c: "" }, d: [null, "", [], {}, { e: [null] }], f: [0, false, " ", null] };

  test("are gone before the mapping, at every depth, in v1", () => {
    const event = { event_timestamp: null, action_local_ip: "", user_name: [], fw_rule: {}, fw_misc: [""] };
    const record = {
      alert_id: "7",
      detection_timestamp: "",
      name: null,
      description: [[]],
      dss_x: deep,
      events: event,
    };
    assertAlert(mapV1, record, [], { xdr: { alert_id: "7", dss_x: { f: [0, false, " "] } } });
  });

  test("are gone before the mapping, at every depth, in v2", () => {
    const record = { alert_id: "7", detection_timestamp: "", case_id: "", action_local_ip: ["", null], dss_x: deep };
    const more = { action_remote_port: [null, 443], mitre_tactic_id_and_name: [""], host_name: "", agent_is_vdi: null };
    assertAlert(mapV2, { ...record, ...more }, [], {
      destination: { port: [443] },
      xdr: { alert_id: "7", dss_x: { f: [0, false, " "] } },
    });
  });

  test("may come of the mapping, and stay", () => {
    assertAlert(mapV1, { name: "A", events: { fw_rule: "Out" } }, [], {
      message: "A",
      rule: { name: "Out" },
      xdr: { events: {} },
    });
    assertAlert(mapV2, { name: "A" }, [], { message: "A", xdr: {} });
  });

  for (const kind of ["alert-v1", "alert-v2"] as const) {
    test(`make no document of an empty answer, in ${kind}`, () => {
      const map = recordsMapper({ ...PLAIN, kind });
      assert.deepEqual(map({ reply: { result_count: 0, alerts: [], total_count: 0 } }).results, []);
    });
  }
});
