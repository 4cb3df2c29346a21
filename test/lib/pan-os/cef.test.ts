import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeCef } from "../../../nodes/lib/pan-os/cef";
import type { DecodedRecord } from "../../../nodes/lib/pan-os/record";
import { assertLinear, numbered } from "./linear";

/** Invented, in the form of the PAN-OS "CEF Configuration Guide", threat format. */
const FIREWALL = `CEF:0|Palo Alto Networks|PAN-OS|11.1.4|Sample SQL Injection(30999)|THREAT|4|rt=Mar 04 2025 09:22:41 GMT deviceExternalId=019901000123 src=198.51.100.77 dst=203.0.113.10 sourceTranslatedAddress=0.0.0.0 destinationTranslatedAddress=10.50.0.10 cs1Label=Rule cs1=DMZ in suser= app=web-browsing cs4Label=Source Zone cs4=untrust cs5Label=Destination Zone cs5=dmz cn1Label=SessionID cn1=95001 cnt=1 spt=31015 dpt=80 sourceTranslatedPort=0 destinationTranslatedPort=8080 proto=tcp act=drop request="shop.example.net/p?id=1' OR '1'='1" flexString2Label=Direction flexString2=client-to-server externalId=7477000000000009999 cat=vulnerability fileId=0 dvchost=fw-edge-01`;

/** Invented, in the form of Strata Logging Service, "Threat CEF Fields". */
const CLOUD = String.raw`CEF:0|Palo Alto Networks|LF|2.0|THREAT|spyware|3|ProfileToken=abc dtz=UTC rt=Mar 01 2021 20:48:21 deviceExternalId=no-serial PanOSConfigVersion=10.0 PanOSSeverity=High PanOSThreatCategory=dns PanOSThreatNameFirewall=27379 PanOSUsers=corp\\nina start=Mar  1 2021 20:48:16 c6a2=2001:db8::15 c6a2Label=Source IPv6 Address c6a3=2001:db8:ffff::7 c6a3Label=Destination IPv6 Address cs1=Allow web out cs1Label=Rule suser0=corp\\nina ross duser0= app=dns-base cs3=vsys1 cs3Label=VirtualLocation cs4=trust cs4Label=FromZone cs5=untrust cs5Label=ToZone deviceInboundInterface=ethernet1/19 cs6=default cs6Label=LogSetting cn1=4016143 cn1Label=SessionID cnt=9 spt=13884 dpt=53 sourceTranslatedPort=0 proto=udp act=drop-all request=bad.example.net/?a=b c=d&e PanOSThreatID=27379(27379) cat=27379(27379) cs2=any cs2Label=URLCategory flexString2=client to server flexString2Label=DirectionOfAttack externalId=7477000000000009999 PanOSReportID=null PanOSTimeGeneratedHighResolution=Mar 01 2021 20:48:16.123 dvchost=PA-5220 cloud`;

function decoded(text: string): DecodedRecord {
  const record = decodeCef(text);
  assert.ok(record !== undefined);
  return record;
}

const firewall = (extension: string, event = "x(1)", severity = "3"): DecodedRecord["fields"] =>
  decoded(`CEF:0|Palo Alto Networks|PAN-OS|11.1.4|${event}|THREAT|${severity}|${extension}`).fields;

