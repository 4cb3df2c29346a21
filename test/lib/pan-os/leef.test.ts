import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeLeef } from "../../../nodes/lib/pan-os/leef";
import type { DecodedRecord } from "../../../nodes/lib/pan-os/record";
import { assertLinear, numbered } from "./linear";

const ATTRIBUTES = String.raw`ReceiveTime=2025/03/04 10:22:41|SerialNumber=019901000123|cat=THREAT|Subtype=virus|devTime=Mar 04 2025 09:22:41 GMT|src=10.20.30.41|dst=203.0.113.81|srcPostNAT=198.51.100.9|dstPostNAT=203.0.113.81|RuleName=Users-to-Internet|usrName=corp\kate|Application=web-browsing|srcPort=50833|dstPort=443|proto=tcp|action=reset-server|Miscellaneous="dl.example.net/setup.exe"|ThreatID=Sample Trojan(419999001)|sev=3|Severity=medium|Direction=server-to-client|sequence=7477000000000011111`;
const VENDOR = "Palo Alto Networks|PAN-OS Syslog Integration|11.1.4|Sample Trojan(419999001)|";
/** Invented, in the form of the PAN-OS templates in the "IBM QRadar DSM Configuration Guide". */
const LEEF = `LEEF:2.0|${VENDOR}x7C|${ATTRIBUTES}`;

function decoded(text: string): DecodedRecord {
  const record = decodeLeef(text);
  assert.ok(record !== undefined);
  return record;
}

const leef = (attributes: string): DecodedRecord["fields"] =>
  decoded(`LEEF:2.0|${VENDOR}x7C|cat=THREAT|${attributes}`).fields;

