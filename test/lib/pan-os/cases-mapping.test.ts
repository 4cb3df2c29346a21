import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { escapeValue } from "../../../nodes/lib/pan-os/description";
import { parsePanosOptions } from "../../../nodes/lib/pan-os/options";
import { isAuthorized } from "../../../nodes/lib/pan-os/psk";
import { XdrError } from "../../../nodes/lib/errors";
import { alertOf, alertWith, fixture, jsonBody, parse, rejectOf, seedBody, pointsOf } from "./bodies";

const nameOf = (changes: object): string => alertWith(changes).alert.alert_name;

describe("names", () => {
  test("case 24: a literal $threat_name gives way to threatid", () => {
    const { alert, panos, parse: notes } = alertWith({ threat_name: "$threat_name", threatid: "Sample Worm(31234)" });
    assert.equal(alert.alert_name, "Sample Worm");
    assert.equal(panos["threat_name"], undefined);
    assert.match(notes.warnings.join(), /threat_name/);
  });

  test("cases 25 and 26: the last group of digits is the id", () => {
    assert.equal(nameOf({ threat_name: "EICAR Test File Detection(86708)" }), "EICAR Test File Detection");
    assert.equal(nameOf({ threat_name: "", threatid: "Windows Executable (EXE)(52020)" }), "Windows Executable (EXE)");
  });

  test("case 27: a URL log is named by its category", () => {
    const url = { threat_name: "", threatid: "(9999)", subtype: "url" };
    assert.equal(nameOf({ ...url, category: "malware" }), "URL Filtering: malware");
    assert.equal(nameOf(url), "PAN-OS url");
    assert.equal(
      nameOf({ threat_name: "", subtype: "wildfire", category: "malicious", filetype: "pe" }),
      "WildFire malicious: pe",
    );
  });

  test("case 28: an id alone is no name", () => {
    const { alert } = alertWith({ threat_name: "", threatid: "27379(27379)", subtype: "vulnerability" });
    assert.equal(alert.alert_name, "PAN-OS vulnerability");
    assert.match(alert.alert_description ?? "", /threatid=27379\(27379\)/);
  });

  test("case 29: values that an old firewall expanded by half are dropped", () => {
    const { panos, parse: notes } = alertWith({
      rule: "Allow-web",
      rule_uuid: "Allow-web_uuid",
      src_host: "10.20.30.40_host",
      cloud_reportid: "_reportid",
      dst_edl: "203.0.113.80_edl",
    });
    for (const name of ["rule_uuid", "src_host", "cloud_reportid", "dst_edl"])
      assert.equal(panos[name], undefined, name);
    assert.equal(notes.warnings.length, 4);
    assert.equal(alertWith({ src_host: "pc_17", rule_uuid: "6f1c" }).panos["src_host"], "pc_17");
  });

  test("the suffix is the same for a pair of addresses, and another for another", () => {
    const config = { alertNameSuffix: "endpoints" };
    const [one, same, other] = [{}, { sport: 1 }, { dst: "203.0.113.81" }].map(
      (changes) => alertWith(changes, config).alert.alert_name,
    );
    assert.match(one ?? "", /^Sample C2 Beacon \[[0-9a-f]{8}\]$/);
    assert.equal(one, same);
    assert.notEqual(one, other);
  });
});