describe("decodeCef, firewall", () => {
  test("reads a threat under PAN-OS names", () => {
    const record = decoded(FIREWALL);
    assert.equal(record.format, "cef");
    assert.deepEqual(record.warnings, []);
    assert.deepEqual(
      { ...record.fields },
      {
        type: "THREAT",
        subtype: "vulnerability",
        threatid: "Sample SQL Injection(30999)",
        severity: "high",
        "number-of-severity": "4",
        sender_sw_version: "11.1.4",
        "cef-formatted-receive_time": "Mar 04 2025 09:22:41 GMT",
        serial: "019901000123",
        src: "198.51.100.77",
        dst: "203.0.113.10",
        natsrc: "0.0.0.0",
        natdst: "10.50.0.10",
        rule: "DMZ in",
        app: "web-browsing",
        from: "untrust",
        to: "dmz",
        sessionid: "95001",
        repeatcnt: "1",
        sport: "31015",
        dport: "80",
        natsport: "0",
        natdport: "8080",
        proto: "tcp",
        action: "drop",
        misc: `"shop.example.net/p?id=1' OR '1'='1"`,
        direction: "client-to-server",
        seqno: "7477000000000009999",
        pcap_id: "0",
        device_name: "fw-edge-01",
      },
    );
  });

  test("URL and WildFire templates have the subtype in the header and the threat in cat", () => {
    const fields = firewall("cat=(9999) act=block-url", "url");
    assert.equal(fields["subtype"], "url");
    assert.equal(fields["threatid"], "(9999)");
    const file = firewall("cat=Windows Executable (EXE)(52020) fileType=pe", "wildfire");
    assert.equal(file["subtype"], "wildfire");
    assert.equal(file["threatid"], "Windows Executable (EXE)(52020)");
  });

  test("the header's severity is PAN-OS's own scale", () => {
    const words = ["informational", "low", "medium", "high", "critical"];
    words.forEach((word, index) => assert.equal(firewall("act=drop", "x(1)", `${index + 1}`)["severity"], word));
    assert.equal(firewall("act=drop", "x(1)", "9")["severity"], "9");
    assert.equal(firewall("act=drop", "x(1)", "")["severity"], undefined);
  });

  test("a URL with blanks and pairs of its own stays whole and sets nothing", () => {
    for (const url of [
      "host/p?act=allow cat=x id=2 x=1",
      '"host/p? dpt=1 cat=evil externalId=9"',
      String.raw`\"host/p? cat=evil\"`,
    ]) {
      const record = decoded(
        `CEF:0|Palo Alto Networks|PAN-OS|11.1.4|x(1)|THREAT|3|act=drop dpt=80 cat=virus request=${url} externalId=7`,
      );
      assert.equal(record.fields["misc"], url.replaceAll(String.raw`\"`, String.raw`\"`));
      assert.equal(record.fields["action"], "drop");
      assert.equal(record.fields["subtype"], "virus");
      assert.equal(record.fields["dport"], "80");
      assert.equal(record.fields["seqno"], "7");
    }
  });

  test("an unknown key ends a value that is no free text", () => {
    assert.equal(firewall("act=drop vsysName_2=left dpt=80")["action"], "drop");
    assert.equal(firewall("cs1=a = b c== d dpt=80")["rule"], "a = b c== d".slice(0, "a = b".length));
    assert.equal(firewall("cs1=a = b == d dpt=80")["rule"], "a = b == d");
  });

  test("a quote that never closes does not swallow the rest", () => {
    assert.equal(firewall('request="host/cut cat=virus dpt=80')["dport"], "80");
    assert.equal(firewall('request="" cat=virus')["misc"], '""');
    assert.equal(firewall('request="host/cut')["misc"], '"host/cut');
  });

  test("escapes are undone, a backslash of a user or path stays", () => {
    assert.equal(firewall(String.raw`cs1=a\=b c\\d\|e dpt=1`)["rule"], String.raw`a=b c\d|e`);
    assert.equal(firewall(String.raw`msg=one\ntwo dpt=1`)["subject"], "one\ntwo");
    assert.equal(firewall(String.raw`suser=corp\nina dpt=1`)["srcuser"], String.raw`corp\nina`);
    assert.equal(firewall(String.raw`suser=corp\\nina dpt=1`)["srcuser"], String.raw`corp\nina`);
    assert.equal(firewall(String.raw`request=C:\temp\new.exe dpt=1`)["misc"], String.raw`C:\temp\new.exe`);
    assert.equal(firewall("act=drop", String.raw`a \| b(1)`)["threatid"], "a | b(1)");
  });

  test("labels decide what a numbered field means", () => {
    assert.equal(firewall("cs2=Rule 7 cs2Label=Rule cs1=x cs1Label=Something")["rule"], "Rule 7");
    assert.equal(firewall("cs1=Rule 7")["rule"], "Rule 7");
    assert.equal(firewall("c6a2=2001:db8::1 c6a2Label=Source IPv6 Address")["src"], "2001:db8::1");
  });

  test("of two values the first counts, and it is said", () => {
    const record = decoded(`${FIREWALL} act=allow`);
    assert.equal(record.fields["action"], "drop");
    assert.deepEqual(record.warnings, ['The key "act" occurs twice: the first value was kept.']);
  });

  test("a traffic record has its subtype in the header", () => {
    const { fields } = decoded(
      "CEF:0|Palo Alto Networks|PAN-OS|10.2.1|end|TRAFFIC|1|start=Mar 04 2025 09:22:41 GMT act=deny cat=x",
    );
    assert.equal(fields["subtype"], "end");
    assert.equal(fields["threatid"], undefined);
    assert.equal(fields["cef-formatted-time_generated"], "Mar 04 2025 09:22:41 GMT");
  });
});

