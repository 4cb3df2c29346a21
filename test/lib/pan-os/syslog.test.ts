import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { stripSyslogHeader } from "../../../nodes/lib/pan-os/syslog";
import { assertLinear } from "./linear";

const CSV = "1,2025/03/04 10:22:41,019901000123,THREAT,spyware,2816,2025/03/04 10:22:40,10.20.30.40,203.0.113.80";
const CEF = "CEF:0|Palo Alto Networks|PAN-OS|11.1.4|x(1)|THREAT|4|src=10.0.0.1";
const LEEF = "LEEF:2.0|Palo Alto Networks|PAN-OS Syslog Integration|11.1.4|x(1)|x7C|src=10.0.0.1";
const IETF = "<14>1 2025-03-04T10:22:41+01:00 fw-edge-01 - - - - ";

/** Header -> zone. Invented after the forms in RFC 3164, RFC 5424 and RFC 6587. */
const HEADERS: readonly (readonly [string, string, string?])[] = [
  ["BSD", "<14>Mar  4 10:22:41 fw-edge-01 "],
  ["BSD without a priority", "Mar 04 10:22:41 fw-edge-01 "],
  ["BSD with a year", "<14>Mar  4 2025 10:22:41 fw-edge-01 "],
  ["BSD with a tag", "<14>Mar  4 10:22:41 fw-edge-01 logger[12]: "],
  ["BSD without a host", "<14>Mar  4 10:22:41 "],
  ["BSD with an empty host", "<14>Mar  4 10:22:41  "],
  ["a priority alone", "<14>"],
  ["IETF", IETF, "+01:00"],
  ["IETF without a priority", "1 2025-03-04T10:22:41+01:00 fw-edge-01 - - - - ", "+01:00"],
  ["IETF in UTC with a fraction", "<14>1 2025-03-04T09:22:41.123Z fw-edge-01 PAN-OS 12 ID1 - ", "Z"],
  ["IETF with an octet count", `526 ${IETF}`, "+01:00"],
  ["IETF without a time", "<14>1 - fw-edge-01 - - - - "],
  ["IETF with structured data", String.raw`<14>1 2025-03-04T09:22:41Z fw a b c [x@1 k="a \] \" ]"][y@1] `, "Z"],
  ["IETF with a byte order mark", "<14>1 2025-03-04T09:22:41Z fw - - - - \ufeff", "Z"],
  ["IETF that lacks parts", "<14>1 2025-03-04T09:22:41Z fw ", "Z"],
  ["a relay's time stamp", "<14>2025-03-04T09:22:41+00:00 fw-edge-01 "],
  ["a header before a header", `Mar  4 10:22:42 relay-1 4465 ${IETF}`, "+01:00"],
  ["words of a relay", "<14>Mar  4 10:22:41 fw-edge-01 logforwarder - panwlogs - "],
  ["a host name alone", "fw-edge-01 "],
];

describe("stripSyslogHeader", () => {
  for (const [name, header, zone] of HEADERS) {
    test(`case 58: takes ${name} off`, () => {
      for (const body of [CSV, CEF, LEEF]) {
        assert.deepEqual(stripSyslogHeader(header + body), zone === undefined ? { body } : { body, zone });
      }
    });
  }

  test("JSON and the line format behind a header are found", () => {
    for (const body of ['{"src":"10.0.0.1"}\n---annex---\nx', "PANXDR/2\ntype=THREAT"]) {
      assert.deepEqual(stripSyslogHeader(IETF + body), { body, zone: "+01:00" });
      assert.equal(stripSyslogHeader(`<14>Mar  4 10:22:41 fw-edge-01 ${body}`).body, body);
    }
  });

  test("a record that a relay has cut in two is put together", () => {
    const rest = "019901000123,THREAT,url,2561,2025/09/23 07:10:07,10.0.0.1";
    for (const head of ["", "<14>1 2025-09-23T07:10:08Z relay ", "<14>Sep 23 07:10:08 relay ", "relay-7: "]) {
      assert.equal(
        stripSyslogHeader(`${head}1,2025/09/23 - - - 07:10:08,${rest}`).body,
        `1,2025/09/23 07:10:08,${rest}`,
      );
    }
  });

  test("column 1 may be 0 or empty", () => {
    for (const first of ["0", ""]) {
      const body = `${first},${CSV.slice(2)}`;
      assert.equal(stripSyslogHeader(`<14>Mar  4 10:22:41 fw-edge-01 ${body}`).body, body);
    }
  });

  test("text without a header comes back as it is", () => {
    const texts = [
      "",
      "  ",
      "hello",
      CSV,
      `\n ${CSV}`,
      CEF,
      '{"misc":"x 1,2025/03/04 10:22:41,a CEF:0|"}',
      `[{"misc":" ${CEF}"}]`,
      `PANXDR/2\nmisc= ${CSV}`,
      "http://host/?a=CEF:0|b",
      "12 monkeys",
    ];
    for (const text of texts) assert.deepEqual(stripSyslogHeader(text), { body: text });
  });

  test("a record inside a later line is no header's end", () => {
    const text = `first line\n${CSV}`;
    assert.equal(stripSyslogHeader(text).body, text);
  });

  test("any text is taken", () => {
    const words = [
      "<14>",
      "1 ",
      "Mar  4 10:22:41 ",
      "2025-03-04T10:22:41Z ",
      "fw ",
      "- ",
      "[x",
      "]",
      '"',
      "\\",
      CSV,
      CEF,
      "\n",
      "12 ",
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        assert.ok(stripSyslogHeader(text).body.length <= text.length);
      }),
      { numRuns: 500 },
    );
  });

  for (const unit of ["<14>", "[", '["', " ", "- ", "1,2025/03/04 ", "<14>1 2025-03-04T10:22:41Z ", "9"]) {
    test(`hostile text of ${JSON.stringify(unit)} takes linear time`, () => {
      assertLinear((text) => stripSyslogHeader(text), unit);
      assertLinear((text) => stripSyslogHeader(`<14>Mar  4 10:22:41 ${text}`), unit);
    });
  }
});
