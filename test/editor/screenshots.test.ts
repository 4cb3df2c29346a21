import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Editor } from "./support/editor";
import { IDS, oneOfEach } from "./support/flow";

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

  for (const scheme of ["light", "dark"] as const) {
    void test(`are taken in the ${scheme} scheme`, async (t) => {
      const version = await editor.read<string>("RED.settings.version");
      const line = Number(version.split(".")[0]);
      if (scheme === "dark" && line < 5) {
        t.skip("this Node-RED has one scheme");
        return;
      }
      await editor.page.evaluate(`document.documentElement.classList.toggle("nr-theme-dark", ${scheme === "dark"})`);
      await editor.screenshot(`${line}-${scheme}-canvas`);
      for (const [name, id, tab] of VIEWS) {
        await editor.edit(id);
        if (tab !== undefined) await editor.page.click(`#red-ui-tab-${tab}`);
        if (name === "pan-os-logs") await editor.page.selectOption("#node-input-orientation", "auto");
        if (name === "tenant-limits") await editor.page.selectOption("#node-config-input-state", "redis");
        await editor.screenshot(`${line}-${scheme}-${name}`);
        const isCut = await editor.read<boolean>(
          `$(".cortex-xdr-form")[0].scrollWidth > $(".cortex-xdr-form")[0].clientWidth + 1`,
        );
        assert.equal(isCut, false, `${name} does not fit the dialog's width`);
        await editor.close("cancel");
      }
      assert.deepEqual(editor.complaints, []);
    });
  }
});
