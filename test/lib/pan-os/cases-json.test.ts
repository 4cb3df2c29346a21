import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { alertOf, alertWith, jsonBody, MARKER, parse, rejectOf, seedBody, USUAL, pointsOf } from "./bodies";

/** The payload list of realistic bodies, cases 1 to 23 and those that concern JSON. */
describe("bodies of the relay template and JSON", () => {
  test("case 1: reads the relay template with a quoted annex", () => {
    const { alert, panos, parse: notes } = alertOf(seedBody());
    assert.deepEqual(alert, {
      product: "PAN-OS",
      vendor: "Palo Alto Networks",
      local_ip: "10.20.30.40",
      remote_ip: "203.0.113.80",
      local_port: 51544,
      remote_port: 80,
      event_timestamp: Date.UTC(2025, 2, 4, 10, 22, 40),
      severity: "High",
      alert_name: "Sample C2 Beacon",
      alert_description: alert.alert_description,
      action_status: "Blocked",
    });
    assert.match(
      alert.alert_description ?? "",
      /^c2\.example\.net\/gate\.php\?id=7;serial=019901000123;version=10\.0\.8;action=reset-both;rule=Users-to-Internet;type=spyware;severity=critical;/,
    );
    assert.equal(panos["misc"], "c2.example.net/gate.php?id=7");
    assert.deepEqual(notes, { format: "json-annex", repairs: [], warnings: [] });
  });

  test("case 2: a quoted port is the same as a bare one", () => {
    assert.deepEqual(alertOf(seedBody({ sport: "51544" })), alertOf(seedBody()));
  });

  test("the fast way for the relay template sees what the general way sees", () => {
    const general = seedBody().replace('"src"', '"extra": "x", "src"');
    const { panos, ...rest } = alertOf(general);
    delete panos["extra"];
    const fast = alertOf(seedBody());
    assert.deepEqual({ ...rest, panos: { ...panos } }, { ...fast, panos: { ...fast.panos } });
  });

  test("case 3: Send Test Log is no alert, and the firewall is told 200", () => {
    const names = Object.keys(USUAL);
    const quoted = names.map((name) => (name.endsWith("port") ? `"${name}":$${name}` : `"${name}":"$${name}"`));
    const body = `{${quoted.join(",\n")}}\n${MARKER}\n$misc\n`;
    const reject = rejectOf(body);
    assert.deepEqual([reject.code, reject.statusCode], ["PANOS_TEST_LOG", 200]);
    assert.equal(
      rejectOf(JSON.stringify({ src: "$src", severity: "high", time_generated: "$time_generated" })).code,
      "PANOS_TEST_LOG",
    );
    assert.equal(rejectOf("PANXDR/2\ntype=$type\nsrc=$src\nmisc=$misc").code, "PANOS_TEST_LOG");
  });

  test("case 4: an empty number is repaired", () => {
    const { alert, parse: notes } = alertOf(seedBody().replace("51544", ""));
    assert.deepEqual([alert.local_port, alert.remote_port], [0, 80]);
    assert.equal(notes.repairs.length, 1);
    assert.equal(alert.alert_name, "Sample C2 Beacon");
  });

  test("case 5: an empty port is 0, without a warning", () => {
    const { alert, parse: notes } = alertOf(seedBody({ sport: "" }));
    assert.equal(alert.local_port, 0);
    assert.deepEqual(notes.warnings, []);
  });

  test("case 6, relay defect 3: a port above 65535 is 0 with a warning, never wrapped around", () => {
    const { alert, parse: notes } = alertOf(seedBody({ sport: 65616 }));
    assert.equal(alert.local_port, 0);
    assert.match(notes.warnings.join(), /sport/);
  });

  test("case 7: only whole decimal numbers are ports", () => {
    for (const port of ["-1", "1e3", '"0x1F90"', '"443abc"', '"4.5"', "80.0", '"+80"', '"８０"']) {
      const { alert, parse: notes } = alertOf(seedBody().replace("51544", port));
      assert.equal(alert.local_port, 0, port);
      assert.match(notes.warnings.join(), /sport/, port);
    }
    assert.equal(alertOf(seedBody({ sport: " 443 " })).alert.local_port, 443);
  });

  test("case 8: a value quoted twice is recovered", () => {
    const { panos, parse: notes } = alertOf(jsonBody().replace("}", ',"misc":""host/x""}'));
    assert.equal(panos["misc"], "host/x");
    assert.equal(notes.repairs.length, 1);
  });

  test("case 9: an unescaped quote in a URL does not end it", () => {
    const { panos, alert } = alertOf(jsonBody().replace('"rule"', '"misc":"host/a?q="x"&r=1","rule"'));
    assert.equal(panos["misc"], 'host/a?q="x"&r=1');
    assert.equal(panos["rule"], "Users-to-Internet");
    assert.equal(alert.action_status, "Blocked");
  });

  test("case 10: a URL cannot override keys that stand before it", () => {
    const injected = 'evil/","action":"allow","severity":"low","x":"';
    for (const body of [
      jsonBody().replace("}", `,"misc":"${injected}"}`),
      jsonBody().replace("}", `,"misc":"${injected}"`),
      seedBody({}, injected),
    ]) {
      const { alert, panos, parse: notes } = alertOf(body);
      assert.deepEqual([alert.action_status, alert.severity, panos["action"]], ["Blocked", "High", "reset-both"]);
      if (!body.includes(MARKER)) assert.match(notes.warnings.join(), /action.*twice/);
    }
  });

  test("case 10: a URL cannot add a record of its own", () => {
    const forged = `x"}{"src":"6.6.6.6","severity":"critical","misc":"`;
    for (const glue of [forged, forged.replace("}{", "},{"), forged.replace("}{", "} {")]) {
      const { alert } = alertOf(jsonBody().replace("}", `,"misc":"${glue}"}`));
      assert.equal(alert.local_ip, "10.20.30.40");
    }
  });

  test("case 11: an unescaped backslash before n is no line break", () => {
    const body = jsonBody().replace("}", String.raw`,"srcuser":"CORP\nina","rule":"a\tb"}`);
    assert.equal(alertOf(body).panos["srcuser"], String.raw`CORP\nina`);
  });

  test("case 12: an unescaped backslash before k or u is repaired", () => {
    for (const user of [String.raw`CORP\kate`, String.raw`CORP\ursula`]) {
      const { panos, parse: notes } = alertOf(jsonBody().replace("}", `,"srcuser":"${user}"}`));
      assert.equal(panos["srcuser"], user);
      assert.equal(notes.repairs.length, 1);
    }
  });

  test("case 13: an escaped or doubled backslash is one backslash", () => {
    assert.equal(alertWith({ srcuser: String.raw`CORP\nina` }).panos["srcuser"], String.raw`CORP\nina`);
    assert.equal(alertWith({ srcuser: String.raw`CORP\\nina` }).panos["srcuser"], String.raw`CORP\nina`);
  });

  test("case 14: a Windows path stays as it is", () => {
    for (const path of [String.raw`C:\temp\new.exe`, String.raw`C:\users\x.exe`]) {
      assert.equal(alertOf(jsonBody().replace("}", `,"misc":"${path}"}`)).panos["misc"], path);
      assert.equal(alertOf(seedBody({}, path)).panos["misc"], path);
    }
  });

  test("case 15, relay defect 2: the first of two annex markers counts", () => {
    assert.equal(alertOf(seedBody({}, `host/${MARKER}/x`)).panos["misc"], `host/${MARKER}/x`);
    assert.equal(alertWith({ misc: `host/}${MARKER}/x` }).panos["misc"], `host/}${MARKER}/x`);
  });

  test("case 16: an empty annex leaves no separator", () => {
    for (const misc of ["", "\r\n", '""', " \r\n\r\n "]) {
      const { alert, panos } = alertOf(seedBody({}, misc));
      assert.equal(panos["misc"], undefined);
      assert.match(alert.alert_description ?? "", /^serial=019901000123;/);
    }
  });

  test("cases 17 and 18, relay defect 1: nothing of one body shows up in the next", () => {
    alertOf(seedBody());
    const others: Partial<typeof USUAL> = { ...USUAL };
    delete others.threat_name;
    const { alert, panos } = alertOf(JSON.stringify(others));
    assert.equal(panos["misc"], undefined);
    assert.equal(panos["threat_name"], undefined);
    assert.equal(alert.alert_name, "PAN-OS spyware");
  });

  test("case 19: bodies parsed in turns do not mix", async () => {
    const names = Array.from({ length: 50 }, (_, index) => `Threat ${index}`);
    const parsed = await Promise.all(
      names.map(async (name) => Promise.resolve(alertOf(seedBody({ threat_name: name })))),
    );
    assert.deepEqual(
      parsed.map(({ alert }) => alert.alert_name),
      names,
    );
  });

  test("case 20: line ends of every kind, or none, give the same alert", () => {
    for (const end of ["\r\n", "\r", ""]) {
      assert.deepEqual(alertOf(seedBody().replaceAll("\n", end)), alertOf(seedBody()), JSON.stringify(end));
    }
  });

  test("case 21: a byte order mark and NUL characters are taken off", () => {
    const { alert, panos } = alertOf(Buffer.from(`\ufeff${seedBody({ rule: "Web\0" }, '"host/x\0"')}\0`));
    assert.deepEqual([alert.local_ip, panos["rule"], panos["misc"]], ["10.20.30.40", "Web", "host/x"]);
  });

  test("case 22: names outside ASCII are kept, and nothing is cut inside a character", () => {
    const { panos, alert } = alertOf(Buffer.from(seedBody({ rule: "Büro", srcuser: "東京" }, `x${"😀".repeat(3000)}`)));
    assert.deepEqual([panos["rule"], panos["srcuser"]], ["Büro", "東京"]);
    const points = pointsOf(alert.alert_description);
    assert.equal(points.length, 2000);
    assert.ok(!points.some((point) => /^\p{Surrogate}$/u.test(point)));
  });

  test("case 23: a cut last character is replaced, other bytes are read as Latin-1, both with a warning", () => {
    const cut = Buffer.concat([Buffer.from(seedBody({}, '"host/東').trimEnd()).subarray(0, -1), Buffer.from('"\n')]);
    const afterCut = alertOf(cut);
    assert.equal(afterCut.panos["misc"], "host/\ufffd");
    assert.equal(afterCut.parse.warnings.length, 1);
    const latin = alertOf(Buffer.from(seedBody({ rule: "Büro" }), "latin1"));
    assert.equal(latin.panos["rule"], "Büro");
    assert.match(latin.parse.warnings.join(), /Latin-1/);
    const accent = alertOf(Buffer.from(seedBody({ rule: "Café" }), "latin1"));
    assert.equal(accent.panos["rule"], "Café");
  });

  test("case 48: trailing commas, single quotes and comment lines are repaired", () => {
    const single = jsonBody().replaceAll('"', "'");
    const commented = JSON.stringify(USUAL, null, 1)
      .replace('"dst"', '// the server\n "dst"')
      .replace('"rule"', '# rule\n "rule"');
    for (const body of [jsonBody().replace("}", ",}"), single, commented, `// copied\n${jsonBody()}`]) {
      const { alert, panos, parse: notes } = alertOf(body);
      assert.deepEqual(alert, alertOf(jsonBody()).alert);
      assert.equal(panos["rule"], "Users-to-Internet");
      assert.equal(notes.repairs.length, 1);
    }
  });

  test("case 49: objects, arrays of objects and stacked objects are mapped one by one", () => {
    assert.equal(alertOf({ ...USUAL }).parse.format, "object");
    const two = [jsonBody(), jsonBody({ dport: 81 })];
    for (const input of [
      [{ ...USUAL }, { ...USUAL, dport: 81 }],
      `[${two.join(",\n")}]`,
      two.join("\n"),
      two.join("\r\n"),
    ]) {
      const { alerts, isBatch } = parse(input);
      assert.deepEqual(
        alerts.map(({ alert }) => alert.remote_port),
        [80, 81],
      );
      assert.equal(isBatch, true);
    }
    assert.equal(parse([jsonBody()]).isBatch, true);
    assert.equal(parse(`[${jsonBody()}]`).isBatch, true);
    assert.equal(parse(jsonBody()).isBatch, false);
  });

  test("case 49: one bad record of a batch takes no good one with it", () => {
    const { alerts, rejects } = parse(`[${jsonBody()}, 42, ${jsonBody()}, null]`);
    assert.equal(alerts.length, 2);
    assert.deepEqual(
      rejects.map(({ index, code }) => [index, code]),
      [
        [1, "PANOS_FORMAT_UNKNOWN"],
        [3, "PANOS_FORMAT_UNKNOWN"],
      ],
    );
    const broken = [jsonBody(), jsonBody().replace("51544", ""), jsonBody()].join("\n");
    assert.equal(parse(broken).alerts.length, 3);
    assert.equal(parse(`[${broken.replaceAll("\n", ",\n")}]`).alerts.length, 3);
  });

  test("case 50: a body that the form parser took apart is put together again, and the admin told what to tick", () => {
    const whole = seedBody({}, '"host/x?a=1&b=2"');
    const cuts = whole.split("&").map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
    });
    const { alert, panos, parse: notes } = alertOf(Object.fromEntries(cuts));
    assert.equal(alert.remote_ip, "203.0.113.80");
    assert.equal(panos["misc"], "host/x?a=1&b=2");
    assert.match(notes.warnings.join(), /skip body parsing/);
    const reject = rejectOf({ "{nothing": "useful" });
    assert.equal(reject.code, "PANOS_BODY_PARSED");
    assert.match(reject.message, /text\/plain/);
  });

  test("case 51: compressed bodies are inflated, truncated ones refused", () => {
    for (const deflate of [gzipSync, deflateSync, deflateRawSync]) {
      assert.equal(alertOf(deflate(seedBody())).alert.remote_port, 80);
    }
    assert.equal(rejectOf(gzipSync(seedBody()).subarray(0, 60)).code, "PANOS_INFLATE_FAILED");
    assert.equal(rejectOf(deflateSync(seedBody()).subarray(0, 60)).code, "PANOS_INFLATE_FAILED");
  });

  test("case 52: bodies above maxBytes are refused before and while inflating", () => {
    const large = rejectOf(seedBody({}, "x".repeat(2000)), { maxBytes: 1000 });
    assert.deepEqual([large.code, large.statusCode], ["PANOS_TOO_LARGE", 413]);
    assert.equal(rejectOf(Buffer.alloc(1001, "x"), { maxBytes: 1000 }).code, "PANOS_TOO_LARGE");
    assert.equal(rejectOf(gzipSync(Buffer.alloc(10_000_000)), { maxBytes: 20_000 }).code, "PANOS_TOO_LARGE");
    assert.equal(rejectOf("東".repeat(400), { maxBytes: 1000 }).code, "PANOS_TOO_LARGE");
    assert.equal(rejectOf(`[${"{},".repeat(20_000)}{}]`).code, "PANOS_BATCH_TOO_LARGE");
    assert.equal(rejectOf("{}\n".repeat(20_000)).code, "PANOS_BATCH_TOO_LARGE");
    assert.equal(parse(`${jsonBody()}\n`.repeat(10_000)).alerts.length, 10_000);
    assert.equal(pointsOf(alertOf(seedBody({}, "u".repeat(100_000))).alert.alert_description).length, 2000);
  });

  test("case 54: keys with a meaning for the language change nothing", () => {
    const body = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x",${jsonBody().slice(1)}`;
    for (const input of [body, JSON.parse(body) as unknown, `{__proto__:1,${body}`]) {
      const { panos } = parse(input).alerts[0]!;
      assert.equal(Object.getPrototypeOf(panos), null);
      assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
      assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
    }
  });

  test("case 55: what holds no record is refused with a reason", () => {
    for (const input of ["", "  \r\n ", Buffer.alloc(0), null, undefined, [], "[]", "\0"]) {
      assert.equal(rejectOf(input).code, "PANOS_EMPTY");
    }
    for (const input of ["null", "42", '"text"', 42, true, "{}", {}, "hello", "<html>", [[1]], { a: 1 }, () => 1]) {
      const reject = rejectOf(input);
      assert.deepEqual([reject.code, reject.statusCode], ["PANOS_FORMAT_UNKNOWN", 400]);
    }
  });

  test("case 60: a bare 64-bit number is kept exactly", () => {
    const body = jsonBody().replace("}", ',"seqno":7477000000000001234}');
    assert.equal(alertOf(body).panos["seqno"], "7477000000000001234");
    const rounded = alertOf(JSON.parse(body) as object);
    assert.match(rounded.parse.warnings.join(), /skip body parsing/);
  });

  test("case 61: a bare serial with a leading zero keeps it", () => {
    const { panos, parse: notes } = alertOf(jsonBody().replace('"019901000123"', "019901000123"));
    assert.equal(panos["serial"], "019901000123");
    assert.equal(notes.repairs.length, 1);
  });

  test("the line format: first key wins, unknown lines continue a value, misc takes the rest", () => {
    const lines =
      "PANXDR/2\r\ntype=THREAT\nsubtype=url\nseverity=high\naction=block-url\nhigh_res=2025-03-04T10:22:41.318+01:00\nversion=11.1\nsrc=10.0.0.1\ndst=203.0.113.9\nrule=Web\nout=side\nseverity=low\nmisc=h/a?b=1\nsrc=6.6.6.6\n\n";
    const { alert, panos, parse: notes } = alertOf(lines);
    assert.deepEqual([alert.severity, alert.local_ip, notes.format], ["High", "10.0.0.1", "lines"]);
    assert.equal(panos["rule"], "Web\nout=side");
    assert.equal(panos["misc"], "h/a?b=1\nsrc=6.6.6.6");
    assert.equal(panos["sender_sw_version"], "11.1");
    assert.equal(alert.event_timestamp, 1_741_080_161_318);
    assert.match(notes.warnings.join(), /severity/);
  });
});