describe("addresses", () => {
  const ends = (src: string, dst: string): object => {
    const { local_ip, local_ip_v6, remote_ip, remote_ip_v6 } = alertWith({ src, dst }).alert;
    return { local_ip, local_ip_v6, remote_ip, remote_ip_v6 };
  };
  const none = { local_ip: undefined, local_ip_v6: undefined, remote_ip: undefined, remote_ip_v6: undefined };

  test("case 30: IPv6 in every spelling goes to the v6 fields, mapped IPv4 to v4", () => {
    for (const src of [
      "2001:DB8:0:0:0:0:0:15",
      "2001:db8::15",
      "[2001:db8::15]",
      "[2001:db8::15]:443",
      "2001:db8::15/128",
    ]) {
      assert.deepEqual(
        ends(src, "::ffff:10.0.0.1"),
        { ...none, local_ip_v6: "2001:db8::15", remote_ip: "10.0.0.1" },
        src,
      );
    }
    assert.deepEqual(ends("fe80::1%eth0", "::ffff:a00:1"), { ...none, local_ip_v6: "fe80::1", remote_ip: "10.0.0.1" });
  });

  test("case 31: each end of a mixed pair has its own field", () => {
    assert.deepEqual(ends("2001:db8::1", "10.0.0.1"), { ...none, local_ip_v6: "2001:db8::1", remote_ip: "10.0.0.1" });
  });

  test("cases 32 and 34: what is no address becomes 0.0.0.0 with a warning", () => {
    assert.deepEqual(ends("10.1.1.1:443", "10.2.2.2/32"), { ...none, local_ip: "10.1.1.1", remote_ip: "10.2.2.2" });
    for (const src of ["pc.example.net", "", "10.1.1.0/24", "10.1.1", "999.1.1.1", "010.1.1.1", "[::1", "1:2"]) {
      const { alert, parse: notes } = alertWith({ src });
      assert.equal(alert.local_ip, "0.0.0.0", src);
      assert.match(notes.warnings.join(), /src/, src);
      if (src !== "") assert.ok(alert.alert_description?.includes(`src=${src}`));
    }
  });

  test("case 33: a flood's 0.0.0.0 and ports 0 are kept without a warning", () => {
    const { alert, parse: notes } = alertWith({
      dst: "0.0.0.0",
      sport: 0,
      dport: 0,
      proto: "hopopt",
      subtype: "flood",
    });
    assert.deepEqual([alert.remote_ip, alert.local_port, alert.remote_port], ["0.0.0.0", 0, 0]);
    assert.deepEqual(notes.warnings, []);
  });

  test("a record with neither a usable address nor a name is refused", () => {
    assert.equal(rejectOf({ severity: "high", src: "", dst: "host" }).code, "PANOS_NOT_AN_ALERT");
    assert.equal(parse({ severity: "high", subtype: "scan" }).alerts[0]?.alert.alert_name, "PAN-OS scan");
    assert.equal(parse({ severity: "high", src: "10.0.0.1" }).alerts.length, 1);
  });

  test("case 35: an inbound attack has the protected server as its local side in auto mode", () => {
    const inbound = {
      src: "198.51.100.77",
      sport: 31015,
      dst: "203.0.113.10",
      dport: 80,
      natdst: "10.50.0.10",
      natdport: "8080",
    };
    const { alert } = alertWith(inbound, { orientation: "auto" });
    assert.deepEqual(
      [alert.local_ip, alert.local_port, alert.remote_ip, alert.remote_port],
      ["10.50.0.10", 8080, "198.51.100.77", 31015],
    );
    assert.match(
      alert.alert_description ?? "",
      /src=198\.51\.100\.77;sport=31015;dst=203\.0\.113\.10;dport=80;natdst=10\.50\.0\.10/,
    );
    assert.equal(alertWith(inbound).alert.local_ip, "198.51.100.77");
    assert.equal(
      alertWith({ src: "198.51.100.7", dst: "192.168.1.1" }, { orientation: "auto" }).alert.local_ip,
      "192.168.1.1",
    );
    assert.equal(alertWith({}, { orientation: "auto" }).alert.local_ip, "10.20.30.40");
    assert.equal(
      alertWith(
        { src: "198.51.100.7", dst: "203.0.113.9" },
        { orientation: "auto", internalNetworks: "203.0.113.0/24" },
      ).alert.local_ip,
      "203.0.113.9",
    );
  });

  test("case 36: a download's client stays local and the direction is told", () => {
    const { alert } = alertWith({ direction: "server-to-client", subtype: "virus" }, { orientation: "auto" });
    assert.equal(alert.local_ip, "10.20.30.40");
    assert.match(alert.alert_description ?? "", /direction=server-to-client/);
  });

  test("cases 37 and 38: a forwarded address is no user, and a list is no address", () => {
    const { panos } = alertWith({ srcuser: "x-fwd-for: 10.99.1.2", xff: "unknown, 10.0.0.1" });
    assert.deepEqual([panos["srcuser"], panos["xff_ip"], panos["xff"]], [undefined, "10.99.1.2", "unknown, 10.0.0.1"]);
    assert.equal(alertWith({ srcuser: "x-fwd-for: junk" }).panos["xff_ip"], undefined);
  });
});

