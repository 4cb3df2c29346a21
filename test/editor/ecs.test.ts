import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Editor } from "./support/editor";
import { testPictures } from "./support/pictures";

const TAB = "00000000000e0041";
const ECS = "00000000000e0042";
/** A node as somebody writes it by hand: much is missing, some is a variable, some is text. */
const BARE = "00000000000e0043";
/** A node whose kind there is not. */
const ODD = "00000000000e0044";
const NODE = `RED.nodes.node("${ECS}")`;
/** A catalogue key that was not translated. */
const RAW_KEY = /(?:cortex-xdr-\w+|label|note|option|port|status)\.[a-z]/i;
const UNNAMED = `$(".cortex-xdr-form").find("input:not([type=hidden]), select, button").toArray().filter((e) =>
  !(e.labels?.length > 0) && e.textContent.trim() === "").map((e) => e.outerHTML)`;
const CHECKS = ["preserveOriginal", "preserveDuplicates", "wrapSingles"] as const;

void describe("the ECS node in the editor", () => {
  let editor: Editor;

  before(async () => {
    const place = { z: TAB, type: "cortex-xdr-ecs", x: 300, wires: [[]] };
    const settings = { kind: "auto", preserveOriginal: false, preserveDuplicates: false, wrapSingles: false };
    editor = await Editor.open({
      flows: [
        { id: TAB, type: "tab", label: "ecs" },
        { ...place, ...settings, id: ECS, y: 100, name: "" },
        {
          ...place,
          id: BARE,
          y: 200,
          name: "by hand",
          kind: "${ECS_KIND}",
          wrapSingles: "${WRAP}",
          preserveOriginal: "true",
        },
        { ...place, ...settings, id: ODD, y: 300, name: "odd", kind: "endpoint" },
      ],
    });
  });
  after(() => editor.stop());
  afterEach(() => assert.deepEqual(editor.complaints.splice(0), []));

  const kept = (id: string): Promise<Record<string, unknown>> =>
    editor.read(`(({name, kind, preserveOriginal, preserveDuplicates, wrapSingles, valid}) =>
      ({name, kind, preserveOriginal, preserveDuplicates, wrapSingles, valid}))(RED.nodes.node("${id}"))`);

  void test("shows all there is to set, in words, with a note for each", async () => {
    await editor.edit(ECS);
    const shown = await editor.read<string[]>(
      `$(".cortex-xdr-form [id^=node-input-]:visible").toArray().map((e) => e.id.slice(11))`,
    );
    assert.deepEqual(shown, ["name", "kind", ...CHECKS]);
    assert.doesNotMatch(await editor.read<string>(`$(".cortex-xdr-form").closest("form")[0].textContent`), RAW_KEY);
    assert.deepEqual(await editor.read(UNNAMED), []);
    const notes = await editor.read<string[]>(
      `$(".cortex-xdr-form .cortex-xdr-note:visible").toArray().map((e) => e.textContent.trim())`,
    );
    assert.equal(notes.length, 1 + CHECKS.length);
    for (const note of notes) assert.match(note, /[Dd]efault/);
    const options = await editor.read<string[][]>(
      `$("#node-input-kind option").toArray().map((e) => [e.value, e.textContent.trim()])`,
    );
    assert.deepEqual(
      options.map(([value]) => value),
      ["auto", "alert-v1", "alert-v2", "incident", "event"],
    );
    for (const [, label] of options) assert.match(label!, /\w/);
    assert.equal(await editor.page.inputValue("#node-input-kind"), "auto");
    for (const name of CHECKS) assert.equal(await editor.page.isChecked(`#node-input-${name}`), false, name);
    await editor.close("cancel");
  });

  void test("keeps what was set, and shows it again", async () => {
    await editor.edit(ECS);
    await editor.fill("#node-input-name", "to ECS");
    await editor.page.selectOption("#node-input-kind", "alert-v1");
    for (const name of CHECKS) await editor.page.check(`#node-input-${name}`);
    await editor.close("ok");
    const all = { name: "to ECS", kind: "alert-v1", valid: true };
    assert.deepEqual(await kept(ECS), { ...all, preserveOriginal: true, preserveDuplicates: true, wrapSingles: true });
    assert.equal(await editor.read(`${NODE}._def.label.call(${NODE})`), "to ECS");
    await editor.edit(ECS);
    assert.equal(await editor.page.inputValue("#node-input-kind"), "alert-v1");
    for (const name of CHECKS) assert.equal(await editor.page.isChecked(`#node-input-${name}`), true, name);
    await editor.page.uncheck("#node-input-preserveDuplicates");
    await editor.close("ok");
    assert.deepEqual(await kept(ECS), { ...all, preserveOriginal: true, preserveDuplicates: false, wrapSingles: true });
  });

  void test("keeps what only the runtime can read", async () => {
    const before = await kept(BARE);
    await editor.edit(BARE);
    assert.equal(await editor.page.inputValue("#node-input-kind"), "${ECS_KIND}");
    assert.equal(await editor.read(`$("#node-input-wrapSingles").prop("indeterminate")`), true);
    assert.equal(await editor.page.isChecked("#node-input-preserveOriginal"), true);
    assert.equal(await editor.read(`$("#node-input-preserveDuplicates").prop("indeterminate")`), false);
    await editor.close("ok");
    const { kind, wrapSingles, preserveOriginal } = await kept(BARE);
    assert.deepEqual([kind, wrapSingles], [before["kind"], before["wrapSingles"]]);
    assert.equal(String(preserveOriginal), "true");
    await editor.edit(BARE);
    await editor.page.check("#node-input-wrapSingles");
    await editor.page.selectOption("#node-input-kind", "event");
    await editor.close("ok");
    const chosen = await kept(BARE);
    assert.deepEqual([chosen["kind"], chosen["wrapSingles"]], ["event", true]);
  });

  void test("shows a kind that there is not as what is chosen instead", async () => {
    await editor.edit(ODD);
    assert.equal(await editor.page.inputValue("#node-input-kind"), "auto");
    await editor.close("ok");
    assert.equal((await kept(ODD))["kind"], "auto");
  });

  void test("is in the palette with its icon, and has labelled ports", async () => {
    const entry = editor.page.locator('#red-ui-palette-container-cortex_xdr [data-palette-type="cortex-xdr-ecs"]');
    assert.match(await entry.innerText(), /xdr ecs/);
    const style = (await entry.locator(".red-ui-palette-icon").getAttribute("style")) ?? "";
    assert.ok(style.includes("cortex-xdr-ecs.svg"), style);
    const icon = await fetch(`${editor.red.url}/icons/@secops-flows/node-red-cortex-xdr/cortex-xdr-ecs.svg`);
    assert.match(await icon.text(), /<svg/);
    const labels = await editor.read<string[]>(
      `[${NODE}._def.inputLabels.call(${NODE}, 0), ${NODE}._def.outputLabels.call(${NODE}, 0)]`,
    );
    assert.equal(new Set(labels).size, 2);
    for (const label of labels) assert.doesNotMatch(label, RAW_KEY);
  });

  void test("shows what it has done so far on the canvas", async () => {
    const status = await editor.read<{ fill: string; text: string }>(`${NODE}.status`);
    assert.deepEqual([status.fill, status.text], ["grey", "0 mapped"]);
    assert.match(await editor.read<string>(`RED.nodes.node("${ODD}").status.text`), /^setting invalid$/);
  });

  void test("has help, down to the references", async () => {
    await editor.page.evaluate(`RED.sidebar.help.show("cortex-xdr-ecs")`);
    const help = editor.page.locator(".red-ui-help").last();
    await help.getByText("Error codes").waitFor();
    await help.getByText("References").waitFor();
    assert.doesNotMatch(await help.innerText(), RAW_KEY);
    await editor.screenshot("ecs-help");
  });

  testPictures(
    () => editor,
    async (take) => {
      await take("ecs-canvas");
      await editor.edit(ECS);
      await take("ecs");
      await editor.close("cancel");
    },
  );
});
