import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeCsv, splitCsvRecords } from "../../../nodes/lib/pan-os/csv";
import type { DecodedRecord, PanosFields } from "../../../nodes/lib/pan-os/record";
import { assertLinear } from "./linear";

/** Invented rows in the layout of PAN-OS 11.0 ("Syslog Field Descriptions"): THREAT 123 columns, TRAFFIC 117 columns. */
const THREAT = String.raw`1,2025/03/04 10:22:41,019901000123,THREAT,spyware,2816,2025/03/04 10:22:40,10.20.30.40,203.0.113.80,198.51.100.9,203.0.113.80,Users-to-Internet,corp\nina.ross,,web-browsing,vsys1,trust,untrust,ethernet1/2,ethernet1/1,to-relay,2025/03/04 10:22:40,448120,1,51544,80,40211,80,0x80402000,tcp,reset-both,"c2.example.net/gate.php?id=7",Sample C2 Beacon(86999),command-and-control,critical,client-to-server,7477000000000001234,0x8000000000000000,10.0.0.0-10.255.255.255,Netherlands,,,1210000000000000001,,,1,,,,,,,,0,16,14,0,0,,fw-edge-01,,,,,0,,0,,N/A,spyware,AppThreat-8950-9300,0x0,0,4294967295,,,6f1c2a34-1111-4222-8333-944455556666,0,,,,,,,,,,,,,,,,,,,,,,,,,,,,,0,2025-03-04T10:22:41.318+01:00,,,,internet-utility,general-internet,browser-based,4,"used-by-malware,able-to-transfer-file,pervasive-use",,web-browsing,no,no,,,NonProxyTraffic`;
const TRAFFIC = String.raw`1,2025/03/04 10:25:02,019901000123,TRAFFIC,deny,2816,2025/03/04 10:25:01,2001:db8:20::15,2001:db8:ffff::7,,,deny-smb,,,ms-ds-smbv3,vsys1,trust,untrust,ethernet1/2,ethernet1/1,to-relay,2025/03/04 10:25:01,448377,1,50211,445,0,0,0x2000000,tcp,deny,86,86,0,1,2025/03/04 10:25:00,0,any,,7477000000000005678,0x0,Reserved,Unknown,,1,0,policy-deny,16,14,0,0,,fw-edge-01,from-policy,,,0,,0,,N/A,0,0,0,0,77aa0b1c-9999-4888-8777-123412341234,0,0,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,2025-03-04T10:25:02.004+01:00,,,storage-backup,business-systems,client-server,3,,,untunneled,no,no,0,NonProxyTraffic,`;

/** A row of `count` columns whose cells are `c1`, `c2`, ... but for the given ones (1-based). */
function row(count: number, cells: Readonly<Record<number, string>>): string {
  const head: Readonly<Record<number, string | undefined>> = {
    1: "1",
    2: "2025/03/04 10:22:41",
    3: "019901000123",
    7: "2025/03/04 10:22:40",
    ...cells,
  };
  return Array.from({ length: count }, (_, index) => head[index + 1] ?? `c${index + 1}`).join(",");
}

function decoded(text: string): DecodedRecord {
  const record = decodeCsv(text);
  assert.ok(record !== undefined);
  return record;
}

const fieldsOf = (text: string): PanosFields => decoded(text).fields;

const IETF = "<14>1 2025-03-04T10:22:41+01:00 fw-edge-01 - - - - ";

