import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { examples } from "../package/support/examples";
import { Editor } from "./support/editor";

const all = examples();

void describe("the examples in the editor", () => {
  let editor: Editor;
  before(async () => {
    const nodes = all.flatMap((example) => example.nodes);
    // Nothing shall listen on the examples' ports here.
    editor = await Editor.open({
      flows: nodes.map((node) => (node.type === "tab" ? { ...node, disabled: true } : node)),
    });
  });
  after(() => editor.stop());

  for (const { file, nodes } of all) {
    void test(`${file} has only valid nodes, none of them over another`, async () => {
      const ids = nodes.filter(({ type }) => type !== "tab").map(({ id }) => id);
      const invalid = await editor.read<string[]>(
        `${JSON.stringify(ids)}.map((id) => RED.nodes.node(id)).filter((n) => n.valid === false || n.type === "unknown").map((n) => n.type + " " + n.name)`,
      );
      assert.deepEqual(invalid, []);
      await editor.page.evaluate(`RED.workspaces.show(${JSON.stringify(nodes[0]?.id)})`);
      await editor.page.waitForTimeout(300);
      const crossing = await editor.read<string[]>(`(() => {
        const placed = ${JSON.stringify(ids)}.map((id) => RED.nodes.node(id)).filter((n) => n.z && n.x !== undefined);
        const meets = (a, b) => Math.abs(a.x - b.x) * 2 < a.w + b.w && Math.abs(a.y - b.y) * 2 < a.h + b.h;
        return placed.flatMap((a, i) => placed.slice(i + 1).filter((b) => meets(a, b)).map((b) => a.type + " " + a.name + " / " + b.type + " " + b.name));
      })()`);
      assert.deepEqual(crossing, []);
      await editor.screenshot(`example-${file.slice(0, 2)}`);
      assert.deepEqual(editor.complaints.splice(0), []);
    });
  }
});
