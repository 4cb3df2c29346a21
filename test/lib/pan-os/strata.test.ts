import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeStrata, isStrataRecord } from "../../../nodes/lib/pan-os/strata";

/** Invented, in the form of Strata Logging Service, "Log Forwarding Schema Reference"; 64-bit numbers as the JSON reader gives them. */
const RECORD = {
  TimeReceived: "2025-03-04T09:22:48.000000Z",
  DeviceSN: "no-serial",
  LogType: "THREAT",
  Subtype: "url",
  SubType: "url",
  ConfigVersion: "10.2",
  TimeGenerated: "2025-03-04T09:22:40.000000Z",
  SourceAddress: "2001:db8::15",
  DestinationAddress: "203.0.113.80",
  NATSource: "",
  NATDestination: "203.0.113.80",
  Rule: "Users to Internet",
  SourceUser: "corp\\nina",
  DestinationUser: null,
  Users: "corp\\other",
  Application: "web-browsing",
  VirtualLocation: "vsys1",
  FromZone: "trust",
  ToZone: "untrust",
  SessionID: 155600,
  RepeatCount: 1,
  SourcePort: 51501,
  DestinationPort: 443,
  NATSourcePort: 0,
  Protocol: "tcp",
  Action: "block-url",
  URL: "host/a?b=c",
  FileName: "setup.exe",
  URLCategory: null,
  URLCategoryList: ",malware,high-risk",
  VendorSeverity: "Informational",
  DirectionOfAttack: "client to server",
  ThreatID: "(9999)",
  ThreatNameFirewall: "9999",
  ThreatName: null,
  SequenceNo: "7353954110769176067",
  PacketID: 0,
  ApplianceOrCloud: "wildfire.paloaltonetworks.com\0",
  "X-Forwarded-For": "10.1.1.1",
  "X-Forwarded-ForIP": null,
  DeviceName: "fw-edge-01",
  TimeGeneratedHighResolution: "2025-03-04T09:22:40.103000Z",
  SomethingNew: "x",
  Nested: { LogType: "TRAFFIC" },
};

const withKeys = (keys: Readonly<Record<string, unknown>>): Record<string, unknown> => ({ ...RECORD, ...keys });

describe("decodeStrata", () => {
  test("reads a record under PAN-OS names and leaves out what has none", () => {
    const record = decodeStrata(RECORD);
    assert.equal(record.format, "strata-json");
    assert.equal(Object.getPrototypeOf(record.fields), null);
    assert.deepEqual(
      { ...record.fields },
      {
        type: "THREAT",
        subtype: "url",
        high_res_timestamp: "2025-03-04T09:22:40.103000Z",
        time_generated: "2025-03-04T09:22:40.000000Z",
        receive_time: "2025-03-04T09:22:48.000000Z",
        src: "2001:db8::15",
        sport: "51501",
        dst: "203.0.113.80",
        dport: "443",
        natsport: "0",
        natdst: "203.0.113.80",
        rule: "Users to Internet",
        srcuser: "corp\\nina",
        app: "web-browsing",
        proto: "tcp",
        from: "trust",
        to: "untrust",
        vsys: "vsys1",
        sessionid: "155600",
        repeatcnt: "1",
        action: "block-url",
        severity: "Informational",
        direction: "client-to-server",
        threatid: "(9999)",
        category: "malware",
        url_category_list: ",malware,high-risk",
        misc: "host/a?b=c",
        seqno: "7353954110769176067",
        pcap_id: "0",
        cloud: "wildfire.paloaltonetworks.com",
        xff: "10.1.1.1",
        device_name: "fw-edge-01",
        sender_sw_version: "10.2",
      },
    );
  });

  test("URL or FileName is misc, by subtype, and stands in for the other", () => {
    assert.equal(decodeStrata(withKeys({ Subtype: "wildfire" })).fields["misc"], "setup.exe");
    assert.equal(decodeStrata(withKeys({ Subtype: "vulnerability" })).fields["misc"], "host/a?b=c");
    assert.equal(decodeStrata(withKeys({ Subtype: "vulnerability", URL: null })).fields["misc"], "setup.exe");
    assert.equal(decodeStrata(withKeys({ Subtype: null, SubType: "file", FileName: "" })).fields["misc"], "host/a?b=c");
  });

  test("keeps a serial number, a name and a category of its own", () => {
    const { fields } = decodeStrata(
      withKeys({
        DeviceSN: "0009C999999",
        ThreatNameFirewall: "Sample (EXE)",
        URLCategory: "phishing",
        ConfigVersion: "2561",
      }),
    );
    assert.equal(fields["serial"], "0009C999999");
    assert.equal(fields["threat_name"], "Sample (EXE)");
    assert.equal(fields["category"], "phishing");
    assert.equal(fields["sender_sw_version"], "10.1");
    assert.equal(decodeStrata(withKeys({ SourceUser: null })).fields["srcuser"], "corp\\other");
  });

  test("values of any kind are taken", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(RECORD), "__proto__"), fc.jsonValue()), (object) => {
        for (const [name, text] of Object.entries(decodeStrata(object).fields)) {
          assert.equal(typeof text, "string");
          assert.notEqual(name, "__proto__");
          assert.equal(text.includes("\0"), false);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a list that nests deeply is taken", () => {
    let nested: unknown = "x";
    for (let depth = 0; depth < 50_000; depth += 1) nested = [nested];
    assert.equal(decodeStrata(withKeys({ Rule: nested })).fields["rule"], undefined);
  });
});

describe("isStrataRecord", () => {
  test("knows the service's records, also with nulls and few keys", () => {
    assert.equal(isStrataRecord(RECORD), true);
    assert.equal(isStrataRecord({ LogType: "THREAT", Subtype: null }), true);
    assert.equal(isStrataRecord({ TimeReceived: "x", SubType: "url", Other: 1 }), true);
  });

  test("a firewall's template and other objects are none", () => {
    const objects = [
      {},
      { src: "10.0.0.1", severity: "high", type: "THREAT" },
      { LogType: "THREAT" },
      { Rule: "a", Action: "b", Application: "c", URL: "d" },
      Object.create({ LogType: "THREAT", Subtype: "url" }) as Record<string, unknown>,
    ];
    for (const object of objects) assert.equal(isStrataRecord(object), false);
  });
});