describe("decodeLeef", () => {
  test("reads a threat under PAN-OS names", () => {
    const record = decoded(LEEF);
    assert.equal(record.format, "leef");
    assert.deepEqual(record.warnings, []);
    assert.deepEqual(
      { ...record.fields },
      {
        receive_time: "2025/03/04 10:22:41",
        serial: "019901000123",
        type: "THREAT",
        subtype: "virus",
        "cef-formatted-time_generated": "Mar 04 2025 09:22:41 GMT",
        src: "10.20.30.41",
        dst: "203.0.113.81",
        natsrc: "198.51.100.9",
        natdst: "203.0.113.81",
        rule: "Users-to-Internet",
        srcuser: String.raw`corp\kate`,
        app: "web-browsing",
        sport: "50833",
        dport: "443",
        proto: "tcp",
        action: "reset-server",
        misc: '"dl.example.net/setup.exe"',
        threatid: "Sample Trojan(419999001)",
        "number-of-severity": "3",
        severity: "medium",
        direction: "server-to-client",
        seqno: "7477000000000011111",
        sender_sw_version: "11.1.4",
      },
    );
  });

  test("reads version 1.0 and every way to declare a delimiter", () => {
    const { fields } = decoded(LEEF);
    const texts = [
      `LEEF:1.0|${VENDOR}${ATTRIBUTES}`,
      `LEEF:1.0|${VENDOR}${ATTRIBUTES.replaceAll("|", "\t")}`,
      `LEEF:2.0|${VENDOR}${ATTRIBUTES.replaceAll("|", "\t")}`,
      `LEEF:2.0|${VENDOR}0x7c|${ATTRIBUTES}`,
      `LEEF:2.0|${VENDOR}|||${ATTRIBUTES}`.replace("|||", "||"),
      `LEEF:2.0|${VENDOR}|${ATTRIBUTES}`,
      `LEEF:2.0|${VENDOR}^|${ATTRIBUTES.replaceAll("|", "^")}`,
      `LEEF:2.0|${VENDOR}x09|${ATTRIBUTES.replaceAll("|", "\t")}`,
      `LEEF:2.0|${VENDOR}x09|${ATTRIBUTES}`,
    ];
    for (const text of texts) assert.deepEqual(decoded(text).fields, fields, text.slice(0, 100));
  });

  test("a delimiter inside a URL does not end it", () => {
    for (const url of [
      "host/a|b|c=d",
      "host/a|cat=TRAFFIC|x=1",
      '"host/a|ThreatID=x(1)|action=allow|b"',
      "host/||",
      "|",
    ]) {
      const fields = leef(`action=drop|Miscellaneous=${url}|ThreatID=Real(7)|sev=4`);
      assert.equal(fields["misc"], url);
      assert.equal(fields["threatid"], "Real(7)");
      assert.equal(fields["action"], "drop");
      assert.equal(fields["severity"], "high");
    }
  });

  test("an unknown name ends a value that is no free text", () => {
    assert.equal(leef("action=drop|Site=left|dstPort=1")["action"], "drop");
  });

  test("escaped templates are undone", () => {
    const fields = leef(String.raw`usrName=dom\\user|Miscellaneous=\"host/a|ThreatID=x\"|RuleName=a\=b`);
    assert.equal(fields["srcuser"], String.raw`dom\user`);
    assert.equal(fields["misc"], '"host/a|ThreatID=x"');
    assert.equal(fields["rule"], "a=b");
    assert.equal(fields["threatid"], "Sample Trojan(419999001)");
  });

  test("names count without regard to case and under their aliases", () => {
    const fields = leef(
      "TIMERECEIVED=a|devicesn=b|Rule=c|SourceUser=d|usrName=e|FileName=f|DestinationPort=9|X-Forwarded-For=g|RuleUUID=h",
    );
    assert.deepEqual(
      ["receive_time", "serial", "rule", "srcuser", "misc", "dport", "xff", "rule_uuid"].map((name) => fields[name]),
      ["a", "b", "c", "d", "f", "9", "g", "h"],
    );
  });

  test("reads the cloud service's form", () => {
    const attributes =
      "TimeReceived=2025-03-04T09:22:41.000000Z\tDeviceSN=no-serial\tEventID=THREAT\tcat=\tConfigVersion=10.2\tSubType=url\tURL=host/a?b=c d\tVendorSeverity=High\tDirectionOfAttack=client to server";
    const { fields } = decoded(`LEEF:2.0|Palo Alto Networks|LF|2.0|THREAT|\t|${attributes}`);
    assert.deepEqual(
      { ...fields },
      {
        type: "THREAT",
        subtype: "url",
        receive_time: "2025-03-04T09:22:41.000000Z",
        misc: "host/a?b=c d",
        severity: "High",
        direction: "client-to-server",
        sender_sw_version: "10.2",
      },
    );
  });

  test("of two values the first counts, and it is said", () => {
    const record = decoded(`${LEEF}|action=allow`);
    assert.equal(record.fields["action"], "reset-server");
    assert.deepEqual(record.warnings, ['The key "action" occurs twice: the first value was kept.']);
  });

  test("takes a syslog header off and keeps its zone", () => {
    const record = decoded(`<14>1 2025-03-04T10:22:41+01:00 fw-edge-01 - - - - ${LEEF}\n`);
    assert.equal(record.headerZone, "+01:00");
    assert.deepEqual(record.fields, decoded(LEEF).fields);
  });

  test("what is no LEEF of this vendor is none", () => {
    for (const text of ["", "LEEF:", "LEEF:2.0|a|b", "LEEF:2.0|Other|Box|1|2|x7C|src=1", `x${LEEF}`]) {
      assert.equal(decodeLeef(text), undefined, text);
    }
  });

  test("any text is taken", () => {
    const words = [
      "|",
      "\t",
      "x7C|",
      "^|",
      "|action=",
      '|Miscellaneous="',
      '"|',
      "=",
      "\\",
      "|x=1",
      "\n",
      "|__proto__=1",
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 14 }), (parts) => {
        decodeLeef(parts.join(""));
        assert.equal(decodeLeef(`LEEF:2.0|${VENDOR}${parts.join("")}`)?.format, "leef");
      }),
      { numRuns: 500 },
    );
  });

  for (const unit of ["|", "=", "|a=", '|url="', '|url="x', '"|x=', "\\", "|src=", "\t", "a", '|k="a']) {
    test(`hostile text of ${JSON.stringify(unit)} takes linear time`, () => {
      assertLinear((text) => decodeLeef(LEEF + text), unit);
      assertLinear((text) => decodeLeef(`LEEF:1.0|${text}`), unit);
    });
  }

  test("many values that open with a quote and one escaped quote at the end take linear time", () => {
    assertLinear((text) => decodeLeef(`${LEEF}${numbered(text)}\\"|end=1`), '|k#="x');
  });
});
