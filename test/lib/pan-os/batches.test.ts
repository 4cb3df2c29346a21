import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fixture, parse } from "./bodies";
import { assertLinear } from "./linear";

/** Invented, in the form of Strata Logging Service, "Log Forwarding Schema Reference". */
function record(port: number, more: object = {}): string {
  return JSON.stringify({
    LogType: "THREAT",
    Subtype: "spyware",
    SourceAddress: "10.1.1.1",
    DestinationAddress: "203.0.113.80",
    DestinationPort: port,
    VendorSeverity: "High",
    Action: "alert",
    ThreatID: "Sample(1)",
    ...more,
  });
}

const portsOf = (input: unknown): number[] => parse(input).alerts.map(({ alert }) => alert.remote_port);

describe("a batch of the cloud service, one record a line", () => {
  for (const [what, bad] of [
    ["a record that was cut", record(2).slice(0, -20)],
    ["a record that was cut inside a key", record(2).slice(0, 30)],
    ["a record that was cut behind an inner object", `${record(2, { Nested: { a: 1 } }).slice(0, -1)},"Cut":"x`],
    ["text", "no record at all"],
    ["a number", "42"],
  ] as const) {
    test(`${what} takes no neighbour with it`, () => {
      for (const lineBreak of ["\n", "\r\n"]) {
        const body = [record(1), bad, record(3), record(4)].join(lineBreak);
        assert.deepEqual(portsOf(body), [1, 3, 4]);
        const { rejects } = parse(body);
        assert.deepEqual(
          rejects.map(({ index, code, source }) => [index, code, String(source).trim()]),
          [[1, "PANOS_FORMAT_UNKNOWN", bad]],
        );
      }
      assert.deepEqual(portsOf([record(1), record(2), bad].join("\n")), [1, 2]);
    });
  }

  test("records over several lines stay whole", () => {
    const pretty = [1, 2].map((port) => JSON.stringify(JSON.parse(record(port, { Nested: { a: 1 } })), null, 1));
    assert.deepEqual(portsOf(pretty.join("\n")), [1, 2]);
    assert.deepEqual(portsOf(`${pretty.join("\n")}\n${record(3).slice(0, -9)}\n${record(4)}`), [1, 2, 4]);
  });

  test("a line of a firewall's template adds no record: only the service's values have no line break", () => {
    const seed = '{"src":"10.1.1.1","subtype":"url","severity":"high","misc":"a"}\ntext\n{"src":"10.9.9.9"}';
    assert.equal(parse(seed).alerts.length, 1);
  });

  test("broken lines take linear time", () => {
    for (const line of ['{"a":{}\n', "x\n", "{}x\n"]) {
      assertLinear((text) => parse(`${record(1)}\n${text}`, { maxBytes: 10_000_000 }), line);
    }
  });
});

describe("a record of the cloud service", () => {
  test("is known by its keys also when one of them is the name of a variable", () => {
    const { alerts } = parse(record(1, { host: "relay-01", path: "/strata", error: "" }));
    assert.deepEqual(
      alerts.map(({ alert, parse: { format } }) => [format, alert.local_ip, alert.severity]),
      [["strata-json", "10.1.1.1", "High"]],
    );
  });
});

describe("lines of several formats in one body", () => {
  const lines = ["threat.cef", "threat.csv", "threat.leef"].map(fixture);
  for (const order of [
    [0, 1, 2],
    [1, 2, 0],
    [2, 1, 0],
    [0, 2, 1],
  ]) {
    test(`in the order ${order.join(", ")} each is a record of its own`, () => {
      const { alerts, rejects } = parse(order.map((index) => lines[index]).join("\n"));
      assert.deepEqual(rejects, []);
      assert.deepEqual(
        alerts.map(({ parse: { format } }) => format),
        order.map((index) => ["cef", "csv", "leef"][index]),
      );
    });
  }
});
