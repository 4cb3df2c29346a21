import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Script } from "node:vm";
import {
  JSON_ANNEX_TEMPLATE,
  LINES_TEMPLATE,
  MAX_TEMPLATE_CHARACTERS,
} from "../../nodes/shared/editor/payload-templates";
import { examples, type ExampleNode } from "./support/examples";
import { definitionOf, NODE_SETS } from "./support/node-sets";

/** Nodes that every Node-RED has. */
const CORE = new Set([
  ...["tab", "comment", "inject", "debug", "catch", "change", "switch", "function", "template", "json", "csv", "file"],
  ...["delay", "join", "split", "http in", "http response", "http request", "tcp in", "udp in"],
]);
/** The property of our nodes that names their configuration node. */
const CONFIGURATION: Readonly<Record<string, string>> = {
  "cortex-xdr-insert": "tenant",
  "cortex-xdr-poll": "tenant",
  "cortex-xdr-events": "account",
};
/** Names that belong to nobody: RFC 2606 and loopback. */
const FREE_HOST =
  /^(?:localhost|127\.0\.0\.1|[a-z0-9.-]+\.example(?:\.(?:com|net|org))?|(?:[a-z0-9-]+\.)*example\.(?:com|net|org))$/;
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;
/** Private, loopback and documentation addresses. */
const FREE_ADDRESS = /^(?:10\.|127\.|192\.168\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|0\.0\.0\.0$)/;

const all = examples();

for (const { file, text, nodes } of all) {
  void describe(`example ${file}`, () => {
    void test("starts with a tab and tells in a comment what to change", () => {
      assert.match(file, /^\d\d - [^/]+\.json$/);
      assert.equal(nodes[0]?.type, "tab");
      assert.equal(nodes[1]?.type, "comment");
      assert.match(String(nodes[1]["name"]), /^Change: /);
      assert.ok(String(nodes[1]["info"]).length > 200);
    });

    void test("needs nothing but core nodes and ours", () => {
      for (const { type } of nodes) assert.ok(CORE.has(type) || NODE_SETS.includes(type), type);
    });

    void test("is wired to its own nodes, all on its tab", () => {
      const ids = new Set(nodes.map(({ id }) => id));
      const tab = nodes[0]?.id;
      for (const node of nodes) {
        for (const target of (node.wires ?? []).flat()) assert.ok(ids.has(target), `${node.type} -> ${target}`);
        if (node.type !== "tab" && node.wires !== undefined) assert.equal(node.z, tab, node.type);
        const property = CONFIGURATION[node.type];
        if (property !== undefined) assert.ok(ids.has(String(node[property])), node.type);
      }
    });

    void test("keeps bodies whole on their way to the parser", () => {
      const parsers = new Set(nodes.filter(({ type }) => type === "pan-os-alert").map(({ id }) => id));
      const feeds = (node: ExampleNode): boolean => (node.wires ?? []).flat().some((id) => parsers.has(id));
      for (const node of nodes.filter(({ type }) => type === "http in")) {
        if (feeds(node)) assert.equal(node["skipBodyParsing"], true, String(node["url"]));
      }
    });

    void test("sets every property of our nodes, and nothing that they do not have", () => {
      for (const node of nodes.filter(({ type }) => NODE_SETS.includes(type))) {
        const given = Object.keys(node).filter((key) => !["id", "type", "z", "x", "y", "wires"].includes(key));
        const known = definitionOf(node.type).defaults.map(({ name }) => name);
        assert.deepEqual(given.sort(), known.sort(), node.type);
      }
    });

    void test("answers every request that it takes", () => {
      const byId = new Map(nodes.map((node) => [node.id, node]));
      const reaches = (node: ExampleNode, seen = new Set<string>()): boolean => {
        if (node.type === "http response") return true;
        if (seen.has(node.id)) return false;
        seen.add(node.id);
        return (node.wires ?? []).flat().some((id) => reaches(byId.get(id)!, seen));
      };
      for (const node of nodes.filter(({ type }) => type === "http in")) assert.ok(reaches(node), String(node["url"]));
    });

    void test("gives each message back to a node that waits for it", () => {
      const byId = new Map(nodes.map((node) => [node.id, node]));
      for (const source of nodes.filter(({ acknowledge }) => acknowledge === "message")) {
        const feeders = nodes.filter(({ wires }) => (wires ?? []).flat().includes(source.id));
        const acks = feeders.filter(({ type, rules }) => type === "change" && JSON.stringify(rules).includes('"ack"'));
        assert.equal(acks.length, 1);
        const seen = new Set<string>();
        const follow = (ids: readonly string[]): void => {
          for (const id of ids.filter((one) => !seen.has(one))) {
            seen.add(id);
            follow((byId.get(id)?.wires ?? []).flat());
          }
        };
        follow(source.wires?.[0] ?? []);
        assert.ok(seen.has(String(acks[0]?.id)));
      }
    });

    void test("has only functions that are JavaScript", () => {
      for (const { type, name, func, initialize } of nodes) {
        if (type !== "function") continue;
        for (const code of [func, initialize]) {
          // As the function node wraps it.
          assert.doesNotThrow(() => new Script(`(async function () {\n${String(code)}\n})`), String(name));
        }
      }
    });

    void test("names no real host, address or secret", () => {
      for (const [, host = ""] of text.matchAll(/https?:\/\/([^/:"\s\\]+)/g)) assert.match(host, FREE_HOST);
      for (const [address] of text.matchAll(ADDRESS)) assert.match(address, FREE_ADDRESS);
      for (const node of nodes) assert.equal(node["credentials"], undefined);
    });
  });
}

void test("the examples' ids are 16 hexadecimal digits and unique over all files", () => {
  const ids = all.flatMap(({ nodes }) => nodes.map(({ id }) => id));
  for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
  assert.equal(new Set(ids).size, ids.length);
});

void test("each of our nodes is in some example", () => {
  const types = new Set(all.flatMap(({ nodes }) => nodes.map(({ type }) => type)));
  assert.deepEqual(
    NODE_SETS.filter((type) => !types.has(type)),
    [],
  );
});

void test("the relay's GET /dump answers with the template of the parser's dialog", () => {
  const relay = all.find(({ file }) => file.startsWith("01"));
  const template = relay?.nodes.find(({ type }) => type === "template");
  assert.equal(template?.["template"], JSON_ANNEX_TEMPLATE);
});

void test("the payload templates fit into a firewall's payload", () => {
  for (const template of [JSON_ANNEX_TEMPLATE, LINES_TEMPLATE]) assert.ok(template.length <= MAX_TEMPLATE_CHARACTERS);
});
