import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { mapped } from "./event-cases";

const FOLDER = join(__dirname, "../../fixtures/xdr-events");
const parsed = (name: string): object => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as object;

const NAMES = [
  "file_create_new",
  "file_rename",
  "load_image_module",
  "network_datagram_statistics",
  "network_stream_accept",
  "network_stream_connect",
  "network_subtype_18_reserved",
  "process_start",
  "registry_set_value",
];

/** What single addresses and ports add to a document where they are taken for lists of one. */
const WRAPPED: Readonly<
  Record<string, { readonly source: object; readonly destination: object; ips: readonly string[] }>
> = {
  network_datagram_statistics: {
    source: { ip: ["10.128.0.2"], port: [123] },
    destination: { ip: ["169.254.169.254"], port: [123] },
    ips: ["10.128.0.2", "169.254.169.254"],
  },
  network_stream_accept: {
    source: { ip: ["fe80::ed57:b4fb:b29b:4ce9"], port: [389] },
    destination: { ip: ["fe80::ed57:b4fb:b29b:4ce9"], port: [53343] },
    ips: ["fe80::ed57:b4fb:b29b:4ce9", "192.168.1.100"],
  },
  network_stream_connect: {
    source: { ip: ["10.128.0.2"], port: [50712] },
    destination: { ip: ["203.0.113.10"], port: [443] },
    ips: ["10.128.0.2", "203.0.113.10"],
  },
  network_subtype_18_reserved: {
    source: { ip: ["192.168.6.158"] },
    destination: { ip: ["192.168.6.158"] },
    ips: ["192.168.6.158"],
  },
};

describe("forwarded events", () => {
  test("are all here", () => {
    const found = readdirSync(FOLDER).filter((name) => name.endsWith(".json") && !name.endsWith(".ecs.json"));
    assert.deepEqual(
      found.sort(),
      NAMES.map((name) => `${name}.json`),
    );
  });
  for (const name of NAMES) {
    test(name, () => {
      const { document, faults } = mapped(parsed(`${name}.json`));
      assert.deepEqual(faults, []);
      assert.deepEqual(document, parsed(`${name}.ecs.json`));
    });
  }
  for (const [name, { source, destination, ips }] of Object.entries(WRAPPED)) {
    test(`${name}, single values taken for lists`, () => {
      const { document, faults } = mapped(parsed(`${name}.json`), { wrapSingles: true });
      assert.deepEqual(faults, []);
      const expected = parsed(`${name}.ecs.json`) as { readonly related: object };
      assert.deepEqual(document, { ...expected, source, destination, related: { ...expected.related, ip: ips } });
    });
  }
});