describe("severity, action, log type", () => {
  test("case 46: severities in any case or as a number; unknown ones are Unknown", () => {
    for (const severity of ["Critical", "CRITICAL", " 5", 5, "high", 4])
      assert.equal(alertWith({ severity }).alert.severity, "High");
    for (const severity of ["$severity", "fatal", "", "6"]) {
      const { alert, parse: notes } = alertWith({ severity });
      assert.equal(alert.severity, "Unknown");
      assert.match(notes.warnings.join(), /severity/);
    }
    assert.match(alertWith({}).alert.alert_description ?? "", /severity=critical/);
  });

  test("minSeverity holds lower ones back, never unknown ones", () => {
    const low = rejectOf(jsonBody({ severity: "Low" }), { minSeverity: "medium" });
    assert.deepEqual([low.code, low.statusCode], ["PANOS_FILTERED", 200]);
    assert.equal(alertWith({ severity: "medium" }, { minSeverity: "medium" }).alert.severity, "Medium");
    assert.equal(alertWith({ severity: "?" }, { minSeverity: "critical" }).alert.severity, "Unknown");
  });

  test("case 47: actions as the table has them; unknown ones are Reported with a warning", () => {
    const blocked =
      "Reset-Both;reset both;deny;drop;drop-all-packets;drop-packet;drop ICMP;block-url;block-ip;random-drop;block-continue;override-lockout;drop-all";
    for (const action of blocked.split(";")) assert.equal(alertWith({ action }).alert.action_status, "Blocked", action);
    for (const action of "alert;allow;sinkhole;continue;syncookie-sent;override;forward;wildfire-upload-skip".split(
      ";",
    )) {
      const { alert, parse: notes } = alertWith({ action });
      assert.deepEqual([alert.action_status, notes.warnings], ["Reported", []], action);
    }
    for (const action of ["", "$action", "frobnicate", "constructor"]) {
      const { alert, parse: notes } = alertWith({ action });
      assert.equal(alert.action_status, "Reported");
      assert.match(notes.warnings.join(), /action/);
    }
  });

  test("case 62: other log types are refused or mapped, never a blocked threat without a name", () => {
    for (const type of ["SYSTEM", "CONFIG", "GLOBALPROTECT", "userid"]) {
      assert.equal(rejectOf(jsonBody({ type, threat_name: "" })).code, "PANOS_NOT_AN_ALERT");
    }
    const traffic = alertWith({
      type: "TRAFFIC",
      subtype: "deny",
      threat_name: "",
      severity: "",
      action: "deny",
    }).alert;
    assert.deepEqual(
      [traffic.alert_name, traffic.severity, traffic.action_status],
      ["PAN-OS deny", "Unknown", "Blocked"],
    );
    assert.equal(rejectOf(jsonBody({ src: "", dst: "", subtype: "0", threat_name: "" })).code, "PANOS_NOT_AN_ALERT");
  });
});

describe("description", () => {
  test("case 63: a long URL is cut first, everything else stays", () => {
    const { alert } = alertOf(seedBody({}, `h/${"a\\".repeat(3000)}`));
    const text = alert.alert_description ?? "";
    assert.equal(/^h\/(?:a\\\\)+(?:a|)…;serial=/.test(text), true);
    assert.ok(pointsOf(text).length <= 2000 && pointsOf(text).length > 1990);
    assert.match(text, /action=reset-both;rule=Users-to-Internet;type=spyware/);
    const flood = alertOf(seedBody({ rule: "r".repeat(5000) }, "u".repeat(5000))).alert.alert_description ?? "";
    assert.equal(pointsOf(flood).length, 2000);
    assert.match(flood, /^u{39}…;serial=019901000123;version=10\.0\.8;action=reset-both;rule=r/);
  });

  test("case 64, relay defect 8: control characters and escape sequences are made visible", () => {
    const text = alertOf(seedBody({}, '"h/\r\nERROR \u001b[31mred;x=\\1"')).alert.alert_description ?? "";
    assert.ok(text.startsWith(String.raw`h/\x0d\nERROR \x1b[31mred\;x=\\1;serial=`), text);
    assert.equal(escapeValue("a\tb\u0085\u007f=\"'"), String.raw`a\tb\x85\x7f="'`);
    assert.doesNotMatch(rejectOf("\u001b[31m\r\nX").message, /[\u0000-\u001f]/);
    assert.doesNotMatch(alertWith({ threat_name: "a\r\nb\u001b" }).alert.alert_name, /[\u0000-\u001f]/);
  });

  test("case 65: what names a log is there for whoever wants to find it twice", () => {
    const { panos } = alertWith({ type: "THREAT", seqno: "77", serial: "0001" });
    assert.deepEqual([panos["serial"], panos["type"], panos["seqno"]], ["0001", "THREAT", "77"]);
  });
});

