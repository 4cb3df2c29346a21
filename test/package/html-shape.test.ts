import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import ts from "typescript";
import {
  builtHtmlOf,
  defaultValue,
  definitionOf,
  dialogOf,
  literalValue,
  MANIFEST,
  NODE_SETS,
} from "./support/node-sets";

/** What the editor takes out of `defaults` for itself. Source: Node-RED editor, node registry. */
const RESERVED =
  /^(?:.|id|type|wires|users|valid|changed|dirty|moved|selected|inputLabels|outputLabels|validationErrors)$/;

for (const name of NODE_SETS) {
  void describe(`the editor part of ${name}`, () => {
    const definition = definitionOf(name);
    const properties = [...definition.defaults, ...definition.credentials];
    const isConfig = literalValue(definition.members.get("category")) === "config";

    void test("registers the type of its file name, readable without running it", () => {
      assert.equal(definition.type, name);
      for (const key of ["category", "color", "icon"]) {
        assert.equal(typeof literalValue(definition.members.get(key)), "string", key);
      }
      if (!isConfig) {
        for (const key of ["inputs", "outputs"]) {
          assert.equal(typeof literalValue(definition.members.get(key)), "number", key);
        }
      }
    });

    void test("labels its ports", () => {
      if (isConfig) return;
      for (const key of ["inputLabels", "outputLabels", "paletteLabel"]) assert.ok(definition.members.has(key), key);
    });

    void test("has an icon beside the built node", () => {
      const folder = join(MANIFEST["node-red"].nodes[name] ?? "", "..", "icons");
      assert.ok(existsSync(join(folder, String(literalValue(definition.members.get("icon"))))));
    });

    void test("gives each property a label, a literal default and a name that is free", () => {
      for (const property of properties) assert.ok(property.members.has("label"), property.name);
      for (const property of definition.defaults) {
        assert.notEqual(defaultValue(property), undefined, property.name);
        assert.doesNotMatch(property.name, RESERVED);
      }
    });

    void test("shows the default of a property in its empty field", () => {
      for (const { name: key, members } of definition.defaults) {
        const value = literalValue(members.get("value"));
        const placeholder = new RegExp(`id="node-(?:config-)?input-${key}"[^>]* placeholder="([^"]*)"`).exec(
          dialogOf(name),
        );
        if (placeholder === null || value === "") continue;
        assert.equal(placeholder[1], String(value), key);
      }
    });

    void test("has a labelled field for each property", () => {
      const prefix = isConfig ? "node-config-input-" : "node-input-";
      for (const { name: key } of properties) {
        assert.match(dialogOf(name), new RegExp(`<(?:input|select|textarea)[^>]* id="${prefix}${key}"`), key);
        assert.match(dialogOf(name), new RegExp(`<label for="${prefix}${key}"`), key);
      }
    });

    void test("hides secrets behind passwords", () => {
      const SECRETS = ["key", "psk", "redisUrl", "serviceAccount"];
      for (const { name: key } of definition.defaults) assert.ok(!SECRETS.includes(key), `${key} would be exported`);
      for (const { name: key, members } of definition.credentials) {
        if (SECRETS.includes(key)) assert.equal(literalValue(members.get("type")), "password", key);
      }
    });

    void test("brings no colours and no styles of its own beyond the editor's variables", () => {
      const html = builtHtmlOf(name);
      assert.doesNotMatch(dialogOf(name), /<style|style="/);
      assert.doesNotMatch(html.replace(/color: "#[0-9a-f]{6}"/, ""), /:[^;"]*(?:#[0-9a-f]{3,8}\b|\brgba?\()/i);
    });

    void test("calls validators that declare both parameters", () => {
      for (const { name: key, members } of properties) {
        const validate = members.get("validate");
        // Functions in place would be easy to get wrong; the factories are tested in the browser.
        if (validate !== undefined) assert.ok(ts.isCallExpression(validate), key);
      }
    });
  });
}