describe("decodeCsv", () => {
  test("reads a THREAT row of 123 columns", () => {
    const record = decoded(THREAT);
    assert.equal(THREAT.split('"used').length, 2);
    assert.deepEqual({ ...record, fields: undefined }, { format: "csv", fields: undefined, repairs: [], warnings: [] });
    const wanted = {
      type: "THREAT",
      subtype: "spyware",
      receive_time: "2025/03/04 10:22:41",
      time_generated: "2025/03/04 10:22:40",
      high_res_timestamp: "2025-03-04T10:22:41.318+01:00",
      serial: "019901000123",
      device_name: "fw-edge-01",
      sender_sw_version: "11.0",
      src: "10.20.30.40",
      sport: "51544",
      dst: "203.0.113.80",
      dport: "80",
      natsrc: "198.51.100.9",
      natsport: "40211",
      rule: "Users-to-Internet",
      rule_uuid: "6f1c2a34-1111-4222-8333-944455556666",
      srcuser: String.raw`corp\nina.ross`,
      from: "trust",
      action: "reset-both",
      misc: "c2.example.net/gate.php?id=7",
      threatid: "Sample C2 Beacon(86999)",
      category: "command-and-control",
      severity: "critical",
      direction: "client-to-server",
      seqno: "7477000000000001234",
      pcap_id: "1210000000000000001",
      thr_category: "spyware",
      ppid: "4294967295",
      characteristic_of_app: "used-by-malware,able-to-transfer-file,pervasive-use",
      tunneled_app: "web-browsing",
      flow_type: "NonProxyTraffic",
    };
    const fields: PanosFields = fieldsOf(THREAT);
    for (const [name, text] of Object.entries(wanted)) assert.equal(fields[name], text, name);
    assert.equal("dstuser" in fields, false);
    assert.equal(Object.getPrototypeOf(fields), null);
  });

  test("reads a TRAFFIC row of 117 columns with IPv6", () => {
    const fields = fieldsOf(TRAFFIC);
    assert.equal(fields["src"], "2001:db8:20::15");
    assert.equal(fields["dst"], "2001:db8:ffff::7");
    assert.equal(fields["natsrc"], undefined);
    assert.equal(fields["session_end_reason"], "policy-deny");
    assert.equal(fields["action_source"], "from-policy");
    assert.equal(fields["rule_uuid"], "77aa0b1c-9999-4888-8777-123412341234");
    assert.equal(fields["high_res_timestamp"], "2025-03-04T10:25:02.004+01:00");
    assert.equal(fields["tunneled_app"], "untunneled");
    assert.equal(fields["offloaded"], "0");
    assert.equal(fields["flow_type"], "NonProxyTraffic");
  });

  for (const [count, config, version] of [
    [75, "2049", "8.1"],
    [79, "2305", "9.1"],
    [108, "2560", "10.0"],
    [121, "2561", "10.1"],
    [123, "2816", "11.0"],
    [130, "2818", "11.2"],
  ] as const) {
    test(`reads ${count} columns of ${version} by position`, () => {
      const fields = fieldsOf(row(count, { 4: "THREAT", 5: "url", 6: config }));
      assert.equal(fields["sender_sw_version"], version);
      const places = {
        src: 8,
        action: 31,
        misc: 32,
        severity: 35,
        seqno: 37,
        pcap_id: 43,
        device_name: 60,
        http_headers: 75,
        dynusergroup_name: 79,
        xff_ip: 80,
        src_mac: 88,
        dst_category: 89,
        domain_edl: 104,
        high_res_timestamp: 108,
        cloud_reportid: 121,
        flow_type: 123,
      };
      for (const [name, place] of Object.entries(places)) {
        assert.equal(fields[name], place <= count ? `c${place}` : undefined, name);
      }
      assert.equal(Object.values(fields).includes("c124"), false);
    });
  }

  test("case 57: doubled quotes, commas and a line break stay inside misc", () => {
    const misc = 'host/a?q="x, y"&r=1\r\n1,2025/03/04 10:22:41,z,\n"';
    const text = row(123, { 4: "THREAT", 6: "2816", 32: `"${misc.replaceAll('"', '""')}"` });
    const fields = fieldsOf(text);
    assert.equal(fields["misc"], misc);
    assert.equal(fields["threatid"], "c33");
    assert.deepEqual(splitCsvRecords(`${text}\n${THREAT}\r\n`), [text, THREAT]);
  });

  test("a quote that was not doubled is kept, and said", () => {
    const record = decoded(row(40, { 4: "THREAT", 32: '"host/a?q="x"&r=1"' }));
    assert.equal(record.fields["misc"], 'host/a?q="x"&r=1');
    assert.equal(record.fields["threatid"], "c33");
    assert.equal(record.repairs.length, 1);
  });

  test("a record that was cut inside its quotes keeps what there is, and says so", () => {
    const record = decoded(row(32, { 4: "THREAT", 31: "alert", 32: '"host/a,b?c' }));
    assert.equal(record.fields["misc"], "host/a,b?c");
    assert.equal(record.fields["action"], "alert");
    assert.equal(record.repairs.length, 1);
    assert.equal(decodeCsv(row(32, { 4: "THREAT", 32: '"' }))?.fields["misc"], undefined);
  });

  test("link_switches with bare commas does not shift the later columns", () => {
    const fields = fieldsOf(row(117, { 4: "TRAFFIC", 70: "{a, b,c}", 103: "2025-03-04T10:25:02.004+01:00" }));
    assert.equal(fields["link_switches"], "{a, b,c}");
    assert.equal(fields["policy_id"], "c69");
    assert.equal(fields["high_res_timestamp"], "2025-03-04T10:25:02.004+01:00");
    assert.equal(fieldsOf(row(117, { 4: "TRAFFIC", 70: "{a" }))["dynusergroup_name"], "c75");
    assert.equal(fieldsOf(row(117, { 4: "THREAT", 49: "{a", 50: "b}" }))["referer"], "b}");
  });

  test("reads the heads of other log types, and the high-resolution time behind them", () => {
    const high = "2025-03-04T10:22:41.318+01:00";
    const heads: Readonly<Record<string, Readonly<Record<string, number>>>> = {
      SYSTEM: { vsys: 8, eventid: 9, object: 10, module: 13, severity: 14, opaque: 15, seqno: 16, device_name: 23 },
      CONFIG: { host: 8, vsys: 9, cmd: 10, admin: 11, client: 12, result: 13, path: 14 },
      CORRELATION: {
        src: 8,
        srcuser: 9,
        category: 11,
        severity: 12,
        device_name: 18,
        object_name: 20,
        object_id: 21,
        evidence: 22,
      },
      GLOBALPROTECT: {
        eventid: 9,
        stage: 10,
        srcuser: 13,
        machinename: 15,
        public_ip: 16,
        private_ip: 18,
        private_ipv6: 19,
      },
      DECRYPTION: {},
    };
    for (const [type, places] of Object.entries(heads)) {
      const fields = fieldsOf(row(30, { 4: type, 5: "0", 30: high }));
      assert.equal(fields["type"], type);
      assert.equal(fields["subtype"], "0");
      assert.equal(fields["high_res_timestamp"], high, type);
      for (const [name, place] of Object.entries(places)) assert.equal(fields[name], `c${place}`, `${type} ${name}`);
    }
  });

  test("a config version that is none gives no release", () => {
    for (const config of ["", "0", "255", "65536", "x", "-2816", "1e3"]) {
      assert.equal(fieldsOf(row(40, { 4: "THREAT", 6: config }))["sender_sw_version"], undefined, config);
    }
  });

  test("a syslog header gives its zone", () => {
    assert.equal(decodeCsv(IETF + THREAT)?.headerZone, "+01:00");
    assert.equal(decodeCsv(`<14>Mar  4 10:22:41 fw-edge-01 ${THREAT}`)?.headerZone, undefined);
    assert.deepEqual(decodeCsv(IETF + THREAT)?.fields, decodeCsv(THREAT)?.fields);
  });

  test("what is no record is none", () => {
    for (const text of [
      "",
      "1",
      "a,b,c",
      "1,2025/03/04 10:22:41",
      "1,2025/03/04 10:22:41,s,",
      "1,2025-03-04 10:22:41,s,THREAT,url",
      "{}",
    ]) {
      assert.equal(decodeCsv(text), undefined, text);
    }
  });

  test("text below the record is left out, and said", () => {
    const record = decoded(`${THREAT}\n${TRAFFIC}`);
    assert.equal(record.fields["flow_type"], "NonProxyTraffic");
    assert.equal(record.warnings.length, 1);
  });
});