describe("other formats, end to end", () => {
  test("cases 56 to 58: CSV, with every syslog header", () => {
    const csv = fixture("threat.csv");
    for (const header of ["", "<14>Mar  4 10:22:41 fw-lab-01 ", "<14>1 2025-03-04T10:22:41+01:00 fw-lab-01 - - - - "]) {
      const { alert, parse: notes, panos } = alertOf(header + csv);
      assert.deepEqual(
        [alert.alert_name, alert.local_ip, alert.event_timestamp, notes.format, panos["misc"]],
        ["Sample C2 Beacon", "10.20.30.44", 1_741_080_161_318, "csv", "c2.example.net/beacon.php?id=7"],
      );
    }
    assert.equal(parse(`${csv}\n${csv}`).alerts.length, 2);
  });

  test("a zone in the syslog header counts when the record has none", () => {
    const row = fixture("threat.csv").split(",").slice(0, 60).join(",");
    const header = "<14>1 2025-03-04T10:22:41+01:00 fw-lab-01 - - - - ";
    assert.equal(alertOf(header + row).alert.event_timestamp, Date.UTC(2025, 2, 4, 9, 22, 40));
    assert.equal(alertOf(row).alert.event_timestamp, Date.UTC(2025, 2, 4, 10, 22, 40));
    const json = jsonBody();
    assert.equal(alertOf(header + json).alert.event_timestamp, Date.UTC(2025, 2, 4, 9, 22, 40));
  });

  test("case 59: TRAFFIC with a list in braces, IPv6", () => {
    const { alert, panos } = alertOf(fixture("traffic.csv"));
    assert.deepEqual(
      [alert.local_ip_v6, alert.local_ip, alert.action_status],
      ["2001:db8:20::16", undefined, "Blocked"],
    );
    assert.equal(panos["high_res_timestamp"], "2025-03-04T10:25:02.004+01:00");
  });

  test("CEF of the firewall", () => {
    const { alert, parse: notes } = alertOf(fixture("threat.cef"), { orientation: "auto" });
    assert.deepEqual(
      [alert.alert_name, alert.local_ip, alert.local_port, alert.remote_ip, alert.severity, notes.format],
      ["Sample SQL Injection", "10.50.0.10", 8080, "198.51.100.78", "High", "cef"],
    );
    assert.equal(alert.event_timestamp, Date.UTC(2025, 2, 4, 9, 22, 41));
    assert.equal(parse(`${fixture("threat.cef")}\n${fixture("threat.cef")}`).alerts.length, 2);
  });

  test("LEEF", () => {
    const { alert, panos, parse: notes } = alertOf(fixture("threat.leef"));
    assert.deepEqual([alert.alert_name, alert.severity, notes.format], ["Sample Trojan", "Medium", "leef"]);
    assert.equal(panos["srcuser"], String.raw`corp\kate`);
    assert.equal(alert.event_timestamp, Date.UTC(2025, 2, 4, 9, 22, 41));
  });

  test("case 66: records of the cloud log service, as JSON and CEF", () => {
    const record = fixture("strata.json");
    const { alert, panos, parse: notes } = alertOf(record);
    assert.deepEqual(
      [alert.alert_name, alert.severity, notes.format],
      ["Windows Executable (EXE)", "High", "strata-json"],
    );
    assert.equal(alert.event_timestamp, Date.UTC(2025, 2, 4, 9, 22, 40, 318));
    assert.equal(panos["seqno"], "7477000000000001236");
    for (const body of [`[${record},${record}]`, `${record}\n${record}`, record + record])
      assert.equal(parse(body).alerts.length, 2);
    const cef = alertOf(fixture("strata.cef"), { timezone: "Europe/Madrid" });
    assert.deepEqual(
      [cef.alert.local_ip_v6, cef.alert.action_status, cef.parse.format],
      ["2001:db8:20::17", "Blocked", "strata-cef"],
    );
    assert.equal(cef.alert.event_timestamp, Date.UTC(2025, 2, 4, 9, 22, 40));
  });
});

describe("shared key and options", () => {
  test("case 67, relay defect 5: the key as the whole header or as the Basic password", () => {
    const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString("base64")}`;
    for (const header of ["s3cr:et", basic("fw:s3cr:et"), basic(":s3cr:et").replace("Basic", "bAsIc")]) {
      assert.equal(isAuthorized(header, "s3cr:et"), true, header);
    }
    for (const header of [
      undefined,
      "",
      "s3cr:e",
      basic("fw:other"),
      basic("nothing"),
      "Basic",
      "Basic ??",
      basic("s3cr:et"),
    ]) {
      assert.equal(isAuthorized(header, "s3cr:et"), false, header);
    }
    assert.equal(isAuthorized("", ""), false);
  });

  test("options name the property that is wrong", () => {
    const wrong = {
      timezone: "Mars/Base",
      orientation: "up",
      internalNetworks: "10.0.0.0/33",
      minSeverity: "x",
      alertNameSuffix: 1,
      maxBytes: "0",
    };
    for (const [field, value] of Object.entries(wrong)) {
      assert.throws(
        () => parsePanosOptions({ [field]: value }),
        (error) =>
          error instanceof XdrError &&
          error.code === "XDR_CONFIG_INVALID" &&
          error.field === field &&
          error.message.includes(field),
      );
    }
    for (const networks of ["10.0.0.0/8, 192.168.0.0/16\nfc00::/7", ["10.0.0.0/8"], "", []])
      parsePanosOptions({ internalNetworks: networks });
    const { maxBytes, product, vendor } = parsePanosOptions({ maxBytes: "1000", product: " Edge " });
    assert.deepEqual([maxBytes, product, vendor], [1000, "Edge", "Palo Alto Networks"]);
    assert.equal(alertWith({}, { product: "Edge" }).alert.product, "Edge");
    assert.equal(parsePanosOptions({}).maxBytes, 5_000_000);
  });
});
