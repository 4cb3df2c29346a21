import assert from "node:assert/strict";
import { test } from "node:test";
import type { Editor } from "./editor";

/** Keeps what is shown now as a picture; a dialog has to fit its width. */
type TakePicture = (name: string) => Promise<void>;

const CUT_FORMS = `$(".cortex-xdr-form").toArray().some((form) => form.scrollWidth > form.clientWidth + 1)`;

/** Takes pictures in each color scheme that this Node-RED has; their names tell its version and the scheme. */
export function testPictures(opened: () => Editor, show: (take: TakePicture) => Promise<void>): void {
  for (const scheme of ["light", "dark"] as const) {
    void test(`pictures are taken in the ${scheme} scheme`, async (t) => {
      const editor = opened();
      const line = Number((await editor.read<string>("RED.settings.version")).split(".")[0]);
      if (scheme === "dark" && line < 5) {
        t.skip("this Node-RED has one scheme");
        return;
      }
      await editor.page.evaluate(`document.documentElement.classList.toggle("nr-theme-dark", ${scheme === "dark"})`);
      await show(async (name) => {
        await editor.screenshot(`${line}-${scheme}-${name}`);
        assert.equal(await editor.read<boolean>(CUT_FORMS), false, `${name} does not fit the dialog's width`);
      });
    });
  }
}