describe("decodeCef, cloud service", () => {
  test("reads a threat with IPv6 under PAN-OS names", () => {
    const record = decoded(CLOUD);
    assert.equal(record.format, "strata-cef");
    assert.deepEqual(
      { ...record.fields },
      {
        type: "THREAT",
        subtype: "spyware",
        severity: "High",
        sender_sw_version: "10.0",
        receive_time: "2021-03-01T20:48:21Z",
        time_generated: "2021-03-01T20:48:16Z",
        high_res_timestamp: "2021-03-01T20:48:16.123Z",
        src: "2001:db8::15",
        dst: "2001:db8:ffff::7",
        srcuser: String.raw`corp\nina ross`,
        rule: "Allow web out",
        app: "dns-base",
        vsys: "vsys1",
        from: "trust",
        to: "untrust",
        inbound_if: "ethernet1/19",
        logset: "default",
        sessionid: "4016143",
        repeatcnt: "9",
        sport: "13884",
        dport: "53",
        natsport: "0",
        proto: "udp",
        action: "drop-all",
        misc: "bad.example.net/?a=b c=d&e",
        threatid: "27379(27379)",
        thr_category: "dns",
        category: "any",
        direction: "client-to-server",
        seqno: "7477000000000009999",
        device_name: "PA-5220 cloud",
      },
    );
  });

  const cloud = (extension: string, subtype = "url"): DecodedRecord["fields"] =>
    decoded(`CEF:0|Palo Alto Networks|LF|2.0|THREAT|${subtype}|1|${extension}`).fields;

  test("request or filePath is misc, by subtype", () => {
    const both = "request=host/x filePath=setup.exe dpt=80";
    assert.equal(cloud(both)["misc"], "host/x");
    assert.equal(cloud(both, "wildfire")["misc"], "setup.exe");
    assert.equal(cloud("filePath=page icon.png dpt=80")["misc"], "page icon.png");
  });

  test("times take the zone of dtz, UTC without it; what has a zone or is no time stays", () => {
    assert.equal(cloud("dtz=+02:00 start=Mar 01 2021 20:48:16")["time_generated"], "2021-03-01T20:48:16+02:00");
    assert.equal(cloud("start=Mar 01 2021 20:48:16")["time_generated"], "2021-03-01T20:48:16Z");
    for (const time of ["Mar 01 2021 20:48:16 GMT", "2021-03-01T20:48:16Z", "Foo 01 2021 20:48:16", "1614631696000"]) {
      assert.equal(cloud(`dtz=UTC start=${time} dpt=1`)["time_generated"], time);
    }
    assert.equal(cloud("dtz=Mars/Base start=Mar 01 2021 20:48:16")["time_generated"], "Mar 01 2021 20:48:16");
  });

  test("an IPv6 field stands in for a missing address, never for a real one", () => {
    const labels = "c6a2=2001:db8::1 c6a2Label=Source IPv6 Address";
    assert.equal(cloud(`src=10.0.0.1 ${labels}`)["src"], "10.0.0.1");
    assert.equal(cloud(`src= ${labels}`)["src"], "2001:db8::1");
    assert.equal(cloud(`src=0.0.0.0 ${labels}`)["src"], "2001:db8::1");
  });

  test("the list of users counts only when it is no repeated address", () => {
    assert.equal(cloud("src=10.0.0.1 PanOSUsers=10.0.0.1")["srcuser"], undefined);
    assert.equal(cloud(String.raw`src=10.0.0.1 PanOSUsers="corp\\jo"`)["srcuser"], String.raw`"corp\jo"`);
  });
});