describe("splitCsvRecords", () => {
  test("splits at every kind of line break and keeps each record's header", () => {
    const records = [IETF + THREAT, TRAFFIC.slice(0, -1), `<14>Mar  4 10:22:41 fw-edge-01 ${THREAT}`];
    for (const lineBreak of ["\n", "\r\n", "\r", "\n\n \n", "\0\n"]) {
      assert.deepEqual(splitCsvRecords(`\n${records.join(lineBreak)}${lineBreak}`), records);
    }
  });

  test("splits octet-counted frames, with and without line breaks between them", () => {
    const frames = [
      IETF + THREAT,
      `${IETF}${row(40, { 4: "THREAT", 12: "Büro 東京 🔥", 32: '"a\n<14>1 b"' })}`,
      IETF + TRAFFIC,
    ];
    for (const lineBreak of ["", "\n", "\r\n"]) {
      const text = frames.map((frame) => `${Buffer.byteLength(frame)} ${frame}${lineBreak}`).join("");
      assert.deepEqual(splitCsvRecords(text), frames);
    }
    const cut = `${Buffer.byteLength(IETF + THREAT)} ${IETF}${THREAT}`.slice(0, 300);
    assert.deepEqual(splitCsvRecords(cut), [cut.slice(cut.indexOf("<"))]);
  });

  test("counts characters when the text was no UTF-8", () => {
    const frame = `${IETF}${row(40, { 4: "THREAT", 12: "Büro" })}`;
    const text = `${frame.length} ${frame}${frame.length} ${frame}`;
    assert.deepEqual(splitCsvRecords(text), [frame, frame]);
  });

  test("a wrong octet count is no frame", () => {
    const text = `17 ${IETF}${THREAT}\n17 ${IETF}${THREAT}\n`;
    const records = splitCsvRecords(text);
    assert.equal(records.length, 2);
    for (const record of records) assert.equal(decodeCsv(record)?.fields["action"], "reset-both");
  });

  test("a record that was cut inside its quotes ends where the next begins", () => {
    const cut = row(32, { 4: "THREAT", 32: '"host/a?b' });
    for (const next of [THREAT, TRAFFIC.slice(0, -1), IETF + THREAT]) {
      assert.deepEqual(splitCsvRecords(`${cut}\n${next}\n${next}`), [cut, next, next]);
    }
  });

  test("a line that is no record stays one, and JSON behind a header keeps its lines", () => {
    const json = `${IETF}{\n"src":"10.0.0.1"}\n---annex---\n"x"`;
    assert.deepEqual(splitCsvRecords(`hello "world\n${json}\n${THREAT}\n${json}`), [
      'hello "world',
      json,
      THREAT,
      json,
    ]);
    assert.deepEqual(splitCsvRecords(""), []);
    assert.deepEqual(splitCsvRecords(" \r\n\0 "), []);
  });
});

