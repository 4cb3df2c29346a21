import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Editor } from "./support/editor";
import { IDS, oneOfEach } from "./support/flow";
import { testPictures } from "./support/pictures";

/** What to look at: a dialog and, where it has tabs, one of them. */
const VIEWS: readonly (readonly [string, string, string?])[] = [
  ["tenant-connection", IDS.tenant],
  ["tenant-limits", IDS.tenant, "cortex-xdr-tenant-tabs-tab-limits"],
  ["pan-os-logs", IDS.parser],
  ["pan-os-template", IDS.parser, "pan-os-alert-tabs-tab-template"],
  ["pan-os-advanced", IDS.parser, "pan-os-alert-tabs-tab-advanced"],
  ["insert", IDS.insert],
];

void describe("pictures of the dialogs", () => {
  let editor: Editor;
  before(async () => (editor = await Editor.open(oneOfEach())));
  after(() => editor.stop());

  testPictures(
    () => editor,
    async (take) => {
      await take("canvas");
      for (const [name, id, tab] of VIEWS) {
        await editor.edit(id);
        if (tab !== undefined) await editor.page.click(`#red-ui-tab-${tab}`);
        if (name === "pan-os-logs") await editor.page.selectOption("#node-input-orientation", "auto");
        if (name === "tenant-limits") await editor.page.selectOption("#node-config-input-state", "redis");
        await take(name);
        await editor.close("cancel");
      }
      assert.deepEqual(editor.complaints, []);
    },
  );
});