describe("decodeCef", () => {
  test("takes a syslog header off and keeps its zone", () => {
    const record = decoded(`<14>1 2025-03-04T10:22:41+01:00 fw-edge-01 - - - - ${FIREWALL}\r\n`);
    assert.equal(record.headerZone, "+01:00");
    assert.deepEqual(record.fields, decoded(FIREWALL).fields);
  });

  test("what is no CEF of this vendor is none", () => {
    for (const text of [
      "",
      "CEF:",
      "CEF:0|a|b",
      "CEF:0|Other|Box|1|2|3|4|act=x",
      FIREWALL.slice(0, 60),
      `x${FIREWALL}`,
    ]) {
      assert.equal(decodeCef(text), undefined, text);
    }
  });

  test("keys that mean something to JavaScript set nothing", () => {
    const fields = firewall("__proto__=x constructor=y cs1Label=__proto__ cs1=z act=drop");
    assert.deepEqual(Object.keys(fields).sort(), [
      "action",
      "number-of-severity",
      "sender_sw_version",
      "severity",
      "threatid",
      "type",
    ]);
  });

  test("any text is taken", () => {
    const words = [
      "CEF:0|Palo Alto Networks|LF|2.0|THREAT|url|1|",
      "|",
      " act=",
      ' request="',
      '" ',
      "=",
      "\\",
      " x=1",
      " cs1Label=Rule",
      "\n",
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 14 }), (parts) => {
        decodeCef(parts.join(""));
        assert.equal(decodeCef(FIREWALL.slice(0, 80) + parts.join(""))?.format, "cef");
      }),
      { numRuns: 500 },
    );
  });

  const hostile = [
    "=",
    " a=",
    ' request="',
    ' request="x',
    '" x=',
    ' msg="a filePath="b" x=1',
    "\\",
    "\\n",
    "|",
    " PanOSA=\\",
    "a",
    ' k="a',
  ];
  for (const unit of hostile) {
    test(`hostile text of ${JSON.stringify(unit)} takes linear time`, () => {
      assertLinear((text) => decodeCef(`${FIREWALL} ${text}`), unit);
      assertLinear((text) => decodeCef(`${CLOUD} request="${text}" end=1`), unit);
      assertLinear((text) => decodeCef(`CEF:0|${text}`), unit);
    });
  }

  test("a severity inside a file name does not lower the header's", () => {
    const start = `CEF:0|Palo Alto Networks|PAN-OS|11.1.4|S(3)|THREAT|5|src=10.1.1.1 act=drop`;
    const severityOf = (rest: string): string | undefined => decodeCef(`${start} ${rest}`)?.fields["severity"];
    assert.equal(severityOf('request="a" PanOSSeverity=low b="c" cat=file'), "critical");
    assert.equal(severityOf("request=a PanOSSeverity=low cat=file"), "critical");
    assert.equal(severityOf('PanOSSeverity=high request="a"'), "high");
  });

  for (const [opening, closing] of [
    ['"', '\\"'],
    ['\\"', '"'],
  ]) {
    test(`many values that open with ${opening} and one ${closing} at the end take linear time`, () => {
      assertLinear((text) => decodeCef(`${FIREWALL} ${numbered(text)}${closing} end=1`), ` k#=${opening}x`);
    });
  }
});