describe("CSV of any kind", () => {
  const words = [
    THREAT.slice(0, 80),
    TRAFFIC,
    '"',
    '""',
    ",",
    "\n",
    "\r\n",
    "{",
    "}",
    "}, ",
    "1,2025/03/04 10:22:41,",
    "12 <14>",
    IETF,
    "\0",
  ];
  const texts = fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 14 })
    .map((parts) => parts.join(""));

  test("never throws, and no character but blanks and counts is lost between records", () => {
    fc.assert(
      fc.property(texts, (text) => {
        decodeCsv(text);
        const records = splitCsvRecords(text);
        let from = 0;
        for (const record of records) {
          decodeCsv(record);
          const at = text.indexOf(record, from);
          assert.ok(at >= 0);
          assert.match(text.slice(from, at), /^[\s\0\ufeff\d]*$/);
          from = at + record.length;
        }
      }),
      { numRuns: 500 },
    );
  });

  test("keys that mean something to JavaScript are values only", () => {
    assert.equal(
      fieldsOf(row(40, { 4: "__proto__", 5: "constructor" }).replace("__proto__", "THREAT"))["subtype"],
      "constructor",
    );
  });

  const head = row(31, { 4: "TRAFFIC" });
  const hostile = [
    '"',
    '""',
    ",",
    ',"',
    "\n",
    '"\n',
    "{",
    ",{",
    "\\",
    `${head},"\n`,
    `${head},"""""\n`,
    '1,2025/03/04 10:22:41,"\n',
    "2000 <14>x\n",
    "9 <1>",
    "<14>\n",
  ];
  for (const unit of hostile) {
    test(`hostile text of ${JSON.stringify(unit.slice(-24))} takes linear time`, () => {
      for (const start of ["", `${head},`, `${head},"`, `${IETF}{`]) {
        assertLinear((text) => splitCsvRecords(start + text), unit);
        assertLinear((text) => decodeCsv(start + text), unit);
      }
    });
  }
});
